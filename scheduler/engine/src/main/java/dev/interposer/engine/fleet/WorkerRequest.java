package dev.interposer.engine.fleet;

/**
 * What one worker asks of a node, in the fleet's own numbers.
 *
 * <p>Constant after it is made; the arrays are not copied.
 */
public final class WorkerRequest {
    private final int[] classes;
    private final int devices;
    private final int shareMilli;
    private final long[] resources;

    /**
     * @param classes classes that may serve it, preferred first; ignored when no device is asked for
     * @param devices number of devices
     * @param shareMilli thousandths of each device
     * @param resources amount by dimension; shorter than the fleet's when later dimensions are not asked for
     */
    WorkerRequest(int[] classes, int devices, int shareMilli, long[] resources) {
        this.classes = classes;
        this.devices = devices;
        this.shareMilli = shareMilli;
        this.resources = resources;
    }

    public int classCount() {
        return classes.length;
    }

    public int classAt(int index) {
        return classes[index];
    }

    public boolean admits(int chipClass) {
        for (int admitted : classes) {
            if (admitted == chipClass) {
                return true;
            }
        }
        return false;
    }

    public int devices() {
        return devices;
    }

    public int shareMilli() {
        return shareMilli;
    }

    /** Whether it takes less than a whole device. */
    public boolean shared() {
        return devices > 0 && shareMilli < 1000;
    }

    /** Amount of a dimension. */
    public long resource(int dimension) {
        return dimension < resources.length ? resources[dimension] : 0;
    }

    int dimensions() {
        return resources.length;
    }

    /** The same request for one class only. */
    public WorkerRequest ofClass(int chipClass) {
        return new WorkerRequest(new int[] {chipClass}, devices, shareMilli, resources);
    }
}

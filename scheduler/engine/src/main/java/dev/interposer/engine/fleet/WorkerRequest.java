package dev.interposer.engine.fleet;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * What one worker asks of a node, in the fleet's own numbers.
 *
 * <p>Constant after it is made; the arrays are not copied. Equal to another one that asks the same.
 */
public final class WorkerRequest {
    private final int[] classes;
    private final int devices;
    private final Fraction fraction;
    private final int shareMilli;
    private final boolean partitioned;
    private final long[] asked;

    /**
     * @param classes classes that may serve it, preferred first; ignored when no device is asked for
     * @param devices number of devices
     * @param fraction how much of each device
     * @param asked its other resources: a dimension and how much of it, in turns
     */
    WorkerRequest(int[] classes, int devices, Fraction fraction, long[] asked) {
        this.classes = classes;
        this.devices = devices;
        this.fraction = fraction;
        this.shareMilli = fraction.milli();
        this.partitioned = devices > 0 && !fraction.partition().isEmpty();
        this.asked = asked;
    }

    /**
     * How much of each device.
     *
     * @param milli thousandths; 1000 for the whole device and for a partition
     * @param partition name of a partition; empty for none
     * @param splitClass number of the devices that are such a partition of the one class asked for; −1 for none
     */
    record Fraction(int milli, String partition, int splitClass) {}

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

    /** Whether it takes less than a whole device, by a share of its time. */
    public boolean shared() {
        return devices > 0 && shareMilli < Devices.WHOLE;
    }

    /** Whether it takes a partition of a device. */
    public boolean partitioned() {
        return partitioned;
    }

    /** Whether it takes whole devices. */
    public boolean whole() {
        return devices > 0 && !shared() && !partitioned();
    }

    /** Name of the partition; empty for none. */
    public String partition() {
        return fraction.partition();
    }

    /** Amount of a dimension. */
    public long resource(int dimension) {
        for (int index = 0; index < asked(); index++) {
            if (askedDimension(index) == dimension) {
                return askedAmount(index);
            }
        }
        return 0;
    }

    /** Of how many dimensions something is asked. */
    int asked() {
        return asked.length >>> 1;
    }

    int askedDimension(int index) {
        return (int) asked[2 * index];
    }

    long askedAmount(int index) {
        return asked[2 * index + 1];
    }

    /** Number of the devices that are such a partition of the one class asked for; −1 for none. */
    public int splitClass() {
        return fraction.splitClass();
    }

    /** The same request for one class only. */
    WorkerRequest ofClass(int chipClass, int splitClass) {
        Fraction ofOne = new Fraction(fraction.milli(), fraction.partition(), splitClass);
        return new WorkerRequest(new int[] {chipClass}, devices, ofOne, asked);
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof WorkerRequest same
                && devices == same.devices
                && fraction.equals(same.fraction)
                && Arrays.equals(classes, same.classes)
                && Arrays.equals(asked, same.asked);
    }

    @Override
    public int hashCode() {
        return (Arrays.hashCode(classes) * 31 + devices) * 31 + Arrays.hashCode(asked);
    }
}

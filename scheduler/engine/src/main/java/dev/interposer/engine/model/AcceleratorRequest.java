package dev.interposer.engine.model;

import org.jspecify.annotations.Nullable;

/**
 * The devices of one worker: of a class by name, or of any class that a selector admits.
 *
 * @param className name of a class; empty if a selector is given or no device is asked for
 * @param selector null if a name is given
 * @param perWorker number of devices; 0 for work that needs none
 * @param shareMilli thousandths of each device; 1000 is the whole device
 * @param partition name of a partition profile such as {@code 3g.40gb}; empty for the whole device
 */
public record AcceleratorRequest(
        String className, @Nullable ClassSelector selector, int perWorker, int shareMilli, String partition) {
    public static final int WHOLE = 1000;
    public static final AcceleratorRequest NONE = new AcceleratorRequest("", null, 0, WHOLE, "");

    public static AcceleratorRequest of(String className, int perWorker) {
        return new AcceleratorRequest(className, null, perWorker, WHOLE, "");
    }

    public static AcceleratorRequest share(String className, int shareMilli) {
        return new AcceleratorRequest(className, null, 1, shareMilli, "");
    }

    public boolean shared() {
        return shareMilli < WHOLE;
    }
}

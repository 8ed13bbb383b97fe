package dev.interposer.engine.model;

import java.util.List;

/**
 * A place that is kept for a gang until everything in it is free.
 *
 * @param profile index of the profile
 * @param className class of the devices
 * @param workers in order of rank, on devices that others may still use
 * @param startAtMicros when the last of them is expected to leave; {@link #UNKNOWN} if nobody can tell
 * @param madeAtMicros when it was made
 * @param cause why
 */
public record Reservation(
        int profile,
        String className,
        List<WorkerPlacement> workers,
        long startAtMicros,
        long madeAtMicros,
        ReservationCause cause) {
    /** Nobody can tell. */
    public static final long UNKNOWN = Long.MAX_VALUE;

    public Reservation {
        workers = List.copyOf(workers);
    }
}

package dev.interposer.server.view;

import dev.interposer.proto.agent.v1.Progress;
import org.jspecify.annotations.Nullable;

/**
 * Whose word it is, and of what work.
 *
 * @param stream of the agent; each has a number of its own
 * @param epoch of the leader that hears it
 * @param unit that the job says it counts in; empty if it says none
 * @param work null if it is none that can be compared
 */
public record ProgressSource(
        long stream, long epoch, String unit, @Nullable MeasuredWork work) {
    /** Refused in words where the worker counts in another unit than its job says. */
    Progress checked(Progress said) {
        if (unit.isEmpty() || said.getUnit().isEmpty() || said.getUnit().equals(unit)) {
            return said;
        }
        return said.toBuilder()
                .clearUnit()
                .clearDone()
                .setRefusal("the worker counts " + said.getUnit() + " and spec.progress.unit (" + unit
                        + ") of the job says otherwise; count " + unit + ", or submit the job with unit "
                        + said.getUnit())
                .build();
    }
}

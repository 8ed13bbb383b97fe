package dev.interposer.control.core;

import dev.interposer.control.command.ErrorCode;
import dev.interposer.control.command.Rejection;
import dev.interposer.engine.model.JobSpec;
import org.jspecify.annotations.Nullable;

/** How large a spec may be: it is stored whole in one page. */
public final class SpecSize {
    private static final long MOST_BYTES = 256 * 1024;

    private SpecSize() {}

    /** Null for one that is not too large. */
    public static @Nullable Rejection check(JobSpec spec) {
        long bytes = Weights.record(spec);
        return bytes <= MOST_BYTES
                ? null
                : Rejection.of(
                        ErrorCode.INVALID,
                        "spec",
                        bytes + " bytes",
                        "is larger than " + MOST_BYTES + " bytes. Maybe keep scripts in the image?");
    }
}

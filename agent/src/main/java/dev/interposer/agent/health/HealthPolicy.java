package dev.interposer.agent.health;

import dev.interposer.agent.driver.Signal;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What follows from each signal: the first rule that fits.
 *
 * @param rules from the most particular to the most general; a signal that none fits is left without effect
 * @param flapping when a device that comes and goes is held
 */
public record HealthPolicy(List<Rule> rules, Flapping flapping) {
    public HealthPolicy {
        rules = List.copyOf(rules);
    }

    /** What becomes of a device. */
    public enum Response {
        /** Nothing. */
        IGNORE,
        /** It takes no new work. */
        SUSPECT,
        /** It takes no new work, and what runs there is asked to leave. */
        DRAINING,
        /** What runs there is stopped and starts elsewhere. */
        FAILED
    }

    /**
     * One line of the table.
     *
     * @param kind of the signal
     * @param code of the signal; empty for any
     * @param response what follows
     * @param count how often it must come to count
     * @param afterMillis how long a state must last to count; 0 for at once
     * @param clearAfterMillis how long after an event, or the end of a state, the response stays; {@link #NEVER} for
     *     until the machine restarts
     */
    public record Rule(
            Signal.Kind kind, String code, Response response, Count count, long afterMillis, long clearAfterMillis) {
        public static final long NEVER = Long.MAX_VALUE;

        boolean fits(Signal signal) {
            return kind == signal.kind() && (code.isEmpty() || code.equals(signal.code()));
        }
    }

    /**
     * How often something must come to count.
     *
     * @param times 1 for at once
     * @param withinMillis from the first to the last of them
     */
    public record Count(int times, long withinMillis) {
        public static final Count ONCE = new Count(1, 0);
    }

    /**
     * A device that falls ill again and again stays what it was at its worst.
     *
     * @param times that it must have fallen ill
     * @param withinMillis from the first to the last of them
     * @param holdMillis without another fall until it is let go
     */
    public record Flapping(int times, long withinMillis, long holdMillis) {}

    /** Null if none fits. */
    @Nullable
    Rule rule(Signal signal) {
        for (Rule rule : rules) {
            if (rule.fits(signal)) {
                return rule;
            }
        }
        return null;
    }
}

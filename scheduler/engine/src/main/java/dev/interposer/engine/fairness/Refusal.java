package dev.interposer.engine.fairness;

import dev.interposer.engine.model.Reason;
import dev.interposer.engine.model.ReasonCode;
import java.util.Map;

/** Why the rules of the queues keep a start back. */
public sealed interface Refusal {
    /** For people. */
    Reason reason();

    /** A limit, or a borrowing limit, of the queue or of one above it. */
    record ByLimit(Limit limit, long neededMilli, boolean hard) implements Refusal {
        @Override
        public Reason reason() {
            if (hard) {
                return new Reason(
                        ReasonCode.QUEUE_LIMIT,
                        Map.of(
                                "queue", limit.queue().name(),
                                "scope", limit.scopeText(),
                                "limit", Long.toString(limit.quota().limit()),
                                "used", Reason.devices(limit.usedMilli()),
                                "needed", Reason.devices(neededMilli),
                                "missing", Reason.devices(missing(limit.quota().limit()))));
            }
            return new Reason(
                    ReasonCode.BORROW_LIMIT,
                    Map.of(
                            "queue", limit.queue().name(),
                            "scope", limit.scopeText(),
                            "guarantee", Long.toString(Math.max(0, limit.quota().guarantee())),
                            "borrowLimit", Long.toString(limit.quota().borrowLimit()),
                            "used", Reason.devices(limit.usedMilli()),
                            "needed", Reason.devices(neededMilli),
                            "missing",
                                    Reason.devices(
                                            missing(Math.max(0, limit.quota().guarantee())
                                                    + limit.quota().borrowLimit()))));
        }

        private long missing(long most) {
            return Math.max(0, limit.usedMilli() + neededMilli - most * 1000);
        }
    }

    /** What is free is kept back for the guarantees of others. */
    record ByWithholding(Limit limit, long freeMilli, long withheldMilli, long neededMilli) implements Refusal {
        @Override
        public Reason reason() {
            return new Reason(
                    ReasonCode.WITHHELD,
                    Map.of(
                            "queue", limit.queue().name(),
                            "scope", limit.scopeText(),
                            "free", Reason.devices(freeMilli),
                            "withheld", Reason.devices(withheldMilli),
                            "needed", Reason.devices(neededMilli),
                            "missing", Reason.devices(Math.max(0, neededMilli + withheldMilli - freeMilli))));
        }
    }

    /** The user's own bound on devices. */
    record ByUserDevices(QueueNode queue, String userName, int most, long usedMilli, long neededMilli)
            implements Refusal {
        @Override
        public Reason reason() {
            return new Reason(
                    ReasonCode.USER_DEVICES,
                    Map.of(
                            "queue", queue.name(),
                            "user", userName,
                            "limit", Integer.toString(most),
                            "used", Reason.devices(usedMilli),
                            "needed", Reason.devices(neededMilli),
                            "missing", Reason.devices(Math.max(0, usedMilli + neededMilli - most * 1000L))));
        }
    }

    /** The user's own bound on jobs. */
    record ByUserJobs(QueueNode queue, String userName, int most) implements Refusal {
        @Override
        public Reason reason() {
            return new Reason(
                    ReasonCode.USER_JOBS,
                    Map.of("queue", queue.name(), "user", userName, "limit", Integer.toString(most), "missing", "1"));
        }
    }
}

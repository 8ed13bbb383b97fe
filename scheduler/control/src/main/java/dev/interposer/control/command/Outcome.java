package dev.interposer.control.command;

import java.util.List;

/** Answer to a command; it leaves the process only when what it rests on is durable. */
public sealed interface Outcome {
    /**
     * Done.
     *
     * @param revision at which it is in the ledger
     * @param id of the job or node; 0 for none
     * @param repeated it had been done before
     */
    record Accepted(long revision, long id, boolean repeated) implements Outcome {}

    /** Objects were applied, in the order suppliers, classes, queues. */
    record Applied(long revision, List<Change> changes) implements Outcome {
        public Applied {
            changes = List.copyOf(changes);
        }
    }

    /** Not done, and nothing changed. */
    record Rejected(Rejection rejection) implements Outcome {}

    /** What became of one object. */
    enum Change {
        CREATED,
        CONFIGURED,
        UNCHANGED
    }
}

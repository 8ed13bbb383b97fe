package dev.interposer.agent.reconcile;

import dev.interposer.proto.agent.v1.WorkerAssignment;
import dev.interposer.proto.agent.v1.WorkerKey;
import dev.interposer.proto.agent.v1.WorkerStatus;

/** What an agent must not forget. */
public sealed interface JournalEntry {
    /** Begun or refused at some time, and never to be begun again; nothing else of it is still needed. */
    record Begun(WorkerKey key) implements JournalEntry {}

    /** About to be started, once and for all. */
    record Starting(WorkerAssignment assignment, long epoch) implements JournalEntry {}

    /**
     * Asked to end, so that what it ends with says nothing of its work, whoever hears of it.
     *
     * @param killAtMillis when its grace is over, by the clock of this start of the machine
     */
    record Stopping(WorkerKey key, long killAtMillis) implements JournalEntry {}

    /** Ended, or never to be started. */
    record Ended(WorkerStatus status) implements JournalEntry {}

    /** The scheduler knows of the end. */
    record Acknowledged(WorkerKey key) implements JournalEntry {}

    /** The highest epoch, incarnation and revision that were seen. */
    record Seen(long epoch, long incarnation, long revision) implements JournalEntry {}
}

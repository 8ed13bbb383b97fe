package dev.interposer.agent.reconcile;

import dev.interposer.proto.agent.v1.WorkerAssignment;
import dev.interposer.proto.agent.v1.WorkerKey;
import dev.interposer.proto.agent.v1.WorkerStatus;

/** Something to be done, in the order given; a {@link Note} is on disk before what follows it begins. */
public sealed interface Action {
    /** Write to the journal and sync it. */
    record Note(JournalEntry entry) implements Action {}

    record Start(WorkerAssignment assignment) implements Action {}

    /** The polite signal to the whole process group. */
    record Terminate(WorkerKey key) implements Action {}

    /** The hard signal to the whole process group. */
    record Kill(WorkerKey key) implements Action {}

    /** Tell the scheduler, if there is one to tell. */
    record Report(WorkerStatus status) implements Action {}
}

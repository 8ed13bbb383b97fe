package dev.interposer.engine.order;

import dev.interposer.engine.fairness.Limit;
import dev.interposer.engine.fairness.QueueNode;
import dev.interposer.engine.fairness.QueueTree;
import dev.interposer.engine.fairness.Take;
import dev.interposer.engine.fit.RoomNeed;

/** What must change before a shape that found no place is worth another try. */
public sealed interface Blocker {
    /** Room on nodes. */
    record Room(RoomNeed need) implements Blocker {}

    /** A limit of a queue. */
    record AtLimit(Limit limit, long neededMilli) implements Blocker {}

    /** A bound on a user of a queue. */
    record AtUser(QueueNode queue, String userName) implements Blocker {}

    /** What other queues withhold from such a start. */
    record Withheld(QueueTree tree, Take take) implements Blocker {}

    /** Nothing but other classes, nodes or queues: no class that it asks for is known. */
    record Settings() implements Blocker {}

    /** A rule that any release may satisfy: a sourcing cap, how replicas are spread. */
    record Release() implements Blocker {}
}

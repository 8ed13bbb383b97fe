package dev.interposer.engine.order;

import dev.interposer.engine.fairness.Limit;
import dev.interposer.engine.fairness.QueueNode;

/** What must change before a shape that found no place is worth another try. */
public sealed interface Blocker {
    /** So many whole devices of a class, so many of them together on nodes. */
    record Devices(int chipClass, int perWorker, long devices) implements Blocker {}

    /** A share of a device of a class. */
    record Share(int chipClass, int shareMilli) implements Blocker {}

    /** Room on nodes for work without devices. */
    record Bare() implements Blocker {}

    /** A limit of a queue. */
    record AtLimit(Limit limit, long neededMilli) implements Blocker {}

    /** A bound on a user of a queue. */
    record AtUser(QueueNode queue, String userName) implements Blocker {}

    /** Nothing but other classes, nodes or queues: no class that it asks for is known. */
    record Settings() implements Blocker {}

    /** A rule that any release may satisfy: what is withheld for others, a sourcing cap. */
    record Release() implements Blocker {}
}

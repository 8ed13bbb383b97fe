package dev.interposer.server.kubernetes.pods;

import dev.interposer.control.agents.Order;
import java.util.function.Consumer;

/** With what a gang works: all of it answers on the controller's own thread. */
interface PodWork {
    PodApi api();

    Reports reports();

    PodSettings settings();

    long nowMillis();

    /** Of a worker's order and node. */
    PodPlace place(Order.Assign order, String node);

    /** Wraps what shall follow an answer: it comes on this thread, and the gang is looked at after it. */
    <T> Consumer<T> then(GangPods gang, Consumer<T> step);

    /** The gang is looked at again after so long. */
    void again(GangPods gang, long millis);
}

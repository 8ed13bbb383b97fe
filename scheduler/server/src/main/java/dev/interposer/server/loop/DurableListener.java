package dev.interposer.server.loop;

import dev.interposer.control.agents.NodeOrders;
import java.util.List;

/** Told, on the loop, of what may leave the process. */
public interface DurableListener {
    /** This server leads from here on. */
    void leading(long epoch, long incarnation);

    /** This server leads no more: whoever is connected must go elsewhere. */
    void following();

    /** Orders that rest on durable pages, in order; full ones are welcomes. */
    void orders(List<NodeOrders> orders);
}

package dev.interposer.control.core;

import dev.interposer.control.agents.NodeOrders;
import dev.interposer.control.command.Outcome;
import dev.interposer.control.port.Page;
import java.util.List;

/**
 * A page with everything that may leave the process once it is durable.
 *
 * @param page what the ledger gets
 * @param replies outcomes that rest on it
 * @param orders changes for the agents
 * @param welcomes for each node that said hello, all that it shall run
 */
public record SealedPage(Page page, List<Reply> replies, List<NodeOrders> orders, List<NodeOrders> welcomes) {
    public SealedPage {
        replies = List.copyOf(replies);
        orders = List.copyOf(orders);
        welcomes = List.copyOf(welcomes);
    }

    /** Answers all that rests on it; once, and only when it is durable. */
    public void answer() {
        for (Reply reply : replies) {
            reply.ticket().reply().accept(reply.outcome());
        }
    }

    /** An outcome and its ticket. */
    public record Reply(Ticket ticket, Outcome outcome) {}
}

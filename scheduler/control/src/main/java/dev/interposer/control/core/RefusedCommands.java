package dev.interposer.control.core;

import dev.interposer.control.command.Command;
import dev.interposer.control.command.Rejection;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Commands that cost a head: they are refused at once from then on, or a client that asks again with patience would end
 * term after term. The latest few; it outlives pipelines and dies with the process.
 */
public final class RefusedCommands {
    private static final int MOST = 64;

    private final LinkedHashMap<Object, Rejection> refusals = new LinkedHashMap<>();

    void add(Command command, Rejection rejection) {
        refusals.put(key(command), rejection);
        if (refusals.size() > MOST) {
            Map.Entry<Object, Rejection> oldest = refusals.firstEntry();
            refusals.remove(oldest.getKey());
        }
    }

    @Nullable
    Rejection find(Command command) {
        return refusals.isEmpty() ? null : refusals.get(key(command));
    }

    /** A submission is known by its request id; what bears none, by all that it says. */
    private static Object key(Command command) {
        return command instanceof Command.SubmitJob submit ? submit.requestId() : command;
    }
}

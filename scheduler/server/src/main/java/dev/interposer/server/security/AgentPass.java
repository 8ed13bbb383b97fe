package dev.interposer.server.security;

import io.grpc.StatusRuntimeException;
import org.jspecify.annotations.Nullable;

/** For which nodes an agent may speak, and for how long. */
public interface AgentPass {
    /** Of an agent with a token of role agent: every node, for good. */
    AgentPass ANY_NODE = new AgentPass() {
        @Override
        public boolean names(String node) {
            return true;
        }

        @Override
        public @Nullable StatusRuntimeException refusal() {
            return null;
        }

        @Override
        public String toString() {
            return "a token of role agent";
        }
    };

    boolean names(String node);

    /** Why it holds no more, now; null while it does. Never blocks. */
    @Nullable
    StatusRuntimeException refusal();
}

package dev.interposer.server.agents;

import dev.interposer.engine.model.NodePhase;
import java.util.function.ToLongFunction;

/**
 * Who was not heard for too long, and who is heard and counts as lost all the same.
 *
 * @param heardMillis when a node was last heard, or since when it could have been
 */
record Silence(long nowMillis, long lostAfterMillis, ToLongFunction<String> heardMillis) {
    /** What is to be done about a node. */
    enum Finding {
        SOUND,
        /** Nothing was heard of it for too long. */
        SILENT,
        /** It has a stream and counts as lost: what it says there does not bring it back. */
        UNHEEDED
    }

    Finding of(String node, NodePhase phase, boolean connected) {
        boolean heard = nowMillis - heardMillis.applyAsLong(node) <= lostAfterMillis;
        if (phase == NodePhase.READY) {
            return heard ? Finding.SOUND : Finding.SILENT;
        }
        return connected && heard ? Finding.UNHEEDED : Finding.SOUND;
    }
}

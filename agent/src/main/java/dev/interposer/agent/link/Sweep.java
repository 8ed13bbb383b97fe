package dev.interposer.agent.link;

import dev.interposer.agent.runtime.EndedFolders;
import dev.interposer.agent.runtime.Loop;
import dev.interposer.proto.agent.v1.WorkerKey;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.Set;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;

/** Looks from time to time whether a node's ended workers left what may go, off the loop. */
final class Sweep {
    private static final Logger LOG = System.getLogger(Sweep.class.getName());
    private static final long EVERY_MILLIS = TimeUnit.MINUTES.toMillis(10);
    private static final long PATIENCE_SECONDS = 30;

    private final NodeAgent node;
    private final EndedFolders folders;
    private final Loop loop;
    private final AtomicBoolean busy = new AtomicBoolean();

    Sweep(NodeAgent node, EndedFolders folders, Loop loop) {
        this.node = node;
        this.folders = folders;
        this.loop = loop;
    }

    void begin() {
        loop.every(EVERY_MILLIS, () -> {
            if (busy.compareAndSet(false, true)) {
                Thread.ofVirtual().start(this::look);
            }
        });
    }

    void look() {
        try {
            int removed = folders.remove(this::needed, System.currentTimeMillis());
            if (removed > 0) {
                LOG.log(Level.INFO, "node {0}: {1} folders of ended workers were removed", node.name(), removed);
            }
        } catch (CompletionException e) {
            LOG.log(Level.WARNING, "node " + node.name() + ": folders of ended workers stay for now", e);
        } finally {
            busy.set(false);
        }
    }

    private Set<WorkerKey> needed(Set<WorkerKey> keys) {
        return loop.ask(() -> node.needed(keys))
                .orTimeout(PATIENCE_SECONDS, TimeUnit.SECONDS)
                .join();
    }
}

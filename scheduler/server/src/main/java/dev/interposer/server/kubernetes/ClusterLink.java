package dev.interposer.server.kubernetes;

import dev.interposer.control.command.ErrorCode;
import dev.interposer.control.command.Rejection;
import dev.interposer.server.kubernetes.inventory.NodeFacts;
import dev.interposer.server.kubernetes.inventory.NodeReader;
import dev.interposer.server.kubernetes.objects.ObjectKey;
import dev.interposer.server.kubernetes.objects.ObjectLink;
import dev.interposer.server.kubernetes.pods.PodAgent;
import dev.interposer.server.kubernetes.tenancy.ClusterAccess;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.quarkus.logging.Log;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * One cluster: what is watched there, and a thread that tells the fleet of it. It shares nothing with other clusters,
 * so that one which does not answer holds up nobody.
 */
final class ClusterLink {
    private static final int THREADS = 4;
    private static final long TICK_MILLIS = 1_000;

    /** After so many all nodes are looked at, whether anything of them changed or not. */
    private static final int ROUNDS_BETWEEN_LOOKS = 60;

    private final String name;
    private final KubernetesClient client;
    private final FleetAccess fleet;
    private final NodeReader reader;
    private final Duration patience;
    private final WorkQueue queue;
    private final ClusterStores stores;
    private final NodeSync nodes;
    private final @Nullable ObjectLink objects;
    private final @Nullable PodAgent pods;
    private final ClusterAccess access;
    private final Thread probe;
    private final AtomicLong answeredNanos = new AtomicLong();
    private volatile boolean answering;
    private volatile boolean closed;
    private long epoch;
    private int rounds;

    /**
     * A link that is not started.
     *
     * @param patience an API server that does not answer for so long is away
     * @param objects whether people apply the objects of the fleet there
     */
    ClusterLink(KubernetesClient client, NodeReader reader, FleetAccess fleet, Duration patience, boolean objects) {
        this.name = reader.cluster();
        this.client = client;
        this.reader = reader;
        this.fleet = fleet;
        this.patience = patience;
        this.queue = new WorkQueue("cluster-" + name, THREADS, this::look);
        this.stores = new ClusterStores(name, client, queue::add, !reader.isObserved());
        this.pods = reader.isObserved() ? null : new PodAgent(name, client, fleet, objects);
        this.nodes = new NodeSync(reader, fleet, queue, pods);
        this.objects = objects ? new ObjectLink(name, client, fleet, queue) : null;
        this.access = new ClusterAccess(client);
        this.probe =
                Thread.ofPlatform().name("cluster-" + name + "-probe").daemon().unstarted(this::probe);
    }

    /** Before the loop is started. */
    void start() {
        queue.start();
        if (pods != null) {
            pods.start();
        }
        probe.start();
    }

    void stop() {
        closed = true;
        probe.interrupt();
        queue.close();
        stores.stop();
        if (objects != null) {
            objects.stop();
        }
        if (pods != null) {
            pods.stop();
        }
        client.close();
    }

    /** Whether its API server answers. */
    boolean isAnswering() {
        return answering;
    }

    String name() {
        return name;
    }

    /** Why somebody may not do a thing in a namespace; null if he may, or if this cluster has no say in it. */
    @Nullable
    Rejection refusal(String user, ClusterAccess.Wish wish, String queueName) {
        if (reader.isObserved()) {
            return null;
        }
        Rejection refusal = access.refusal(user, wish, objects == null ? "" : queueName);
        if (refusal != null || objects == null || queueName.isEmpty()) {
            return refusal;
        }
        String closed = objects.closedTo(wish.namespace(), queueName);
        return closed.isEmpty() ? null : Rejection.of(ErrorCode.FORBIDDEN, "spec.queueName", queueName, closed);
    }

    private void look(String key) {
        if (fleet.loop().epoch() == 0) {
            return;
        }
        ObjectKey object = ObjectKey.parse(key);
        if (object == null) {
            lookAtNode(key);
        } else if (objects != null && objects.synced()) {
            objects.look(object);
        }
    }

    private void lookAtNode(String node) {
        if (stores.synced() && (pods == null || pods.isSynced())) {
            NodeFacts facts = stores.node(node);
            if (facts == null && stores.isThere(node)) {
                // A watch that is behind must not end what runs there.
                queue.failed(node);
                return;
            }
            if (facts != null && NodeReader.isReady(facts.node())) {
                // First: a node that is told of and was never heard would be silent at once.
                fleet.hub().heard(reader.name(node));
            }
            nodes.look(node, facts);
        }
    }

    /** Asks the API server for a sign of life; while it gives one, nodes whose kubelet is well count as heard. */
    private void probe() {
        boolean watching = false;
        while (!closed) {
            try {
                boolean answered = answers();
                if (answered && (!watching || stores.watching())) {
                    answeredNanos.set(System.nanoTime());
                    if (!watching) {
                        stores.start();
                        if (objects != null) {
                            objects.start();
                        }
                        if (pods != null) {
                            pods.watch();
                        }
                        watching = true;
                    }
                }
                tell(watching && System.nanoTime() - answeredNanos.get() < patience.toNanos());
                Thread.sleep(TICK_MILLIS);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                return;
            } catch (RuntimeException e) {
                // Whatever it was: without this thread nothing is known of the cluster any more.
                Log.errorf(e, "cluster %s can't be watched; again soon", name);
            }
        }
    }

    private boolean answers() {
        try {
            return client.getKubernetesVersion() != null;
        } catch (KubernetesClientException e) {
            return false;
        }
    }

    private void tell(boolean present) {
        if (present != answering) {
            answering = present;
            Log.infof("cluster %s %s", name, present ? "answers" : "does not answer; nothing is known of its nodes");
            rounds = 0;
        }
        if (!present || !stores.synced()) {
            return;
        }
        long leading = fleet.loop().epoch();
        if (leading != epoch) {
            epoch = leading;
            nodes.restart();
            rounds = 0;
        }
        if (rounds == 0) {
            stores.nodeNames().forEach(queue::add);
            nodes.knownNodes().forEach(queue::add);
        }
        if (leading != 0 && objects != null && objects.synced()) {
            if (rounds == 0) {
                objects.lookAtAll();
            }
            objects.lookAtWaiting();
        }
        rounds = (rounds + 1) % ROUNDS_BETWEEN_LOOKS;
        if (leading != 0) {
            for (String node : stores.nodeNames()) {
                NodeFacts facts = stores.node(node);
                if (facts != null && NodeReader.isReady(facts.node())) {
                    fleet.hub().heard(reader.name(node));
                }
            }
        }
    }
}

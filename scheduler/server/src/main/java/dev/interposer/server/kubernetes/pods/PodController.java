package dev.interposer.server.kubernetes.pods;

import dev.interposer.control.agents.NodeOrders;
import dev.interposer.control.agents.Order;
import dev.interposer.control.command.ReportedWorker;
import dev.interposer.engine.model.WorkerKey;
import dev.interposer.server.kubernetes.pods.PodApi.Answer;
import io.fabric8.kubernetes.api.model.OwnerReference;
import io.quarkus.logging.Log;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Makes orders into pods in one cluster, and what becomes of pods into reports: to the scheduler it is the agent of all
 * the cluster's nodes.
 *
 * <p>It looks at what is wanted and what is there, and does what lacks; so it does not matter which of both changed, in
 * what order it heard of it, or whether something was done before. What comes from elsewhere is put into an inbox, and
 * one thread does the rest, without ever waiting. While this server does not lead, nothing is done.
 */
public final class PodController {
    private static final long TIDY_MILLIS = 30_000;

    private final PodApi api;
    private final Reports reports;
    private final PodSettings settings;
    private final LongSupplier clock;
    private final Knowledge knowledge;

    private final LinkedBlockingQueue<Runnable> inbox = new LinkedBlockingQueue<>();
    private final Map<GangKey, GangPods> gangs = new HashMap<>();
    private final Map<String, Set<WorkerPod>> byNode = new HashMap<>();
    private final EndedPods ended;

    /** Nodes that were told all that they shall run, and whether what else runs there shall go on. */
    private final Map<String, Boolean> welcomed = new HashMap<>();

    private final Set<GangPods> touched = new LinkedHashSet<>();
    private final TreeMap<Long, Set<GangPods>> later = new TreeMap<>();
    private final Work work = new Work();
    private boolean leads;
    private volatile boolean synced;
    private long epoch;
    private long tidyAtMillis;
    private volatile boolean closed;
    private int errors;

    /** What is durable. */
    interface Knowledge {
        /** Name in Kubernetes of a node of this cluster; empty for any other. */
        String node(long id);

        /** How Kubernetes gives out the devices of a class, in JSON. */
        String kubernetesOfClass(String name);

        LedgerMark mark(long epoch);

        /** Of the pods of a job; null where nothing in the cluster stands for it. */
        @Nullable
        OwnerReference owner(long jobId);
    }

    PodController(PodApi api, Reports reports, PodSettings settings, LongSupplier clock, Knowledge knowledge) {
        this.api = api;
        this.reports = reports;
        this.settings = settings;
        this.clock = clock;
        this.knowledge = knowledge;
        this.ended = new EndedPods(settings);
    }

    /** Begins to work on a thread of its own. */
    void start(String name) {
        Thread.ofPlatform().name(name).daemon().start(this::run);
    }

    void stop() {
        closed = true;
        inbox.add(() -> {});
    }

    /** A term of this server begins. What is wanted is said anew from here on. */
    void leading(long ofEpoch) {
        inbox.add(() -> {
            forgetTerm();
            epoch = ofEpoch;
            leads = true;
        });
    }

    void following() {
        inbox.add(() -> {
            forgetTerm();
            leads = false;
        });
    }

    /**
     * All pods of this fleet that the cluster has, once they are known; before that nothing is done. Of one that is
     * known and not among them the API server is asked: the list may be older than what is known.
     */
    void synced(List<SeenPod> pods) {
        inbox.add(() -> {
            gangs.values().forEach(gang -> gang.workers().forEach(WorkerPod::doubt));
            pods.forEach(this::see);
            synced = true;
            touched.addAll(gangs.values());
        });
    }

    /** Whether all pods that there were once are known. */
    boolean isSynced() {
        return synced;
    }

    void seen(SeenPod pod) {
        inbox.add(() -> see(pod));
    }

    void gone(SeenPod pod) {
        inbox.add(() -> {
            ended.gone(pod.uid());
            GangPods gang = gangs.get(GangKey.of(pod.key()));
            if (gang != null) {
                gang.worker(pod.key()).lose(pod.uid(), true);
                touched.add(gang);
            }
        });
    }

    /** Orders for any nodes; those of other clusters are none of its own. */
    void orders(List<NodeOrders> orders) {
        inbox.add(() -> {
            for (NodeOrders ofNode : orders) {
                String node = knowledge.node(ofNode.nodeId());
                if (!node.isEmpty()) {
                    ordered(node, ofNode);
                }
            }
        });
    }

    /**
     * What a node's pods say in its hello.
     *
     * @param expected whether the ledger has a worker that has not ended
     */
    CompletableFuture<NodeRoster> roster(String node, Predicate<WorkerKey> expected) {
        CompletableFuture<NodeRoster> answer = new CompletableFuture<>();
        inbox.add(() -> {
            List<ReportedWorker> workers = new ArrayList<>();
            LedgerMark mark = LedgerMark.NONE;
            for (WorkerPod worker : byNode.getOrDefault(node, Set.of())) {
                SeenPod pod = worker.present();
                if (pod == null || !pod.bound()) {
                    continue;
                }
                // Of one that was made in this term, the node has heard of this leader only.
                mark = worker.made ? mark : mark.or(pod.identity().mark());
                if (isWorthTelling(pod, expected.test(pod.key()))) {
                    workers.add(pod.reported());
                }
            }
            answer.complete(new NodeRoster(workers, mark));
        });
        return answer;
    }

    private static boolean isWorthTelling(SeenPod pod, boolean expected) {
        return expected ? pod.started() || pod.terminal() : !pod.terminal();
    }

    private void run() {
        while (!closed) {
            try {
                Runnable first = inbox.poll(drain(), TimeUnit.MILLISECONDS);
                if (first != null) {
                    guarded(first);
                }
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                return;
            }
        }
    }

    /** What nobody thought of in one gang must not keep the others from being looked at. */
    private boolean guarded(Runnable step) {
        try {
            step.run();
            return true;
        } catch (RuntimeException e) {
            errors++;
            Log.error("a step of the pods failed", e);
            return false;
        }
    }

    /** Steps that failed by an error in this program. */
    int errors() {
        return errors;
    }

    /** Does all that can be done now; returns when something is due again, in milliseconds from now. */
    long drain() {
        Runnable next = inbox.poll();
        while (next != null) {
            guarded(next);
            next = inbox.poll();
        }
        long now = clock.getAsLong();
        while (!later.isEmpty() && later.firstKey() <= now) {
            touched.addAll(later.pollFirstEntry().getValue());
        }
        if (leads && synced) {
            List<GangPods> due = new ArrayList<>(touched);
            touched.clear();
            for (GangPods gang : due) {
                if (!guarded(() -> step(gang))) {
                    work.again(gang, TIDY_MILLIS);
                }
            }
            tidy(now);
        }
        if (!touched.isEmpty() && leads && synced) {
            return 0;
        }
        return later.isEmpty() ? TIDY_MILLIS : Math.clamp(later.firstKey() - now, 1, TIDY_MILLIS);
    }

    private void step(GangPods gang) {
        if (gangs.get(gang.key) != gang) {
            return;
        }
        gang.step(work);
        for (WorkerPod worker : gang.workers()) {
            SeenPod pod = worker.present();
            boolean known = worker.endTold || (worker.order == null && pod != null && welcomed.containsKey(pod.node()));
            if (pod != null && pod.terminal() && known) {
                ended.add(pod, clock.getAsLong());
            }
        }
        if (gang.isForgettable()) {
            forget(gang);
        }
    }

    private void forget(GangPods gang) {
        gangs.remove(gang.key);
        for (WorkerPod worker : gang.workers()) {
            for (String node : worker.places) {
                byNode.computeIfPresent(node, (name, there) -> there.remove(worker) && there.isEmpty() ? null : there);
            }
        }
    }

    private void tidy(long now) {
        if (now < tidyAtMillis) {
            return;
        }
        tidyAtMillis = now + TIDY_MILLIS;
        for (SeenPod pod : ended.due(now)) {
            api.delete(
                    pod,
                    1,
                    answer -> inbox.add(() -> {
                        if (!(answer instanceof Answer.Done || answer instanceof Answer.Missing)) {
                            ended.add(
                                    pod,
                                    clock.getAsLong() - settings.keepEnded().toMillis());
                        }
                    }));
        }
    }

    private void forgetTerm() {
        gangs.values().forEach(GangPods::forgetTerm);
        List.copyOf(gangs.values()).stream().filter(GangPods::isForgettable).forEach(this::forget);
        welcomed.clear();
        ended.clear();
        touched.clear();
        touched.addAll(gangs.values());
    }

    private GangPods gang(WorkerKey key) {
        GangPods gang = gangs.computeIfAbsent(GangKey.of(key), GangPods::new);
        touched.add(gang);
        return gang;
    }

    private void see(SeenPod pod) {
        WorkerPod worker = gang(pod.key()).worker(pod.key());
        worker.see(pod, true);
        place(worker);
        stray(worker);
    }

    private void place(WorkerPod worker) {
        String node = worker.place();
        if (!node.isEmpty()) {
            worker.places.add(node);
            byNode.computeIfAbsent(node, name -> new LinkedHashSet<>()).add(worker);
        }
    }

    /** Nobody ordered it, on a node that was told all that it shall run. */
    private void stray(WorkerPod worker) {
        boolean holds = welcomed.getOrDefault(worker.place(), true);
        worker.stray = worker.order == null && !worker.endTold && !holds && worker.present() != null && !worker.ended();
    }

    private void ordered(String node, NodeOrders orders) {
        Set<WorkerKey> named = new HashSet<>();
        for (Order order : orders.orders()) {
            named.add(order.key());
            GangPods gang = gang(order.key());
            WorkerPod worker = gang.worker(order.key());
            if (order instanceof Order.Assign assign) {
                gang.learn(assign);
            }
            if (!worker.endTold) {
                worker.order = order;
                worker.node = node;
                worker.stray = false;
                place(worker);
            }
        }
        if (orders.full()) {
            welcomed.put(node, orders.holdUnknown());
            for (WorkerPod worker : byNode.getOrDefault(node, Set.of())) {
                if (!named.contains(worker.key)) {
                    worker.order = null;
                    stray(worker);
                    touched.add(gang(worker.key));
                }
            }
        }
    }

    /** What gangs work with. */
    private final class Work implements PodWork {
        @Override
        public PodApi api() {
            return api;
        }

        @Override
        public Reports reports() {
            return reports;
        }

        @Override
        public PodSettings settings() {
            return settings;
        }

        @Override
        public long nowMillis() {
            return clock.getAsLong();
        }

        @Override
        public PodPlace place(Order.Assign order, String node) {
            Allocation allocation = order.className().isEmpty()
                    ? Allocation.NONE
                    : Allocation.of(knowledge.kubernetesOfClass(order.className()));
            OwnerReference owner = knowledge.owner(order.key().jobId());
            return new PodPlace(node, knowledge.mark(epoch), allocation, owner);
        }

        @Override
        public <T> Consumer<T> then(GangPods gang, Consumer<T> step) {
            return answer -> inbox.add(() -> {
                step.accept(answer);
                touched.add(gang);
            });
        }

        @Override
        public void again(GangPods gang, long millis) {
            later.computeIfAbsent(clock.getAsLong() + millis, at -> new LinkedHashSet<>())
                    .add(gang);
        }
    }
}

package dev.interposer.server.kubernetes.pods;

import static org.assertj.core.api.Assertions.assertThat;

import dev.interposer.control.agents.NodeOrders;
import dev.interposer.control.agents.Order;
import dev.interposer.control.command.ReportedWorker;
import dev.interposer.engine.model.EndCause;
import dev.interposer.engine.model.WorkerKey;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** What the scheduler makes of reports: gangs that are stopped, tried again, and end well at last. */
final class FakeLedger implements Reports {
    private static final int MOST_ATTEMPTS = 4;

    private final Random random;
    private final FakeCluster cluster;
    private final List<Gang> gangs = new ArrayList<>();
    private final List<Report> reports = new ArrayList<>();

    /** Ends that this controller was told are durable. */
    private final Set<WorkerKey> acknowledged = new HashSet<>();

    int troublePercent;

    private record Report(ReportedWorker said, Consumer<Boolean> then) {}

    private static final class Gang {
        private Orders orders;
        private boolean stopping;
        private boolean done;
        private final Map<Integer, @Nullable EndCause> ends = new TreeMap<>();
        private final Set<Integer> running = new HashSet<>();

        Gang(Orders orders) {
            this.orders = orders;
            begin();
        }

        private void begin() {
            stopping = false;
            running.clear();
            for (int worker = 0; worker < orders.worldSize(); worker++) {
                ends.put(worker, null);
            }
        }

        boolean hasBegun() {
            return !running.isEmpty() || ends.values().stream().anyMatch(Objects::nonNull);
        }

        boolean expects(WorkerKey key) {
            return key.jobId() == orders.job()
                    && key.attempt() == orders.attempt()
                    && !done
                    && ends.get(key.worker()) == null;
        }
    }

    FakeLedger(Random random, FakeCluster cluster) {
        this.random = random;
        this.cluster = cluster;
    }

    static String node(int worker) {
        return "n" + worker % 4;
    }

    private static long id(String node) {
        return Long.parseLong(node.substring(1));
    }

    void submit(PodController controller, Orders orders) {
        gangs.add(new Gang(orders));
        order(controller, gangs.getLast());
    }

    void stopSome(PodController controller) {
        if (gangs.isEmpty()) {
            return;
        }
        Gang gang = gangs.get(random.nextInt(gangs.size()));
        if (!gang.done && !gang.stopping) {
            gang.stopping = true;
            order(controller, gang);
        }
    }

    boolean isDone() {
        return undone().isEmpty() && reports.isEmpty();
    }

    /** Gangs that are not done, with how their workers ended. */
    List<String> undone() {
        return gangs.stream()
                .filter(gang -> !gang.done)
                .map(gang -> gang.orders.key(0) + (gang.stopping ? " stopping " : " ") + gang.ends)
                .toList();
    }

    /** Whether an attempt is known to have begun, or to be over. */
    boolean hasBegun(WorkerKey key) {
        return gangs.stream()
                .filter(gang -> gang.orders.job() == key.jobId())
                .anyMatch(gang -> gang.done || gang.orders.attempt() > key.attempt() || gang.hasBegun());
    }

    boolean expects(WorkerKey key) {
        return gangs.stream().anyMatch(gang -> gang.expects(key));
    }

    @Override
    public void tell(String node, ReportedWorker said, Consumer<Boolean> then) {
        assertThat(node).as("node of %s", said.key()).isEqualTo(node(said.key().worker()));
        if (!said.running()) {
            assertThat(cluster.runs(said.key()))
                    .as("%s is told to have ended and runs", said.key())
                    .isFalse();
            assertThat(acknowledged).as("%s is told once", said).doesNotContain(said.key());
        }
        reports.add(new Report(said, then));
    }

    /** The next report is heard; whether there was one. */
    boolean hear(PodController controller) {
        if (reports.isEmpty()) {
            return false;
        }
        Report report = reports.removeFirst();
        boolean durable = random.nextInt(100) >= troublePercent;
        if (durable) {
            follow(report.said());
            if (!report.said().running()) {
                acknowledged.add(report.said().key());
            }
        }
        report.then().accept(durable);
        goOn(controller);
        return true;
    }

    /** Another controller: what the one before was told, it does not know. */
    void restart(PodController controller, List<SeenPod> pods) {
        reports.forEach(report -> report.then().accept(false));
        reports.clear();
        acknowledged.clear();
        controller.leading(1);
        controller.synced(pods);
        List<Integer> nodes = new ArrayList<>(List.of(0, 1, 2, 3));
        Collections.shuffle(nodes, random);
        nodes.forEach(node -> hello(controller, "n" + node));
    }

    private void hello(PodController controller, String node) {
        var answer = controller.roster(node, this::expects);
        controller.drain();
        List<ReportedWorker> said = Objects.requireNonNull(answer.getNow(null)).workers();
        for (Gang gang : gangs) {
            for (int worker : gang.ends.keySet()) {
                if (node(worker).equals(node) && gang.ends.get(worker) == null && !gang.done) {
                    WorkerKey key = gang.orders.key(worker);
                    said.stream()
                            .filter(one -> one.key().equals(key))
                            .findFirst()
                            .ifPresentOrElse(this::follow, () -> lost(gang, key));
                }
            }
        }
        List<Order> orders = new ArrayList<>();
        gangs.forEach(gang -> orders.addAll(orders(gang, node)));
        controller.orders(List.of(new NodeOrders(id(node), true, false, orders)));
        goOn(controller);
    }

    private void lost(Gang gang, WorkerKey key) {
        if (gang.running.contains(key.worker())) {
            assertThat(cluster.runs(key))
                    .as("%s runs and its hello does not say so", key)
                    .isFalse();
            follow(ReportedWorker.ended(key, EndCause.UNKNOWN, -1));
        }
    }

    private void follow(ReportedWorker said) {
        for (Gang gang : gangs) {
            if (gang.expects(said.key())) {
                if (said.running()) {
                    gang.running.add(said.key().worker());
                } else {
                    gang.ends.put(said.key().worker(), said.cause());
                }
            }
        }
    }

    /** What follows from ends, as orders. */
    private void goOn(PodController controller) {
        for (Gang gang : gangs) {
            boolean over = gang.ends.values().stream().allMatch(Objects::nonNull);
            boolean well = gang.ends.values().stream().allMatch(end -> end == null || end == EndCause.COMPLETED);
            if (!gang.done && over) {
                gang.done = well || gang.orders.attempt() == MOST_ATTEMPTS;
                if (!gang.done) {
                    gang.orders = gang.orders.attempt(gang.orders.attempt() + 1);
                    gang.begin();
                    order(controller, gang);
                }
            } else if (!gang.done && !well && !gang.stopping) {
                gang.stopping = true;
                order(controller, gang);
            }
        }
    }

    private void order(PodController controller, Gang gang) {
        for (int node = 0; node < 4; node++) {
            List<Order> orders = orders(gang, "n" + node);
            if (!orders.isEmpty()) {
                controller.orders(List.of(new NodeOrders(node, false, false, orders)));
            }
        }
    }

    private static List<Order> orders(Gang gang, String node) {
        List<Order> orders = new ArrayList<>();
        gang.ends.forEach((worker, end) -> {
            if (end == null && !gang.done && node(worker).equals(node)) {
                orders.add(gang.stopping ? gang.orders.release(worker) : gang.orders.assign(worker, gang.hasBegun()));
            }
        });
        return orders;
    }
}

package dev.interposer.simulation.openb;

import dev.interposer.control.command.Command;
import dev.interposer.control.command.Outcome;
import dev.interposer.control.core.ControlSettings;
import dev.interposer.control.core.Controller;
import dev.interposer.engine.model.AcceleratorClass;
import dev.interposer.engine.model.AcceleratorRequest;
import dev.interposer.engine.model.Actor;
import dev.interposer.engine.model.ClassSelector;
import dev.interposer.engine.model.Container;
import dev.interposer.engine.model.DeviceReport;
import dev.interposer.engine.model.JobKind;
import dev.interposer.engine.model.JobQueue;
import dev.interposer.engine.model.JobSpec;
import dev.interposer.engine.model.NodeInfo;
import dev.interposer.engine.model.NodeReport;
import dev.interposer.engine.model.Profile;
import dev.interposer.engine.model.Reason;
import dev.interposer.engine.model.Role;
import dev.interposer.engine.model.Supplier;
import dev.interposer.engine.model.TopologyRequest;
import dev.interposer.engine.model.TrainingSpec;
import dev.interposer.engine.model.WorkerCount;
import dev.interposer.engine.placement.PlacementPolicy;
import dev.interposer.engine.plan.Scheduler;
import dev.interposer.engine.state.GangState;
import dev.interposer.engine.state.JobState;
import dev.interposer.engine.state.State;
import dev.interposer.ledger.codec.Digests;
import dev.interposer.ledger.codec.EventCodec;
import dev.interposer.simulation.openb.Trace.Node;
import dev.interposer.simulation.openb.Trace.Pod;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.UUID;
import java.util.function.IntConsumer;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * Replays one run of a trace through control and engine in virtual time: nodes say hello, pods are submitted as jobs
 * one after another and each is decided at once. One that fits nowhere is explained, cancelled and never tried again.
 * Pods only arrive.
 */
public final class OpenbReplay {
    private static final String QUEUE = "openb";
    private static final long STEP_MICROS = 1_000_000;
    private static final long PODS_A_NODE = 1001;

    private final Trace trace;
    private final State state = new State();
    private final Scheduler scheduler;
    private final Controller controller;
    private final Measure measure;
    private final WaitingTimes waiting = new WaitingTimes();
    private final Map<String, Integer> reasons = new HashMap<>();
    private long nowMicros = STEP_MICROS;
    private int unplaced;
    private int vague;

    public OpenbReplay(Trace trace, PlacementPolicy policy) {
        this.trace = trace;
        this.scheduler = Scheduler.following(state, policy);
        this.controller = new Controller(state, scheduler, ControlSettings.DEFAULT, new Digests(new EventCodec()));
        this.measure = new Measure(trace.capacityMilli());
    }

    /** Runs it; the number of pods seen so far goes to {@code progress}. */
    public ReplayResult run(IntConsumer progress) {
        setUp();
        long begun = System.nanoTime();
        int seen = 0;
        for (int rank : trace.arrivals()) {
            Pod pod = trace.pods().get(rank);
            long arrived = System.nanoTime();
            boolean placed = arrive(pod, seen);
            waiting.decided(System.nanoTime() - arrived);
            measure.step(pod.milli(), placed ? pod.milli() : 0);
            progress.accept(++seen);
        }
        double seconds = (System.nanoTime() - begun) / 1e9;
        return new ReplayResult(
                measure.at(100),
                measure.at(130),
                measure.all(),
                seen,
                unplaced,
                vague,
                (seen - unplaced) / seconds,
                waiting.result(state),
                reasons);
    }

    private void setUp() {
        controller.begin(nowMicros);
        List<AcceleratorClass> classes = trace.nodes().stream()
                .map(Node::model)
                .distinct()
                .sorted()
                .map(model -> AcceleratorClass.of(className(model), "openb"))
                .toList();
        accept(new Command.ApplyObjects(
                Actor.SCHEDULER, List.of(Supplier.of("openb")), classes, List.of(JobQueue.of(QUEUE))));
        for (Node node : trace.nodes()) {
            List<DeviceReport> devices = IntStream.range(0, node.gpus())
                    .mapToObj(index -> DeviceReport.of("gpu-" + index, className(node.model())))
                    .toList();
            Map<String, Long> capacity =
                    Map.of("cpu", node.cpuMilli(), "memory", node.memoryBytes(), "pods", PODS_A_NODE);
            NodeInfo info = new NodeInfo("openb/" + node.name(), "boot", "replay", Map.of(), capacity);
            accept(new Command.AgentHello(Actor.agent(info.name()), new NodeReport(info, devices), List.of(), 0, 0, 0));
        }
    }

    /** Whether the pod found a place. */
    private boolean arrive(Pod pod, int number) {
        nowMicros += STEP_MICROS;
        controller.begin(nowMicros);
        String name = pod.name() + "-" + number;
        UUID request = new UUID(((nowMicros / 1000) << 16) | 0x7000, 0x8000_0000_0000_0000L | number);
        accept(new Command.SubmitJob(Actor.SCHEDULER, request.toString(), QUEUE, name, spec(pod)));
        controller.decide(Long.MAX_VALUE);
        JobState job = state.jobs().find(QUEUE + "/" + name);
        if (job == null) {
            throw new IllegalStateException("job " + name + " did not come");
        }
        GangState gang = job.gangs().getFirst();
        if (gang.phase().holdsDevices()) {
            waiting.placed(gang.assignedAtMicros() - job.submittedAtMicros());
            return true;
        }
        unplaced++;
        Reason reason = scheduler.explain(gang).reason();
        reasons.merge(key(reason), 1, Integer::sum);
        vague += reason.catchAll() ? 1 : 0;
        accept(new Command.CancelJob(Actor.SCHEDULER, job.fullName(), 0));
        return false;
    }

    /** A code alone says nothing of what there should be more of. */
    private static String key(Reason reason) {
        String what = Stream.of("resource", "class", "level")
                .filter(reason.parameters()::containsKey)
                .map(reason.parameters()::get)
                .collect(Collectors.joining("/"));
        return reason.code() + (what.isEmpty() ? "" : "(" + what + ")");
    }

    private void accept(Command command) {
        if (controller.handle(command) instanceof Outcome.Rejected rejected) {
            throw new IllegalStateException(rejected.rejection().message());
        }
    }

    private static JobSpec spec(Pod pod) {
        List<String> models = pod.models().stream().map(OpenbReplay::className).toList();
        AcceleratorRequest accelerators = pod.gpus() == 0
                ? AcceleratorRequest.NONE
                : new AcceleratorRequest(
                        "", new ClassSelector(models, "", 0, List.of()), pod.gpus(), pod.gpuMilli(), "");
        Role role = new Role(
                "worker",
                WorkerCount.of(1),
                accelerators,
                Map.of("cpu", pod.cpuMilli(), "memory", pod.memoryBytes(), "pods", 1L),
                Container.of("", "true"));
        Profile profile = new Profile("only", List.of(role), TopologyRequest.ANYWHERE, "");
        return new JobSpec(
                JobKind.TRAINING, QUEUE, "", "", false, 0, null, List.of(profile), TrainingSpec.DEFAULT, null);
    }

    /** Models become class names, which are lower case. */
    static String className(String model) {
        return model.toLowerCase(Locale.ROOT);
    }

    /** Means over the steps at each whole percent of arrived work. */
    private static final class Measure {
        private final long capacity;
        private final Map<Integer, List<Double>> steps = new HashMap<>();
        private long arrived;
        private long allocated;

        Measure(long capacity) {
            this.capacity = capacity;
        }

        void step(long seenMilli, long placedMilli) {
            arrived += seenMilli;
            allocated += placedMilli;
            int percent = percent(arrived, 0).intValueExact();
            steps.computeIfAbsent(percent, key -> new ArrayList<>())
                    .add(percent(allocated, 2).doubleValue());
        }

        private BigDecimal percent(long milli, int digits) {
            return BigDecimal.valueOf(milli * 100).divide(BigDecimal.valueOf(capacity), digits, RoundingMode.HALF_EVEN);
        }

        double at(int percent) {
            return steps.getOrDefault(percent, List.of()).stream()
                    .mapToDouble(Double::doubleValue)
                    .average()
                    .orElse(Double.NaN);
        }

        Map<Integer, Double> all() {
            Map<Integer, Double> all = new HashMap<>();
            steps.keySet().forEach(percent -> all.put(percent, at(percent)));
            return all;
        }
    }
}

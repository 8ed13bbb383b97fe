package dev.interposer.server.view;

import dev.interposer.control.command.Command;
import dev.interposer.control.command.Outcome;
import dev.interposer.control.command.ReportedWorker;
import dev.interposer.control.core.ControlSettings;
import dev.interposer.control.core.Controller;
import dev.interposer.engine.model.AcceleratorClass;
import dev.interposer.engine.model.AcceleratorRequest;
import dev.interposer.engine.model.Actor;
import dev.interposer.engine.model.Container;
import dev.interposer.engine.model.Device;
import dev.interposer.engine.model.DeviceReport;
import dev.interposer.engine.model.EndCause;
import dev.interposer.engine.model.FailurePolicy;
import dev.interposer.engine.model.FailurePolicy.OnNodeLost;
import dev.interposer.engine.model.FailurePolicy.OnWorkerFailure;
import dev.interposer.engine.model.InferenceSpec;
import dev.interposer.engine.model.JobKind;
import dev.interposer.engine.model.JobQueue;
import dev.interposer.engine.model.JobQueue.Quota;
import dev.interposer.engine.model.JobQueue.ScopeKind;
import dev.interposer.engine.model.JobSpec;
import dev.interposer.engine.model.NodeInfo;
import dev.interposer.engine.model.NodeReport;
import dev.interposer.engine.model.Preemption;
import dev.interposer.engine.model.Profile;
import dev.interposer.engine.model.QueueState;
import dev.interposer.engine.model.Role;
import dev.interposer.engine.model.SourcingPolicy;
import dev.interposer.engine.model.Supplier;
import dev.interposer.engine.model.TopologyRequest;
import dev.interposer.engine.model.TrainingSpec;
import dev.interposer.engine.model.TrainingSpec.ProfileChange;
import dev.interposer.engine.model.TrainingSpec.ResizePolicy;
import dev.interposer.engine.model.WorkerCount;
import dev.interposer.engine.plan.Scheduler;
import dev.interposer.engine.state.GangState;
import dev.interposer.engine.state.JobState;
import dev.interposer.engine.state.NodeState;
import dev.interposer.engine.state.State;
import dev.interposer.engine.state.WorkerState;
import dev.interposer.proto.job.v1.Reason;
import dev.interposer.server.loop.Loops;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.UUID;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/** A fleet under the production controller, in which the scenarios of the reasons are played. */
final class Situation {
    static final long SECOND = 1_000_000;
    private static final Actor ADA = Actor.user("ada", "test");

    final State state = new State();
    private final Controller controller =
            new Controller(state, Scheduler.following(state), ControlSettings.DEFAULT, Loops.digests());
    private long nowMicros = 1_000 * SECOND;
    private int requests;
    private int retries = 6;
    private List<Integer> fatal = List.of();
    private long deadlineSeconds;
    private String priority = "";
    private String family = "";
    private boolean deciding = true;
    private boolean seen = true;

    Situation() {
        send(new Command.ApplyObjects(
                ADA,
                List.of(Supplier.of("maker"), Supplier.of("rival")),
                List.of(chip("", List.of()), AcceleratorClass.of("other", "rival")),
                List.of(JobQueue.of("team"))));
    }

    private static AcceleratorClass chip(String wholeLevel, List<AcceleratorClass.Partition> partitions) {
        AcceleratorClass plain = AcceleratorClass.of("chip", "maker");
        return new AcceleratorClass(
                "chip",
                "maker",
                "",
                plain.match(),
                0,
                List.of(),
                List.of(),
                List.of(
                        new AcceleratorClass.Level("node", ""),
                        new AcceleratorClass.Level("rack", "rack"),
                        new AcceleratorClass.Level("cluster", "")),
                wholeLevel,
                partitions,
                "",
                plain.costFrom());
    }

    /** A gang takes whole racks from here on. */
    Situation wholeRacks() {
        send(new Command.ApplyObjects(ADA, List.of(), List.of(chip("rack", List.of())), List.of()));
        return this;
    }

    /** A chip can be split in two halves from here on, or in quarters. */
    Situation halves() {
        List<AcceleratorClass.Partition> parts = List.of(
                new AcceleratorClass.Partition("half", 0, 2, List.of(0, 2)),
                new AcceleratorClass.Partition("quarter", 0, 1, List.of(0, 1, 2, 3)));
        send(new Command.ApplyObjects(ADA, List.of(), List.of(chip("", parts)), List.of()));
        return this;
    }

    // ---- the fleet

    Situation node(String name, String rack, int chips) {
        List<DeviceReport> devices = IntStream.range(0, chips)
                .mapToObj(index -> DeviceReport.of("d" + index, "chip"))
                .toList();
        NodeInfo info = new NodeInfo("c/" + name, "boot", "1", Map.of("rack", rack), Map.of("cpu", 8_000L));
        send(new Command.AgentHello(Actor.agent(info.name()), new NodeReport(info, devices), List.of(), 0, 0, 0));
        return this;
    }

    /** Somebody whom the ledger does not know uses the first so many chips of a node. */
    Situation used(String name, int chips) {
        NodeState node = node(name);
        List<DeviceReport> devices = new ArrayList<>();
        node.devices()
                .forEach(device -> devices.add(
                        device.report().usedBy(devices.size() < chips ? "batch/other-" + devices.size() : "")));
        send(new Command.ReportInventory(Actor.agent(node.name()), new NodeReport(node.info(), devices)));
        return this;
    }

    /** Another scheduler owns the node. */
    Situation observed(String name) {
        NodeState node = node(name);
        NodeReport report = new NodeReport(
                node.info().observedOnly(true),
                node.devices().stream().map(Device::report).toList());
        send(new Command.ReportInventory(Actor.agent(node.name()), report));
        return this;
    }

    NodeState node(String name) {
        return Objects.requireNonNull(state.nodes().find("c/" + name));
    }

    Situation queue(JobQueue queue) {
        send(new Command.ApplyObjects(ADA, List.of(), List.of(), List.of(queue)));
        return this;
    }

    Situation policy(SourcingPolicy policy) {
        send(new Command.ApplyObjects(ADA, List.of(), List.of(), List.of(), List.of(), List.of(policy)));
        return this;
    }

    static JobQueue queue(String name, Quota... quotas) {
        return new JobQueue(name, "", Map.of(), 1, List.of(quotas), 0, 0, 0, QueueState.OPEN);
    }

    static Quota quota(long guarantee, long limit, long borrow, long lend) {
        return new Quota(ScopeKind.CLASS, "chip", guarantee, limit, borrow, lend);
    }

    // ---- the work

    Situation retries(int limit, Integer... fatalExitCodes) {
        retries = limit;
        fatal = List.of(fatalExitCodes);
        return this;
    }

    Situation deadline(long seconds) {
        deadlineSeconds = seconds;
        return this;
    }

    Situation family(String name) {
        family = name;
        return this;
    }

    Situation priority(String name) {
        priority = name;
        return this;
    }

    JobState gang(String queue, int workers, int perWorker) {
        return gang(queue, workers, AcceleratorRequest.of("chip", perWorker), 0, "");
    }

    JobState gang(String queue, int workers, AcceleratorRequest request, long cpuMilli, String required) {
        FailurePolicy failures =
                new FailurePolicy(retries, OnWorkerFailure.RESTART_GANG, fatal, OnNodeLost.WAIT_FOR_FENCE, 0);
        TrainingSpec training = new TrainingSpec(
                0, null, null, Preemption.DEFAULT, ResizePolicy.NEVER, 0, ProfileChange.NEVER, failures, null);
        return submit(queue, profile(workers, request, cpuMilli, required), training, null);
    }

    JobState serve(int replicas, int minSuppliers, int coverage) {
        return serve(replicas, List.of(), minSuppliers, coverage);
    }

    /** Replicas of which no rack has more than one more than another. */
    JobState serveEvenly(int replicas) {
        return serve(replicas, List.of(new InferenceSpec.Spread("rack", 1)), 0, 0);
    }

    private JobState serve(int replicas, List<InferenceSpec.Spread> spread, int minSuppliers, int coverage) {
        InferenceSpec plain = InferenceSpec.of(replicas);
        InferenceSpec inference = new InferenceSpec(
                replicas, null, 1, 30, 1, 0, spread, minSuppliers, plain.sourcingTier(), coverage, 0, 0);
        return submit("team", profile(1, AcceleratorRequest.of("chip", 1), 0, ""), null, inference);
    }

    private static Profile profile(int workers, AcceleratorRequest request, long cpuMilli, String required) {
        Map<String, Long> requests = cpuMilli == 0 ? Map.of() : Map.of("cpu", cpuMilli);
        Role role = new Role("worker", WorkerCount.of(workers), request, requests, Container.of("image", "run"));
        return new Profile("only", List.of(role), new TopologyRequest(required, "", 0, ""), "");
    }

    private JobState submit(
            String queue, Profile profile, @Nullable TrainingSpec training, @Nullable InferenceSpec inference) {
        JobKind kind = inference == null ? JobKind.TRAINING : JobKind.INFERENCE;
        JobSpec spec = new JobSpec(
                kind, queue, priority, family, false, deadlineSeconds, null, List.of(profile), training, inference);
        String name = "job-" + ++requests;
        UUID request = new UUID(((nowMicros / 1000) << 16) | 0x7000, 0x8000_0000_0000_0000L | requests);
        send(new Command.SubmitJob(ADA, request.toString(), "ns", name, spec));
        return Objects.requireNonNull(state.jobs().find("ns/" + name));
    }

    // ---- what happens

    /** From here on things are as between a submission and the decision that follows it. */
    Situation undecided() {
        deciding = false;
        return this;
    }

    /** Asked of a leader that has not looked at what waits since it came. */
    Situation unseen() {
        seen = false;
        return this;
    }

    /** All its workers run. */
    JobState run(JobState job) {
        for (GangState gang : job.gangs()) {
            for (WorkerState worker : gang.workers()) {
                report(worker, ReportedWorker.running(worker.key()));
            }
        }
        return job;
    }

    void end(JobState job, EndCause cause, int exitCode) {
        for (WorkerState worker : List.copyOf(job.gangs().getFirst().workers())) {
            report(worker, ReportedWorker.ended(worker.key(), cause, exitCode));
        }
    }

    void endWorker(JobState job, int worker, EndCause cause) {
        WorkerState found = job.gangs().getFirst().workers().get(worker);
        report(found, ReportedWorker.ended(found.key(), cause, 0));
    }

    /** The API server of its cluster refuses a pod of the job, in these words. */
    void rejected(JobState job, String words) {
        WorkerState first = job.gangs().getFirst().workers().getFirst();
        report(first, new ReportedWorker(first.key(), false, EndCause.POD_REJECTED, 0, words, List.of(), "", "", 0));
    }

    private void report(WorkerState worker, ReportedWorker reported) {
        String node =
                Objects.requireNonNull(state.nodes().find(worker.nodeId())).name();
        send(new Command.ReportWorker(Actor.agent(node), node, reported));
    }

    /** The ledger turns out to be an old copy of one that was at this revision. */
    Situation restored(long revision) {
        send(new Command.LedgerRestored(Actor.SCHEDULER, 1, revision));
        return this;
    }

    void silent(String node) {
        send(new Command.NodeSilent(Actor.SCHEDULER, "c/" + node));
    }

    void cancel(JobState job) {
        send(new Command.CancelJob(ADA, job.fullName(), 0));
    }

    void pass(long seconds) {
        nowMicros += seconds * SECOND;
        page(List.of());
    }

    private void send(Command command) {
        page(List.of(command));
    }

    private void page(List<Command> commands) {
        nowMicros += SECOND;
        controller.begin(nowMicros);
        for (Command command : commands) {
            if (controller.handle(command) instanceof Outcome.Rejected rejected) {
                throw new IllegalStateException(rejected.rejection().message());
            }
        }
        controller.fireTimers(Long.MAX_VALUE);
        if (deciding) {
            controller.decide(Long.MAX_VALUE);
        }
    }

    /** As people and programs get it: of the first gang that waits, else of the job. */
    Reason why(JobState job) {
        List<GangState> waiting = new ArrayList<>(job.gangs());
        waiting.removeIf(gang -> job.cancelRequested() || !gang.eligible());
        if (!seen) {
            return JobViews.of(state, job, WaitingReasons.of(Map.of())).getReason();
        }
        return waiting.isEmpty()
                ? JobViews.of(state, job, WaitingReasons.UNKNOWN).getReason()
                : JobViews.explanation(waiting.getFirst(), controller.explain(waiting.getFirst()))
                        .getReason();
    }
}

package dev.interposer.engine.plan;

import dev.interposer.engine.event.Event;
import dev.interposer.engine.event.FleetEvent;
import dev.interposer.engine.event.JobEvent;
import dev.interposer.engine.event.SettingEvent;
import dev.interposer.engine.model.AcceleratorClass;
import dev.interposer.engine.model.Device;
import dev.interposer.engine.model.DeviceReport;
import dev.interposer.engine.model.EndCause;
import dev.interposer.engine.model.GangPhase;
import dev.interposer.engine.model.Health;
import dev.interposer.engine.model.JobPhase;
import dev.interposer.engine.model.JobQueue;
import dev.interposer.engine.model.JobQueue.Quota;
import dev.interposer.engine.model.JobQueue.ScopeKind;
import dev.interposer.engine.model.JobSpec;
import dev.interposer.engine.model.NodeInfo;
import dev.interposer.engine.model.QueueState;
import dev.interposer.engine.model.Reason;
import dev.interposer.engine.model.ReasonCode;
import dev.interposer.engine.model.SourcingPolicy;
import dev.interposer.engine.model.SourcingPolicy.Basis;
import dev.interposer.engine.model.SourcingPolicy.Enforcement;
import dev.interposer.engine.model.SourcingPolicy.InferenceSourcing;
import dev.interposer.engine.model.SourcingPolicy.PinnedWork;
import dev.interposer.engine.model.SourcingPolicy.SourcingRule;
import dev.interposer.engine.model.SourcingPolicy.SourcingScope;
import dev.interposer.engine.model.Supplier;
import dev.interposer.engine.model.Tier;
import dev.interposer.engine.state.GangState;
import dev.interposer.engine.state.JobState;
import dev.interposer.engine.state.NodeState;
import dev.interposer.engine.state.Others;
import dev.interposer.engine.state.State;
import dev.interposer.engine.state.WorkerState;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/** A small fleet on which scenes are played: the test says what happens and when, the scheduler decides. */
final class Play {
    static final long SECOND = 1_000_000;

    final State state = new State();
    final List<JobEvent> decided = new ArrayList<>();
    /** Changes a decision on its way to the state, or loses it, for a test that plants a bug. */
    UnaryOperator<@Nullable JobEvent> spoil = UnaryOperator.identity();
    /** Sees each decision before it is applied. */
    Consumer<JobEvent> watch = event -> {};

    Scheduler scheduler = Scheduler.following(state);
    private long nowMicros = 1_000 * SECOND;
    private long ids = 1;

    Play() {
        apply(new SettingEvent.SupplierApplied(Supplier.of("maker")));
        apply(new SettingEvent.ClassApplied(AcceleratorClass.of("chip", "maker")));
    }

    // ---- the fleet

    Play chipClass(String name, String supplierName) {
        apply(new SettingEvent.SupplierApplied(Supplier.of(supplierName)));
        apply(new SettingEvent.ClassApplied(AcceleratorClass.of(name, supplierName)));
        return this;
    }

    /** A class of a chip family. */
    Play family(String name, String family) {
        AcceleratorClass plain = AcceleratorClass.of(name, "maker");
        apply(new SettingEvent.ClassApplied(new AcceleratorClass(
                name,
                plain.supplierName(),
                family,
                plain.match(),
                0,
                List.of(),
                List.of(),
                plain.ladder(),
                "",
                List.of(),
                "",
                plain.costFrom())));
        return this;
    }

    /** A node with so many chips of a class. */
    Play node(String name, String className, int devices) {
        long id = ids++;
        List<Device> made = new ArrayList<>();
        for (int device = 0; device < devices; device++) {
            made.add(new Device(ids++, className, "", DeviceReport.of(name + "-" + device, className)));
        }
        NodeInfo info = new NodeInfo("c/" + name, "boot", "1", Map.of(), Map.of("cpu", 64_000L));
        apply(new FleetEvent.NodeReported(id, info, made));
        return this;
    }

    /** Nodes with eight chips each. */
    Play nodes(int count) {
        return nodes(0, count);
    }

    Play nodes(int first, int count) {
        for (int node = first; node < first + count; node++) {
            node("n" + node, "chip", 8);
        }
        return this;
    }

    Play drain(String name, long graceSeconds) {
        apply(new FleetEvent.NodeDraining(nodeId(name), graceSeconds));
        return this;
    }

    Play device(String node, long device, Health health) {
        apply(new FleetEvent.DeviceHealthChanged(nodeId(node), device, health, "by the test"));
        return this;
    }

    /** Somebody outside of the ledger uses the n-th device of a node; nobody where the name is empty. */
    Play used(String node, int number, String who) {
        apply(Others.use(nodeOf(node), number, who));
        return this;
    }

    /** Another scheduler owns the node, or this one does. */
    Play observed(String node, boolean only) {
        apply(Others.observe(nodeOf(node), only));
        return this;
    }

    Play uncordon(String name) {
        apply(new FleetEvent.NodeCordoned(nodeId(name), false));
        return this;
    }

    private long nodeId(String name) {
        return nodeOf(name).id();
    }

    NodeState nodeOf(String name) {
        return Objects.requireNonNull(state.nodes().find("c/" + name));
    }

    Play queue(String name, String parent, int weight, Quota... quotas) {
        return queue(new JobQueue(name, parent, Map.of(), weight, List.of(quotas), 0, 0, 0, QueueState.OPEN));
    }

    Play queue(JobQueue queue) {
        apply(new SettingEvent.QueueApplied(queue));
        return this;
    }

    /** A hard cap on a designer, in percent of what is installed. */
    Play cap(String designer, int percent) {
        int none = SourcingPolicy.NO_BOUND;
        SourcingRule rule = new SourcingRule(Tier.DESIGNER, designer, percent, none, none, Enforcement.HARD);
        apply(new SettingEvent.PolicyApplied(new SourcingPolicy(
                "cap",
                SourcingScope.FLEET,
                Basis.INSTALLED,
                0,
                List.of(rule),
                0,
                PinnedWork.BLOCK,
                InferenceSourcing.NONE,
                List.of())));
        return this;
    }

    static Quota guarantee(long devices) {
        return new Quota(ScopeKind.CLASS, "chip", devices, -1, -1, -1);
    }

    static Quota limit(long devices) {
        return new Quota(ScopeKind.CLASS, "chip", -1, devices, -1, -1);
    }

    // ---- the work

    JobState submit(Work work) {
        long specId = ids++;
        JobSpec spec = work.spec();
        apply(new JobEvent.SpecStored(specId, "sha-" + specId, spec));
        long id = ids++;
        apply(new JobEvent.JobSubmitted(id, "ns", "job-" + id, specId, work.priority(), "", work.user()));
        return Objects.requireNonNull(state.jobs().find(id));
    }

    List<JobState> submit(int count, Work work) {
        List<JobState> jobs = new ArrayList<>();
        for (int job = 0; job < count; job++) {
            jobs.add(submit(work));
        }
        return jobs;
    }

    /** Decides until nothing more comes of it; what was placed runs at once. */
    Play decide() {
        int events;
        int rounds = 0;
        do {
            nowMicros += SECOND;
            events = scheduler.decide(nowMicros, 1000, this::decided);
            run();
        } while (events > 0 && ++rounds < 50);
        return this;
    }

    /** Time passes, without a decision. */
    Play pass(long seconds) {
        nowMicros += seconds * SECOND;
        return this;
    }

    /** Who was asked to stop has stopped, and waits again. */
    Play stopped() {
        for (JobState job : List.copyOf(state.jobs().all())) {
            for (GangState gang : job.gangs()) {
                if (gang.phase() == GangPhase.STOPPING) {
                    end(gang, EndCause.RELEASED);
                    apply(new JobEvent.GangRequeued(
                            job.id(),
                            gang.index(),
                            gang.attempt(),
                            0,
                            gang.failures(),
                            gang.firstStartedAtMicros(),
                            gang.startedProfile(),
                            Reason.of(ReasonCode.STOPPING),
                            gang.avoidedNodes()));
                }
            }
        }
        return this;
    }

    /** The first worker failed; the gang waits again. */
    Play failed(JobState job) {
        GangState gang = job.gangs().getFirst();
        long node = gang.workers().getFirst().nodeId();
        end(gang, EndCause.EXIT_CODE);
        apply(new JobEvent.GangRequeued(
                job.id(),
                0,
                gang.attempt(),
                0,
                gang.failures() + 1,
                gang.firstStartedAtMicros(),
                gang.startedProfile(),
                Reason.of(ReasonCode.BACKOFF),
                gang.avoidingToo(node)));
        return this;
    }

    Play complete(JobState job) {
        GangState gang = job.gangs().getFirst();
        end(gang, EndCause.COMPLETED);
        apply(new JobEvent.GangEnded(job.id(), gang.index(), Reason.of(ReasonCode.COMPLETED)));
        apply(new JobEvent.JobEnded(job.id(), JobPhase.SUCCEEDED, Reason.of(ReasonCode.COMPLETED)));
        return this;
    }

    private void end(GangState gang, EndCause cause) {
        for (WorkerState worker : List.copyOf(gang.workers())) {
            if (!worker.ended()) {
                apply(new JobEvent.WorkerEnded(worker.key(), cause, 0, ""));
            }
        }
    }

    private void run() {
        for (JobState job : state.jobs().all()) {
            for (GangState gang : job.gangs()) {
                if (gang.phase() == GangPhase.ASSIGNED) {
                    gang.workers().forEach(worker -> apply(new JobEvent.WorkerStarted(worker.key())));
                }
            }
        }
    }

    private void decided(JobEvent meant) {
        JobEvent event = spoil.apply(meant);
        if (event == null) {
            return;
        }
        decided.add(event);
        watch.accept(event);
        apply(event);
    }

    void apply(Event event) {
        state.apply(state.revision() + 1, nowMicros, event);
    }

    // ---- what came of it

    static boolean runs(JobState job) {
        return job.gangs().stream().allMatch(gang -> gang.phase() == GangPhase.RUNNING);
    }

    static boolean stops(JobState job) {
        return job.gangs().stream().anyMatch(gang -> gang.phase() == GangPhase.STOPPING);
    }

    static int workers(JobState job) {
        return job.gangs().stream().mapToInt(GangState::liveWorkers).sum();
    }

    static long running(List<JobState> jobs) {
        return jobs.stream().filter(Play::runs).count();
    }

    Reason why(JobState job) {
        return scheduler.explain(job.gangs().getFirst()).reason();
    }
}

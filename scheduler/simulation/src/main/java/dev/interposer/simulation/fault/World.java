package dev.interposer.simulation.fault;

import dev.interposer.control.command.Command;
import dev.interposer.control.command.ErrorCode;
import dev.interposer.control.command.Outcome;
import dev.interposer.control.port.LedgerException;
import dev.interposer.control.port.Page;
import dev.interposer.engine.event.JobEvent;
import dev.interposer.engine.model.AcceleratorClass;
import dev.interposer.engine.model.AcceleratorRequest;
import dev.interposer.engine.model.Actor;
import dev.interposer.engine.model.Container;
import dev.interposer.engine.model.FailurePolicy;
import dev.interposer.engine.model.FailurePolicy.OnNodeLost;
import dev.interposer.engine.model.FailurePolicy.OnWorkerFailure;
import dev.interposer.engine.model.JobKind;
import dev.interposer.engine.model.JobQueue;
import dev.interposer.engine.model.JobSpec;
import dev.interposer.engine.model.Profile;
import dev.interposer.engine.model.Role;
import dev.interposer.engine.model.Supplier;
import dev.interposer.engine.model.TopologyRequest;
import dev.interposer.engine.model.TrainingSpec;
import dev.interposer.engine.model.WorkerCount;
import dev.interposer.engine.state.JobState;
import dev.interposer.engine.state.State;
import dev.interposer.ledger.codec.Digests;
import dev.interposer.ledger.codec.EventCodec;
import dev.interposer.ledger.codec.PageCodec;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.stream.Collectors;

/**
 * Two servers on one ledger, agents, and clients that submit and cancel, under faults; and the checks afterwards.
 * Everything follows from the seed.
 */
public final class World {
    private static final int AGENTS = 4;
    private static final int DEVICES = 4;
    private static final int JOBS = 40;
    private static final int WATCHERS = 3;
    private static final int REPLY_LOST_PERCENT = 10;
    private static final int SENT_TWICE_PERCENT = 10;
    private static final long FAULTS_MILLIS = 60_000;
    private static final long PEACE_MILLIS = 900_000;

    /** Its agent stops it after so many seconds without a leader. */
    private static final TrainingSpec SELF_FENCING = selfFencing(6);

    private final VirtualTime time;
    private final Bug bug;
    private final Testimony testimony = new Testimony();
    private final MemoryLedger ledger;
    private final List<SimulatedServer> servers = new ArrayList<>();
    private final List<SimulatedAgent> agents = new ArrayList<>();
    private final List<SimulatedWatcher> watchers = new ArrayList<>();
    private final Map<String, Long> acknowledged = new HashMap<>();
    private final long begunMillis;
    private boolean objectsApplied;

    private World(long seed, Bug bug) {
        this.time = new VirtualTime(seed);
        this.bug = bug;
        this.begunMillis = time.nowMillis();
        EventCodec events = new EventCodec();
        this.ledger = new MemoryLedger(time, new PageCodec(events));
        if (bug == Bug.FORGETS_THE_EPOCH) {
            ledger.forgetToCheckTheEpoch();
        }
        for (String name : List.of("a", "b")) {
            servers.add(new SimulatedServer(name, time, ledger, new Digests(events), bug));
        }
        for (int agent = 0; agent < AGENTS; agent++) {
            agents.add(new SimulatedAgent("sim/n" + agent, DEVICES, servers, this));
        }
        for (int watcher = 0; watcher < WATCHERS; watcher++) {
            watchers.add(new SimulatedWatcher(time, servers, ledger));
        }
    }

    /** Runs a world to its end; what was violated, in words. */
    public static List<String> run(long seed, Bug bug) {
        World world = new World(seed, bug);
        try {
            world.live();
        } catch (IllegalStateException e) {
            return List.of("a server could not go on: " + e.getMessage());
        }
        return world.check();
    }

    private void live() {
        applyObjects();
        for (int job = 0; job < JOBS; job++) {
            int number = job;
            time.after(time.random((int) FAULTS_MILLIS), () -> submit(number));
        }
        fault();
        time.runUntil(begunMillis + PEACE_MILLIS);
    }

    VirtualTime time() {
        return time;
    }

    Bug bug() {
        return bug;
    }

    Testimony testimony() {
        return testimony;
    }

    private void fault() {
        if (time.nowMillis() > begunMillis + FAULTS_MILLIS) {
            return;
        }
        SimulatedServer server = servers.get(time.random(servers.size()));
        SimulatedAgent agent = agents.get(time.random(agents.size()));
        switch (time.random(9)) {
            case 0 -> server.crash();
            case 1 -> server.pause(500 + time.random(8_000));
            case 2 -> server.pauseAtNextAppend(500 + time.random(8_000));
            case 3, 4 -> agent.restart(time.random(12_000));
            case 5 -> isolate(agent);
            case 6 -> server.setClock(time.random(1_200_000) - 600_000);
            default -> agent.cutLink();
        }
        time.after(300 + time.random(4_000), this::fault);
    }

    /** Long enough for leases to run out, and half the time the agent dies in between. */
    private void isolate(SimulatedAgent agent) {
        agent.isolate(5_000 + time.random(40_000));
        if (time.chance(50)) {
            time.after(time.random(8_000), () -> agent.restart(time.random(20_000)));
        }
    }

    private void applyObjects() {
        Command apply = new Command.ApplyObjects(
                Actor.SCHEDULER,
                List.of(Supplier.of("maker")),
                List.of(AcceleratorClass.of("chip", "maker")),
                List.of(JobQueue.of("queue")));
        servers.get(time.random(servers.size()))
                .submit(apply, outcome -> objectsApplied |= outcome instanceof Outcome.Applied);
        if (!objectsApplied) {
            time.after(500, this::applyObjects);
        }
    }

    private void submit(int number) {
        String name = "job-" + number;
        UUID request = new UUID((time.nowMillis() << 16) | 0x7000, 0x8000_0000_0000_0000L | number);
        JobSpec spec = spec(1 + time.random(3), 1 + time.random(DEVICES), time.chance(40));
        attempt(new Command.SubmitJob(Actor.SCHEDULER, request.toString(), "test", name, spec));
    }

    /** Again and again with the same request id, until somebody says yes; now and then a cancellation follows. */
    private void attempt(Command.SubmitJob submit) {
        SimulatedServer server = servers.get(time.random(servers.size()));
        if (time.chance(SENT_TWICE_PERCENT)) {
            servers.get(time.random(servers.size())).submit(submit, ignored -> {});
        }
        server.submit(submit, outcome -> {
            if (time.chance(REPLY_LOST_PERCENT)) {
                return;
            }
            if (outcome instanceof Outcome.Accepted accepted) {
                acknowledged.put(submit.name(), accepted.id());
                if (time.chance(10)) {
                    time.after(
                            time.random(5_000),
                            () -> server.submit(
                                    new Command.CancelJob(Actor.SCHEDULER, "test/" + submit.name(), 0), ignored -> {}));
                }
            } else if (outcome instanceof Outcome.Rejected rejected
                    && rejected.rejection().code() == ErrorCode.ALREADY_EXISTS) {
                throw new IllegalStateException("a repeated request made another job: " + rejected);
            }
        });
        if (!acknowledged.containsKey(submit.name())) {
            time.after(500 + time.random(1_000), () -> {
                if (!acknowledged.containsKey(submit.name())) {
                    attempt(submit);
                }
            });
        }
    }

    private static JobSpec spec(int workers, int devices, boolean selfFence) {
        Role role = new Role(
                "worker",
                WorkerCount.of(workers),
                AcceleratorRequest.of("chip", devices),
                Map.of(),
                Container.of("", "true"));
        return new JobSpec(
                JobKind.TRAINING,
                "queue",
                "",
                "",
                false,
                0,
                null,
                List.of(new Profile("only", List.of(role), TopologyRequest.ANYWHERE, "")),
                selfFence ? SELF_FENCING : TrainingSpec.DEFAULT,
                null);
    }

    private static TrainingSpec selfFencing(long leaseSeconds) {
        TrainingSpec base = TrainingSpec.DEFAULT;
        return new TrainingSpec(
                base.estimatedSeconds(),
                base.progress(),
                base.checkpoint(),
                base.preemption(),
                base.resizePolicy(),
                base.resizeCooldownSeconds(),
                base.profileChange(),
                new FailurePolicy(6, OnWorkerFailure.RESTART_GANG, List.of(), OnNodeLost.SELF_FENCE, leaseSeconds),
                base.canary());
    }

    private List<String> check() {
        List<String> violations = new ArrayList<>(testimony.violations());
        List<Page> pages;
        State state = new State();
        try {
            pages = ledger.read(1, Integer.MAX_VALUE);
            long next = 1;
            for (Page page : pages) {
                if (page.firstRevision() != next) {
                    violations.add("page " + page.firstRevision() + " does not follow revision " + (next - 1));
                }
                next = page.lastRevision() + 1;
                page.entries().forEach(state::apply);
            }
        } catch (LedgerException | IllegalStateException e) {
            violations.add("the ledger does not fold: " + e.getMessage());
            return violations;
        }
        checkJobs(pages, state, violations);
        watchers.forEach(watcher -> violations.addAll(watcher.check(pages)));
        if (testimony.begun() == 0) {
            violations.add("nothing ran");
        }
        return violations;
    }

    private void checkJobs(List<Page> pages, State state, List<String> violations) {
        Set<String> submitted = new HashSet<>();
        for (Page page : pages) {
            page.entries().forEach(entry -> {
                if (entry.event() instanceof JobEvent.JobSubmitted job && !submitted.add(job.name())) {
                    violations.add("job " + job.name() + " was submitted twice");
                }
            });
        }
        if (acknowledged.size() < JOBS) {
            violations.add("only " + acknowledged.size() + " of " + JOBS + " jobs were ever acknowledged");
        }
        acknowledged.keySet().stream()
                .filter(name -> !submitted.contains(name))
                .forEach(name -> violations.add("job " + name + " was acknowledged and is lost"));
        for (JobState job : state.jobs().all()) {
            if (!job.ended()) {
                violations.add("job " + job.name() + " is " + job.phase() + " when all has been quiet for long; "
                        + state.nodes().all().stream()
                                .map(node -> node.name() + " is " + node.phase() + " with "
                                        + node.workers().size() + " workers")
                                .collect(Collectors.joining(", ")));
            }
        }
    }
}

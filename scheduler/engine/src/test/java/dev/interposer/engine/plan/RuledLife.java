package dev.interposer.engine.plan;

import dev.interposer.engine.event.JobEvent;
import dev.interposer.engine.event.SettingEvent;
import dev.interposer.engine.fairness.Limit;
import dev.interposer.engine.fairness.QueueNode;
import dev.interposer.engine.model.JobQueue;
import dev.interposer.engine.model.JobQueue.Quota;
import dev.interposer.engine.model.JobQueue.ScopeKind;
import dev.interposer.engine.model.Preemption.Policy;
import dev.interposer.engine.model.QueueState;
import dev.interposer.engine.model.Reason;
import dev.interposer.engine.model.ReservationCause;
import dev.interposer.engine.model.WorkerCount;
import dev.interposer.engine.oracle.RulesOracle;
import dev.interposer.engine.oracle.World;
import dev.interposer.engine.placement.BestFit;
import dev.interposer.engine.state.GangState;
import dev.interposer.engine.state.JobState;
import dev.interposer.engine.state.Others;
import dev.interposer.engine.state.Snapshot;
import dev.interposer.engine.state.WorldOf;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.SplittableRandom;

/** One random life under the rules, which {@link RulesOracle} follows. */
final class RuledLife {
    private final SplittableRandom random;
    private final int steps;
    private final PlantedBug bug;
    private final Play play = new Play();
    private final List<String> violations = new ArrayList<>();
    private final RulesOracle oracle = new RulesOracle();
    private final Map<String, JobQueue> asOpen = new HashMap<>();
    /** Without bounds and faults room is all that work lacks: much is evicted and many places are kept. */
    private final boolean bounded;
    /** Guests are let in where it is known how long work lasts. */
    private final boolean alwaysEstimated;

    RuledLife(long seed, int steps, PlantedBug bug) {
        this.random = new SplittableRandom(seed);
        this.steps = steps;
        this.bug = bug;
        this.bounded = random.nextBoolean();
        this.alwaysEstimated = random.nextBoolean();
    }

    /** What was violated, in words. */
    List<String> live() {
        play.nodes(2 + random.nextInt(3));
        queue("lab", "");
        queue("a", "lab");
        queue("b", "lab");
        queue("c", "");
        play.spoil = event -> event == null ? null : bug.spoil(event, play);
        play.watch = this::before;
        try {
            for (int step = 0; step < steps && violations.isEmpty(); step++) {
                change();
                play.decide();
                check("step " + step + ": ");
            }
        } catch (IllegalStateException e) {
            violations.add("the state does not take a decision: " + e.getMessage());
        }
        return violations;
    }

    // ---- what happens

    private void queue(String name, String parent) {
        long guarantee = random.nextInt(3) == 0 ? -1 : random.nextInt(8);
        long limit = !bounded || random.nextInt(2) == 0 ? -1 : Math.max(0, guarantee) + 2 + random.nextInt(12);
        long lend = guarantee > 0 && random.nextInt(3) == 0 ? random.nextInt((int) guarantee) : -1;
        long told = bug == PlantedBug.LIMIT_OFF_BY_ONE && limit >= 0 ? limit + 1 : limit;
        Quota quota = bug == PlantedBug.GUARANTEES_FORGOTTEN
                ? new Quota(ScopeKind.CLASS, "chip", -1, told, -1, -1)
                : new Quota(ScopeKind.CLASS, "chip", guarantee, told, -1, lend);
        int weight = 1 + random.nextInt(3);
        int jobs = bounded && random.nextInt(3) == 0 ? 2 + random.nextInt(4) : 0;
        oracle.queue(name, new RulesOracle.Rules(parent, guarantee, limit, lend, jobs));
        int toldJobs = bug == PlantedBug.USER_OFF_BY_ONE && jobs > 0 ? jobs + 1 : jobs;
        JobQueue open = new JobQueue(name, parent, Map.of(), weight, List.of(quota), 0, toldJobs, 0, QueueState.OPEN);
        asOpen.put(name, open);
        play.queue(open);
    }

    /** A queue is held, or starts work again. */
    private void hold() {
        String name = List.of("lab", "a", "c").get(random.nextInt(3));
        boolean hold = oracle.hold(name);
        QueueState state = hold && bug != PlantedBug.HOLD_FORGOTTEN ? QueueState.HOLD : QueueState.OPEN;
        JobQueue open = Objects.requireNonNull(asOpen.get(name));
        play.queue(new JobQueue(
                name,
                open.parentName(),
                Map.of(),
                open.weight(),
                open.quotas(),
                0,
                open.maxRunningJobsPerUser(),
                0,
                state));
    }

    private void change() {
        switch (random.nextInt(bounded ? 14 : 8)) {
            case 0, 1, 2, 3 -> play.submit(1 + random.nextInt(3), work());
            case 4 -> play.stopped();
            case 5 -> play.pass(60L * random.nextInt(20));
            case 8 ->
                play.apply(new SettingEvent.ChargesPublished(
                        1 + random.nextInt(1000), Map.of("a", (long) random.nextInt(5000))));
            case 9 -> drain();
            case 10 -> failOne();
            case 11 -> hold();
            case 12 -> play.apply(Others.comeOrGo(play.nodeOf("n" + random.nextInt(2)), random.nextInt(3)));
            case 13 -> play.observed("n" + random.nextInt(2), random.nextInt(3) == 0);
            default -> endOne();
        }
    }

    private Work work() {
        String queue = List.of("a", "b", "c").get(random.nextInt(3));
        Work work = Work.of(queue, 1 + random.nextInt(random.nextBoolean() ? 2 : 8))
                .by(random.nextBoolean() ? "ada" : "bob")
                .priority(10 * (random.nextInt(3) - 1))
                .lasting(!alwaysEstimated && random.nextBoolean() ? 0 : 600 + random.nextInt(6000));
        if (random.nextInt(3) == 0) {
            int least = 1 + random.nextInt(2);
            WorkerCount count = new WorkerCount(least, least + random.nextInt(4), 1);
            work = work.with(List.of(Work.profile("only", "chip", count, 1 + random.nextInt(2))))
                    .elastic();
        }
        Policy policy = random.nextInt(bounded ? 4 : 8) == 0 ? Policy.NEVER : Policy.ANYTIME;
        return work.preemption(
                policy, 60L * random.nextInt(bounded ? 5 : 2), random.nextInt(3) == 0 ? 600 : 10 * random.nextInt(7));
    }

    /** A node is emptied, or takes work again. */
    private void drain() {
        String node = "n" + random.nextInt(2);
        if (random.nextBoolean()) {
            play.drain(node, random.nextInt(3) - 1);
        } else {
            play.uncordon(node);
        }
    }

    private void endOne() {
        List<JobState> running = running();
        if (!running.isEmpty()) {
            play.complete(running.get(random.nextInt(running.size())));
        }
    }

    private void failOne() {
        List<JobState> running = running();
        if (!running.isEmpty()) {
            play.failed(running.get(random.nextInt(running.size())));
        }
    }

    private List<JobState> running() {
        return play.state.jobs().all().stream().filter(Play::runs).toList();
    }

    // ---- decisions, at the moment they are taken

    private void before(JobEvent event) {
        World world = WorldOf.state(play.state);
        if (event instanceof JobEvent.GangStopping stopping) {
            oracle.stopping(world, stopping.jobId(), stopping.gang(), stopping.cause());
        }
        if (event instanceof JobEvent.GangAssigned assigned) {
            oracle.assigned(world, assigned.jobId(), assigned.gang(), assigned.workers());
        }
        if (event instanceof JobEvent.GangReserved reserved) {
            oracle.givenUp(world, reserved.jobId(), reserved.gang());
            if (reserved.cause() == ReservationCause.PREEMPTION) {
                oracle.cleared(world, reserved.jobId(), reserved.workers());
            }
        }
        if (event instanceof JobEvent.ReservationDropped dropped) {
            oracle.givenUp(world, dropped.jobId(), dropped.gang());
        }
    }

    // ---- the state between decisions

    private void check(String at) {
        oracle.check(WorldOf.state(play.state));
        oracle.violations().forEach(violation -> violations.add(at + violation));
        LeftOut.of(play.state, play.scheduler, new BestFit(), play.state.atMicros() + 1)
                .forEach(event -> violations.add(at + "could start and is not tried: " + event));
        explainingChangesNothing(at);
        bug.spoilCounts(play);
        countsEqualRebuiltOnes(at);
    }

    private void explainingChangesNothing(String at) {
        Object before = Snapshot.of(play.state);
        long free = free(play.scheduler);
        for (JobState job : play.state.jobs().all()) {
            job.gangs().stream().filter(GangState::eligible).forEach(gang -> {
                bug.spoilAnswer(play);
                Reason reason = play.scheduler.explain(gang).reason();
                expect(!"0".equals(reason.parameters().get("missing")), at + "nothing is missing: " + reason);
            });
        }
        expect(free == free(play.scheduler), at + "explaining took devices");
        expect(before.equals(Snapshot.of(play.state)), at + "explaining changed the state");
    }

    private void countsEqualRebuiltOnes(String at) {
        Scheduler rebuilt = Scheduler.following(play.state);
        expect(free(play.scheduler) == free(rebuilt), at + "the arrays differ from rebuilt ones");
        for (QueueNode node : play.scheduler.queues().all()) {
            QueueNode other = rebuilt.queues().find(node.name());
            boolean same = other != null
                    && other.currentMilli() == node.currentMilli()
                    && used(other).equals(used(node));
            expect(same, at + "the counts of queue " + node.name() + " differ from rebuilt ones");
        }
    }

    private static List<Long> used(QueueNode node) {
        return node.limits().stream().map(Limit::usedMilli).toList();
    }

    private static long free(Scheduler scheduler) {
        return scheduler.fleet().freeTotal(scheduler.fleet().classNumber("chip"));
    }

    private void expect(boolean holds, String otherwise) {
        if (!holds) {
            violations.add(otherwise);
        }
    }
}

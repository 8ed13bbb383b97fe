package dev.interposer.engine.plan;

import dev.interposer.engine.event.JobEvent;
import dev.interposer.engine.event.SettingEvent;
import dev.interposer.engine.fairness.Limit;
import dev.interposer.engine.fairness.QueueNode;
import dev.interposer.engine.model.GangPhase;
import dev.interposer.engine.model.JobQueue;
import dev.interposer.engine.model.JobQueue.Quota;
import dev.interposer.engine.model.JobQueue.ScopeKind;
import dev.interposer.engine.model.Preemption.Policy;
import dev.interposer.engine.model.QueueState;
import dev.interposer.engine.model.Reason;
import dev.interposer.engine.model.Reservation;
import dev.interposer.engine.model.ReservationCause;
import dev.interposer.engine.model.Role;
import dev.interposer.engine.model.StopCause;
import dev.interposer.engine.model.WorkerCount;
import dev.interposer.engine.model.WorkerPlacement;
import dev.interposer.engine.placement.BestFit;
import dev.interposer.engine.state.GangState;
import dev.interposer.engine.state.JobState;
import dev.interposer.engine.state.NodeState;
import dev.interposer.engine.state.Snapshot;
import dev.interposer.engine.state.WorkerState;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.SplittableRandom;

/** One random life under the rules, and the oracle that follows it. */
final class RuledLife {
    private final SplittableRandom random;
    private final int steps;
    private final PlantedBug bug;
    private final Play play = new Play();
    private final List<String> violations = new ArrayList<>();
    private final Map<String, Long> limits = new HashMap<>();
    private final Map<String, Long> guarantees = new HashMap<>();
    private final Map<String, Integer> jobsOfUser = new HashMap<>();
    private final Map<String, JobQueue> asOpen = new HashMap<>();
    private final Set<String> held = new HashSet<>();
    private final Map<String, String> parents = new HashMap<>();
    private final List<JobEvent.GangStopping> victims = new ArrayList<>();
    private boolean withholds;

    RuledLife(long seed, int steps, PlantedBug bug) {
        this.random = new SplittableRandom(seed);
        this.steps = steps;
        this.bug = bug;
    }

    /** What was violated, in words. */
    List<String> live() {
        play.nodes(2 + random.nextInt(3));
        queue("lab", "");
        queue("a", "lab");
        queue("b", "lab");
        queue("c", "");
        play.spoil = event -> bug.spoil(event, play);
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
        long limit = random.nextInt(2) == 0 ? -1 : Math.max(0, guarantee) + 2 + random.nextInt(12);
        long lend = guarantee > 0 && random.nextInt(3) == 0 ? random.nextInt((int) guarantee) : -1;
        withholds |= lend >= 0;
        parents.put(name, parent);
        guarantees.put(name, Math.max(0, guarantee));
        if (limit >= 0) {
            limits.put(name, limit);
        }
        long told = bug == PlantedBug.LIMIT_OFF_BY_ONE && limit >= 0 ? limit + 1 : limit;
        Quota quota = bug == PlantedBug.GUARANTEES_FORGOTTEN
                ? new Quota(ScopeKind.CLASS, "chip", -1, told, -1, -1)
                : new Quota(ScopeKind.CLASS, "chip", guarantee, told, -1, lend);
        int weight = 1 + random.nextInt(3);
        int jobs = random.nextInt(3) == 0 ? 2 + random.nextInt(4) : 0;
        jobsOfUser.put(name, jobs);
        int toldJobs = bug == PlantedBug.USER_OFF_BY_ONE && jobs > 0 ? jobs + 1 : jobs;
        JobQueue open = new JobQueue(name, parent, Map.of(), weight, List.of(quota), 0, toldJobs, 0, QueueState.OPEN);
        asOpen.put(name, open);
        play.queue(open);
    }

    /** A queue is held, or starts work again. */
    private void hold() {
        String name = List.of("lab", "a", "c").get(random.nextInt(3));
        boolean hold = held.add(name) || !held.remove(name);
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
        switch (random.nextInt(12)) {
            case 0, 1, 2, 3 -> play.submit(1 + random.nextInt(3), work());
            case 4 -> play.stopped();
            case 5 -> play.pass(60L * random.nextInt(20));
            case 6 ->
                play.apply(new SettingEvent.ChargesPublished(
                        1 + random.nextInt(1000), Map.of("a", (long) random.nextInt(5000))));
            case 7 -> drain();
            case 8 -> failOne();
            case 9 -> hold();
            default -> endOne();
        }
    }

    private Work work() {
        String queue = List.of("a", "b", "c").get(random.nextInt(3));
        Work work = Work.of(queue, 1 + random.nextInt(random.nextBoolean() ? 2 : 8))
                .by(random.nextBoolean() ? "ada" : "bob")
                .priority(10 * (random.nextInt(3) - 1))
                .lasting(random.nextBoolean() ? 0 : 600 + random.nextInt(6000));
        if (random.nextInt(3) == 0) {
            int least = 1 + random.nextInt(2);
            WorkerCount count = new WorkerCount(least, least + random.nextInt(4), 1);
            work = work.with(List.of(Work.profile("only", "chip", count, 1 + random.nextInt(2))))
                    .elastic();
        }
        Policy policy = random.nextInt(4) == 0 ? Policy.NEVER : Policy.ANYTIME;
        return work.preemption(policy, 60L * random.nextInt(5), 30);
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
        if (event instanceof JobEvent.GangStopping stopping
                && stopping.cause() == StopCause.PREEMPTED
                && !guest(stopping)) {
            victims.add(stopping);
        }
        if (event instanceof JobEvent.GangStopping stopping) {
            GangState gang = job(stopping.jobId()).gangs().get(stopping.gang());
            expect(gang.phase() != GangPhase.STOPPING, "a gang is asked to leave twice");
        }
        if (event instanceof JobEvent.GangAssigned assigned) {
            boolean inService = assigned.workers().stream()
                    .map(worker -> play.state.nodes().find(worker.nodeId()))
                    .allMatch(node -> node != null && node.schedulable());
            expect(inService, "a node receives work that takes no new work");
            checkAvoided(assigned);
            checkHeld(assigned);
        }
        if (event instanceof JobEvent.GangReserved reserved && reserved.cause() == ReservationCause.PREEMPTION) {
            JobState beneficiary = job(reserved.jobId());
            List.copyOf(victims).forEach(victim -> checkVictim(victim, beneficiary, reserved));
            victims.clear();
        }
    }

    /** What is resized has been running, and goes on. */
    private void checkHeld(JobEvent.GangAssigned assigned) {
        JobState job = job(assigned.jobId());
        Reservation kept = job.gangs().get(assigned.gang()).reservation();
        boolean resized = kept != null && kept.cause() == ReservationCause.RESIZE;
        upwards(job)
                .forEach(queue -> expect(resized || !held.contains(queue), "queue " + queue + " is held and starts"));
    }

    private void checkUsers(String at) {
        for (Map.Entry<String, Integer> bound : jobsOfUser.entrySet()) {
            for (String user : List.of("ada", "bob")) {
                long running = play.state.jobs().all().stream()
                        .filter(job -> job.userName().equals(user) && job.placedGangs() > 0)
                        .filter(job -> upwards(job).contains(bound.getKey()))
                        .count();
                expect(
                        bound.getValue() == 0 || running <= bound.getValue(),
                        at + user + " runs more jobs than queue " + bound.getKey() + " allows");
            }
        }
    }

    /** A place that is kept for it was the only one when it was chosen. */
    private void checkAvoided(JobEvent.GangAssigned assigned) {
        GangState gang = job(assigned.jobId()).gangs().get(assigned.gang());
        Role role = gang.job().spec().profiles().getFirst().roles().getFirst();
        boolean back = assigned.workers().stream()
                .anyMatch(worker -> gang.avoidedNodes().contains(worker.nodeId()));
        if (!back || gang.reservation() != null || role.workers().min() > 1) {
            return;
        }
        boolean elsewhere = play.state.nodes().all().stream()
                .filter(node -> node.schedulable() && !gang.avoidedNodes().contains(node.id()))
                .anyMatch(node -> free(node) >= role.accelerators().perWorker());
        expect(!elsewhere, "a gang goes back to where it failed");
    }

    /** Devices that nobody has and that are kept for nobody. */
    private long free(NodeState node) {
        Set<Long> taken = new HashSet<>();
        node.workers().forEach(worker -> worker.placement().devices().stream().forEach(taken::add));
        for (JobState job : play.state.jobs().all()) {
            for (GangState gang : job.gangs()) {
                Reservation kept = gang.reservation();
                List<WorkerPlacement> place = kept == null ? List.of() : kept.workers();
                place.forEach(worker -> worker.devices().stream().forEach(taken::add));
            }
        }
        return node.devices().stream()
                .filter(device -> !taken.contains(device.id()))
                .count();
    }

    /** Whether it came later than a place was kept that it lies in: it was let in on that word. */
    private boolean guest(JobEvent.GangStopping stopping) {
        GangState gang = job(stopping.jobId()).gangs().get(stopping.gang());
        for (JobState job : play.state.jobs().all()) {
            for (GangState other : job.gangs()) {
                Reservation kept = other.reservation();
                if (kept != null && kept.madeAtMicros() < gang.assignedAtMicros() && overlap(kept.workers(), gang)) {
                    return true;
                }
            }
        }
        return false;
    }

    private static boolean overlap(List<WorkerPlacement> place, GangState gang) {
        return place.stream()
                .anyMatch(kept -> gang.workers().stream()
                        .anyMatch(
                                worker -> worker.placement().devices().stream().anyMatch(kept.devices()::contains)));
    }

    private void checkVictim(JobEvent.GangStopping stopping, JobState beneficiary, JobEvent.GangReserved place) {
        JobState victim = job(stopping.jobId());
        if (victim.priority() > beneficiary.priority()) {
            violations.add("a gang is evicted for one of lower priority");
        }
        // Where something must stay free for others, whoever leaves anywhere makes room beside it.
        boolean helps = withholds
                || overlap(place.workers(), victim.gangs().get(stopping.gang()))
                || underOneLimit(victim, beneficiary);
        if (!helps) {
            violations.add("a gang is evicted for nobody: it has nothing of the place that is kept");
        }
        String theirs = victim.spec().queueName();
        if (!theirs.equals(beneficiary.spec().queueName())) {
            // All victims are out of the sum by now. Before the last of them went its queue must have had more than its
            // guarantee; which one was the last is not known, so it may have been the largest.
            long largest = victims.stream()
                    .map(other -> job(other.jobId()))
                    .filter(other -> other.spec().queueName().equals(theirs))
                    .mapToLong(other ->
                            other.gangs().stream().mapToLong(RuledLife::devices).sum())
                    .max()
                    .orElse(0);
            if (used(theirs, true) + largest <= guarantees.getOrDefault(theirs, 0L)) {
                violations.add("a gang of queue " + theirs + " is evicted that its queue is guaranteed: " + victims
                        + " for " + place + ", left " + used(theirs, true) + ", guaranteed " + guarantees);
            }
        }
    }

    /** Whether it may have made room under a limit of a queue above both. */
    private boolean underOneLimit(JobState victim, JobState beneficiary) {
        Set<String> above = new HashSet<>(upwards(victim));
        return upwards(beneficiary).stream().anyMatch(queue -> above.contains(queue) && limits.containsKey(queue));
    }

    private List<String> upwards(JobState job) {
        List<String> queues = new ArrayList<>();
        for (String queue = job.spec().queueName(); !queue.isEmpty(); queue = parents.getOrDefault(queue, "")) {
            queues.add(queue);
        }
        return queues;
    }

    // ---- the state between decisions

    private void check(String at) {
        Map<Long, Long> taken = new HashMap<>();
        for (JobState job : play.state.jobs().all()) {
            for (GangState gang : job.gangs()) {
                live(gang)
                        .forEach(worker ->
                                worker.placement().devices().stream().forEach(id -> taken.merge(id, 1L, Long::sum)));
                int least = gang.workers().isEmpty()
                        ? 0
                        : gang.profile().roles().getFirst().workers().min();
                expect(gang.workers().size() >= least, at + "a gang is not whole");
            }
        }
        taken.forEach((device, times) -> expect(times == 1, at + "device " + device + " is given twice"));
        limits.forEach(
                (queue, limit) -> expect(used(queue, false) <= limit, at + "queue " + queue + " is above its limit"));
        checkUsers(at);
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

    private long used(String queue, boolean withoutLeaving) {
        long used = 0;
        for (JobState job : play.state.jobs().all()) {
            if (upwards(job).contains(queue)) {
                used += job.gangs().stream()
                        .mapToLong(gang -> withoutLeaving ? staying(gang) : devices(gang))
                        .sum();
            }
        }
        return used;
    }

    /** What it has and keeps: nothing if it was asked to leave, its new place if it is being resized. */
    private static long staying(GangState gang) {
        Reservation kept = gang.reservation();
        if (kept != null && kept.cause() == ReservationCause.RESIZE) {
            return kept.workers().stream()
                    .mapToLong(worker -> worker.devices().size())
                    .sum();
        }
        return gang.phase() == GangPhase.STOPPING ? 0 : devices(gang);
    }

    private static long devices(GangState gang) {
        return live(gang).stream()
                .mapToLong(worker -> worker.placement().devices().size())
                .sum();
    }

    private static List<WorkerState> live(GangState gang) {
        return gang.workers().stream().filter(worker -> !worker.ended()).toList();
    }

    private JobState job(long id) {
        JobState job = play.state.jobs().find(id);
        if (job == null) {
            throw new IllegalStateException("no job " + id);
        }
        return job;
    }

    private void expect(boolean holds, String otherwise) {
        if (!holds) {
            violations.add(otherwise);
        }
    }
}

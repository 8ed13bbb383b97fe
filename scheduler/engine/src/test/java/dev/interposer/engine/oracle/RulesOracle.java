package dev.interposer.engine.oracle;

import dev.interposer.engine.model.GangPhase;
import dev.interposer.engine.model.Reservation;
import dev.interposer.engine.model.ReservationCause;
import dev.interposer.engine.model.Role;
import dev.interposer.engine.model.StopCause;
import dev.interposer.engine.model.WorkerPlacement;
import dev.interposer.engine.oracle.World.Gang;
import dev.interposer.engine.oracle.World.Job;
import dev.interposer.engine.oracle.World.Node;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;

/**
 * What must hold of queues, users, bands and kept places where all chips are of one class. It is told of each decision
 * with the world before it, and of each state between decisions.
 */
public final class RulesOracle {
    /** So much later than without guests a gang may start in its place. */
    private static final long MOST_GUEST_SECONDS = 60;

    private final List<String> violations = new ArrayList<>();
    private final Map<String, Rules> queues = new HashMap<>();
    private final Set<String> held = new HashSet<>();
    private final List<Victim> victims = new ArrayList<>();

    /** What a queue may do, in devices; −1 without a limit or lending in full, 0 without a bound on a user's jobs. */
    public record Rules(String parent, long guarantee, long limit, long lendingLimit, int jobsOfUser) {}

    private record Victim(long jobId, int gang) {}

    /** A queue is made. */
    public void queue(String name, Rules rules) {
        queues.put(name, rules);
    }

    /** A queue is held, or opened again where it was. */
    public boolean hold(String name) {
        return held.add(name) || !held.remove(name);
    }

    public List<String> violations() {
        return violations;
    }

    // ---- decisions, at the moment they are taken

    public void stopping(World world, long jobId, int index, StopCause cause) {
        Gang gang = world.gang(jobId, index);
        if (cause == StopCause.PREEMPTED) {
            List<Job> hosts = hosts(world, gang);
            int priority = world.job(jobId).priority();
            boolean ranked = hosts.isEmpty() || hosts.stream().anyMatch(host -> host.priority() >= priority);
            expect(ranked, "a guest is evicted for one of lower priority");
            if (hosts.isEmpty()) {
                victims.add(new Victim(jobId, index));
            }
        }
        expect(gang.phase() != GangPhase.STOPPING, "a gang is asked to leave twice");
    }

    public void assigned(World world, long jobId, int index, List<WorkerPlacement> workers) {
        violations.addAll(world.closed(workers));
        Job job = world.job(jobId);
        checkAvoided(world, job, job.gangs().get(index), workers);
        checkHeld(job, job.gangs().get(index));
        checkGuest(world, job, job.gangs().get(index), workers);
    }

    /** Whoever starts where a place is kept for another leaves for that one, and soon. */
    private void checkGuest(World world, Job job, Gang gang, List<WorkerPlacement> workers) {
        long staysSeconds = job.spec().preemption().minRuntimeSeconds()
                + job.spec().preemption().graceSeconds();
        world.gangs().forEach(host -> {
            Reservation kept = host.reservation();
            boolean own = host.jobId() == job.id() && host.index() == gang.index();
            if (own || kept == null || !overlap(kept.workers(), workers)) {
                return;
            }
            boolean ranked = job.priority() <= world.job(host.jobId()).priority();
            expect(ranked, "a gang is let in on a place that is kept for one of a lower band");
            expect(staysSeconds <= MOST_GUEST_SECONDS, "a gang is let in on a kept place and may stay too long");
        });
    }

    private static boolean overlap(List<WorkerPlacement> some, List<WorkerPlacement> others) {
        return some.stream()
                .anyMatch(one -> others.stream()
                        .anyMatch(other -> other.devices().stream().anyMatch(one.devices()::contains)));
    }

    /** A place is kept for whom others were evicted. */
    public void cleared(World world, long jobId, List<WorkerPlacement> place) {
        victims.forEach(victim -> checkVictim(world, victim, world.job(jobId), place));
        victims.clear();
    }

    /** A place is kept for a gang no more, and the gang does not start. */
    public void givenUp(World world, long jobId, int index) {
        Gang gang = world.gang(jobId, index);
        Reservation kept = gang.reservation();
        if (kept == null || kept.cause() != ReservationCause.PREEMPTION) {
            return;
        }
        boolean sound = world.closed(kept.workers()).isEmpty();
        boolean mayStart = sound && upwards(world.job(jobId)).stream().noneMatch(held::contains);
        expect(!mayStart, "a place is given up for which others left");
    }

    /** What is resized has been running, and goes on. */
    private void checkHeld(Job job, Gang gang) {
        Reservation kept = gang.reservation();
        boolean resized = kept != null && kept.cause() == ReservationCause.RESIZE;
        upwards(job)
                .forEach(queue -> expect(resized || !held.contains(queue), "queue " + queue + " is held and starts"));
    }

    /** A place that is kept for it was the only one when it was chosen. */
    private void checkAvoided(World world, Job job, Gang gang, List<WorkerPlacement> workers) {
        Role role = job.role();
        boolean back = workers.stream().anyMatch(worker -> gang.avoidedNodes().contains(worker.nodeId()));
        if (!back || gang.reservation() != null || role.workers().min() > 1) {
            return;
        }
        boolean elsewhere = world.nodes().stream()
                .filter(node -> node.schedulable() && !gang.avoidedNodes().contains(node.id()))
                .anyMatch(node -> free(world, node) >= role.accelerators().perWorker());
        expect(!elsewhere, "a gang goes back to where it failed");
    }

    /** Devices that nobody has and that are kept for nobody. */
    private static long free(World world, Node node) {
        Set<Long> taken = new HashSet<>();
        world.gangs().forEach(gang -> {
            gang.live().flatMapToLong(World.Worker::devices).forEach(taken::add);
            Reservation kept = gang.reservation();
            List<WorkerPlacement> place = kept == null ? List.of() : kept.workers();
            place.forEach(worker -> worker.devices().stream().forEach(taken::add));
        });
        return node.devices().stream()
                .filter(device -> !taken.contains(device.id()) && World.open(device))
                .count();
    }

    /** Whose places it lies in though they were kept before it came: it was let in on the word to leave again. */
    private static List<Job> hosts(World world, Gang guest) {
        return world.gangs()
                .filter(host -> {
                    Reservation kept = host.reservation();
                    return kept != null
                            && kept.madeAtMicros() < guest.assignedAtMicros()
                            && overlap(kept.workers(), guest);
                })
                .map(host -> world.job(host.jobId()))
                .toList();
    }

    private static boolean overlap(List<WorkerPlacement> place, Gang gang) {
        return place.stream()
                .anyMatch(kept -> gang.workers().stream()
                        .anyMatch(worker -> worker.devices().anyMatch(kept.devices()::contains)));
    }

    private void checkVictim(World world, Victim evicted, Job beneficiary, List<WorkerPlacement> place) {
        Job victim = world.job(evicted.jobId());
        expect(victim.priority() <= beneficiary.priority(), "a gang is evicted for one of lower priority");
        // Where something must stay free for others, whoever leaves anywhere makes room beside it.
        boolean helps = withheldFrom(world, beneficiary)
                || overlap(place, victim.gangs().get(evicted.gang()))
                || underOneLimit(victim, beneficiary);
        expect(helps, "a gang is evicted for nobody: it has nothing of the place that is kept");
        String theirs = victim.spec().queueName();
        if (!theirs.equals(beneficiary.spec().queueName())) {
            // All victims are out of the sum by now. Before the last of them went its queue must have had more than its
            // guarantee; which one was the last is not known, so it may have been the largest.
            long largest = victims.stream()
                    .map(other -> world.job(other.jobId()))
                    .filter(other -> other.spec().queueName().equals(theirs))
                    .mapToLong(other -> other.gangs().stream()
                            .mapToLong(RulesOracle::devices)
                            .sum())
                    .max()
                    .orElse(0);
            long guaranteed = Math.max(0, rules(theirs).guarantee());
            long left = used(world, theirs, true);
            expect(
                    left + largest > guaranteed,
                    "a gang of queue " + theirs + " is evicted that its queue is guaranteed: " + victims + " for "
                            + place + ", left " + left + ", guaranteed " + guaranteed);
        }
    }

    /** Whether a queue that it is not in keeps back a part of what it is guaranteed. */
    private boolean withheldFrom(World world, Job job) {
        List<String> own = upwards(job);
        return queues.entrySet().stream()
                .filter(queue -> queue.getValue().lendingLimit() >= 0 && !own.contains(queue.getKey()))
                .anyMatch(
                        queue -> queue.getValue().guarantee() - queue.getValue().lendingLimit()
                                > used(world, queue.getKey(), true));
    }

    /** Whether it may have made room under a limit of a queue above both. */
    private boolean underOneLimit(Job victim, Job beneficiary) {
        Set<String> above = new HashSet<>(upwards(victim));
        return upwards(beneficiary).stream()
                .anyMatch(queue -> above.contains(queue) && rules(queue).limit() >= 0);
    }

    private List<String> upwards(Job job) {
        List<String> above = new ArrayList<>();
        for (String queue = job.spec().queueName();
                !queue.isEmpty();
                queue = rules(queue).parent()) {
            above.add(queue);
        }
        return above;
    }

    private Rules rules(String queue) {
        return Objects.requireNonNull(queues.get(queue));
    }

    // ---- the state between decisions

    public void check(World world) {
        expect(victims.isEmpty(), "a gang is evicted for nobody: no place is kept on what it leaves");
        victims.clear();
        Map<Long, Long> taken = new HashMap<>();
        world.gangs().forEach(gang -> {
            gang.live().flatMapToLong(World.Worker::devices).forEach(id -> taken.merge(id, 1L, Long::sum));
            int least = gang.workers().isEmpty()
                    ? 0
                    : gang.placedAs().roles().getFirst().workers().min();
            expect(gang.workers().size() >= least, "a gang is not whole");
        });
        taken.forEach((device, times) -> expect(times == 1, "device " + device + " is given twice"));
        queues.forEach((queue, rules) -> {
            boolean within = rules.limit() < 0 || used(world, queue, false) <= rules.limit();
            expect(within, "queue " + queue + " is above its limit");
            checkUsers(world, queue, rules.jobsOfUser());
        });
    }

    private void checkUsers(World world, String queue, int bound) {
        Map<String, Integer> running = new HashMap<>();
        for (Job job : world.jobs()) {
            boolean runs = job.gangs().stream().anyMatch(gang -> gang.phase().holdsDevices());
            if (runs && upwards(job).contains(queue)) {
                running.merge(job.userName(), 1, Integer::sum);
            }
        }
        running.forEach((user, jobs) ->
                expect(bound == 0 || jobs <= bound, user + " runs more jobs than queue " + queue + " allows"));
    }

    private long used(World world, String queue, boolean withoutLeaving) {
        return world.jobs().stream()
                .filter(job -> upwards(job).contains(queue))
                .flatMap(job -> job.gangs().stream())
                .mapToLong(gang -> withoutLeaving ? staying(gang) : devices(gang))
                .sum();
    }

    /** What it has and keeps: nothing if it was asked to leave, its new place if it is being resized. */
    private static long staying(Gang gang) {
        Reservation kept = gang.reservation();
        if (kept != null && kept.cause() == ReservationCause.RESIZE) {
            return kept.workers().stream()
                    .mapToLong(worker -> worker.devices().size())
                    .sum();
        }
        return gang.phase() == GangPhase.STOPPING ? 0 : devices(gang);
    }

    private static long devices(Gang gang) {
        return gang.live()
                .mapToLong(worker -> worker.placement().devices().size())
                .sum();
    }

    private void expect(boolean holds, String otherwise) {
        if (!holds) {
            violations.add(otherwise);
        }
    }
}

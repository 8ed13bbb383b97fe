package dev.interposer.engine.oracle;

import dev.interposer.engine.model.Device;
import dev.interposer.engine.model.Reservation;
import dev.interposer.engine.model.ReservationCause;
import dev.interposer.engine.model.Role;
import dev.interposer.engine.model.WorkerPlacement;
import dev.interposer.engine.oracle.World.Gang;
import dev.interposer.engine.oracle.World.Job;
import dev.interposer.engine.oracle.World.Node;
import dev.interposer.engine.oracle.World.Worker;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** What must hold of jobs of one gang with one role and one profile: nothing is given twice, nobody waits who fits. */
public final class FleetOracle {
    private final World world;
    private final List<String> violations = new ArrayList<>();
    private final Map<Long, Integer> milli = new HashMap<>();
    private final Map<Long, Long> cpu = new HashMap<>();

    private FleetOracle(World world) {
        this.world = world;
    }

    public static List<String> violations(World world) {
        FleetOracle oracle = new FleetOracle(world);
        oracle.check();
        return oracle.violations;
    }

    private void check() {
        world.gangs().filter(gang -> gang.phase().holdsDevices()).forEach(this::placed);
        milli.forEach((device, taken) -> expect(taken <= 1000, "device " + device + " is given " + taken));
        for (Node node : world.nodes()) {
            expect(
                    cpu.getOrDefault(node.id(), 0L) <= node.has("cpu"),
                    "node " + node.info().name() + " has too little cpu");
        }
        world.jobs().forEach(this::missed);
    }

    private void placed(Gang gang) {
        Set<String> clusters = new HashSet<>();
        Role role = gang.placedAs().roles().getFirst();
        expect(gang.workers().size() >= role.workers().min(), "a gang is not whole");
        for (Worker worker : gang.workers()) {
            Node node = world.node(worker.nodeId());
            clusters.add(node.info().cluster());
            Set<Long> distinct = new HashSet<>();
            worker.devices().forEach(id -> {
                Device device = node.device(id);
                expect(device != null && device.className().equals(gang.className()), "another class");
                distinct.add(id);
                milli.merge(id, role.accelerators().shareMilli(), Integer::sum);
            });
            expect(distinct.size() == role.accelerators().perWorker(), "too few devices");
            cpu.merge(node.id(), role.requests().getOrDefault("cpu", 0L), Long::sum);
        }
        expect(clusters.size() <= 1, "a gang spans clusters");
    }

    /** A gang of one worker that would fit somewhere must not wait. */
    private void missed(Job job) {
        Role role = job.role();
        if (!job.gangs().getFirst().eligible() || role.workers().min() > 1) {
            return;
        }
        Map<Long, Integer> milliTaken = new HashMap<>(milli);
        Map<Long, Long> cpuTaken = new HashMap<>(cpu);
        keptFrom(job, milliTaken, cpuTaken);
        for (Node node : world.nodes()) {
            long left = node.has("cpu") - cpuTaken.getOrDefault(node.id(), 0L);
            long room = node.devices().stream()
                    .filter(device ->
                            device.className().equals(role.accelerators().className()))
                    .filter(World::open)
                    .filter(device -> milliTaken.getOrDefault(device.id(), 0)
                                    + role.accelerators().shareMilli()
                            <= 1000)
                    .count();
            boolean fits = node.schedulable()
                    && left >= role.requests().getOrDefault("cpu", 0L)
                    && room >= role.accelerators().perWorker();
            expect(
                    !fits,
                    "job " + job.name() + " waits and fits on " + node.info().name());
        }
    }

    /** What is kept for others is not free for a job, but for a long wait of a band below. */
    private void keptFrom(Job job, Map<Long, Integer> milliTaken, Map<Long, Long> cpuTaken) {
        for (Job other : world.jobs()) {
            Reservation kept = other.gangs().getFirst().reservation();
            boolean yields =
                    kept != null && kept.cause() == ReservationCause.LONGEST_WAIT && other.priority() < job.priority();
            if (kept == null || other.id() == job.id() || yields) {
                continue;
            }
            Role role = other.spec().profiles().get(kept.profile()).roles().getFirst();
            for (WorkerPlacement worker : kept.workers()) {
                worker.devices().stream()
                        .forEach(id -> milliTaken.merge(id, role.accelerators().shareMilli(), Integer::sum));
                cpuTaken.merge(worker.nodeId(), role.requests().getOrDefault("cpu", 0L), Long::sum);
            }
        }
    }

    private void expect(boolean holds, String otherwise) {
        if (!holds) {
            violations.add(otherwise);
        }
    }
}

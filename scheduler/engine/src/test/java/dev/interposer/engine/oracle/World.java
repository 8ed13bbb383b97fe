package dev.interposer.engine.oracle;

import dev.interposer.engine.model.AcceleratorClass;
import dev.interposer.engine.model.Device;
import dev.interposer.engine.model.GangPhase;
import dev.interposer.engine.model.Health;
import dev.interposer.engine.model.Ids;
import dev.interposer.engine.model.JobQueue;
import dev.interposer.engine.model.JobSpec;
import dev.interposer.engine.model.NodeInfo;
import dev.interposer.engine.model.Profile;
import dev.interposer.engine.model.Reservation;
import dev.interposer.engine.model.Role;
import dev.interposer.engine.model.WorkerPlacement;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Predicate;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** A fleet and its work at one moment, as plain values: all that an oracle knows. */
public final class World {
    private final List<JobQueue> queues;
    private final Map<Long, Node> nodes = new LinkedHashMap<>();
    private final Map<Long, Job> jobs = new LinkedHashMap<>();
    private final Map<String, AcceleratorClass> classes = new HashMap<>();
    private final Map<Long, List<Worker>> workers = new HashMap<>();

    public World(List<Node> nodes, List<Job> jobs, Collection<AcceleratorClass> classes, List<JobQueue> queues) {
        this.queues = queues;
        nodes.forEach(node -> this.nodes.put(node.id(), node));
        jobs.forEach(job -> this.jobs.put(job.id(), job));
        classes.forEach(chip -> this.classes.put(chip.name(), chip));
        gangs().flatMap(Gang::live)
                .forEach(worker -> workers.computeIfAbsent(worker.nodeId(), id -> new ArrayList<>())
                        .add(worker));
    }

    /** A node; {@code inService} if it is in touch and no operator keeps work off it. */
    public record Node(long id, NodeInfo info, boolean inService, List<Device> devices) {
        /** Whether it takes new work. */
        boolean schedulable() {
            return inService && !info.observed();
        }

        @Nullable
        Device device(long deviceId) {
            return devices.stream()
                    .filter(device -> device.id() == deviceId)
                    .findFirst()
                    .orElse(null);
        }

        /** What it has of a resource that is no device. */
        long has(String resource) {
            return info.capacity().getOrDefault(resource, 0L);
        }
    }

    /** A job with all its gangs. */
    public record Job(long id, String name, JobSpec spec, int priority, String userName, List<Gang> gangs) {
        /** The first role of the profile that is preferred. */
        Role role() {
            return spec.profiles().getFirst().roles().getFirst();
        }
    }

    /** A gang; without a profile before its first start. */
    public record Gang(
            long jobId,
            int index,
            GangPhase phase,
            boolean eligible,
            @Nullable Profile profile,
            String className,
            List<Worker> workers,
            @Nullable Reservation reservation,
            Ids avoidedNodes,
            long assignedAtMicros) {
        Stream<Worker> live() {
            return workers.stream().filter(Predicate.not(Worker::ended));
        }

        /** The profile of a gang that was placed. */
        Profile placedAs() {
            return Objects.requireNonNull(profile);
        }
    }

    /** A worker of the present attempt. */
    public record Worker(Role role, WorkerPlacement placement, boolean ended) {
        long nodeId() {
            return placement.nodeId();
        }

        LongStream devices() {
            return placement.devices().stream();
        }
    }

    /** Whether a device may be given away, if nobody has it. */
    static boolean open(Device device) {
        return device.report().health() == Health.HEALTHY
                && device.report().foreign().isEmpty();
    }

    /** What is wrong with the devices of a gang that is about to start: they take no work. */
    public List<String> closed(List<WorkerPlacement> workers) {
        List<String> wrong = new ArrayList<>();
        for (WorkerPlacement worker : workers) {
            Node node = node(worker.nodeId());
            if (!node.schedulable()) {
                String why = node.info().observed() ? "is only looked at" : "takes no new work";
                wrong.add("node " + node.info().name() + " receives work and " + why);
            }
            node.devices().stream()
                    .filter(device -> worker.devices().contains(device.id()) && !open(device))
                    .forEach(device -> wrong.add("device " + device.id() + " is given away and sick, or others use it: "
                            + device.report().foreign()));
        }
        return wrong;
    }

    Collection<Node> nodes() {
        return nodes.values();
    }

    Node node(long id) {
        return Objects.requireNonNull(nodes.get(id));
    }

    Collection<Job> jobs() {
        return jobs.values();
    }

    Job job(long id) {
        return Objects.requireNonNull(jobs.get(id));
    }

    Gang gang(long jobId, int index) {
        return job(jobId).gangs().get(index);
    }

    Stream<Gang> gangs() {
        return jobs().stream().flatMap(job -> job.gangs().stream());
    }

    /** Workers there that have not ended. */
    List<Worker> workersOn(Node node) {
        return workers.getOrDefault(node.id(), List.of());
    }

    AcceleratorClass chip(String name) {
        return Objects.requireNonNull(classes.get(name));
    }

    List<JobQueue> queues() {
        return queues;
    }
}

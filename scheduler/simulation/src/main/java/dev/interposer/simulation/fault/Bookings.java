package dev.interposer.simulation.fault;

import dev.interposer.proto.ledger.v1.AcceleratorRequest;
import dev.interposer.proto.ledger.v1.Device;
import dev.interposer.proto.ledger.v1.Event;
import dev.interposer.proto.ledger.v1.GangAssigned;
import dev.interposer.proto.ledger.v1.Health;
import dev.interposer.proto.ledger.v1.Hold;
import dev.interposer.proto.ledger.v1.JobKind;
import dev.interposer.proto.ledger.v1.JobScaled;
import dev.interposer.proto.ledger.v1.JobSpec;
import dev.interposer.proto.ledger.v1.NodeReported;
import dev.interposer.proto.ledger.v1.Profile;
import dev.interposer.proto.ledger.v1.Role;
import dev.interposer.proto.ledger.v1.WorkerKey;
import dev.interposer.proto.ledger.v1.WorkerPlacement;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.LongStream;

/**
 * Who has what, counted from raw events with plain maps: a device's thousandths and a node's resources never go below
 * zero, a gang comes whole and only to devices that may take it, and no attempt begins before the last one is over.
 */
final class Bookings {
    private static final int WHOLE_MILLI = 1000;

    private final List<String> violations;
    private final Map<Long, JobSpec> specs = new HashMap<>();
    private final Map<Long, JobSpec> specOfJob = new HashMap<>();
    private final Map<Long, Node> nodes = new HashMap<>();
    private final Map<String, Booking> bound = new HashMap<>();
    private final Map<String, Booking> everBound = new HashMap<>();
    private final Map<String, Integer> attemptOf = new HashMap<>();
    private final Set<Long> stopped = new HashSet<>();
    private final Map<Long, Set<Long>> serving = new HashMap<>();
    private boolean halted;
    private boolean awaiting;

    /** A node as its events tell it. */
    private static final class Node {
        String name = "";
        boolean ready = true;
        boolean cordoned;
        boolean observed;
        Map<String, Long> capacity = Map.of();
        final Map<Long, Device> devices = new HashMap<>();
        final Map<String, List<Long>> holds = new HashMap<>();
    }

    private record Booking(long node, List<Long> devices, List<String> names, int milli, Map<String, Long> requests) {}

    Bookings(List<String> violations) {
        this.violations = violations;
    }

    void take(long revision, Event event) {
        switch (event.getKindCase()) {
            case SPEC_STORED ->
                specs.put(
                        event.getSpecStored().getSpecId(), event.getSpecStored().getSpec());
            case JOB_SUBMITTED -> {
                long job = event.getJobSubmitted().getJobId();
                specOfJob.put(
                        job, specs.getOrDefault(event.getJobSubmitted().getSpecId(), JobSpec.getDefaultInstance()));
                serving.put(job, first(gangs(job)));
            }
            case JOB_SCALED -> scale(revision, event.getJobScaled());
            case JOB_CANCEL_REQUESTED ->
                stopped.add(event.getJobCancelRequested().getJobId());
            case PLACEMENT_HALTED ->
                halted = !event.getPlacementHalted().getReason().isEmpty();
            case NODES_AWAITED -> awaiting = event.getNodesAwaited().getAwaited();
            case GANG_ASSIGNED -> assign(revision, event.getGangAssigned());
            case WORKER_STARTED -> {
                if (!bound.containsKey(text(event.getWorkerStarted().getKey()))) {
                    violate(revision, "a worker started that is not bound");
                }
            }
            case WORKER_ENDED -> {
                if (bound.remove(text(event.getWorkerEnded().getKey())) == null) {
                    violate(revision, "a worker ended that is not bound");
                }
            }
            case GANG_REQUEUED ->
                free(
                        revision,
                        gang(
                                event.getGangRequeued().getJobId(),
                                event.getGangRequeued().getGang()));
            case GANG_ENDED ->
                free(
                        revision,
                        gang(
                                event.getGangEnded().getJobId(),
                                event.getGangEnded().getGang()));
            case JOB_ENDED -> free(revision, event.getJobEnded().getJobId() + "/");
            default -> fleet(event);
        }
    }

    private void fleet(Event event) {
        switch (event.getKindCase()) {
            case NODE_REPORTED -> report(event.getNodeReported());
            case NODE_LOST -> node(event.getNodeLost().getNodeId()).ready = false;
            case NODE_FENCED -> node(event.getNodeFenced().getNodeId()).ready = false;
            case NODE_RETURNED -> {
                Node node = node(event.getNodeReturned().getNodeId());
                node.ready = true;
                node.holds.clear();
                for (Hold hold : event.getNodeReturned().getHoldsList()) {
                    node.holds.put(text(hold.getKey()), hold.getDevicesList());
                }
            }
            case HOLD_RELEASED ->
                node(event.getHoldReleased().getNodeId())
                        .holds
                        .remove(text(event.getHoldReleased().getKey()));
            case NODE_CORDONED ->
                node(event.getNodeCordoned().getNodeId()).cordoned =
                        event.getNodeCordoned().getCordoned();
            case SLICE_CORDONED -> node(event.getSliceCordoned().getNodeId()).cordoned = true;
            case NODE_DRAINING -> node(event.getNodeDraining().getNodeId()).cordoned = true;
            case NODE_REMOVED -> nodes.remove(event.getNodeRemoved().getNodeId());
            case DEVICE_HEALTH_CHANGED -> {
                Node node = node(event.getDeviceHealthChanged().getNodeId());
                node.devices.computeIfPresent(
                        event.getDeviceHealthChanged().getDeviceId(),
                        (id, device) -> device.toBuilder()
                                .setReport(device.getReport().toBuilder()
                                        .setHealth(
                                                event.getDeviceHealthChanged().getHealth()))
                                .build());
            }
            default -> {
                // Nothing else gives or takes.
            }
        }
    }

    JobSpec spec(long jobId) {
        return specOfJob.getOrDefault(jobId, JobSpec.getDefaultInstance());
    }

    boolean everBound(String key) {
        return everBound.containsKey(key);
    }

    /** Whether a worker was ever given these devices, by their names on that node. */
    boolean everBound(String key, String node, List<String> devices, int shareMilli) {
        Booking booking = everBound.get(key);
        return booking != null
                && node.equals(node(booking.node()).name)
                && devices.equals(booking.names())
                && shareMilli == booking.milli();
    }

    private void report(NodeReported reported) {
        Node node = node(reported.getNodeId());
        node.name = reported.getInfo().getName();
        node.observed = reported.getInfo().getObserved();
        node.capacity = reported.getInfo().getCapacityMap();
        node.devices.clear();
        reported.getDevicesList().forEach(device -> node.devices.put(device.getId(), device));
    }

    private void assign(long revision, GangAssigned assigned) {
        String gang = gang(assigned.getJobId(), assigned.getGang());
        free(revision, gang);
        int before = attemptOf.getOrDefault(gang, 0);
        if (assigned.getAttempt() != before + 1) {
            violate(revision, "attempt " + assigned.getAttempt() + " of gang " + gang + " follows " + before);
        }
        attemptOf.put(gang, assigned.getAttempt());
        if (!serving.getOrDefault(assigned.getJobId(), Set.of()).contains((long) assigned.getGang())) {
            violate(revision, "gang " + gang + " was placed though its job needs it no more");
        }
        if (stopped.contains(assigned.getJobId()) || halted || awaiting) {
            violate(revision, "gang " + gang + " was placed though it is cancelled, or nothing may be placed");
        }
        if (!known(assigned)) {
            violate(revision, "gang " + gang + " was placed as its job does not say");
            return;
        }
        Profile profile = spec(assigned.getJobId()).getProfiles(assigned.getProfile());
        whole(revision, assigned, profile);
        Set<String> clusters = new HashSet<>();
        Set<Long> used = new HashSet<>();
        for (int worker = 0; worker < assigned.getWorkersCount(); worker++) {
            WorkerPlacement placement = assigned.getWorkers(worker);
            used.add(placement.getNodeId());
            String name = node(placement.getNodeId()).name;
            clusters.add(name.substring(0, Math.max(0, name.indexOf('/'))));
            bind(revision, assigned, worker, profile.getRoles(placement.getRole()));
        }
        if (clusters.size() > 1) {
            violate(revision, "gang " + gang + " spans clusters " + clusters);
        }
        if (profile.getTopology().getRequired().equals("node") && used.size() > 1) {
            violate(revision, "gang " + gang + " was to be on one node and is on " + used.size());
        }
    }

    /** Afterwards there are as many gangs as the spec says, and none has come or gone twice. */
    private void scale(long revision, JobScaled scaled) {
        long job = scaled.getJobId();
        JobSpec spec = scaled.getSpecId() == 0 ? specOfJob.get(job) : specs.get(scaled.getSpecId());
        Set<Long> gangs = serving.computeIfAbsent(job, unknown -> new HashSet<>());
        boolean came = scaled.getJoiningList().stream().allMatch(gangs::add);
        boolean went = scaled.getLeavingList().stream().allMatch(gangs::remove);
        if (spec != null) {
            specOfJob.put(job, spec);
        }
        if (spec == null || !came || !went || gangs.size() != gangs(job) || stopped.contains(job)) {
            violate(revision, "job " + job + " has the gangs " + gangs + " after it was scaled to " + gangs(job));
        }
    }

    private int gangs(long job) {
        JobSpec spec = spec(job);
        return spec.getKind() == JobKind.JOB_KIND_INFERENCE
                ? spec.getInference().getReplicas()
                : 1;
    }

    private static Set<Long> first(int gangs) {
        return LongStream.range(0, gangs).boxed().collect(Collectors.toCollection(HashSet::new));
    }

    private boolean known(GangAssigned assigned) {
        JobSpec spec = spec(assigned.getJobId());
        return assigned.getProfile() < spec.getProfilesCount()
                && assigned.getWorkersList().stream()
                        .allMatch(worker -> worker.getRole()
                                < spec.getProfiles(assigned.getProfile()).getRolesCount());
    }

    private void whole(long revision, GangAssigned assigned, Profile profile) {
        int[] counts = new int[profile.getRolesCount()];
        assigned.getWorkersList().forEach(worker -> counts[worker.getRole()]++);
        for (int role = 0; role < counts.length; role++) {
            var wanted = profile.getRoles(role).getWorkers();
            boolean right = counts[role] >= wanted.getMin()
                    && counts[role] <= wanted.getMax()
                    && (counts[role] - wanted.getMin()) % Math.max(1, wanted.getStep()) == 0;
            if (!right) {
                violate(
                        revision,
                        "job " + assigned.getJobId() + " has " + counts[role] + " workers of "
                                + profile.getRoles(role).getName());
            }
        }
    }

    private void bind(long revision, GangAssigned assigned, int worker, Role role) {
        WorkerPlacement placement = assigned.getWorkers(worker);
        Node node = node(placement.getNodeId());
        AcceleratorRequest request = role.getAccelerators();
        String key = gang(assigned.getJobId(), assigned.getGang()) + assigned.getAttempt() + "/" + worker;
        if (!node.ready || node.cordoned || node.observed) {
            violate(revision, "worker " + key + " was placed on node " + node.name + ", which takes nothing");
        }
        if (placement.getDevicesCount() != request.getPerWorker()) {
            violate(revision, "worker " + key + " has " + placement.getDevicesCount() + " devices");
        }
        for (long id : placement.getDevicesList()) {
            device(revision, new Given(node, id, assigned.getClassName(), key), request);
        }
        for (Map.Entry<String, Long> wanted : role.getRequestsMap().entrySet()) {
            long taken = bound.values().stream()
                    .filter(other -> other.node() == placement.getNodeId())
                    .mapToLong(other -> other.requests().getOrDefault(wanted.getKey(), 0L))
                    .sum();
            if (taken + wanted.getValue() > node.capacity.getOrDefault(wanted.getKey(), 0L)) {
                violate(revision, "node " + node.name + " has no " + wanted.getKey() + " left for worker " + key);
            }
        }
        List<String> names = placement.getDevicesList().stream()
                .map(id -> node.devices.getOrDefault(id, Device.getDefaultInstance()))
                .map(device -> device.getReport().getName())
                .toList();
        Booking booking = new Booking(
                placement.getNodeId(),
                placement.getDevicesList(),
                names,
                request.getShareMilli(),
                role.getRequestsMap());
        bound.put(key, booking);
        everBound.put(key, booking);
    }

    /** A device of a node, of a class by the assignment's word, given to a worker. */
    private record Given(Node node, long id, String className, String key) {}

    private void device(long revision, Given given, AcceleratorRequest request) {
        Node node = given.node();
        long id = given.id();
        String className = given.className();
        String key = given.key();
        Device device = node.devices.get(id);
        if (device == null) {
            violate(revision, "worker " + key + " was given device " + id + ", which node " + node.name + " has not");
            return;
        }
        boolean fits = device.getClassName().equals(className)
                && device.getReport().getHealth() == Health.HEALTH_HEALTHY
                && (request.getClassName().isEmpty() || request.getClassName().equals(className));
        if (!fits) {
            violate(
                    revision,
                    "worker " + key + " was given " + device.getReport().getName() + ", which is no " + className
                            + " in health");
        }
        if (!device.getReport().getForeign().isEmpty()) {
            violate(
                    revision,
                    "device " + device.getReport().getName() + " was given to " + key + " while "
                            + device.getReport().getForeign() + " uses it");
        }
        int taken = bound.values().stream()
                .filter(other -> other.devices().contains(id))
                .mapToInt(Booking::milli)
                .sum();
        if (taken + request.getShareMilli() > WHOLE_MILLI) {
            violate(
                    revision,
                    "device " + device.getReport().getName() + " was given to " + key + " with " + taken
                            + " thousandths taken");
        }
        if (node.holds.values().stream().anyMatch(hold -> hold.contains(id))) {
            violate(revision, "device " + device.getReport().getName() + " was given to " + key + " while it is held");
        }
    }

    /** Nothing that begins so may be bound. */
    private void free(long revision, String prefix) {
        bound.forEach((key, booking) -> {
            if (key.startsWith(prefix)) {
                violate(revision, "worker " + key + " is still bound");
            }
        });
    }

    private Node node(long id) {
        return nodes.computeIfAbsent(id, unknown -> new Node());
    }

    private void violate(long revision, String what) {
        violations.add("revision " + revision + ": " + what);
    }

    private static String gang(long job, int gang) {
        return job + "/" + gang + "/";
    }

    private static String text(WorkerKey key) {
        return gang(key.getJobId(), key.getGang()) + key.getAttempt() + "/" + key.getWorker();
    }
}

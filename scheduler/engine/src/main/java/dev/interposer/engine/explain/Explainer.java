package dev.interposer.engine.explain;

import dev.interposer.engine.fit.Demand;
import dev.interposer.engine.fit.Demand.ProfileDemand;
import dev.interposer.engine.fit.Demand.ProfileDemand.ClassOption;
import dev.interposer.engine.fleet.Fleet;
import dev.interposer.engine.fleet.WorkerRequest;
import dev.interposer.engine.model.Device;
import dev.interposer.engine.model.GangPhase;
import dev.interposer.engine.model.Health;
import dev.interposer.engine.model.JobQueue;
import dev.interposer.engine.model.QueueState;
import dev.interposer.engine.model.Reason;
import dev.interposer.engine.model.ReasonCode;
import dev.interposer.engine.placement.Bounds;
import dev.interposer.engine.placement.GangPlacer;
import dev.interposer.engine.placement.Spread;
import dev.interposer.engine.state.GangState;
import dev.interposer.engine.state.NodeState;
import dev.interposer.engine.state.State;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * Finds why a gang waits.
 *
 * <p><b>Goals.</b> One typed reason that names the class, the level or resource, and what is missing.
 *
 * <p><b>Constraints.</b> Costs something only when asked; changes nothing.
 *
 * <p><b>Algorithm.</b> What holds the job back by rule comes first: its queue, its back-off. Then each profile and
 * class is held against the fleet from the coarse to the fine: devices installed, healthy, free, together on nodes,
 * with the other resources, inside one domain. The profile that fails latest is the nearest to a start and names the
 * reason.
 */
public final class Explainer {
    /** From the farthest from a start to the nearest. */
    private static final List<ReasonCode> NEARNESS = List.of(
            ReasonCode.NO_SUCH_DEVICES,
            ReasonCode.WORKER_EXCEEDS_NODES,
            ReasonCode.EXCEEDS_FLEET,
            ReasonCode.INSUFFICIENT_DEVICES,
            ReasonCode.INSUFFICIENT_RESOURCE,
            ReasonCode.FRAGMENTED_DEVICES,
            ReasonCode.TOPOLOGY,
            ReasonCode.BEHIND_OTHERS);

    private final State state;
    private final Fleet fleet;
    private final GangPlacer placer;

    public Explainer(State state, Fleet fleet, GangPlacer placer) {
        this.state = state;
        this.fleet = fleet;
        this.placer = placer;
    }

    public Explanation explain(GangState gang, Demand demand, int position) {
        List<Reason> profiles = new ArrayList<>();
        for (ProfileDemand profile : demand.profiles()) {
            profiles.add(ofProfile(profile, gang, position));
        }
        Reason nearest = profiles.stream()
                .reduce((a, b) -> NEARNESS.indexOf(b.code()) > NEARNESS.indexOf(a.code()) ? b : a)
                .orElse(Reason.of(ReasonCode.NOT_CONSIDERED));
        return new Explanation(byRule(gang, nearest), profiles, position);
    }

    private Reason byRule(GangState gang, Reason nearest) {
        if (gang.phase() == GangPhase.BACKOFF) {
            return new Reason(
                    ReasonCode.BACKOFF,
                    Map.of(
                            "untilMicros", Long.toString(gang.notBeforeMicros()),
                            "failures", Integer.toString(gang.failures())));
        }
        String queueName = gang.job().spec().queueName();
        JobQueue queue = state.settings().queue(queueName);
        if (queue == null || queue.state() != QueueState.OPEN) {
            String how = queue == null ? "absent" : queue.state().name();
            return new Reason(ReasonCode.QUEUE_HELD, Map.of("queue", queueName, "state", how));
        }
        return nearest;
    }

    private Reason ofProfile(ProfileDemand profile, GangState gang, int position) {
        if (placeable(profile, new Bounds(Integer.MAX_VALUE, Spread.of(gang)))) {
            return new Reason(
                    ReasonCode.BEHIND_OTHERS,
                    Map.of("queue", gang.job().spec().queueName(), "position", Integer.toString(position)));
        }
        if (profile.withoutDevices()) {
            return ofResources(profile, -1, "");
        }
        Reason best = Reason.NONE;
        for (ClassOption option : profile.classes()) {
            Reason reason = ofClass(profile, option);
            if (best.code() == ReasonCode.NONE || NEARNESS.indexOf(reason.code()) > NEARNESS.indexOf(best.code())) {
                best = reason;
            }
        }
        return best.code() == ReasonCode.NONE
                ? new Reason(ReasonCode.NO_SUCH_DEVICES, Map.of("classes", wanted(gang, profile)))
                : best;
    }

    private boolean placeable(ProfileDemand profile, Bounds bounds) {
        return placer.classless(profile)
                ? placer.place(profile, null, bounds) != null
                : profile.classes().stream().anyMatch(option -> placer.place(profile, option, bounds) != null);
    }

    private static String wanted(GangState gang, ProfileDemand profile) {
        return gang.job().spec().profiles().get(profile.index()).roles().stream()
                .map(role -> role.accelerators().className())
                .filter(name -> !name.isEmpty())
                .distinct()
                .reduce((a, b) -> a + "," + b)
                .orElse("");
    }

    private Reason ofClass(ProfileDemand profile, ClassOption option) {
        long needed = profile.minDevices();
        long[] counts = installedAndHealthy(option.chipClass().name());
        String name = option.chipClass().name();
        if (counts[0] == 0) {
            return new Reason(ReasonCode.NO_SUCH_DEVICES, Map.of("classes", name));
        }
        if (counts[1] < needed) {
            return new Reason(
                    ReasonCode.EXCEEDS_FLEET,
                    Map.of("class", name, "needed", Long.toString(needed), "healthy", Long.toString(counts[1])));
        }
        long free = fleet.freeTotal(option.number());
        boolean shared = profile.roles().stream().anyMatch(WorkerRequest::shared);
        if (free < needed && !shared) {
            return insufficient(name, needed, free);
        }
        Reason reason = ofResources(profile, option.number(), name);
        return reason.code() == ReasonCode.FRAGMENTED_DEVICES && shared ? insufficient(name, needed, free) : reason;
    }

    private static Reason insufficient(String name, long needed, long free) {
        return new Reason(
                ReasonCode.INSUFFICIENT_DEVICES,
                Map.of(
                        "class", name,
                        "needed", Long.toString(needed),
                        "free", Long.toString(free),
                        "missing", Long.toString(Math.max(0, needed - free))));
    }

    private long[] installedAndHealthy(String className) {
        long[] counts = new long[2];
        for (NodeState node : state.nodes().all()) {
            for (Device device : node.devices()) {
                if (device.className().equals(className)) {
                    counts[0]++;
                    counts[1] += device.report().health() == Health.HEALTHY && node.schedulable() ? 1 : 0;
                }
            }
        }
        return counts;
    }

    /** Counts places for each role by itself: an upper bound of what fits, enough to tell what is short. */
    private Reason ofResources(ProfileDemand profile, int chipClass, String className) {
        for (int role = 0; role < profile.roles().size(); role++) {
            WorkerRequest request = profile.roles().get(role);
            int needed = profile.counts().get(role).workers().min();
            boolean withDevices = request.devices() > 0;
            long byDevices = 0;
            long byAll = 0;
            for (int node = fleet.nextSchedulable(0); node >= 0; node = fleet.nextSchedulable(node + 1)) {
                long places = withDevices ? places(request, chipClass, node) : Integer.MAX_VALUE;
                byDevices += places;
                byAll += Math.min(places, resourcePlaces(request, node));
            }
            if (withDevices && byDevices < needed) {
                return new Reason(
                        ReasonCode.FRAGMENTED_DEVICES,
                        Map.of(
                                "class", className,
                                "perWorker", Integer.toString(request.devices()),
                                "workers", Integer.toString(needed),
                                "placeable", Long.toString(byDevices)));
            }
            if (byAll < needed) {
                return shortResource(request, className, needed, byAll);
            }
        }
        String level = profile.topology().required();
        return new Reason(
                ReasonCode.TOPOLOGY,
                Map.of(
                        "class",
                        className,
                        "level",
                        level.isEmpty() ? "cluster" : level,
                        "needed",
                        Integer.toString(profile.minWorkers())));
    }

    private Reason shortResource(WorkerRequest request, String className, int needed, long placeable) {
        for (int dimension = 0; dimension < fleet.dimensions(); dimension++) {
            long asked = request.resource(dimension);
            long largest = largestFree(dimension);
            if (asked > largest) {
                boolean never = asked > largestCapacity(fleet.dimensionName(dimension));
                return never
                        ? new Reason(
                                ReasonCode.WORKER_EXCEEDS_NODES,
                                Map.of(
                                        "resource", fleet.dimensionName(dimension),
                                        "needed", Long.toString(asked),
                                        "largest", Long.toString(largestCapacity(fleet.dimensionName(dimension)))))
                        : shortOf(fleet.dimensionName(dimension), className, needed, placeable);
            }
        }
        return shortOf(tightest(request), className, needed, placeable);
    }

    private static Reason shortOf(String resource, String className, int needed, long placeable) {
        return new Reason(
                ReasonCode.INSUFFICIENT_RESOURCE,
                Map.of(
                        "class",
                        className,
                        "resource",
                        resource,
                        "needed",
                        Integer.toString(needed),
                        "placeable",
                        Long.toString(placeable)));
    }

    /** The dimension that allows the fewest workers over all nodes. */
    private String tightest(WorkerRequest request) {
        String name = "";
        long fewest = Long.MAX_VALUE;
        for (int dimension = 0; dimension < fleet.dimensions(); dimension++) {
            long asked = request.resource(dimension);
            if (asked > 0) {
                long places = 0;
                for (int node = fleet.nextSchedulable(0); node >= 0; node = fleet.nextSchedulable(node + 1)) {
                    places += Math.max(0, fleet.freeResource(dimension, node)) / asked;
                }
                if (places < fewest) {
                    fewest = places;
                    name = fleet.dimensionName(dimension);
                }
            }
        }
        return name;
    }

    private long places(WorkerRequest request, int chipClass, int node) {
        if (!request.shared()) {
            return fleet.freeWhole(chipClass, node) / request.devices();
        }
        long places = 0;
        for (int index = 0; index < fleet.deviceCount(node); index++) {
            if (fleet.deviceClass(node, index) == chipClass && fleet.deviceUsable(node, index)) {
                places += Math.max(0, fleet.deviceFreeMilli(node, index)) / request.shareMilli();
            }
        }
        return places / request.devices();
    }

    private long resourcePlaces(WorkerRequest request, int node) {
        long places = Integer.MAX_VALUE;
        for (int dimension = 0; dimension < fleet.dimensions(); dimension++) {
            long asked = request.resource(dimension);
            if (asked > 0) {
                places = Math.min(places, Math.max(0, fleet.freeResource(dimension, node)) / asked);
            }
        }
        return places;
    }

    private long largestFree(int dimension) {
        long largest = 0;
        for (int node = fleet.nextSchedulable(0); node >= 0; node = fleet.nextSchedulable(node + 1)) {
            largest = Math.max(largest, fleet.freeResource(dimension, node));
        }
        return largest;
    }

    private long largestCapacity(String resource) {
        return state.nodes().all().stream()
                .mapToLong(node -> node.info().capacity().getOrDefault(resource, 0L))
                .max()
                .orElse(0);
    }
}

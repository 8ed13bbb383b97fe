package dev.interposer.engine.explain;

import dev.interposer.engine.fit.Demand.ProfileDemand;
import dev.interposer.engine.fit.Demand.ProfileDemand.ClassOption;
import dev.interposer.engine.fleet.Fleet;
import dev.interposer.engine.fleet.WorkerRequest;
import dev.interposer.engine.model.Ids;
import dev.interposer.engine.model.InferenceSpec;
import dev.interposer.engine.model.Reason;
import dev.interposer.engine.model.ReasonCode;
import dev.interposer.engine.state.NodeState;
import dev.interposer.engine.state.State;
import java.util.Map;

/** What the fleet is short of for one profile, from the coarse to the fine. */
final class Shortage {
    private final State state;
    private final Fleet fleet;
    private final Installed installed;
    private final Rooms rooms;
    private final DomainShortage domains;

    Shortage(State state, Fleet fleet) {
        this.state = state;
        this.fleet = fleet;
        this.installed = new Installed(state, fleet);
        this.rooms = new Rooms(fleet);
        this.domains = new DomainShortage(state, fleet, rooms);
    }

    /** What the fleet could never serve, even if all of it were free; {@link Reason#NONE} if it could. */
    Reason beyondFleet(ProfileDemand profile, ClassOption option) {
        long needed = profile.minDevices();
        String name = option.chipClass().name();
        Installed.Count count = installed.of(name);
        if (count.installed() == 0) {
            return new Reason(ReasonCode.NO_SUCH_DEVICES, none(name, needed));
        }
        if (count.healthy() < needed) {
            return new Reason(
                    ReasonCode.EXCEEDS_FLEET,
                    Map.of(
                            "class", name,
                            "needed", Long.toString(needed),
                            "healthy", Long.toString(count.healthy()),
                            "missing", Long.toString(needed - count.healthy())));
        }
        return Reason.NONE;
    }

    /** The facts of a class of which nothing is installed. */
    static Map<String, String> none(String classes, long needed) {
        String all = Long.toString(needed);
        return Map.of("classes", classes, "needed", all, "missing", all);
    }

    /** What is short where a replica may go without leaving the others uneven. */
    Reason ofSpread(ProfileDemand profile, ClassOption option, Ids others, InferenceSpec.Spread rule) {
        return domains.ofSpread(profile, option, others, rule);
    }

    /** What is short right now. */
    Reason ofClass(ProfileDemand profile, ClassOption option) {
        long needed = profile.minDevices();
        String name = option.chipClass().name();
        long free = fleet.freeTotal(option.number());
        boolean shared = profile.roles().stream().anyMatch(WorkerRequest::shared);
        if (free < needed && !shared) {
            return insufficient(name, needed, free);
        }
        Reason reason = ofResources(profile, option.number(), name);
        return reason.code() == ReasonCode.FRAGMENTED_DEVICES && shared && free < needed
                ? insufficient(name, needed, free)
                : reason;
    }

    private static Reason insufficient(String name, long needed, long free) {
        return new Reason(
                ReasonCode.INSUFFICIENT_DEVICES,
                Map.of(
                        "class", name,
                        "needed", Long.toString(needed),
                        "free", Long.toString(free),
                        "missing", Long.toString(needed - free)));
    }

    /** Counts places for each role by itself: an upper bound of what fits, enough to tell what is short. */
    Reason ofResources(ProfileDemand profile, int chipClass, String className) {
        for (int role = 0; role < profile.roles().size(); role++) {
            WorkerRequest request = profile.roles().get(role);
            int needed = profile.counts().get(role).workers().min();
            boolean withDevices = request.devices() > 0;
            long byDevices = 0;
            long byAll = 0;
            for (int node = fleet.nextSchedulable(0); node >= 0; node = fleet.nextSchedulable(node + 1)) {
                long places = withDevices ? rooms.byDevices(request, chipClass, node) : Integer.MAX_VALUE;
                byDevices += places;
                byAll += Math.min(places, rooms.byResources(request, node));
            }
            if (withDevices && byDevices < needed) {
                return fragmented(request, chipClass, className, needed, byDevices);
            }
            if (byAll < needed) {
                return shortResource(request, chipClass, className, needed, byAll);
            }
        }
        return domains.ofLevels(profile, chipClass, className);
    }

    private Reason fragmented(WorkerRequest request, int chipClass, String className, int needed, long placeable) {
        int nearest = -1;
        int most = -1;
        for (int node = fleet.nextSchedulable(0); node >= 0; node = fleet.nextSchedulable(node + 1)) {
            int left = fleet.freeWhole(chipClass, node) % request.devices();
            if (left > most && serves(node, chipClass)) {
                most = left;
                nearest = node;
            }
        }
        NodeState known = nearest < 0 ? null : state.nodes().find(fleet.nodeId(nearest));
        return new Reason(
                ReasonCode.FRAGMENTED_DEVICES,
                Map.of(
                        "class", className,
                        "perWorker", Integer.toString(request.devices()),
                        "workers", Integer.toString(needed),
                        "placeable", Long.toString(placeable),
                        "domain", known == null ? "" : known.name(),
                        "best", Integer.toString(Math.max(0, most)),
                        "missing", Long.toString(needed - placeable)));
    }

    private Reason shortResource(WorkerRequest request, int chipClass, String className, int needed, long placeable) {
        for (int dimension = 0; dimension < fleet.dimensions(); dimension++) {
            long asked = request.resource(dimension);
            long largest = largestFree(dimension, chipClass);
            if (asked > largest) {
                long capacity = installed.largestCapacity(fleet.dimensionName(dimension), className);
                boolean never = asked > capacity;
                return never
                        ? new Reason(
                                ReasonCode.WORKER_EXCEEDS_NODES,
                                Map.of(
                                        "resource", fleet.dimensionName(dimension),
                                        "class", className,
                                        "needed", Long.toString(asked),
                                        "largest", Long.toString(capacity),
                                        "missing", Long.toString(asked - capacity)))
                        : shortOf(fleet.dimensionName(dimension), className, needed, placeable);
            }
        }
        return shortOf(tightest(request, chipClass), className, needed, placeable);
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
                        Long.toString(placeable),
                        "missing",
                        Long.toString(Math.max(0, needed - placeable))));
    }

    /** The dimension that allows the fewest workers over all nodes. */
    private String tightest(WorkerRequest request, int chipClass) {
        String name = "";
        long fewest = Long.MAX_VALUE;
        for (int dimension = 0; dimension < fleet.dimensions(); dimension++) {
            long asked = request.resource(dimension);
            if (asked > 0) {
                long places = 0;
                for (int node = fleet.nextSchedulable(0); node >= 0; node = fleet.nextSchedulable(node + 1)) {
                    if (serves(node, chipClass)) {
                        places += Math.max(0, fleet.freeResource(dimension, node)) / asked;
                    }
                }
                if (places < fewest) {
                    fewest = places;
                    name = fleet.dimensionName(dimension);
                }
            }
        }
        return name;
    }

    private long largestFree(int dimension, int chipClass) {
        long largest = 0;
        for (int node = fleet.nextSchedulable(0); node >= 0; node = fleet.nextSchedulable(node + 1)) {
            if (serves(node, chipClass)) {
                largest = Math.max(largest, fleet.freeResource(dimension, node));
            }
        }
        return largest;
    }

    /** Whether a node has devices of the class; every node serves work without devices. */
    private boolean serves(int node, int chipClass) {
        if (chipClass < 0) {
            return true;
        }
        for (int index = 0; index < fleet.deviceCount(node); index++) {
            if (fleet.deviceClass(node, index) == chipClass) {
                return true;
            }
        }
        return false;
    }
}

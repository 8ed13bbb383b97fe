package dev.interposer.engine.explain;

import dev.interposer.engine.fit.Demand.ProfileDemand;
import dev.interposer.engine.fit.Demand.ProfileDemand.ClassOption;
import dev.interposer.engine.fleet.Fleet;
import dev.interposer.engine.fleet.WorkerRequest;
import dev.interposer.engine.model.InferenceSpec;
import dev.interposer.engine.model.Reason;
import dev.interposer.engine.model.ReasonCode;
import dev.interposer.engine.model.TopologyRequest;
import dev.interposer.engine.placement.GangPlacer;
import dev.interposer.engine.placement.Spread;
import dev.interposer.engine.state.NodeState;
import dev.interposer.engine.state.State;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What the fleet is short of for one profile, from the coarse to the fine. */
final class Shortage {
    /** The place that lacks it where no cluster is nearer than another. */
    private static final String FLEET = "fleet";

    private final State state;
    private final Fleet fleet;
    private final GangPlacer placer;
    private final Installed installed;
    private final Rooms rooms;
    private final DomainShortage domains;

    Shortage(State state, Fleet fleet, GangPlacer placer) {
        this.state = state;
        this.fleet = fleet;
        this.placer = placer;
        this.installed = new Installed(state, fleet);
        this.rooms = new Rooms(fleet);
        this.domains = new DomainShortage(fleet, rooms, placer);
    }

    /**
     * What the fleet could never serve, even if all of it were free; {@link Reason#NONE} if it could.
     *
     * @param minMilli thousandths of devices that the smallest gang takes: parts need not have a device each
     */
    Reason beyondFleet(ProfileDemand profile, ClassOption option, long minMilli) {
        long needed = Math.ceilDiv(minMilli, 1000L);
        String name = option.chipClass().name();
        Installed.Count count = installed.of(name);
        if (count.installed() == 0) {
            return new Reason(ReasonCode.NO_SUCH_DEVICES, none(name, needed));
        }
        Installed.Most largest = installed.largest(Installed.DEVICES, name);
        boolean forWork = count.installed() > count.observed();
        for (WorkerRequest request : option.roles()) {
            if (forWork && request.whole() && request.devices() > largest.amount()) {
                return exceeding(Installed.DEVICES, name, request.devices(), largest);
            }
        }
        if (count.healthy() < needed) {
            Reason reason = new Reason(
                    ReasonCode.EXCEEDS_FLEET,
                    Map.of(
                            "class", name,
                            "needed", Long.toString(needed),
                            "healthy", Long.toString(count.healthy()),
                            "domain",
                                    count.healthy() == 0 ? FLEET : count.most().place(),
                            "best", Long.toString(count.most().amount()),
                            "missing", Long.toString(needed - count.healthy())));
            return count.observed() == 0 ? reason : reason.with("observed", Long.toString(count.observed()));
        }
        return Reason.NONE;
    }

    /** The facts of one or more classes of which nothing is installed: the place that lacks it is the whole fleet. */
    static Map<String, String> none(String className, long needed) {
        String all = Long.toString(needed);
        return Map.of("class", className, "domain", FLEET, "needed", all, "missing", all);
    }

    /** One worker asks for more than any node has that is there for work. */
    private Reason exceeding(String resource, String className, long needed, Installed.Most largest) {
        Map<String, String> given = Map.of(
                "resource", resource,
                "needed", Long.toString(needed),
                "largest", Long.toString(largest.amount()),
                "domain", largest.place(),
                "missing", Long.toString(needed - largest.amount()));
        Reason reason = ofClass(ReasonCode.WORKER_EXCEEDS_NODES, given, className);
        Installed.Most observed = installed.largestObserved(resource, className);
        return observed.amount() < needed ? reason : reason.with("observed", observed.place());
    }

    /** What is short where a replica may go without leaving the others uneven. */
    Reason ofSpread(ProfileDemand profile, ClassOption option, Spread spread, InferenceSpec.Spread rule) {
        return domains.ofSpread(profile, option, spread, rule);
    }

    /** What is short right now. */
    Reason ofClass(ProfileDemand profile, ClassOption option) {
        long needed = profile.minWholeDevices();
        long free = fleet.freeTotal(option.number());
        return free < needed
                ? insufficient(option, needed, free, wholeByCluster(option))
                : ofResources(profile, option);
    }

    private long[] wholeByCluster(ClassOption option) {
        int key = fleet.clusterKey();
        long[] free = new long[fleet.domainCount(key)];
        Arrays.setAll(free, cluster -> fleet.search().free(option.number(), key, cluster));
        return free;
    }

    private long[] placesByCluster(WorkerRequest request, ClassOption option) {
        int key = fleet.clusterKey();
        long[] places = new long[fleet.domainCount(key)];
        for (int node = fleet.nextSchedulable(0); node >= 0; node = fleet.nextSchedulable(node + 1)) {
            places[fleet.domainOf(key, node)] += rooms.byDevices(request, option.number(), node);
        }
        return places;
    }

    private Reason insufficient(ClassOption option, long needed, long free, long[] byCluster) {
        int most = 0;
        for (int cluster = 1; cluster < byCluster.length; cluster++) {
            most = byCluster[cluster] > byCluster[most] ? cluster : most;
        }
        boolean none = byCluster.length == 0;
        long foreign = installed.of(option.chipClass().name()).foreign();
        Reason reason = new Reason(
                ReasonCode.INSUFFICIENT_DEVICES,
                Map.of(
                        "class", option.chipClass().name(),
                        "needed", Long.toString(needed),
                        "free", Long.toString(free),
                        "domain", none ? "" : fleet.domainName(fleet.clusterKey(), most),
                        "best", Long.toString(none ? 0 : byCluster[most]),
                        "missing", Long.toString(needed - free)));
        return foreign == 0 ? reason : reason.with("foreign", Long.toString(foreign));
    }

    /**
     * Counts places for each role by itself, an upper bound of what fits, and then of all of them together.
     *
     * @param option null for work without devices
     */
    Reason ofResources(ProfileDemand profile, @Nullable ClassOption option) {
        int chipClass = option == null ? -1 : option.number();
        List<WorkerRequest> requests = option == null ? profile.roles() : option.roles();
        for (int role = 0; role < requests.size(); role++) {
            WorkerRequest request = requests.get(role);
            int needed = profile.counts().get(role).workers().min();
            long byDevices = 0;
            long byAll = 0;
            for (int node = fleet.nextSchedulable(0); node >= 0; node = fleet.nextSchedulable(node + 1)) {
                long places = request.devices() > 0 ? rooms.byDevices(request, chipClass, node) : Integer.MAX_VALUE;
                byDevices += places;
                byAll += Math.min(places, rooms.byResources(request, node));
            }
            if (byDevices < needed && option != null) {
                return ofDevices(request, option, needed, byDevices);
            }
            if (byAll < needed) {
                return shortResource(request, chipClass, needed, byAll);
            }
        }
        boolean anywhere = profile.topology().equals(TopologyRequest.ANYWHERE)
                && fleet.domainCount(fleet.clusterKey()) == 1
                && (option == null || option.ladder().wholeStep() < 0);
        return anywhere ? together(profile, option) : domains.ofLevels(profile, option);
    }

    /** Each role finds room by itself, and not beside the others: what the first worker lacks that finds none. */
    private Reason together(ProfileDemand profile, @Nullable ClassOption option) {
        int count =
                FirstWorkers.of(placer, profile, option, Explainer.bounds(null)).count();
        int role = profile.roleOf(count);
        if (option != null && option.roles().get(role).devices() > 0) {
            return ofDevices(option.roles().get(role), option, profile.minWorkers(), count);
        }
        WorkerRequest request = profile.roles().get(role);
        return shortOf(tightest(request, -1), -1, profile.minWorkers(), count);
    }

    private Reason ofDevices(WorkerRequest request, ClassOption option, int needed, long placeable) {
        if (request.whole()) {
            return fragmented(request, option, needed, placeable);
        }
        String part = request.partitioned() ? request.partition() : Reason.devices(request.shareMilli());
        return insufficient(option, needed, placeable, placesByCluster(request, option))
                .with("part", part);
    }

    private Reason fragmented(WorkerRequest request, ClassOption option, int needed, long placeable) {
        int chipClass = option.number();
        int nearest = -1;
        int most = -1;
        for (int node = fleet.nextSchedulable(0); node >= 0; node = fleet.nextSchedulable(node + 1)) {
            int left = fleet.freeWhole(chipClass, node) % request.devices();
            if (left > most && serves(node, chipClass)) {
                most = left;
                nearest = node;
            }
        }
        return new Reason(
                ReasonCode.FRAGMENTED_DEVICES,
                Map.of(
                        "class", option.chipClass().name(),
                        "perWorker", Integer.toString(request.devices()),
                        "workers", Integer.toString(needed),
                        "placeable", Long.toString(placeable),
                        "domain", nameOf(nearest),
                        "best", Integer.toString(Math.max(0, most)),
                        "missing", Long.toString(needed - placeable)));
    }

    private String nameOf(int node) {
        NodeState known = node < 0 ? null : state.nodes().find(fleet.nodeId(node));
        return known == null ? "" : known.name();
    }

    private Reason shortResource(WorkerRequest request, int chipClass, int needed, long placeable) {
        String className = chipClass < 0 ? "" : fleet.className(chipClass);
        for (int dimension = 0; dimension < fleet.dimensions(); dimension++) {
            String resource = fleet.dimensionName(dimension);
            long asked = request.resource(dimension);
            int largest = largestFree(dimension, chipClass);
            if (asked > (largest < 0 ? 0 : fleet.freeResource(dimension, largest))) {
                Installed.Most capacity = installed.largest(resource, className);
                return asked > capacity.amount()
                        ? exceeding(resource, className, asked, capacity)
                        : shortOf(dimension, chipClass, needed, placeable);
            }
        }
        return shortOf(tightest(request, chipClass), chipClass, needed, placeable);
    }

    private Reason shortOf(int dimension, int chipClass, int needed, long placeable) {
        int largest = dimension < 0 ? -1 : largestFree(dimension, chipClass);
        Map<String, String> given = Map.of(
                "resource", dimension < 0 ? "" : fleet.dimensionName(dimension),
                "needed", Integer.toString(needed),
                "placeable", Long.toString(placeable),
                "domain", nameOf(largest),
                "best", Long.toString(largest < 0 ? 0 : fleet.freeResource(dimension, largest)),
                "missing", Long.toString(needed - placeable));
        return ofClass(ReasonCode.INSUFFICIENT_RESOURCE, given, chipClass < 0 ? "" : fleet.className(chipClass));
    }

    /** With the class, where devices are asked for. */
    private static Reason ofClass(ReasonCode code, Map<String, String> given, String className) {
        Reason reason = new Reason(code, given);
        return className.isEmpty() ? reason : reason.with("class", className);
    }

    /** The dimension that allows the fewest workers over all nodes; −1 where nothing but devices is asked for. */
    private int tightest(WorkerRequest request, int chipClass) {
        int tightest = -1;
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
                    tightest = dimension;
                }
            }
        }
        return tightest;
    }

    /** The node that serves a class and has the most of a resource free, or −1. */
    private int largestFree(int dimension, int chipClass) {
        int largest = -1;
        for (int node = fleet.nextSchedulable(0); node >= 0; node = fleet.nextSchedulable(node + 1)) {
            boolean more = largest < 0 || fleet.freeResource(dimension, node) > fleet.freeResource(dimension, largest);
            largest = more && serves(node, chipClass) ? node : largest;
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

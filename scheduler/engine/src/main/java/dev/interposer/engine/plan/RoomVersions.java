package dev.interposer.engine.plan;

import dev.interposer.engine.fleet.Fleet;
import dev.interposer.engine.order.Blocker;
import dev.interposer.engine.order.Openings;
import java.util.ArrayList;
import java.util.List;

/** Counts what became roomier, so that a shape is tried again only when something that it lacks has changed. */
final class RoomVersions implements Openings {
    private final Fleet fleet;
    private final List<OfClass> classes = new ArrayList<>();
    private long everything = 1;
    private long releases;

    /** Releases that left a node with at least so many free devices of one class. */
    private static final class OfClass {
        private final List<Count> withFree = new ArrayList<>();
        private long any;
    }

    /** A number that grows. */
    private static final class Count {
        private long value;
    }

    RoomVersions(Fleet fleet) {
        this.fleet = fleet;
    }

    /** Nodes, classes or queues changed. */
    void everything() {
        everything++;
    }

    /** Something was given back on a node. */
    void released(int node) {
        releases++;
        int seen = -1;
        for (int index = 0; index < fleet.deviceCount(node); index++) {
            int chipClass = fleet.deviceClass(node, index);
            if (chipClass >= 0 && chipClass != seen) {
                seen = chipClass;
                OfClass ofClass = ofClass(chipClass);
                ofClass.any++;
                int free = fleet.freeWhole(chipClass, node);
                for (int devices = 0; devices < free; devices++) {
                    while (ofClass.withFree.size() <= devices) {
                        ofClass.withFree.add(new Count());
                    }
                    ofClass.withFree.get(devices).value++;
                }
            }
        }
    }

    @Override
    public boolean open(Blocker blocker) {
        return switch (blocker) {
            case Blocker.Devices devices -> open(devices);
            case Blocker.Share share ->
                fleet.freeTotal(share.chipClass()) > 0
                        || fleet.search().somePart(share.chipClass(), share.shareMilli());
            case Blocker.Bare bare -> true;
            case Blocker.AtLimit limit ->
                limit.neededMilli() <= limit.limit().mostMilli() - limit.limit().usedMilli();
            case Blocker.AtUser user -> true;
            case Blocker.Release release -> true;
            case Blocker.Settings settings -> false;
        };
    }

    private boolean open(Blocker.Devices wanted) {
        return fleet.freeTotal(wanted.chipClass()) >= wanted.devices()
                && fleet.search().someNodeHas(wanted.chipClass(), wanted.perWorker());
    }

    @Override
    public long version(Blocker blocker) {
        return everything
                + switch (blocker) {
                    case Blocker.Devices devices -> released(devices.chipClass(), devices.perWorker());
                    case Blocker.Share share -> ofClass(share.chipClass()).any;
                    case Blocker.AtLimit limit -> limit.limit().releases();
                    case Blocker.AtUser user -> user.queue().releases();
                    case Blocker.Bare bare -> releases;
                    case Blocker.Release release -> releases;
                    case Blocker.Settings settings -> 0;
                };
    }

    private long released(int chipClass, int perWorker) {
        List<Count> counts = ofClass(chipClass).withFree;
        return perWorker < 1 || perWorker > counts.size() ? 0 : counts.get(perWorker - 1).value;
    }

    private OfClass ofClass(int chipClass) {
        while (classes.size() <= chipClass) {
            classes.add(new OfClass());
        }
        return classes.get(chipClass);
    }
}

package dev.interposer.engine.order;

import dev.interposer.engine.fairness.Limit;
import dev.interposer.engine.fairness.QueueTree;
import dev.interposer.engine.fairness.Take;
import dev.interposer.engine.fit.RoomNeed;
import dev.interposer.engine.fleet.Fleet;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The shapes that were tried in vain, by what keeps them back.
 *
 * <p><b>Goals.</b> A release costs a look at the node where it happened, and a try only for a shape that this node can
 * hold, however many wait.
 *
 * <p><b>Constraints.</b> No shape that could start is left out: room that was not there before is on a node where
 * something was given back, and limits open when something under them is given back.
 *
 * <p><b>Algorithm.</b> Those who lack room are listed by the kinds of node that they could use and by what they need
 * there, so that each need is looked at once. For each node on which something was given back each lane brings the
 * first that the node may hold, until there is none. Those whom a rule keeps back wait in the rule's bucket, which is
 * asked each time.
 */
final class Aside {
    private final Fleet fleet;
    private final List<Kind> byKind = new ArrayList<>();
    private final Releases released = new Releases();
    private final Map<Blocker, Bucket> ruled = new LinkedHashMap<>();
    private long now = 1;
    private boolean overflown;

    Aside(Fleet fleet) {
        this.fleet = fleet;
    }

    /** A shape was tried in vain as things are. */
    void put(Shape shape, Collection<Blocker> blockers) {
        shape.triedAt = now;
        for (Blocker blocker : blockers) {
            if (blocker instanceof Blocker.Room room) {
                for (int kind : room.need().kinds()) {
                    list(shape, kind, room.need());
                }
            } else {
                Bucket bucket = ruled.computeIfAbsent(blocker, Bucket::new);
                if (!shape.buckets.contains(bucket)) {
                    bucket.put(shape, version(blocker));
                    shape.buckets.add(bucket);
                }
            }
        }
    }

    private void list(Shape shape, int kind, RoomNeed need) {
        Lacking lacking = kind(kind).of(need, shape.lane());
        if (!shape.lacking.contains(lacking)) {
            lacking.add(shape);
            shape.lacking.add(lacking);
        }
    }

    private Kind kind(int number) {
        while (byKind.size() <= number) {
            byKind.add(new Kind());
        }
        return byKind.get(number);
    }

    /** Takes a shape out; it is neither set aside nor anything else. */
    void remove(Shape shape) {
        for (Lacking lacking : shape.lacking) {
            lacking.remove(shape);
            lacking.dropIfEmpty();
        }
        for (Bucket bucket : shape.buckets) {
            bucket.take(shape);
            if (bucket.isEmpty()) {
                ruled.remove(bucket.blocker());
            }
        }
        shape.lacking.clear();
        shape.buckets.clear();
    }

    /** Changes the head of a shape, and with it its place in the orders. */
    void reorder(Shape shape, Runnable change) {
        for (Lacking lacking : shape.lacking) {
            lacking.remove(shape);
        }
        int untried = 0;
        for (int index = 0; index < shape.buckets.size(); index++) {
            untried |= shape.buckets.get(index).take(shape) ? 1 << index : 0;
        }
        change.run();
        for (Lacking lacking : shape.lacking) {
            lacking.add(shape);
        }
        for (int index = 0; index < shape.buckets.size(); index++) {
            shape.buckets.get(index).putBack(shape, (untried & 1 << index) != 0);
        }
    }

    void clear() {
        byKind.forEach(Kind::clear);
        released.clear();
        ruled.clear();
        overflown = false;
    }

    // ---- what changed

    /**
     * Something was given back on a node, or the node is not what it was.
     *
     * @param kept whether a place is kept there, so that what became free does not show
     */
    void released(long nodeId, boolean kept) {
        now++;
        overflown |= !released.add(nodeId, now, kept);
    }

    /** So many devices of a class more belong to places that are kept; or less. */
    void keep(int chipClass, int devices) {
        kind(chipClass).kept += devices;
    }

    /** Whether so much was given back that all should be tried again. */
    boolean overflown() {
        return overflown;
    }

    // ---- who is worth a try

    /** The first of each lane takes part in the choice. */
    void offer(List<Lane> touched) {
        for (int index = released.size() - 1; index >= 0; index--) {
            if (!offer(index, touched)) {
                released.remove(index);
            }
        }
        for (Bucket bucket : ruled.values()) {
            if (open(bucket.blocker())) {
                bucket.offer(version(bucket.blocker()), touched);
            }
        }
    }

    private boolean offer(int index, List<Lane> touched) {
        boolean any = false;
        int node = fleet.nodeSlot(released.node(index));
        for (int at = 0; node >= 0 && at < fleet.search().kindsOf(node); at++) {
            int number = fleet.search().kindOf(node, at);
            boolean hidden = released.hidden(index);
            Kind kind = number < byKind.size() ? byKind.get(number) : null;
            if (kind != null && kind.isLacked() && (hidden || fleet.search().hasAny(node, at))) {
                int free = hidden ? Integer.MAX_VALUE : fleet.search().freeOf(node, at);
                Kind.Released release = new Kind.Released(node, free, kind.kept, released.when(index), hidden);
                any |= kind.offer(release, fleet, touched);
            }
        }
        return any;
    }

    private static boolean open(Blocker blocker) {
        return switch (blocker) {
            case Blocker.AtLimit(Limit limit, long needed) -> needed <= limit.mostMilli() - limit.usedMilli();
            case Blocker.Withheld(QueueTree tree, Take take) -> !tree.withholds(take);
            case Blocker.Settings settings -> false;
            case Blocker.AtUser user -> true;
            case Blocker.Release release -> true;
            case Blocker.Room room -> true;
        };
    }

    private long version(Blocker blocker) {
        return switch (blocker) {
            case Blocker.AtLimit limit -> limit.limit().releases();
            case Blocker.AtUser user -> user.queue().releases();
            case Blocker.Release release -> now;
            case Blocker.Withheld withheld -> withheld.tree().changes() + now;
            case Blocker.Settings settings -> 0;
            case Blocker.Room room -> 0;
        };
    }
}

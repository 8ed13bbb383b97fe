package dev.interposer.engine.order;

import dev.interposer.engine.fit.RoomNeed;
import dev.interposer.engine.fleet.Fleet;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What is lacked on one kind of node. */
final class Kind {
    private final Map<RoomNeed, List<Lacking>> byNeed = new HashMap<>();
    /** Those that need few free devices first. */
    private final List<Lacking.InLane> lanes = new ArrayList<>();

    /** Devices of the kind that belong to places which are kept, used by others or not. */
    long kept;

    /**
     * A node of the kind on which something was given back.
     *
     * @param slot of the node
     * @param free whole devices of the kind that are free there
     * @param kept devices of the kind that belong to places which are kept
     * @param when by a count of releases
     * @param hidden whether what was given back does not show
     */
    record Released(int slot, int free, long kept, long when, boolean hidden) {
        /** Whether so many free devices are there, or might be. */
        boolean mayHave(int leastFree) {
            return hidden || leastFree <= free;
        }

        boolean mayHold(RoomNeed need, Fleet fleet) {
            return hidden || need.mayTake(fleet, slot, kept);
        }
    }

    /** Where the shapes of a lane are that have a need, made on first use. */
    Lacking of(RoomNeed need, Lane lane) {
        List<Lacking> known = byNeed.computeIfAbsent(need, key -> new ArrayList<>(1));
        Lacking.InLane inLane = of(lane, need.leastFree());
        for (Lacking lacking : known) {
            if (lacking.isIn(inLane)) {
                return lacking;
            }
        }
        Lacking made = new Lacking(this, need, inLane);
        known.add(made);
        return made;
    }

    private Lacking.InLane of(Lane lane, int leastFree) {
        for (Lacking.InLane known : lanes) {
            if (known.lane.equals(lane) && known.leastFree == leastFree) {
                return known;
            }
        }
        Lacking.InLane made = new Lacking.InLane(lane, leastFree);
        int place = 0;
        while (place < lanes.size() && lanes.get(place).leastFree <= leastFree) {
            place++;
        }
        lanes.add(place, made);
        return made;
    }

    /** Whether anybody may lack room there. */
    boolean isLacked() {
        return !lanes.isEmpty();
    }

    /** Nobody lacks anything. What is kept stays so. */
    void clear() {
        byNeed.clear();
        lanes.clear();
    }

    /** Nobody lacks it any more. */
    void drop(Lacking lacking) {
        List<Lacking> known = byNeed.get(lacking.need);
        if (known != null) {
            known.remove(lacking);
            if (known.isEmpty()) {
                byNeed.remove(lacking.need);
            }
        }
    }

    /**
     * Each lane brings the first that the node may hold and that was not tried since.
     *
     * @return whether there may be any
     */
    boolean offer(Released release, Fleet fleet, List<Lane> touched) {
        boolean any = false;
        for (int index = 0; index < lanes.size() && release.mayHave(lanes.get(index).leastFree); index++) {
            Lacking.InLane inLane = lanes.get(index);
            Shape before = inLane.lane.candidate;
            Shape best = best(inLane.lacking, before, release, fleet);
            any |= best != null;
            if (best != null && best != before) {
                inLane.lane.offer(best, touched);
            }
        }
        return any;
    }

    /** The one that its lane has already, if none that comes before it may be held. */
    private static @Nullable Shape best(List<Lacking> lacking, @Nullable Shape before, Released release, Fleet fleet) {
        Shape best = before;
        for (int index = 0; index < lacking.size(); index++) {
            Lacking one = lacking.get(index);
            if (best != null && Shape.ORDER.compare(best, one.head()) < 0) {
                break;
            }
            if (release.mayHold(one.need, fleet)) {
                Shape first = one.untried(release.when());
                best = first != null && (best == null || Shape.ORDER.compare(first, best) < 0) ? first : best;
            }
        }
        return best;
    }
}

package dev.interposer.engine.fit;

import dev.interposer.engine.fit.Demand.ProfileDemand;
import dev.interposer.engine.fit.Demand.ProfileDemand.ClassOption;
import dev.interposer.engine.fleet.Fleet;
import dev.interposer.engine.fleet.Ladder;
import dev.interposer.engine.fleet.Search;
import dev.interposer.engine.fleet.WorkerRequest;
import java.util.BitSet;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The room that the smallest gang of a profile needs on one class.
 *
 * <p>Room for a gang comes about only where something was given back: the gang must use that node, and the domain
 * around it must hold as many whole devices as the gang has. So a look at one node tells whether it is worth a try.
 */
public final class RoomNeed {
    private final int chipClass;
    private final List<WorkerRequest> roles;
    private final WorkerRequest firstRole;
    private final int[] kinds;
    private final int wholeDevices;
    private final int levelKey;
    private final boolean anyNode;
    private final int leastFree;

    /**
     * @param chipClass the class; −1 where any class of the requests will do
     * @param roles what a worker of each role asks for
     * @param wholeDevices so many must be free together in one domain of the level
     * @param levelKey key of the level that the gang must lie in; −1 for none
     * @param anyNode whether room may come about on nodes other than the one where something was given back: where
     *     levels are taken whole, the end of one worker frees the whole rack
     */
    private RoomNeed(int chipClass, List<WorkerRequest> roles, int wholeDevices, int levelKey, boolean anyNode) {
        this.chipClass = chipClass;
        this.roles = roles.stream().distinct().toList();
        this.firstRole = roles.getFirst();
        this.kinds = kindsOf(this.roles);
        this.wholeDevices = wholeDevices;
        this.levelKey = levelKey;
        this.anyNode = anyNode;
        this.leastFree = anyNode
                ? 0
                : roles.stream()
                        .mapToInt(role -> role.whole() ? role.devices() : 0)
                        .min()
                        .orElse(0);
    }

    public static RoomNeed of(ProfileDemand profile, @Nullable ClassOption option) {
        if (option == null) {
            return new RoomNeed(-1, profile.roles(), 0, -1, false);
        }
        Ladder ladder = option.ladder();
        int required = ladder.step(profile.topology().required());
        return new RoomNeed(
                option.number(),
                option.roles(),
                profile.minWholeDevices(),
                required < 0 ? -1 : ladder.key(required),
                !option.chipClass().wholeLevel().isEmpty());
    }

    /** Kinds of nodes, as {@link Search#forEachKind} names them, on which it may find room. */
    public int[] kinds() {
        return kinds;
    }

    private static int[] kindsOf(List<WorkerRequest> roles) {
        BitSet kinds = new BitSet();
        roles.forEach(role -> Search.forEachKind(role, kinds::set));
        return kinds.stream().toArray();
    }

    /** A node with fewer free whole devices of the kind than this need not be looked at. */
    public int leastFree() {
        return leastFree;
    }

    /**
     * Whether what is free on a node now may be the room that was missing.
     *
     * @param kept devices of the class that belong to places which are kept: a part of the room may be among them
     */
    public boolean mayTake(Fleet fleet, int node, long kept) {
        if (anyNode) {
            return true;
        }
        boolean some = fleet.search().hasRoom(firstRole, node);
        for (int role = 1; !some && role < roles.size(); role++) {
            some = fleet.search().hasRoom(roles.get(role), node);
        }
        return some && (wholeDevices <= 1 || enoughAround(fleet, node, kept));
    }

    private boolean enoughAround(Fleet fleet, int node, long kept) {
        if (fleet.freeTotal(chipClass) + kept < wholeDevices) {
            return false;
        }
        if (levelKey < 0 || kept > 0) {
            return true;
        }
        int domain = fleet.domainOf(levelKey, node);
        return domain >= 0 && fleet.search().free(chipClass, levelKey, domain) >= wholeDevices;
    }
}

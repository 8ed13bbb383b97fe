package dev.interposer.engine.fairness;

import dev.interposer.engine.model.QueueState;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A queue in its tree, with what it and those below it use. */
public final class QueueNode {
    private final String name;
    private final @Nullable QueueNode parent;
    private final int depth;
    private final int number;
    private final long weight;
    private final boolean open;
    private final UserBounds bounds;
    private final boolean boundsUsers;
    private final List<Limit> limits = new ArrayList<>();
    private final Map<String, UserUse> users = new HashMap<>();
    private long chargedMilli;
    private long currentMilli;
    private long releases;

    /** Bounds on each user of the queue; 0 for none. */
    record UserBounds(int mostDevices, int mostJobs) {
        boolean any() {
            return mostDevices > 0 || mostJobs > 0;
        }
    }

    /** Where it stands in the tree; the root has number 0, the others one each from 1 on. */
    record Place(String name, @Nullable QueueNode parent, int number) {}

    /** What one user has in the queue and those below it. */
    static final class UserUse {
        long milli;
        int jobs;
    }

    QueueNode(Place place, long weight, QueueState state, UserBounds bounds) {
        this.name = place.name();
        this.parent = place.parent();
        this.number = place.number();
        this.depth = parent == null ? 0 : parent.depth + 1;
        this.weight = Math.max(1, weight);
        this.open = state == QueueState.OPEN && (parent == null || parent.open);
        this.bounds = bounds;
        this.boundsUsers = bounds.any() || (parent != null && parent.boundsUsers);
    }

    /** Empty for the root. */
    public String name() {
        return name;
    }

    /** Null for the root. */
    public @Nullable QueueNode parent() {
        return parent;
    }

    /** Its own in its tree, from 0 on. */
    public int number() {
        return number;
    }

    /** 0 for the root. */
    public int depth() {
        return depth;
    }

    /** Whether it and all above it start work. */
    public boolean open() {
        return open;
    }

    public List<Limit> limits() {
        return limits;
    }

    UserBounds bounds() {
        return bounds;
    }

    /** Whether users are bounded here or above. */
    public boolean boundsUsers() {
        return boundsUsers;
    }

    UserUse user(String userName) {
        return users.computeIfAbsent(userName, absent -> new UserUse());
    }

    @Nullable
    UserUse knownUser(String userName) {
        return users.get(userName);
    }

    /** What it has used of late and uses now, for its weight: the one with the least goes first. */
    public long shareMilli() {
        return (chargedMilli + currentMilli) / weight;
    }

    /** What it uses now: devices in thousandths, weighted by price. */
    public long currentMilli() {
        return currentMilli;
    }

    void charged(long milli) {
        chargedMilli = milli;
    }

    void charge(long milli) {
        currentMilli += milli;
    }

    void released() {
        releases++;
    }

    /** Grows with each release in it or below it. */
    public long releases() {
        return releases;
    }

    /** Whether the other is this one or lies below it. */
    public boolean contains(QueueNode other) {
        for (QueueNode node = other; node != null; node = node.parent) {
            if (node == this) {
                return true;
            }
        }
        return false;
    }

    /** The highest queue from this one up that does not contain the other; null if this one contains it. */
    public @Nullable QueueNode belowCommon(QueueNode other) {
        QueueNode found = null;
        for (QueueNode node = this; node != null && !node.contains(other); node = node.parent()) {
            found = node;
        }
        return found;
    }

    @Override
    public String toString() {
        return name.isEmpty() ? "root" : name;
    }
}

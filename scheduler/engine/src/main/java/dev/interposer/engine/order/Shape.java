package dev.interposer.engine.order;

import dev.interposer.engine.model.JobSpec;
import dev.interposer.engine.state.GangState;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.function.Consumer;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/** Waiting gangs that are alike: what keeps one of them waiting keeps them all. */
public final class Shape {
    private static final int MOST_LOOKED_AT = 256;

    /** Higher priority first, then the one with the gang that has waited longest. */
    static final Comparator<Shape> ORDER = Shape::compare;

    private final ShapeKey key;
    private final int priority;
    private final Lane lane;
    private final Arrivals gangs = new Arrivals();
    /** Whether it was tried in vain and waits for a change. */
    boolean aside;

    /** By a count of releases. */
    long triedAt;

    /** Where it is listed for room, and whose rules keep it back, while it is set aside. */
    final List<Lacking> lacking = new ArrayList<>(1);

    final List<Bucket> buckets = new ArrayList<>(0);

    /** The first of the gangs and its place in the order, so that comparing shapes looks at nothing else. */
    private @Nullable GangState head;

    private long headJobId;
    private int headIndex;

    Shape(ShapeKey key) {
        this.key = key;
        this.priority = key.priority();
        this.lane = key.lane();
    }

    public int priority() {
        return priority;
    }

    /** The queue in which they all wait. */
    public String queueName() {
        return key.lane().queueName;
    }

    /** Number of what they all ask of the fleet. */
    public int need() {
        return key.need();
    }

    /** Place, from 1, of the profile that they are bound to; 0 for none. */
    public int startedProfile() {
        return key.startedProfile();
    }

    /** The job that all its gangs are of, where they depend on each other; else 0. */
    public long jobId() {
        return key.jobId();
    }

    /** The user that all its gangs are of, where users are bounded; else empty. */
    public String userName() {
        return key.userName();
    }

    /** A spec that asks what they all ask. */
    public JobSpec spec() {
        return head().job().spec();
    }

    /** The gang that has waited longest. */
    public GangState head() {
        return Objects.requireNonNull(head);
    }

    /** The first for whom something holds, among those that have waited longest; null if there is none. */
    public @Nullable GangState first(Predicate<GangState> condition) {
        for (int place = 0; place < Math.min(MOST_LOOKED_AT, gangs.size()); place++) {
            if (condition.test(gangs.get(place))) {
                return gangs.get(place);
            }
        }
        return null;
    }

    public int size() {
        return gangs.size();
    }

    void forEach(Consumer<GangState> action) {
        gangs.forEach(action);
    }

    ShapeKey key() {
        return key;
    }

    Lane lane() {
        return lane;
    }

    boolean add(GangState gang) {
        boolean added = gangs.add(gang);
        lead();
        return added;
    }

    boolean remove(GangState gang) {
        boolean removed = gangs.remove(gang);
        lead();
        return removed;
    }

    private void lead() {
        head = gangs.isEmpty() ? null : gangs.first();
        headJobId = gangs.isEmpty() ? 0 : gangs.firstJobId();
        headIndex = gangs.isEmpty() ? 0 : gangs.firstIndex();
    }

    /** Whether a gang comes before all that are here. */
    boolean isPrecededBy(GangState gang) {
        long jobId = gang.job().id();
        return jobId != headJobId ? jobId < headJobId : gang.index() < headIndex;
    }

    private static int compare(Shape a, Shape b) {
        if (a.priority != b.priority) {
            return a.priority > b.priority ? -1 : 1;
        }
        int byJob = Long.compare(a.headJobId, b.headJobId);
        return byJob != 0 ? byJob : Integer.compare(a.headIndex, b.headIndex);
    }

    /** How many of them come before a gang. */
    int ahead(GangState gang) {
        return gangs.ahead(gang);
    }
}

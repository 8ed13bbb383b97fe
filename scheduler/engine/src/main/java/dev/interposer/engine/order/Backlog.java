package dev.interposer.engine.order;

import dev.interposer.engine.fairness.QueueNode;
import dev.interposer.engine.fairness.QueueTree;
import dev.interposer.engine.fleet.Fleet;
import dev.interposer.engine.model.InferenceSpec;
import dev.interposer.engine.model.JobSpec;
import dev.interposer.engine.state.GangState;
import dev.interposer.engine.state.JobState;
import dev.interposer.engine.table.IdCache;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.BiPredicate;
import java.util.function.IntPredicate;
import java.util.function.ToIntFunction;
import org.jspecify.annotations.Nullable;

/**
 * The waiting gangs, grouped by shape.
 *
 * <p><b>Goals.</b> The next gang in the order of {@link Tournament}; a hundred thousand waiting gangs of few shapes
 * cost no more than the shapes.
 *
 * <p><b>Constraints.</b> A shape that found no place is not tried again before one of its blockers has changed. Later
 * work of another shape may pass it until then.
 *
 * <p><b>Algorithm.</b> Each queue has a lane of ready shapes; shapes that were tried in vain wait in the buckets of
 * their blockers. To choose, each lane brings the best of its ready shapes and of the untried ones in open buckets.
 */
public final class Backlog {
    private static final int MOST_SPECS = 65_536;

    private final Tournament tournament;
    private final ToIntFunction<GangState> needs;
    private final Map<ShapeKey, Shape> shapes = new HashMap<>();
    private final Map<String, Lane> lanes = new TreeMap<>();
    private final IdCache<Lane> laneOfSpec = new IdCache<>(MOST_SPECS);
    private final Aside aside;
    private final List<Lane> touched = new ArrayList<>();
    /** Shapes that are ready, over all lanes; mostly none. */
    private int ready;

    private @Nullable QueueTree tree;
    private boolean policiesBindReplicas;
    /** What was to be tried last. */
    private @Nullable Shape chosen;

    private int gangs;

    /**
     * @param fleet the arrays, in which it is looked whether a release may help
     * @param guaranteed whether a start stays within a queue's guarantee
     * @param needs a number that is equal for gangs that ask the same of the fleet
     */
    public Backlog(Fleet fleet, BiPredicate<QueueNode, Shape> guaranteed, ToIntFunction<GangState> needs) {
        this.aside = new Aside(fleet);
        this.needs = needs;
        this.tournament = new Tournament(guaranteed::test);
    }

    /**
     * Queues or policies changed: every shape is worth a try, and its lane has another place in the tree.
     *
     * @param replicasBound whether a policy bounds the replicas of jobs, so that those of one job depend on each other
     */
    public void follow(QueueTree changed, boolean replicasBound) {
        boolean regroup =
                tree == null || boundsUsers(tree) || boundsUsers(changed) || replicasBound != policiesBindReplicas;
        tree = changed;
        policiesBindReplicas = replicasBound;
        wakeAll();
        lanes.values().forEach(lane -> lane.node = changed.find(lane.queueName));
        if (regroup) {
            regroup();
        }
    }

    private static boolean boundsUsers(QueueTree tree) {
        return tree.all().stream().anyMatch(QueueNode::boundsUsers);
    }

    private void regroup() {
        List<GangState> all = new ArrayList<>(gangs);
        shapes.values().forEach(shape -> shape.forEach(all::add));
        shapes.clear();
        chosen = null;
        lanes.values().forEach(lane -> lane.ready.clear());
        ready = 0;
        gangs = 0;
        all.forEach(this::add);
    }

    public void add(GangState gang) {
        ShapeKey key = keyOf(gang);
        Shape shape = shapes.get(key);
        if (shape == null) {
            shape = new Shape(key);
            shape.add(gang);
            shapes.put(key, shape);
            makeReady(shape);
            gangs++;
        } else if (shape.isPrecededBy(gang)) {
            Shape known = shape;
            reordering(shape, () -> known.add(gang));
            gangs++;
        } else if (shape.add(gang)) {
            gangs++;
        }
    }

    public void remove(GangState gang) {
        Shape shape = chosen != null && chosen.size() > 0 && chosen.head() == gang ? chosen : shapes.get(keyOf(gang));
        if (shape == null) {
            throw notWaiting(gang);
        }
        if (shape.head() == gang) {
            removeHead(shape, gang);
        } else if (!shape.remove(gang)) {
            throw notWaiting(gang);
        }
        gangs--;
    }

    private void removeHead(Shape shape, GangState gang) {
        if (shape.size() == 1) {
            takeOut(shape);
            shape.remove(gang);
            shapes.remove(shape.key());
        } else {
            reordering(shape, () -> shape.remove(gang));
        }
    }

    private static IllegalStateException notWaiting(GangState gang) {
        return new IllegalStateException("gang of job " + gang.job().fullName() + " does not wait");
    }

    /** Takes a shape out of whatever orders it, changes its head, and puts it back. */
    private void reordering(Shape shape, Runnable change) {
        if (shape.aside) {
            aside.reorder(shape, change);
        } else {
            unready(shape);
            change.run();
            makeReady(shape);
        }
    }

    private void takeOut(Shape shape) {
        if (shape.aside) {
            aside.remove(shape);
            shape.aside = false;
        } else {
            unready(shape);
        }
    }

    private void makeReady(Shape shape) {
        ready += shape.lane().ready.add(shape) ? 1 : 0;
    }

    private void unready(Shape shape) {
        ready -= shape.lane().ready.remove(shape) ? 1 : 0;
    }

    /** The shape to be tried next, or null. */
    public @Nullable Shape first() {
        gather();
        chosen = touched.isEmpty() ? null : tournament.first(touched);
        return chosen;
    }

    /** Whether something that waits is worth a try. */
    public boolean hasFirst() {
        gather();
        boolean any = false;
        for (Lane lane : touched) {
            any |= lane.node != null && lane.node.open();
            lane.candidate = null;
        }
        return any;
    }

    /** Each lane brings its best. */
    private void gather() {
        if (aside.overflown()) {
            wakeAll();
        }
        touched.clear();
        if (ready > 0) {
            for (Lane lane : lanes.values()) {
                if (!lane.ready.isEmpty()) {
                    lane.offer(lane.ready.first(), touched);
                }
            }
        }
        aside.offer(touched);
    }

    /** Found no place: not to be tried again before one of the blockers changes. */
    public void setAside(Shape shape, Collection<Blocker> blockers) {
        takeOut(shape);
        shape.aside = true;
        aside.put(shape, blockers);
    }

    /** Everything is worth another try. */
    public void wakeAll() {
        for (Shape shape : shapes.values()) {
            if (shape.aside) {
                aside.remove(shape);
                shape.aside = false;
                makeReady(shape);
            }
        }
        aside.clear();
    }

    /**
     * Something was given back on a node, or the node is not what it was.
     *
     * @param kept whether a place is kept there, so that what became free does not show
     */
    public void released(long nodeId, boolean kept) {
        aside.released(nodeId, kept);
    }

    /** So many devices of a class more belong to places that are kept; or less. */
    public void keep(int chipClass, int devices) {
        aside.keep(chipClass, devices);
    }

    /** Where a gang of a job is bears on where its other gangs may be: those that wait are worth another try. */
    public void wakeOthers(GangState gang) {
        if (!alone(gang.job().spec().inference()) || gang.job().gangs().size() == 1) {
            return;
        }
        for (GangState other : gang.job().gangs()) {
            Shape shape = other != gang && other.eligible() ? shapes.get(keyOf(other)) : null;
            if (shape != null && shape.aside) {
                takeOut(shape);
                makeReady(shape);
            }
        }
    }

    /** The shapes that come first, those set aside among them. */
    public List<Shape> first(int most) {
        Map<Lane, ArrayList<Shape>> byLane = new LinkedHashMap<>();
        shapes.values().stream()
                .sorted(Shape.ORDER.reversed())
                .forEach(shape -> byLane.computeIfAbsent(shape.lane(), lane -> new ArrayList<>())
                        .add(shape));
        List<Shape> found = new ArrayList<>();
        while (found.size() < most) {
            List<Lane> contenders = new ArrayList<>();
            byLane.forEach((lane, left) -> {
                if (!left.isEmpty()) {
                    lane.candidate = left.getLast();
                    contenders.add(lane);
                }
            });
            contenders.sort(Comparator.comparing(lane -> lane.queueName));
            Shape next = tournament.first(contenders);
            if (next == null) {
                break;
            }
            found.add(next);
            ArrayList<Shape> left = byLane.get(next.lane());
            if (left != null) {
                left.removeLast();
            }
        }
        return found;
    }

    /** The shapes of some bands in queues that start work: higher bands first, then who has waited longest. */
    public List<Shape> longestWaiting(IntPredicate bands) {
        return shapes.values().stream()
                .filter(shape -> bands.test(shape.priority()))
                .filter(shape -> shape.lane().node != null && shape.lane().node.open())
                .sorted(Shape.ORDER)
                .toList();
    }

    /** Every shape that waits, in no order. */
    public Collection<Shape> all() {
        return Collections.unmodifiableCollection(shapes.values());
    }

    /** Place of a gang among those of its queue, from 1. */
    public int position(GangState gang) {
        int ahead = 0;
        String queue = gang.job().spec().queueName();
        for (Shape shape : shapes.values()) {
            if (!shape.queueName().equals(queue)
                    || shape.priority() < gang.job().priority()) {
                continue;
            }
            ahead += shape.priority() > gang.job().priority() ? shape.size() : shape.ahead(gang);
        }
        return ahead + 1;
    }

    /** The queue in which a shape waits; null if there is none of its name. */
    public @Nullable QueueNode queueOf(Shape shape) {
        return shape.lane().node;
    }

    /** Of all that wait; the least integer if nothing does. */
    public int highestPriority() {
        int highest = Integer.MIN_VALUE;
        for (Shape shape : shapes.values()) {
            highest = Math.max(highest, shape.priority());
        }
        return highest;
    }

    public int size() {
        return gangs;
    }

    public int shapes() {
        return shapes.size();
    }

    private Lane laneOf(JobState job) {
        Lane known = laneOfSpec.find(job.specId());
        if (known == null) {
            known = laneOf(job.spec().queueName());
            laneOfSpec.put(job.specId(), known);
        }
        return known;
    }

    private Lane laneOf(String queueName) {
        Lane known = lanes.get(queueName);
        if (known == null) {
            known = new Lane(queueName, lanes.size());
            known.node = tree == null ? null : tree.find(queueName);
            lanes.put(queueName, known);
        }
        return known;
    }

    private ShapeKey keyOf(GangState gang) {
        JobSpec spec = gang.job().spec();
        Lane lane = laneOf(gang.job());
        boolean byUser = lane.node != null && lane.node.boundsUsers();
        return new ShapeKey(
                lane,
                gang.job().priority(),
                needs.applyAsInt(gang),
                byUser ? gang.job().userName() : "",
                gang.startedProfile(),
                alone(spec.inference()) ? gang.job().id() : 0);
    }

    /** Whether the replicas of one job depend on each other. */
    private boolean alone(@Nullable InferenceSpec inference) {
        return inference != null
                && (policiesBindReplicas
                        || !inference.spread().isEmpty()
                        || inference.minSuppliers() > 1
                        || inference.minLossCoveragePercent() > 0);
    }
}

package dev.interposer.engine.fairness;

import dev.interposer.engine.fleet.Fleet;
import dev.interposer.engine.model.AcceleratorClass;
import dev.interposer.engine.model.JobQueue;
import dev.interposer.engine.model.JobQueue.Quota;
import dev.interposer.engine.model.QueueState;
import dev.interposer.engine.state.JobState;
import dev.interposer.engine.state.Settings;
import dev.interposer.engine.table.IdCache;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.Collection;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The tree of queues and what each one uses; the rules of who may start.
 *
 * <p><b>Goals.</b> A queue gets what it is guaranteed whenever it asks; what it leaves idle is lent; nobody exceeds a
 * limit, neither a queue nor a user nor any queue above.
 *
 * <p><b>Constraints.</b> Checked when work starts, never afterwards: a limit that is lowered under running work stops
 * nothing. Guarantees are physical: devices, not money.
 *
 * <p><b>Algorithm.</b> Each quota counts what its queue and those below it use, by increments. A start is held against
 * every quota on the way from its queue to the root: at most the limit, at most guarantee + borrowLimit; and against
 * what other queues withhold, which is guarantee − lendLimit − used wherever that is above zero: so much must stay free
 * of the scope.
 *
 * <p>Example: a scope of 16 devices; queue A has guarantee 8 and lendLimit 6, so 2 are never lent. Queue B, with
 * nothing guaranteed, may use 14 while A is idle. When A uses 1 it withholds 1; when it uses 2 or more, nothing.
 */
public final class QueueTree {
    private static final int MOST_SPECS = 65_536;

    private final Fleet fleet;
    private final QueueNode root =
            new QueueNode(new QueueNode.Place("", null, 0), 1, QueueState.OPEN, new QueueNode.UserBounds(0, 0));
    private final Map<String, QueueNode> nodes = new LinkedHashMap<>();
    private final List<Limit> withholding = new ArrayList<>();
    private final List<ClassFacts> classes = new ArrayList<>();

    /** What a device of a class counts as, in thousandths: in reference devices, and in charge. */
    private record ClassFacts(long referenceMilli, long chargeMilli) {
        static final ClassFacts NONE = new ClassFacts(1000, 1000);
    }

    private final IdCache<QueueNode> bySpec = new IdCache<>(MOST_SPECS);
    private boolean guarantees;
    private long changes;
    private int tries;

    private QueueTree(Fleet fleet) {
        this.fleet = fleet;
    }

    /** The tree of the settings, with nothing in use. */
    public static QueueTree of(Settings settings, Fleet fleet) {
        QueueTree tree = new QueueTree(fleet);
        for (AcceleratorClass chipClass : settings.classes()) {
            long price = settings.pricesMilli().getOrDefault(chipClass.name(), 1000L);
            long reference = chipClass.referenceMilli();
            int number = fleet.classNumber(chipClass.name());
            while (tree.classes.size() <= number) {
                tree.classes.add(ClassFacts.NONE);
            }
            tree.classes.set(number, new ClassFacts(reference, Math.max(reference, price)));
        }
        for (JobQueue queue : settings.queues()) {
            tree.node(queue, settings);
        }
        tree.charged(settings.chargesMilli());
        return tree;
    }

    /** What each queue has used of late was published anew. */
    public void charged(Map<String, Long> milliByQueue) {
        nodes.forEach((name, node) -> node.charged(milliByQueue.getOrDefault(name, 0L)));
    }

    private QueueNode node(JobQueue queue, Settings settings) {
        QueueNode known = nodes.get(queue.name());
        if (known != null) {
            return known;
        }
        JobQueue above = settings.queue(queue.parentName());
        QueueNode parent = above == null ? root : node(above, settings);
        QueueNode node = new QueueNode(
                new QueueNode.Place(queue.name(), parent, nodes.size() + 1),
                queue.weight(),
                queue.state(),
                new QueueNode.UserBounds(queue.maxDevicesPerUser(), queue.maxRunningJobsPerUser()));
        for (Quota quota : queue.quotas()) {
            Limit limit = new Limit(node, quota, classesOf(quota, settings));
            node.limits().add(limit);
            guarantees |= limit.guaranteedMilli() > 0;
            if (quota.lendLimit() >= 0 && quota.guarantee() > quota.lendLimit()) {
                withholding.add(limit);
            }
        }
        nodes.put(queue.name(), node);
        return node;
    }

    private BitSet classesOf(Quota quota, Settings settings) {
        BitSet covered = new BitSet();
        for (AcceleratorClass chipClass : settings.classes()) {
            boolean covers = switch (quota.scope()) {
                case CLASS -> chipClass.name().equals(quota.scopeName());
                case CHIP_FAMILY -> chipClass.chipFamily().equals(quota.scopeName());
                case SUPPLIER -> chipClass.supplierName().equals(quota.scopeName());
                case ALL -> true;
            };
            if (covers) {
                covered.set(fleet.classNumber(chipClass.name()));
            }
        }
        return covered;
    }

    /** Whether any queue is guaranteed anything. */
    public boolean hasGuarantees() {
        return guarantees;
    }

    public QueueNode root() {
        return root;
    }

    /** The queue, or null. */
    public @Nullable QueueNode find(String queueName) {
        return nodes.get(queueName);
    }

    /** The queue of a job, or null: what specs name is remembered. */
    public @Nullable QueueNode of(JobState job) {
        QueueNode known = bySpec.find(job.specId());
        if (known == null) {
            known = nodes.get(job.spec().queueName());
            if (known != null) {
                bySpec.put(job.specId(), known);
            }
        }
        return known;
    }

    /** Every queue but the root, parents before children or after them. */
    public Collection<QueueNode> all() {
        return Collections.unmodifiableCollection(nodes.values());
    }

    // ---- what is used

    public void use(Take take) {
        change(take, 1);
    }

    /** The inverse of {@link #use}. */
    public void free(Take take) {
        change(take, -1);
    }

    /** Grows whenever somebody takes or gives back something. */
    public long changes() {
        return changes;
    }

    /** Between its true and its false what is freed is used again: no change that anybody need look at. */
    public void trying(boolean begins) {
        tries += begins ? 1 : -1;
    }

    private void change(Take take, int sign) {
        boolean lasts = tries == 0;
        changes += lasts ? 1 : 0;
        ClassFacts facts = facts(take.chipClass());
        long charge = sign * take.milli() * facts.chargeMilli() / 1000;
        for (QueueNode node = take.queue(); node != null; node = node.parent()) {
            node.charge(charge);
            if (sign < 0 && lasts) {
                node.released();
            }
            List<Limit> limits = node.limits();
            for (int index = 0; index < limits.size(); index++) {
                Limit limit = limits.get(index);
                if (limit.covers(take.chipClass())) {
                    limit.use(sign * amount(limit, take.chipClass(), take.milli()), lasts);
                }
            }
            if (node.bounds().mostDevices() > 0) {
                node.user(take.userName()).milli += sign * take.milli();
            }
        }
    }

    /** What a queue uses is in part only kept for gangs that do not run yet; that makes it no borrower. */
    public void keep(Take take, boolean kept) {
        for (QueueNode node = take.queue(); node != null; node = node.parent()) {
            for (Limit limit : node.limits()) {
                if (limit.covers(take.chipClass())) {
                    long amount = amount(limit, take.chipClass(), take.milli());
                    limit.keep(kept ? amount : -amount);
                }
            }
        }
    }

    /** A job of the user began to hold something, or does so no more. */
    public void countJob(QueueNode queue, String userName, int by) {
        changes++;
        for (QueueNode node = queue; node != null; node = node.parent()) {
            if (node.bounds().mostJobs() > 0) {
                node.user(userName).jobs += by;
                node.released();
            }
        }
    }

    // ---- who may start

    /**
     * What keeps a start back, or null.
     *
     * @param another whether the start is of a job that holds nothing yet
     */
    public @Nullable Refusal refusal(Take take, boolean another) {
        for (QueueNode node = take.queue(); node != null; node = node.parent()) {
            List<Limit> limits = node.limits();
            for (int index = 0; index < limits.size(); index++) {
                Limit limit = limits.get(index);
                if (limit.covers(take.chipClass())) {
                    long needed = amount(limit, take.chipClass(), take.milli());
                    if (needed > limit.mostMilli() - limit.usedMilli()) {
                        boolean hard = needed > limit.hardMilli() - limit.usedMilli();
                        return new Refusal.ByLimit(limit, needed, hard);
                    }
                }
            }
            if (node.bounds().any()) {
                Refusal byUser = userRefusal(node, take, another);
                if (byUser != null) {
                    return byUser;
                }
            }
        }
        return withholding.isEmpty() ? null : withheld(take);
    }

    /** Whether other queues withhold what a start would take. */
    public boolean withholds(Take take) {
        return !withholding.isEmpty() && withheld(take) != null;
    }

    private static @Nullable Refusal userRefusal(QueueNode node, Take take, boolean another) {
        QueueNode.UserUse use = node.knownUser(take.userName());
        long milli = use == null ? 0 : use.milli;
        int jobs = use == null ? 0 : use.jobs;
        int mostDevices = node.bounds().mostDevices();
        if (mostDevices > 0 && milli + take.milli() > mostDevices * 1000L) {
            return new Refusal.ByUserDevices(node, take.userName(), mostDevices, milli, take.milli());
        }
        int mostJobs = node.bounds().mostJobs();
        if (another && mostJobs > 0 && jobs + 1 > mostJobs) {
            return new Refusal.ByUserJobs(node, take.userName(), mostJobs);
        }
        return null;
    }

    private @Nullable Refusal withheld(Take take) {
        for (int index = 0; index < withholding.size(); index++) {
            Limit limit = withholding.get(index);
            if (!limit.covers(take.chipClass()) || limit.queue().contains(take.queue())) {
                continue;
            }
            long keep = 0;
            for (int other = 0; other < withholding.size(); other++) {
                Limit same = withholding.get(other);
                boolean sameScope = same.quota().scope() == limit.quota().scope()
                        && same.quota().scopeName().equals(limit.quota().scopeName());
                if (sameScope && !same.queue().contains(take.queue())) {
                    keep += same.withheldMilli();
                }
            }
            long needed = amount(limit, take.chipClass(), take.milli());
            long free = keep == 0 ? 0 : freeMilli(limit);
            if (keep > 0 && free - needed < keep) {
                return new Refusal.ByWithholding(limit, free, keep, needed);
            }
        }
        return null;
    }

    private long freeMilli(Limit limit) {
        long free = 0;
        for (int chipClass = 0; chipClass < fleet.classCount(); chipClass++) {
            if (limit.covers(chipClass)) {
                free += amount(limit, chipClass, fleet.freeTotal(chipClass) * 1000);
            }
        }
        return free;
    }

    /** How many more thousandths of devices of a class the queue and the user may take; what is withheld aside. */
    public long headroomMilli(QueueNode queue, String userName, int chipClass) {
        long room = Long.MAX_VALUE;
        for (QueueNode node = queue; node != null; node = node.parent()) {
            for (Limit limit : node.limits()) {
                if (limit.covers(chipClass) && limit.mostMilli() < Long.MAX_VALUE) {
                    long left = Math.max(0, limit.mostMilli() - limit.usedMilli());
                    room = Math.min(room, inDevices(limit, chipClass, left));
                }
            }
            if (node.bounds().mostDevices() > 0) {
                QueueNode.UserUse use = node.knownUser(userName);
                long left = node.bounds().mostDevices() * 1000L - (use == null ? 0 : use.milli);
                room = Math.min(room, Math.max(0, left));
            }
        }
        return room;
    }

    /** Whether the start stays within what a queue, one of those on its way to the root, is guaranteed. */
    public boolean guaranteed(QueueNode node, int chipClass, long milli) {
        List<Limit> limits = node.limits();
        for (int index = 0; index < limits.size(); index++) {
            Limit limit = limits.get(index);
            if (limit.guaranteedMilli() > 0
                    && limit.covers(chipClass)
                    && limit.usedMilli() + amount(limit, chipClass, milli) <= limit.guaranteedMilli()) {
                return true;
            }
        }
        return false;
    }

    /** Whether what runs in a queue is more of a class than it is guaranteed. */
    public boolean borrows(QueueNode node, int chipClass) {
        boolean within = false;
        for (Limit limit : node.limits()) {
            within |= limit.guaranteedMilli() > 0
                    && limit.covers(chipClass)
                    && limit.runningMilli() <= limit.guaranteedMilli();
        }
        return !within;
    }

    private long amount(Limit limit, int chipClass, long milli) {
        return limit.countsReferenceDevices() ? milli * facts(chipClass).referenceMilli() / 1000 : milli;
    }

    private long inDevices(Limit limit, int chipClass, long amount) {
        return limit.countsReferenceDevices() ? amount * 1000 / facts(chipClass).referenceMilli() : amount;
    }

    private ClassFacts facts(int chipClass) {
        return chipClass >= 0 && chipClass < classes.size() ? classes.get(chipClass) : ClassFacts.NONE;
    }
}

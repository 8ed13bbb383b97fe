package dev.interposer.engine.sourcing;

import dev.interposer.engine.model.AcceleratorClass;
import dev.interposer.engine.model.Reason;
import dev.interposer.engine.model.ReasonCode;
import dev.interposer.engine.model.Reservation;
import dev.interposer.engine.model.ReservationCause;
import dev.interposer.engine.model.Role;
import dev.interposer.engine.model.SourcingPolicy;
import dev.interposer.engine.model.SourcingPolicy.Enforcement;
import dev.interposer.engine.model.SourcingPolicy.PinnedWork;
import dev.interposer.engine.model.SourcingPolicy.SourcingRule;
import dev.interposer.engine.model.WorkerPlacement;
import dev.interposer.engine.sourcing.Rulebook.ClassPart;
import dev.interposer.engine.state.GangState;
import dev.interposer.engine.state.JobState;
import dev.interposer.engine.state.NodeState;
import dev.interposer.engine.state.State;
import dev.interposer.engine.state.StateObserver;
import dev.interposer.engine.state.WorkerState;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.IntFunction;
import org.jspecify.annotations.Nullable;

/**
 * How far work may rest on one supplier, for whoever decides.
 *
 * <p><b>Goals.</b> No start creates an excess over a hard cap or deepens one; soft bounds bend the choice of profile;
 * whoever is refused is told by which rule.
 *
 * <p><b>Constraints.</b> Denominators are fixed: what is installed, or what is guaranteed; a share of what is taken now
 * would move with each start. Nothing is ever stopped for a ratio: an excess that a loss or a departure made is left to
 * end by itself. Only integers, and nothing is rounded where a start is allowed or refused. No allocation where nothing
 * blocks, but for jobs that bound their replicas.
 *
 * <p><b>Algorithm.</b> Each rule keeps what is used of it, by increments as workers come and go. A start on a class
 * adds its chips × reference value × percent of the rule's supplier; it fits if the sum is within the policy's minimum
 * or within the cap's percent of the denominator. What others were asked to leave for counts as used already. At the
 * seller's tier, before the nodes are known, a chip counts as the least welcome of the sellers that its class has
 * anywhere. Work that a policy excepts, until the exception ends, and work that no other supplier could run, where the
 * policy only counts such, start all the same; both are counted.
 */
public final class Sourcing implements StateObserver {
    /** Matches are only a cache: above so many they are made again as needed. */
    private static final int MOST_MATCHES = 4096;

    private final State state;
    private final IntFunction<String> classNames;
    private final SupplyCounters supply;
    private final LongTable<Match> matches = new LongTable<>();
    private final List<@Nullable ClassPart> byNumber = new ArrayList<>();
    private Rulebook book;
    private Promised promised = new Promised(0);
    private boolean installStale = true;
    private long objectsVersion = -1;
    private long atMicros;

    private Sourcing(State state, IntFunction<String> classNames) {
        this.state = state;
        this.classNames = classNames;
        this.supply = SupplyCounters.of(state);
        this.book = new Rulebook(state.settings());
    }

    /**
     * Follows a state from here on; what is there already is taken in.
     *
     * @param classNames names of the numbers by which classes are asked for
     */
    public static Sourcing following(State state, IntFunction<String> classNames) {
        Sourcing sourcing = new Sourcing(state, classNames);
        state.observe(sourcing);
        return sourcing;
    }

    /** The time of the page that is being decided; exceptions end by it. */
    public void at(long micros) {
        atMicros = micros;
    }

    /**
     * Why a gang of a job may not start on a class now; null if it may.
     *
     * @param milliDevices thousandths of chips that it would take
     */
    public @Nullable Reason blocks(JobState job, int classNumber, long milliDevices) {
        refresh();
        Match match = match(job);
        if (classNumber < 0 || (match.size() == 0 && !match.boundsReplicas())) {
            return null;
        }
        ClassPart part = part(classNumber);
        if (part == null) {
            return null;
        }
        for (int n = 0; n < match.size(); n++) {
            int rule = blockingRule(match, n, part, milliDevices);
            if (rule >= 0) {
                return reason(match.policy(n), rule, part, milliDevices);
            }
        }
        return match.boundsReplicas() ? replicas(job, match, part.chipClass()) : null;
    }

    /**
     * By how many thousandths the price of a start on a class is to be raised, so that soft bounds are kept: the part
     * of the denominator by which a bound would be missed, for the part of the chip that misses it.
     */
    public long penaltyMilli(JobState job, int classNumber, long milliDevices) {
        refresh();
        Match match = match(job);
        ClassPart part = classNumber < 0 || match.size() == 0 ? null : part(classNumber);
        if (part == null) {
            return 0;
        }
        long penalty = 0;
        for (int n = 0; n < match.size(); n++) {
            int policy = match.policy(n);
            for (int rule = book.first(policy); rule < book.first(policy + 1); rule++) {
                penalty += penalty(policy, rule, part, milliDevices);
            }
        }
        return penalty;
    }

    /** Every rule of every policy with its use, in the order of policies and rules; walks what runs. */
    public List<RuleUse> uses() {
        refresh();
        RunningUse running = new RunningUse(book, state.settings());
        if (book.ruleCount() > 0) {
            for (NodeState node : state.nodes().all()) {
                String seller = supply.sellerOf(node.id());
                for (WorkerState worker : node.workers()) {
                    running.add(match(worker.gang().job()), worker, seller);
                }
            }
        }
        return running.uses();
    }

    /**
     * What is used of one rule, in units of 10⁻⁸ reference device.
     *
     * @param used by the work of the policy's scope
     * @param pinned part of it by work that no other supplier could run
     * @param unknown what the scope uses of chips whose supplier at the tier is not known
     * @param denominator what shares are shares of; 0 if there is nothing
     */
    public record RuleUse(
            SourcingPolicy policy, SourcingRule rule, long used, long pinned, long unknown, long denominator) {}

    private int blockingRule(Match match, int n, ClassPart part, long milliDevices) {
        int policy = match.policy(n);
        for (int rule = book.first(policy); rule < book.first(policy + 1); rule++) {
            int percent = part.worst(rule);
            if (percent == 0 || book.rule(rule).enforcement() != Enforcement.HARD) {
                continue;
            }
            long after = book.used(rule) + promised.of(rule) + part.units(milliDevices, percent);
            if (!book.fits(policy, rule, after) && !match.excepted(n, now()) && !countedOnly(match, policy, rule)) {
                return rule;
            }
        }
        return -1;
    }

    private boolean countedOnly(Match match, int policy, int rule) {
        SourcingRule cap = book.rule(rule);
        return book.policies().get(policy).pinnedWork() == PinnedWork.COUNT_ONLY
                && match.ways().pinned(book::sellersOf, cap.tier(), cap.supplierName());
    }

    private @Nullable Reason replicas(JobState job, Match match, AcceleratorClass candidate) {
        Replicas replicas = new Replicas(state.settings());
        Reason own = replicas.blocks(job, candidate, match.own(), "");
        for (int n = 0; own == null && n < match.size(); n++) {
            SourcingPolicy policy = book.policies().get(match.policy(n));
            boolean counted = policy.pinnedWork() == PinnedWork.COUNT_ONLY
                    && match.ways()
                                    .pinnedTo(
                                            book::isInstalled,
                                            policy.inference().tier())
                            != null;
            if (!match.excepted(n, now()) && !counted) {
                own = replicas.blocks(job, candidate, policy.inference(), policy.name());
            }
        }
        return own;
    }

    private Reason reason(int policy, int rule, ClassPart part, long milliDevices) {
        SourcingRule cap = book.rule(rule);
        long after = book.used(rule) + promised.of(rule) + part.units(milliDevices, part.worst(rule));
        return new Reason(
                ReasonCode.SOURCING_CAP,
                Map.of(
                        "policy", book.policies().get(policy).name(),
                        "class", part.chipClass().name(),
                        "tier", cap.tier().name(),
                        "supplier", cap.supplierName(),
                        "cap", Integer.toString(cap.capPercent()),
                        "share", percentText(shareMilli(policy, book.used(rule))),
                        "wouldBe", percentText(shareMilli(policy, after)),
                        "missing", Reason.devices(beyond(policy, rule, part, after))));
    }

    /** Thousandths of chips of a class by which a use is beyond what a rule allows. */
    private long beyond(int policy, int rule, ClassPart part, long used) {
        return Math.ceilDiv(used - book.most(policy, rule), part.units(1, part.worst(rule)));
    }

    private long penalty(int policy, int rule, ClassPart part, long milliDevices) {
        SourcingRule bound = book.rule(rule);
        if (bound.enforcement() == Enforcement.REPORT || book.denominator(policy) == 0) {
            return 0;
        }
        int percent = part.worst(rule);
        long slack = 10L * book.policies().get(policy).hysteresisPercent();
        long penalty = 0;
        if (bound.wishedMost() != SourcingPolicy.NO_BOUND) {
            long over =
                    shareMilli(policy, book.used(rule) + part.units(milliDevices, percent)) - 10L * bound.wishedMost();
            penalty += over > slack ? over * percent / 100 : 0;
        }
        if (bound.wishedLeast() != SourcingPolicy.NO_BOUND) {
            long under = 10L * bound.wishedLeast() - shareMilli(policy, book.used(rule));
            penalty += under > slack ? under * (100 - percent) / 100 : 0;
        }
        return penalty;
    }

    /** Thousandths of the denominator. */
    private long shareMilli(int policy, long units) {
        long of = book.denominator(policy);
        return of < 1000 ? 0 : units / (of / 1000);
    }

    private static String percentText(long milli) {
        return milli / 10 + "." + milli % 10;
    }

    private long now() {
        return Math.max(atMicros, state.atMicros());
    }

    private Match match(JobState job) {
        Match match = matches.get(job.specId());
        if (match == null) {
            if (matches.size() >= MOST_MATCHES) {
                matches.clear();
            }
            match = Match.of(job.spec(), book, state.settings());
            matches.put(job.specId(), match);
        }
        return match;
    }

    private @Nullable ClassPart part(int number) {
        while (byNumber.size() <= number) {
            byNumber.add(null);
        }
        ClassPart part = byNumber.get(number);
        if (part == null) {
            part = book.part(classNames.apply(number));
            byNumber.set(number, part);
        }
        return part;
    }

    /** Counts anew when objects changed. */
    private void refresh() {
        if (!stale()) {
            if (installStale) {
                install();
            }
            return;
        }
        objectsVersion = state.settings().objectsVersion();
        matches.clear();
        book = new Rulebook(state.settings());
        promised = new Promised(book.ruleCount());
        install();
        if (book.ruleCount() > 0) {
            state.jobs().all().forEach(job -> job.gangs().forEach(this::promise));
            for (NodeState node : state.nodes().all()) {
                String seller = supply.sellerOf(node.id());
                node.workers().forEach(worker -> use(worker, seller, 1));
            }
        }
    }

    /** What a gang will take in a place that is cleared for it; one that is only kept may still be lost to a cap. */
    private void promise(GangState gang) {
        Reservation kept = gang.reservation();
        ClassPart part =
                kept == null || kept.cause() == ReservationCause.LONGEST_WAIT ? null : book.part(kept.className());
        if (kept == null || part == null) {
            return;
        }
        List<Role> roles = gang.job().spec().profiles().get(kept.profile()).roles();
        long milli = 0;
        for (WorkerPlacement worker : kept.workers()) {
            milli += (long) worker.devices().size()
                    * ChipShare.of(part.chipClass(), roles.get(worker.role()).accelerators());
        }
        Match match = match(gang.job());
        for (int n = 0; n < match.size(); n++) {
            int policy = match.policy(n);
            for (int rule = book.first(policy); rule < book.first(policy + 1); rule++) {
                promised.add(gang, rule, part.units(milli, part.worst(rule)));
            }
        }
    }

    private void install() {
        book.install(supply.all());
        installStale = false;
        byNumber.clear();
    }

    private boolean stale() {
        return objectsVersion != state.settings().objectsVersion();
    }

    private String sellerOf(WorkerState worker) {
        return book.asksForSellers() ? supply.sellerOf(worker.nodeId()) : Origins.BY_CLASS;
    }

    private void use(WorkerState worker, String seller, int sign) {
        ClassPart part = book.part(worker.gang().className());
        Match match = part == null ? null : match(worker.gang().job());
        if (part == null || match == null || match.size() == 0) {
            return;
        }
        long milli = sign * SupplyCounters.milliOf(worker, part.chipClass());
        for (int n = 0; n < match.size(); n++) {
            book.use(match.policy(n), part, seller, milli);
        }
    }

    // ---- following the state

    @Override
    public void nodeChanged(NodeState node) {
        if (stale()) {
            return;
        }
        String before = supply.sellerOf(node.id());
        supply.nodeChanged(node);
        String after = supply.sellerOf(node.id());
        if (!before.equals(after) && book.ruleCount() > 0) {
            node.workers().forEach(worker -> {
                use(worker, before, -1);
                use(worker, after, 1);
            });
        }
        installStale = true;
    }

    @Override
    public void nodeRemoved(NodeState node) {
        if (!stale()) {
            supply.nodeRemoved(node);
            installStale = true;
        }
    }

    @Override
    public void workerBound(GangState gang, WorkerState worker) {
        if (!stale() && book.ruleCount() > 0) {
            use(worker, sellerOf(worker), 1);
        }
    }

    @Override
    public void workerReleased(GangState gang, WorkerState worker) {
        if (!stale() && book.ruleCount() > 0) {
            use(worker, sellerOf(worker), -1);
        }
    }

    @Override
    public void gangReserved(GangState gang, Reservation reservation) {
        if (!stale() && book.ruleCount() > 0) {
            promise(gang);
        }
    }

    @Override
    public void reservationDropped(GangState gang, Reservation reservation) {
        promised.drop(gang);
    }
}

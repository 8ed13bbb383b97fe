package dev.interposer.engine.explain;

import dev.interposer.engine.fairness.QueueNode;
import dev.interposer.engine.fairness.QueueTree;
import dev.interposer.engine.fairness.Refusal;
import dev.interposer.engine.fairness.Take;
import dev.interposer.engine.fit.Demand;
import dev.interposer.engine.fit.Demand.ProfileDemand;
import dev.interposer.engine.fit.Demand.ProfileDemand.ClassOption;
import dev.interposer.engine.fleet.Fleet;
import dev.interposer.engine.fleet.WorkerRequest;
import dev.interposer.engine.model.GangPhase;
import dev.interposer.engine.model.Ids;
import dev.interposer.engine.model.InferenceSpec;
import dev.interposer.engine.model.JobQueue;
import dev.interposer.engine.model.Profile;
import dev.interposer.engine.model.QueueState;
import dev.interposer.engine.model.Reason;
import dev.interposer.engine.model.ReasonCode;
import dev.interposer.engine.model.Reservation;
import dev.interposer.engine.model.ReservationCause;
import dev.interposer.engine.model.Role;
import dev.interposer.engine.placement.Bounds;
import dev.interposer.engine.placement.GangPlacer;
import dev.interposer.engine.placement.Placement;
import dev.interposer.engine.placement.Spread;
import dev.interposer.engine.preemption.Holdings;
import dev.interposer.engine.preemption.OwnWord;
import dev.interposer.engine.sourcing.Sourcing;
import dev.interposer.engine.state.GangState;
import dev.interposer.engine.state.NodeState;
import dev.interposer.engine.state.State;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Finds why a gang waits.
 *
 * <p><b>Goals.</b> One typed reason that names the class, the level or resource, and what is missing.
 *
 * <p><b>Constraints.</b> Costs something only when asked; changes nothing.
 *
 * <p><b>Algorithm.</b> What holds the job back by rule comes first: its back-off, a halt, its queue, a place that is
 * kept for it already. Then each profile and class is held against the fleet and the queues from the coarse to the
 * fine: devices installed and healthy, limits of users and queues, devices free, together on nodes, with the other
 * resources, inside one domain, in a level that is taken whole, where replicas stay even, not kept for others. The
 * profile that fails latest is the nearest to a start and names the reason.
 */
public final class Explainer {
    /** From the farthest from a start to the nearest. */
    private static final List<ReasonCode> NEARNESS = List.of(
            ReasonCode.NONE,
            ReasonCode.PROFILE_KEPT,
            ReasonCode.NO_SUCH_DEVICES,
            ReasonCode.WORKER_EXCEEDS_NODES,
            ReasonCode.EXCEEDS_FLEET,
            ReasonCode.USER_JOBS,
            ReasonCode.USER_DEVICES,
            ReasonCode.QUEUE_LIMIT,
            ReasonCode.BORROW_LIMIT,
            ReasonCode.SOURCING_CAP,
            ReasonCode.SOURCING_REPLICAS,
            ReasonCode.SOURCING_SUPPLIERS,
            ReasonCode.INSUFFICIENT_DEVICES,
            ReasonCode.INSUFFICIENT_RESOURCE,
            ReasonCode.FRAGMENTED_DEVICES,
            ReasonCode.TOPOLOGY,
            ReasonCode.WHOLE_LEVEL,
            ReasonCode.SPREAD,
            ReasonCode.WITHHELD,
            ReasonCode.RESERVED,
            ReasonCode.BEHIND_OTHERS);

    private final State state;
    private final Fleet fleet;
    private final Holdings holdings;
    private final GangPlacer placer;
    private final KeptByOthers keptByOthers;
    private final Sourcing sourcing;
    private final Shortage shortage;

    public Explainer(State state, Holdings holdings, GangPlacer placer, KeptByOthers keptByOthers, Sourcing sourcing) {
        this.state = state;
        this.fleet = holdings.fleet();
        this.holdings = holdings;
        this.placer = placer;
        this.keptByOthers = keptByOthers;
        this.sourcing = sourcing;
        this.shortage = new Shortage(state, holdings.fleet(), placer);
    }

    public Explanation explain(GangState gang, Demand demand, int position) {
        List<Reason> profiles = new ArrayList<>();
        for (ProfileDemand profile : demand.profiles()) {
            profiles.add(ofProfile(profile, gang, position));
        }
        Reason nearest = profiles.stream().reduce(Explainer::nearer).orElse(Reason.of(ReasonCode.NOT_CONSIDERED));
        return new Explanation(byRule(gang, nearest), profiles, position);
    }

    private static Reason nearer(Reason a, Reason b) {
        return NEARNESS.indexOf(b.code()) > NEARNESS.indexOf(a.code()) ? b : a;
    }

    private Reason byRule(GangState gang, Reason nearest) {
        if (gang.phase() == GangPhase.BACKOFF) {
            return backoff(gang);
        }
        if (!state.settings().placementHalted().isEmpty()) {
            return halted(state);
        }
        String queueName = gang.job().spec().queueName();
        JobQueue held = firstHeld(queueName);
        if (held != null) {
            return new Reason(
                    ReasonCode.QUEUE_HELD,
                    Map.of("queue", held.name(), "state", held.state().name()));
        }
        if (state.settings().queue(queueName) == null) {
            return new Reason(ReasonCode.QUEUE_HELD, Map.of("queue", queueName, "state", "absent"));
        }
        Reservation kept = gang.reservation();
        return kept == null ? nearest : kept(gang, kept, state);
    }

    /** Why a gang waits after an end: with what its last attempt left behind. */
    public static Reason backoff(GangState gang) {
        Reason last = gang.lastReason();
        ReasonCode code = last.code() == ReasonCode.POD_REJECTED ? ReasonCode.POD_REJECTED : ReasonCode.BACKOFF;
        return new Reason(code, last.parameters())
                .with("untilMicros", Long.toString(gang.notBeforeMicros()))
                .with("failures", Integer.toString(gang.failures()));
    }

    /** Why everything waits while placement is halted. */
    public static Reason halted(State state) {
        return new Reason(
                ReasonCode.PLACEMENT_HALTED, Map.of("cause", state.settings().placementHalted()));
    }

    /** The queue, or one above it, that starts nothing; null if all do. */
    private @Nullable JobQueue firstHeld(String queueName) {
        JobQueue queue = state.settings().queue(queueName);
        while (queue != null) {
            if (queue.state() != QueueState.OPEN) {
                return queue;
            }
            queue = state.settings().queue(queue.parentName());
        }
        return null;
    }

    /** Why a gang waits for whom a place is kept: what of it others still have, and where the first of them are. */
    public static Reason kept(GangState gang, Reservation kept, State state) {
        ReasonCode code = kept.cause() == ReservationCause.LONGEST_WAIT
                ? ReasonCode.AWAITING_RESERVATION
                : ReasonCode.AWAITING_EVICTION;
        Reason reason = new Reason(
                code,
                Map.of(
                        "workers", Integer.toString(kept.workers().size()),
                        "startAtMicros", start(kept)));
        InTheWay found = InTheWay.of(gang, kept, state);
        reason = withUnlessEmpty(reason, "class", kept.className());
        reason = withUnlessEmpty(reason, "domain", found.domain());
        reason = withUnlessEmpty(reason, "resource", found.resource());
        return found.missing() == 0 ? reason : reason.with("missing", Long.toString(found.missing()));
    }

    private static Reason withUnlessEmpty(Reason reason, String name, String value) {
        return value.isEmpty() ? reason : reason.with(name, value);
    }

    private Reason ofProfile(ProfileDemand profile, GangState gang, int position) {
        if (!OwnWord.admitsProfile(gang, profile.index())) {
            Profile kept = gang.job().spec().profiles().get(gang.startedProfile() - 1);
            return new Reason(ReasonCode.PROFILE_KEPT, Map.of("profile", kept.name()));
        }
        if (placer.classless(profile) && placeable(profile, null, gang)) {
            return behind(gang, position);
        }
        if (profile.withoutDevices()) {
            return shortage.ofResources(profile, null);
        }
        Reason best = Reason.NONE;
        for (ClassOption option : profile.classes()) {
            best = nearer(best, ofClass(profile, option, gang, position));
        }
        if (best.code() == ReasonCode.NONE) {
            return new Reason(ReasonCode.NO_SUCH_DEVICES, Shortage.none(wanted(gang, profile), profile.minDevices()));
        }
        return best.code() == ReasonCode.NO_SUCH_DEVICES ? best.with("class", wanted(gang, profile)) : best;
    }

    private Reason ofClass(ProfileDemand profile, ClassOption option, GangState gang, int position) {
        long milli = minMilli(profile, option.number());
        Reason never = shortage.beyondFleet(profile, option, milli);
        if (never.code() != ReasonCode.NONE) {
            return never;
        }
        Refusal refusal = refusal(option, gang, milli);
        if (refusal != null) {
            return refusal.reason().with("class", option.chipClass().name());
        }
        Reason sourced = sourcing.blocks(gang.job(), option.number(), milli);
        if (sourced != null) {
            return sourced;
        }
        if (placeable(profile, option, gang)) {
            return behind(gang, position);
        }
        Supplier<@Nullable Placement> search = () -> placer.place(profile, option, bounds(Spread.of(gang)));
        Spread spread = Spread.of(gang);
        KeptByOthers.Holder holder = keptByOthers.holder(gang, search);
        if (holder != null) {
            return reserved(profile, option, spread, holder);
        }
        return spread != null && placer.place(profile, option, bounds(null)) != null
                ? shortage.ofSpread(profile, option, spread, binding(profile, option, spread))
                : shortage.ofClass(profile, option);
    }

    /** The first rule of spread that alone leaves no place; the first of all where only together they do. */
    private InferenceSpec.Spread binding(ProfileDemand profile, ClassOption option, Spread spread) {
        for (InferenceSpec.Spread rule : spread.rules()) {
            if (placer.place(profile, option, bounds(new Spread(List.of(rule), spread.others()))) == null) {
                return rule;
            }
        }
        return spread.rules().getFirst();
    }

    private @Nullable Refusal refusal(ClassOption option, GangState gang, long milli) {
        QueueTree tree = holdings.tree();
        QueueNode queue = tree.of(gang.job());
        if (queue == null) {
            return null;
        }
        Take take = new Take(queue, gang.job().userName(), option.number(), milli);
        return tree.refusal(take, gang.job().placedGangs() == 0);
    }

    /** Devices of the smallest gang, in thousandths. */
    private long minMilli(ProfileDemand profile, int chipClass) {
        long milli = 0;
        for (int role = 0; role < profile.roles().size(); role++) {
            WorkerRequest request = profile.roles().get(role);
            milli += (long) request.devices()
                    * fleet.countedMilli(request, chipClass)
                    * profile.counts().get(role).workers().min();
        }
        return milli;
    }

    private Reason reserved(
            ProfileDemand profile, ClassOption option, @Nullable Spread spread, KeptByOthers.Holder holder) {
        Reservation kept = holder.gang().reservation();
        NodeState node = state.nodes().find(holder.nodeId());
        int placeable = FirstWorkers.of(placer, profile, option, bounds(spread)).count();
        return new Reason(
                ReasonCode.RESERVED,
                Map.of(
                        "class", option.chipClass().name(),
                        "workers", Integer.toString(profile.minWorkers()),
                        "placeable", Integer.toString(placeable),
                        "domain", node == null ? "" : node.name(),
                        "job", holder.gang().job().fullName(),
                        "startAtMicros", kept == null ? "" : start(kept),
                        "missing", Integer.toString(profile.minWorkers() - placeable)));
    }

    /** Empty if nobody can tell. */
    private static String start(Reservation kept) {
        return kept.startAtMicros() == Reservation.UNKNOWN ? "" : Long.toString(kept.startAtMicros());
    }

    private static Reason behind(GangState gang, int position) {
        return new Reason(
                ReasonCode.BEHIND_OTHERS,
                Map.of("queue", gang.job().spec().queueName(), "position", Integer.toString(position)));
    }

    private boolean placeable(ProfileDemand profile, @Nullable ClassOption option, GangState gang) {
        return placer.place(profile, option, bounds(Spread.of(gang))) != null;
    }

    static Bounds bounds(@Nullable Spread spread) {
        return new Bounds(Integer.MAX_VALUE, spread, Ids.NONE);
    }

    /** Names of classes, or what a selector asks of them. */
    private static String wanted(GangState gang, ProfileDemand profile) {
        return gang.job().spec().profiles().get(profile.index()).roles().stream()
                .map(Role::accelerators)
                .filter(asked -> asked.perWorker() > 0)
                .map(asked -> asked.selector() == null
                        ? asked.className()
                        : asked.selector().words())
                .distinct()
                .collect(Collectors.joining(","));
    }
}

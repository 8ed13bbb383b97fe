package dev.interposer.engine.nearest;

import dev.interposer.engine.event.FleetEvent;
import dev.interposer.engine.event.JobEvent;
import dev.interposer.engine.model.EndCause;
import dev.interposer.engine.model.Reason;
import dev.interposer.engine.model.ReasonCode;
import dev.interposer.engine.model.Reservation;
import dev.interposer.engine.preemption.Prices;
import dev.interposer.engine.state.GangState;
import dev.interposer.engine.state.JobState;
import dev.interposer.engine.state.NodeState;
import dev.interposer.engine.state.State;
import dev.interposer.engine.state.WorkerState;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/** Nodes that could take work again, places that could be given up, gangs that could end. */
final class FleetOptions {
    private static final int NODES_NAMED = 8;
    private static final int UNKNOWN_COST = 24;
    private static final long SECOND = 1_000_000;

    private FleetOptions() {}

    static List<Option> uncordoned(State state) {
        List<Option> options = new ArrayList<>();
        for (NodeState node : state.nodes().all()) {
            // Of one that is only looked at the cordon is not what keeps work away.
            if (node.cordoned() && !node.info().observed()) {
                options.add(Option.once(new Part(
                        ChangeKind.UNCORDON,
                        ChangeKind.UNCORDON.cost(),
                        Map.of("node", node.name()),
                        draft -> draft.happens(new FleetEvent.NodeCordoned(node.id(), false)))));
            }
        }
        return options;
    }

    static List<Option> givenUp(State state, GangState gang) {
        List<Option> options = new ArrayList<>();
        for (JobState job : state.jobs().all()) {
            for (GangState other : job.gangs()) {
                Reservation kept = other.reservation();
                if (kept != null && job.id() != gang.job().id()) {
                    options.add(Option.once(new Part(
                            ChangeKind.GIVE_UP_PLACE,
                            ChangeKind.GIVE_UP_PLACE.cost(),
                            Map.of(
                                    "job", job.fullName(),
                                    "gang", Integer.toString(other.index()),
                                    "class", kept.className()),
                            draft -> draft.happens(new JobEvent.ReservationDropped(job.id(), other.index())))));
                }
            }
        }
        return options;
    }

    /** What a gang holds and for how long still. */
    record Held(GangState gang, long untilMicros) {
        boolean on(List<Long> nodes) {
            return gang.workers().stream().anyMatch(worker -> !worker.ended() && nodes.contains(worker.nodeId()));
        }
    }

    /** The option, and whose end it is. */
    record End(Held held, Option option) {}

    /** By the time that is left, then in the order of submission. */
    static List<End> ends(State state, GangState gang, long nowMicros) {
        List<Held> held = new ArrayList<>();
        for (JobState job : state.jobs().all()) {
            for (GangState other : job.gangs()) {
                if (other.liveWorkers() > 0 && job.id() != gang.job().id()) {
                    held.add(new Held(other, Prices.expectedEnd(other, nowMicros)));
                }
            }
        }
        // A stable sort: equal times keep the order of the jobs.
        held.sort((a, b) -> Long.compare(a.untilMicros(), b.untilMicros()));
        return held.stream()
                .map(one -> new End(one, Option.once(end(one, state, nowMicros))))
                .toList();
    }

    private static Part end(Held held, State state, long nowMicros) {
        GangState gang = held.gang();
        boolean known = held.untilMicros() != Reservation.UNKNOWN;
        long seconds = known ? Math.max(0, held.untilMicros() - nowMicros) / SECOND : 0;
        int left = known ? Math.min(UNKNOWN_COST - 1, Long.SIZE - Long.numberOfLeadingZeros(seconds)) : UNKNOWN_COST;
        List<WorkerState> live =
                gang.workers().stream().filter(worker -> !worker.ended()).toList();
        int devices = live.stream()
                .mapToInt(worker -> worker.placement().devices().size())
                .sum();
        return new Part(
                ChangeKind.END_OF_GANG,
                ChangeKind.END_OF_GANG.cost() + left,
                Map.of(
                        "job", gang.job().fullName(),
                        "gang", Integer.toString(gang.index()),
                        "class", gang.className(),
                        "devices", Integer.toString(devices),
                        "nodes", nodes(live, state),
                        "seconds", known ? Long.toString(seconds) : ""),
                draft -> {
                    live.forEach(
                            worker -> draft.happens(new JobEvent.WorkerEnded(worker.key(), EndCause.COMPLETED, 0, "")));
                    draft.happens(
                            new JobEvent.GangEnded(gang.job().id(), gang.index(), Reason.of(ReasonCode.COMPLETED)));
                });
    }

    private static String nodes(List<WorkerState> live, State state) {
        List<String> names = live.stream()
                .map(worker -> Objects.requireNonNull(state.nodes().find(worker.nodeId()))
                        .name())
                .distinct()
                .toList();
        String first = String.join(",", names.subList(0, Math.min(NODES_NAMED, names.size())));
        return names.size() > NODES_NAMED ? first + ",…" : first;
    }
}

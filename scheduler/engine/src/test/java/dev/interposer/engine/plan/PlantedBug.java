package dev.interposer.engine.plan;

import dev.interposer.engine.event.JobEvent;
import dev.interposer.engine.event.SettingEvent;
import dev.interposer.engine.fairness.QueueNode;
import dev.interposer.engine.fairness.Take;
import dev.interposer.engine.fleet.Fleet;
import dev.interposer.engine.fleet.WorkerRequest;
import dev.interposer.engine.model.AcceleratorRequest;
import dev.interposer.engine.model.Device;
import dev.interposer.engine.model.GangPhase;
import dev.interposer.engine.model.Ids;
import dev.interposer.engine.model.Reservation;
import dev.interposer.engine.model.ReservationCause;
import dev.interposer.engine.model.StopCause;
import dev.interposer.engine.model.WorkerPlacement;
import dev.interposer.engine.state.GangState;
import dev.interposer.engine.state.JobState;
import dev.interposer.engine.state.NodeState;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.function.BiPredicate;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** What could be wrong with the rules. Most spoil a decision on its way to the state. */
enum PlantedBug {
    NONE(""),
    /** The scheduler is told of limits that are one device too high. */
    LIMIT_OFF_BY_ONE("above its limit"),
    /** The scheduler is told of bounds on a user's jobs that are one too high. */
    USER_OFF_BY_ONE("runs more jobs than"),
    /** The scheduler is not told that a queue is held. */
    HOLD_FORGOTTEN("is held and starts"),
    /** The scheduler is told of no guarantees. */
    GUARANTEES_FORGOTTEN("is guaranteed"),
    /** The victim is the gang of the highest band. */
    HIGHEST_EVICTED("lower priority"),
    /** The victim is somewhere else. */
    WRONG_NODE_EVICTED("for nobody"),
    /** Others are asked to leave, and no place is kept on what they leave. */
    NOTHING_KEPT("no place is kept on what it leaves"),
    /** Who others left for does not start when all are gone. */
    CLEARED_PLACE_DROPPED("a place is given up for which others left"),
    /** A gang is let in on a place that is kept for one of a lower band. */
    GUEST_OF_LOWER_BAND("kept for one of a lower band"),
    /** A gang is let in on a kept place that need not leave soon. */
    GUEST_STAYS("may stay too long"),
    /** The place is on a node that is being drained. */
    DRAINED_NODE_USED("takes no new work"),
    /** The place is on a node that is only looked at. */
    OBSERVED_NODE_USED("is only looked at"),
    /** The devices are those that somebody outside of the ledger uses. */
    FOREIGN_DEVICE_GIVEN("others use it: batch/"),
    /** The place is on a node on which the gang failed. */
    BACK_TO_FAILURE("goes back to where it failed"),
    /** Who was asked to leave a draining node is asked again. */
    ASKED_TWICE("is asked to leave twice"),
    /** The last worker is left out. */
    NOT_WHOLE("not whole"),
    /** The devices are those of the first gang that runs. */
    DEVICE_TWICE("given twice"),
    /** Whoever asks why a gang waits leaves a try behind in the arrays. */
    EXPLAINING_TAKES("explaining took devices"),
    /** Whoever asks why a gang waits writes that down. */
    EXPLAINING_WRITES("explaining changed the state"),
    /** The arrays miss that a device was given back. */
    DEVICE_LEAKS("the arrays differ"),
    /** A queue's use is counted once too often. */
    COUNTED_TWICE("the counts of queue");

    private final String word;

    PlantedBug(String word) {
        this.word = word;
    }

    boolean isNamedBy(String violation) {
        return violation.contains(word);
    }

    @Nullable
    JobEvent spoil(JobEvent event, Play play) {
        return switch (this) {
            case NONE,
                    LIMIT_OFF_BY_ONE,
                    USER_OFF_BY_ONE,
                    HOLD_FORGOTTEN,
                    GUARANTEES_FORGOTTEN,
                    EXPLAINING_TAKES,
                    EXPLAINING_WRITES,
                    DEVICE_LEAKS,
                    COUNTED_TWICE -> event;
            case HIGHEST_EVICTED ->
                instead(
                        event,
                        running(play)
                                .max(Comparator.comparingInt(gang -> gang.job().priority())));
            case DRAINED_NODE_USED ->
                event instanceof JobEvent.GangAssigned assigned
                                && assigned.workers().size() == 1
                        ? with(assigned, onNode(assigned, play, NodeState::draining))
                        : event;
            case OBSERVED_NODE_USED ->
                event instanceof JobEvent.GangAssigned assigned
                                && assigned.workers().size() == 1
                        ? with(
                                assigned,
                                onNode(assigned, play, node -> node.info().observed()))
                        : event;
            case FOREIGN_DEVICE_GIVEN ->
                event instanceof JobEvent.GangAssigned assigned
                                && assigned.workers().size() == 1
                        ? with(
                                assigned,
                                onNode(
                                        assigned,
                                        play,
                                        node -> node.devices().stream()
                                                .findFirst()
                                                .map(device -> device.report().isForeign())
                                                .orElse(false)))
                        : event;
            case NOTHING_KEPT ->
                event instanceof JobEvent.GangReserved reserved && reserved.cause() == ReservationCause.PREEMPTION
                        ? null
                        : event;
            case CLEARED_PLACE_DROPPED ->
                event instanceof JobEvent.GangAssigned assigned && othersLeftFor(assigned, play)
                        ? new JobEvent.ReservationDropped(assigned.jobId(), assigned.gang())
                        : event;
            case GUEST_OF_LOWER_BAND ->
                event instanceof JobEvent.GangAssigned assigned
                                && assigned.workers().size() == 1
                        ? with(assigned, asGuest(assigned, play, (guest, host) -> host.priority() < guest.priority()))
                        : event;
            case GUEST_STAYS ->
                event instanceof JobEvent.GangAssigned assigned
                                && assigned.workers().size() == 1
                        ? with(
                                assigned,
                                asGuest(
                                        assigned,
                                        play,
                                        (guest, host) ->
                                                guest.spec().preemption().graceSeconds() > 60))
                        : event;
            case BACK_TO_FAILURE ->
                event instanceof JobEvent.GangAssigned assigned
                                && assigned.workers().size() == 1
                        ? with(assigned, onNode(assigned, play, node -> failedOn(assigned, play, node)))
                        : event;
            case ASKED_TWICE -> again(event, play);
            case WRONG_NODE_EVICTED -> instead(event, elsewhere(event, play));
            case NOT_WHOLE ->
                event instanceof JobEvent.GangAssigned assigned
                                && assigned.workers().size() > 1
                        ? with(assigned, assigned.workers().subList(0, 1))
                        : event;
            case DEVICE_TWICE ->
                event instanceof JobEvent.GangAssigned assigned
                                && assigned.workers().size() == 1
                        ? with(assigned, taken(assigned, play))
                        : event;
        };
    }

    /** What goes wrong between decisions. */
    void spoilCounts(Play play) {
        if (this == DEVICE_LEAKS) {
            takeOne(play);
        }
        QueueNode queue = play.scheduler.queues().find("a");
        if (this == COUNTED_TWICE && queue != null) {
            play.scheduler.queues().use(new Take(queue, "ada", chip(play), 1000));
        }
    }

    /** What goes wrong while somebody asks why a gang waits. */
    void spoilAnswer(Play play) {
        if (this == EXPLAINING_TAKES) {
            takeOne(play);
        }
        if (this == EXPLAINING_WRITES) {
            play.apply(new SettingEvent.ChargesPublished(play.state.revision(), Map.of("a", play.state.revision())));
        }
    }

    /** The first device that is free, in the arrays alone. */
    private static void takeOne(Play play) {
        Fleet fleet = play.scheduler.fleet();
        WorkerRequest one =
                fleet.request(Work.of("a", 1).profiles().getFirst().roles().getFirst(), new int[] {chip(play)});
        for (int node = fleet.nextSchedulable(0); node >= 0; node = fleet.nextSchedulable(node + 1)) {
            for (int device = 0; device < fleet.deviceCount(node); device++) {
                if (fleet.deviceFreeMilli(node, device) == AcceleratorRequest.WHOLE) {
                    Ids taken = Ids.of(fleet.deviceId(node, device));
                    fleet.bind(new WorkerPlacement(0, fleet.nodeId(node), taken), one);
                    return;
                }
            }
        }
    }

    private static int chip(Play play) {
        return play.scheduler.fleet().classNumber("chip");
    }

    private static JobEvent instead(JobEvent event, Optional<GangState> other) {
        return event instanceof JobEvent.GangStopping stopping
                        && stopping.cause() == StopCause.PREEMPTED
                        && other.isPresent()
                ? new JobEvent.GangStopping(
                        other.get().job().id(), other.get().index(), other.get().attempt(), StopCause.PREEMPTED, 30)
                : event;
    }

    private static JobEvent again(JobEvent event, Play play) {
        if (!(event instanceof JobEvent.GangStopping stopping) || stopping.cause() != StopCause.DRAINED) {
            return event;
        }
        return play.state.jobs().all().stream()
                .flatMap(job -> job.gangs().stream())
                .filter(gang -> gang.phase() == GangPhase.STOPPING)
                .findFirst()
                .<JobEvent>map(gang ->
                        new JobEvent.GangStopping(gang.job().id(), gang.index(), gang.attempt(), StopCause.DRAINED, 30))
                .orElse(event);
    }

    private static boolean othersLeftFor(JobEvent.GangAssigned assigned, Play play) {
        JobState job = Objects.requireNonNull(play.state.jobs().find(assigned.jobId()));
        Reservation kept = job.gangs().get(assigned.gang()).reservation();
        return kept != null && kept.cause() == ReservationCause.PREEMPTION;
    }

    private static boolean failedOn(JobEvent.GangAssigned assigned, Play play, NodeState node) {
        JobState job = play.state.jobs().find(assigned.jobId());
        return job != null && job.gangs().get(assigned.gang()).avoidedNodes().contains(node.id());
    }

    private static List<WorkerPlacement> onNode(JobEvent.GangAssigned assigned, Play play, Predicate<NodeState> which) {
        WorkerPlacement meant = assigned.workers().getFirst();
        return play.state.nodes().all().stream()
                .filter(which)
                .findFirst()
                .map(node -> List.of(new WorkerPlacement(
                        meant.role(),
                        node.id(),
                        Ids.of(node.devices().stream()
                                .mapToLong(Device::id)
                                .limit(meant.devices().size())
                                .toArray()),
                        meant.start())))
                .orElse(assigned.workers());
    }

    /** Free devices on which a place is kept for another. */
    private static List<WorkerPlacement> asGuest(
            JobEvent.GangAssigned assigned, Play play, BiPredicate<JobState, JobState> guestAndHost) {
        WorkerPlacement meant = assigned.workers().getFirst();
        JobState guest = Objects.requireNonNull(play.state.jobs().find(assigned.jobId()));
        Set<Long> taken = play.state.jobs().all().stream()
                .flatMap(job -> job.gangs().stream())
                .flatMap(gang -> gang.workers().stream())
                .filter(worker -> !worker.ended())
                .flatMap(worker -> worker.placement().devices().stream().boxed())
                .collect(Collectors.toSet());
        return play.state.jobs().all().stream()
                .filter(job -> job != guest && guestAndHost.test(guest, job))
                .map(job -> job.gangs().getFirst().reservation())
                .filter(Objects::nonNull)
                .flatMap(kept -> kept.workers().stream())
                .map(kept -> new WorkerPlacement(
                        meant.role(),
                        kept.nodeId(),
                        Ids.of(kept.devices().stream()
                                .filter(device -> !taken.contains(device))
                                .limit(meant.devices().size())
                                .toArray())))
                .filter(place -> place.devices().size() == meant.devices().size())
                .findFirst()
                .map(List::of)
                .orElse(assigned.workers());
    }

    private static Optional<GangState> elsewhere(JobEvent event, Play play) {
        if (!(event instanceof JobEvent.GangStopping stopping)) {
            return Optional.empty();
        }
        JobState job = play.state.jobs().find(stopping.jobId());
        long node = job == null
                ? 0
                : job.gangs().get(stopping.gang()).workers().getFirst().nodeId();
        return running(play)
                .filter(gang -> gang.workers().stream().allMatch(worker -> worker.nodeId() != node))
                .min(Comparator.comparingInt(gang -> gang.job().priority()));
    }

    private static java.util.stream.Stream<GangState> running(Play play) {
        return play.state.jobs().all().stream().filter(Play::runs).flatMap(job -> job.gangs().stream());
    }

    private static JobEvent.GangAssigned with(JobEvent.GangAssigned assigned, List<WorkerPlacement> workers) {
        return new JobEvent.GangAssigned(
                assigned.jobId(),
                assigned.gang(),
                assigned.attempt(),
                assigned.profile(),
                assigned.className(),
                workers,
                assigned.priceEpoch());
    }

    private static List<WorkerPlacement> taken(JobEvent.GangAssigned assigned, Play play) {
        int wanted = assigned.workers().getFirst().devices().size();
        return running(play)
                .flatMap(gang -> gang.workers().stream())
                .map(worker -> worker.placement())
                .filter(placement -> placement.devices().size() == wanted)
                .findFirst()
                .map(List::of)
                .orElse(assigned.workers());
    }
}

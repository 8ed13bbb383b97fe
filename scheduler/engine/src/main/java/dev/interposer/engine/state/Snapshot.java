package dev.interposer.engine.state;

import dev.interposer.engine.event.Entry;
import dev.interposer.engine.event.Event;
import dev.interposer.engine.event.FleetEvent;
import dev.interposer.engine.event.JobEvent;
import dev.interposer.engine.event.SettingEvent;
import dev.interposer.engine.model.Actor;
import dev.interposer.engine.model.GangPhase;
import dev.interposer.engine.model.Ids;
import dev.interposer.engine.model.NodePhase;
import dev.interposer.engine.model.Reservation;
import dev.interposer.engine.model.StopCause;
import dev.interposer.engine.model.WorkerPlacement;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.function.Consumer;

/**
 * The shortest list of events that folds to a state. Equal states give equal lists, so a digest of the list is a digest
 * of the state.
 *
 * <p>It is made at once, while nobody changes the state; {@link SnapshotWalk} makes the same while events go on.
 *
 * <p>Each entry bears the revision and time that the state keeps of it; the last entry bears the state's own.
 */
public final class Snapshot {
    private final State state;
    private final Consumer<Entry> sink;

    Snapshot(State state, Consumer<Entry> sink) {
        this.state = state;
        this.sink = sink;
    }

    public static List<Entry> of(State state) {
        List<Entry> entries = new ArrayList<>();
        write(state, entries::add);
        return entries;
    }

    /** Hands over the entries one by one, so that a large state needs no second copy. */
    public static void write(State state, Consumer<Entry> sink) {
        Snapshot snapshot = new Snapshot(state, sink);
        snapshot.settings();
        state.nodes().all().forEach(snapshot::node);
        snapshot.requests();
        state.jobs().specs().all().forEach(snapshot::spec);
        state.jobs().all().forEach(snapshot::job);
        snapshot.end(state.revision(), state.atMicros(), state.settings().nextId());
    }

    /** Last, and with the state's own revision and time: it sets nothing that is not set already. */
    void end(long revision, long atMicros, long nextId) {
        add(revision, atMicros, new SettingEvent.IdsTaken(nextId));
    }

    private void add(long revision, long atMicros, Event event) {
        sink.accept(new Entry(revision, atMicros, Actor.SCHEDULER, event));
    }

    void settings() {
        Settings settings = state.settings();
        add(0, 0, new SettingEvent.FeatureLevelRaised(settings.featureLevel()));
        add(0, 0, new SettingEvent.IncarnationStarted(settings.incarnation()));
        add(0, 0, new SettingEvent.PlacementHalted(settings.placementHalted()));
        if (settings.nodesAwaited()) {
            add(0, 0, new SettingEvent.NodesAwaited(true));
        }
        settings.suppliers().forEach(supplier -> add(0, 0, new SettingEvent.SupplierApplied(supplier)));
        settings.classes().forEach(chip -> add(0, 0, new SettingEvent.ClassApplied(chip)));
        settings.queues().forEach(queue -> add(0, 0, new SettingEvent.QueueApplied(queue)));
        settings.orders().forEach(order -> add(0, 0, new SettingEvent.OrderApplied(order)));
        settings.policies().forEach(policy -> add(0, 0, new SettingEvent.PolicyApplied(policy)));
        add(0, 0, new SettingEvent.PricesPublished(settings.priceEpoch(), settings.pricesMilli()));
        if (settings.chargeEpoch() > 0) {
            add(0, 0, new SettingEvent.ChargesPublished(settings.chargeEpoch(), settings.chargesMilli()));
        }
    }

    void node(NodeState node) {
        long revision = node.revision();
        long since = node.phaseSinceMicros();
        add(revision, since, new FleetEvent.NodeReported(node.id(), node.info(), List.copyOf(node.devices())));
        if (!node.holds().isEmpty()) {
            add(revision, since, new FleetEvent.NodeReturned(node.id(), node.holds()));
        }
        if (node.draining()) {
            add(revision, since, new FleetEvent.NodeDraining(node.id(), node.drainGraceSeconds()));
        } else if (node.cordonedSlice() != null) {
            add(revision, since, new FleetEvent.SliceCordoned(node.id(), node.cordonedSlice(), node.cordonReason()));
        } else if (node.cordoned()) {
            add(revision, since, new FleetEvent.NodeCordoned(node.id(), true));
        }
        if (node.phase() == NodePhase.LOST) {
            add(revision, since, new FleetEvent.NodeLost(node.id()));
        } else if (node.phase() == NodePhase.FENCED) {
            add(revision, since, new FleetEvent.NodeFenced(node.id(), node.fencedHow()));
        }
    }

    private void requests() {
        Requests requests = state.jobs().requests();
        forgotten(requests.forgottenBeforeMicros());
        requests.all().forEach(this::request);
    }

    void forgotten(long beforeMicros) {
        add(0, 0, new JobEvent.RequestsForgotten(beforeMicros));
    }

    void request(Requests.Remembered remembered) {
        add(0, remembered.atMicros(), new JobEvent.RequestRemembered(remembered.requestId(), remembered.jobId()));
    }

    void spec(Specs.Stored stored) {
        add(0, 0, new JobEvent.SpecStored(stored.id(), stored.sha256(), stored.spec()));
    }

    void job(JobState job) {
        long revision = job.revision();
        add(
                revision,
                job.submittedAtMicros(),
                new JobEvent.JobSubmitted(
                        job.id(),
                        job.namespace(),
                        job.name(),
                        job.specId(),
                        job.priority(),
                        job.requestId(),
                        job.userName()));
        scaledUp(job, revision);
        job.gangs().forEach(this::gang);
        scaledDown(job, revision);
        if (job.cancelRequested()) {
            add(revision, 0, new JobEvent.JobCancelRequested(job.id(), job.reason()));
        }
        if (job.endPhase != null) {
            add(revision, job.endedAtMicros(), new JobEvent.JobEnded(job.id(), job.endPhase, job.reason()));
        }
    }

    /** A submission makes as many gangs as the spec says, and others may have left. */
    private void scaledUp(JobState job, long revision) {
        int more = job.gangs().size() - job.wantedGangs();
        if (job.scaled()) {
            Ids joining = Ids.of(more, at -> (long) job.wantedGangs() + at);
            add(revision, job.submittedAtMicros(), new JobEvent.JobScaled(job.id(), 0, "", joining, Ids.NONE));
        }
    }

    private void scaledDown(JobState job, long revision) {
        long[] left = job.gangs().stream()
                .filter(GangState::leaving)
                .mapToLong(GangState::index)
                .toArray();
        if (left.length > 0) {
            add(revision, 0, new JobEvent.JobScaled(job.id(), 0, "", Ids.NONE, Ids.of(left)));
        }
    }

    private void gang(GangState gang) {
        long revision = gang.job().revision();
        long job = gang.job().id();
        int earlier = gang.workers().isEmpty() ? gang.attempt() : gang.attempt() - 1;
        if (earlier > 0 || gang.failures() > 0) {
            // Times and reasons of the last attempt are kept by an ended gang only; see GangEnded below.
            add(
                    revision,
                    0,
                    new JobEvent.GangRequeued(
                            job,
                            gang.index(),
                            earlier,
                            gang.notBeforeMicros(),
                            gang.failures(),
                            gang.firstStartedAtMicros(),
                            gang.startedProfile(),
                            gang.lastReason(),
                            gang.avoidedNodes()));
        }
        if (!gang.workers().isEmpty()) {
            attempt(gang, revision, job);
        }
        Reservation kept = gang.reservation();
        if (kept != null) {
            add(
                    revision,
                    kept.madeAtMicros(),
                    new JobEvent.GangReserved(
                            job,
                            gang.index(),
                            kept.profile(),
                            kept.className(),
                            kept.workers(),
                            kept.startAtMicros(),
                            kept.cause()));
        }
        if (gang.phase() == GangPhase.ENDED) {
            add(revision, 0, new JobEvent.GangEnded(job, gang.index(), gang.lastReason()));
        }
    }

    private void attempt(GangState gang, long revision, long job) {
        List<WorkerPlacement> placements =
                gang.workers().stream().map(WorkerState::placement).toList();
        add(
                revision,
                gang.assignedAtMicros(),
                new JobEvent.GangAssigned(
                        job,
                        gang.index(),
                        gang.attempt(),
                        gang.profileIndex(),
                        gang.className(),
                        placements,
                        gang.priceEpoch()));
        gang.workers().stream()
                .filter(worker -> worker.startedAtMicros() > 0)
                .sorted(Comparator.comparingLong(WorkerState::startedAtMicros))
                .forEach(worker -> add(revision, worker.startedAtMicros(), new JobEvent.WorkerStarted(worker.key())));
        for (WorkerState worker : gang.workers()) {
            if (worker.endCause() != null) {
                JobEvent.WorkerEnded ended =
                        new JobEvent.WorkerEnded(worker.key(), worker.endCause(), worker.exitCode(), worker.message());
                add(revision, worker.endedAtMicros(), ended);
            }
        }
        StopCause cause = gang.stopCause();
        if (cause != null) {
            add(
                    revision,
                    gang.stoppingAtMicros(),
                    new JobEvent.GangStopping(job, gang.index(), gang.attempt(), cause, gang.graceSeconds()));
        }
    }
}

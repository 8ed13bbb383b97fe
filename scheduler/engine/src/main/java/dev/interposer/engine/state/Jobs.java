package dev.interposer.engine.state;

import dev.interposer.engine.event.JobEvent;
import dev.interposer.engine.model.GangPhase;
import dev.interposer.engine.model.Ids;
import dev.interposer.engine.model.Reason;
import dev.interposer.engine.model.ReasonCode;
import dev.interposer.engine.model.Reservation;
import dev.interposer.engine.model.WorkerKey;
import dev.interposer.engine.table.IdTable;
import java.util.Collection;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The jobs, their specs and the request ids that are remembered. */
public final class Jobs {
    private final Nodes nodes;
    private final List<StateObserver> observers;
    private final IdTable<JobState> byId = new IdTable<>();
    private final NameTable byName = new NameTable();
    private final Specs specs = new Specs();
    private final Requests requests = new Requests();
    private final Names names = new Names();

    Jobs(Nodes nodes, List<StateObserver> observers) {
        this.nodes = nodes;
        this.observers = observers;
    }

    public @Nullable JobState find(long id) {
        return byId.find(id);
    }

    /** The newest job of that {@code namespace/name}; an ended one may be followed by another of its name. */
    public @Nullable JobState find(String fullName) {
        return byName.get(fullName);
    }

    /** In the order of their submission. */
    public Collection<JobState> all() {
        return byId.all();
    }

    /** Those with a greater id, in the order of their submission. */
    public Iterable<JobState> after(long id) {
        return byId.after(id);
    }

    public Specs specs() {
        return specs;
    }

    /** Request ids by which a repeated submission is recognised. */
    public Requests requests() {
        return requests;
    }

    void apply(long revision, long atMicros, JobEvent event) {
        switch (event) {
            case JobEvent.SpecStored stored -> specs.store(stored.specId(), stored.sha256(), stored.spec());
            case JobEvent.JobSubmitted submitted -> submit(submitted, atMicros).revision = revision;
            case JobEvent.JobScaled scaled -> scale(scaled, atMicros).revision = revision;
            case JobEvent.JobCancelRequested asked -> cancel(asked).revision = revision;
            case JobEvent.GangAssigned assigned -> assign(assigned, atMicros).revision = revision;
            case JobEvent.GangReserved reserved -> reserve(reserved, atMicros).revision = revision;
            case JobEvent.ReservationDropped dropped -> {
                GangState gang = gang(dropped.jobId(), dropped.gang());
                dropReservation(gang);
                gang.job().revision = revision;
            }
            case JobEvent.WorkerStarted started -> start(worker(started.key()), atMicros).revision = revision;
            case JobEvent.WorkerEnded ended -> end(worker(ended.key()), ended, atMicros).revision = revision;
            case JobEvent.GangStopping stopping -> stop(stopping, atMicros).revision = revision;
            case JobEvent.GangRequeued requeued -> requeue(requeued).revision = revision;
            case JobEvent.GangEligible eligible -> {
                GangState gang = gang(eligible.jobId(), eligible.gang());
                gang.notBeforeMicros = 0;
                enqueue(gang);
                gang.job().revision = revision;
            }
            case JobEvent.GangEnded ended -> endGang(ended).revision = revision;
            case JobEvent.JobEnded ended -> {
                JobState job = require(ended.jobId());
                job.endPhase = ended.phase();
                job.reason = ended.reason();
                job.endedAtMicros = atMicros;
                job.revision = revision;
            }
            case JobEvent.RequestRemembered remembered ->
                requests.remember(remembered.requestId(), remembered.jobId(), atMicros);
            case JobEvent.JobForgotten forgotten -> forget(require(forgotten.jobId()));
            case JobEvent.RequestsForgotten forgotten -> requests.forgetBefore(forgotten.beforeMicros());
        }
    }

    private JobState submit(JobEvent.JobSubmitted submitted, long atMicros) {
        JobState job = new JobState(submitted, specs.use(submitted.specId()), names, atMicros);
        if (!byId.add(job.id(), job)) {
            throw new IllegalStateException("job id " + job.id() + " is taken");
        }
        byName.put(job.fullName(), job);
        requests.remember(submitted.requestId(), job.id(), atMicros);
        for (GangState gang : job.gangs()) {
            observers.forEach(observer -> observer.gangWaiting(gang));
        }
        return job;
    }

    /** What waits is told of as gone and come again, since observers find it by its spec. */
    private JobState scale(JobEvent.JobScaled scaled, long atMicros) {
        JobState job = require(scaled.jobId());
        if (job.cancelRequested || job.ended()) {
            throw new IllegalStateException("job " + job.fullName() + " ends and does not admit " + scaled);
        }
        requests.remember(scaled.requestId(), job.id(), atMicros);
        job.scaled = true;
        boolean resized = scaled.specId() != 0 && job.spec().training() != null;
        for (GangState gang : job.gangs()) {
            if (resized || scaled.leaving().contains(gang.index())) {
                dropReservation(gang);
            }
            if (gang.eligible()) {
                observers.forEach(observer -> observer.gangNotWaiting(gang));
            }
        }
        if (scaled.specId() != 0 && scaled.specId() != job.specId()) {
            long before = job.specId();
            job.respecify(scaled.specId(), specs.use(scaled.specId()));
            specs.release(before);
        }
        scaled.joining().stream().forEach(index -> join(job, (int) index));
        scaled.leaving().stream().forEach(index -> leave(gang(job.id(), (int) index)));
        for (GangState gang : job.gangs()) {
            if (gang.eligible()) {
                observers.forEach(observer -> observer.gangWaiting(gang));
            }
        }
        return job;
    }

    /** One that has left begins with a clean sheet; its attempts go on, since no agent starts one twice. */
    private void join(JobState job, int index) {
        job.growTo(index);
        GangState gang = gang(job.id(), index);
        gang.leaving = false;
        if (gang.phase == GangPhase.ENDED) {
            clearAttempt(gang);
            gang.phase = GangPhase.WAITING;
            gang.failures = 0;
            gang.startedProfile = 0;
            gang.lastReason = Reason.NONE;
            gang.avoidedNodes = Ids.NONE;
        }
    }

    private static void leave(GangState gang) {
        gang.leaving = true;
        if (gang.phase == GangPhase.WAITING || gang.phase == GangPhase.BACKOFF) {
            gang.phase = GangPhase.ENDED;
            gang.notBeforeMicros = 0;
            gang.lastReason = Reason.of(ReasonCode.SCALED_DOWN);
        }
    }

    private JobState cancel(JobEvent.JobCancelRequested asked) {
        JobState job = require(asked.jobId());
        job.cancelRequested = true;
        job.reason = asked.reason();
        for (GangState gang : job.gangs()) {
            dropReservation(gang);
            if (gang.phase == GangPhase.WAITING) {
                observers.forEach(observer -> observer.gangNotWaiting(gang));
            }
        }
        return job;
    }

    private JobState reserve(JobEvent.GangReserved reserved, long atMicros) {
        GangState gang = gang(reserved.jobId(), reserved.gang());
        expect(gang, gang.phase != GangPhase.ENDED && !gang.job().cancelRequested, reserved);
        dropReservation(gang);
        Reservation reservation = new Reservation(
                reserved.profile(),
                reserved.className(),
                reserved.workers(),
                reserved.startAtMicros(),
                atMicros,
                reserved.cause());
        gang.reservation = reservation;
        observers.forEach(observer -> observer.gangReserved(gang, reservation));
        return gang.job();
    }

    private void dropReservation(GangState gang) {
        Reservation reservation = gang.reservation;
        if (reservation != null) {
            gang.reservation = null;
            observers.forEach(observer -> observer.reservationDropped(gang, reservation));
        }
    }

    private JobState assign(JobEvent.GangAssigned assigned, long atMicros) {
        GangState gang = gang(assigned.jobId(), assigned.gang());
        expect(gang, gang.phase == GangPhase.WAITING && assigned.attempt() > gang.attempt, assigned);
        observers.forEach(observer -> observer.gangNotWaiting(gang));
        dropReservation(gang);
        gang.phase = GangPhase.ASSIGNED;
        gang.attempt = assigned.attempt();
        gang.profileIndex = assigned.profile();
        gang.className = assigned.className();
        gang.priceEpoch = assigned.priceEpoch();
        gang.assignedAtMicros = atMicros;
        gang.lastReason = Reason.NONE;
        WorkerState[] workers = new WorkerState[assigned.workers().size()];
        for (int index = 0; index < workers.length; index++) {
            workers[index] = new WorkerState(gang, index, assigned.workers().get(index));
        }
        gang.workers = List.of(workers);
        gang.liveWorkers = workers.length;
        gang.startedWorkers = 0;
        for (WorkerState worker : workers) {
            NodeState node = nodes.find(worker.nodeId());
            // In a snapshot a worker that ended may outlive its node, which was removed since.
            if (node != null) {
                worker.node = node;
                node.bind(worker);
                observers.forEach(observer -> observer.workerBound(gang, worker));
            }
        }
        gang.job().placedGangs++;
        observers.forEach(observer -> observer.gangAssigned(gang));
        return gang.job();
    }

    private static JobState start(WorkerState worker, long atMicros) {
        GangState gang = worker.gang();
        if (worker.startedAtMicros() == 0) {
            gang.startedWorkers++;
        }
        worker.start(atMicros);
        if (gang.startedWorkers == gang.workers.size()) {
            if (gang.phase == GangPhase.ASSIGNED) {
                gang.phase = GangPhase.RUNNING;
            }
            gang.startedProfile = gang.profileIndex + 1;
            if (gang.firstStartedAtMicros == 0) {
                gang.firstStartedAtMicros = atMicros;
            }
        }
        return gang.job();
    }

    private JobState end(WorkerState worker, JobEvent.WorkerEnded ended, long atMicros) {
        if (worker.ended()) {
            throw new IllegalStateException("worker " + ended.key() + " ended before");
        }
        worker.end(atMicros, ended.cause(), ended.exitCode(), ended.message());
        worker.gang().liveWorkers--;
        NodeState node = worker.node;
        if (node != null) {
            worker.node = null;
            node.release(worker);
            observers.forEach(observer -> observer.workerReleased(worker.gang(), worker));
        }
        if (worker.gang().liveWorkers == 0) {
            worker.gang().job().placedGangs--;
            observers.forEach(observer -> observer.gangFreed(worker.gang()));
        }
        return worker.gang().job();
    }

    private JobState stop(JobEvent.GangStopping stopping, long atMicros) {
        GangState gang = gang(stopping.jobId(), stopping.gang());
        expect(gang, gang.phase.holdsDevices() && gang.attempt == stopping.attempt(), stopping);
        gang.phase = GangPhase.STOPPING;
        gang.stopCause = stopping.cause();
        gang.graceSeconds = stopping.graceSeconds();
        gang.stoppingAtMicros = atMicros;
        observers.forEach(observer -> observer.gangStopping(gang));
        return gang.job();
    }

    private JobState requeue(JobEvent.GangRequeued requeued) {
        GangState gang = gang(requeued.jobId(), requeued.gang());
        expect(gang, gang.liveWorkers == 0, requeued);
        if (gang.phase == GangPhase.WAITING) {
            observers.forEach(observer -> observer.gangNotWaiting(gang));
        }
        clearAttempt(gang);
        gang.attempt = requeued.attempt();
        gang.failures = requeued.failures();
        gang.firstStartedAtMicros = requeued.firstStartedAtMicros();
        gang.lastReason = requeued.reason();
        if (requeued.startedProfile() > 0) {
            gang.startedProfile = requeued.startedProfile();
        }
        gang.notBeforeMicros = requeued.notBeforeMicros();
        gang.avoidedNodes = requeued.avoidedNodes();
        if (gang.notBeforeMicros > 0) {
            gang.phase = GangPhase.BACKOFF;
        } else {
            enqueue(gang);
        }
        return gang.job();
    }

    private JobState endGang(JobEvent.GangEnded ended) {
        GangState gang = gang(ended.jobId(), ended.gang());
        expect(gang, gang.liveWorkers == 0, ended);
        dropReservation(gang);
        if (gang.phase == GangPhase.WAITING && !gang.job().cancelRequested) {
            observers.forEach(observer -> observer.gangNotWaiting(gang));
        }
        gang.phase = GangPhase.ENDED;
        gang.stopCause = null;
        gang.lastReason = ended.reason();
        return gang.job();
    }

    private void enqueue(GangState gang) {
        gang.phase = GangPhase.WAITING;
        if (!gang.job().cancelRequested) {
            observers.forEach(observer -> observer.gangWaiting(gang));
        }
    }

    private static void clearAttempt(GangState gang) {
        gang.workers = List.of();
        gang.liveWorkers = 0;
        gang.startedWorkers = 0;
        gang.profileIndex = -1;
        gang.className = "";
        gang.assignedAtMicros = 0;
        gang.stoppingAtMicros = 0;
        gang.graceSeconds = 0;
        gang.stopCause = null;
    }

    private void forget(JobState job) {
        if (!job.ended()) {
            throw new IllegalStateException("job " + job.fullName() + " has not ended");
        }
        byId.remove(job.id());
        byName.remove(job.fullName(), job);
        specs.release(job.specId());
    }

    private WorkerState worker(WorkerKey key) {
        GangState gang = gang(key.jobId(), key.gang());
        WorkerState worker = gang.worker(key.attempt(), key.worker());
        if (worker == null) {
            throw new IllegalStateException("no worker " + key + "; the attempt is " + gang.attempt);
        }
        return worker;
    }

    private JobState require(long id) {
        JobState job = byId.find(id);
        if (job == null) {
            throw new IllegalStateException("no job with id " + id);
        }
        return job;
    }

    private GangState gang(long jobId, int index) {
        JobState job = require(jobId);
        GangState gang = job.gang(index);
        if (gang == null) {
            throw new IllegalStateException("job " + job.fullName() + " has no gang " + index);
        }
        return gang;
    }

    private static void expect(GangState gang, boolean holds, JobEvent event) {
        if (!holds) {
            throw new IllegalStateException(
                    "gang " + gang.index() + " of job " + gang.job().fullName() + " in phase " + gang.phase
                            + ", attempt " + gang.attempt + ", does not admit " + event);
        }
    }
}

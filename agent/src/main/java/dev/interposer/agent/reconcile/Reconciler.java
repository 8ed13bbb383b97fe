package dev.interposer.agent.reconcile;

import dev.interposer.proto.agent.v1.DesiredState;
import dev.interposer.proto.agent.v1.EndCause;
import dev.interposer.proto.agent.v1.OnUnknown;
import dev.interposer.proto.agent.v1.ServerMessage;
import dev.interposer.proto.agent.v1.StatusAck;
import dev.interposer.proto.agent.v1.WorkerAssignment;
import dev.interposer.proto.agent.v1.WorkerKey;
import dev.interposer.proto.agent.v1.WorkerRelease;
import dev.interposer.proto.agent.v1.WorkerState;
import dev.interposer.proto.agent.v1.WorkerStatus;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import java.util.Set;

/**
 * Brings what runs on a node in line with what the scheduler wants.
 *
 * <p><b>Goals.</b> Run each assigned worker once; stop what is released; let nothing that ended go unsaid.
 *
 * <p><b>Constraints.</b> An attempt that was ever begun, or refused, is never begun again, whatever arrives and in
 * whatever order. Nothing is
 * stopped because time passed, unless the job chose a lease. An end is kept until the scheduler acknowledges it.
 *
 * <p><b>Algorithm.</b> One entry for each worker that lives or whose end is not acknowledged, and for each of the
 * latest {@value #MOST_BEGUN} places in gangs the highest attempt that was ever begun or refused. The journal is
 * written before a start and at an end, so that both survive this process.
 *
 * <p>No thread, no clock, no I/O: inputs come by the methods, what is to be done goes out as {@link Action}s.
 */
public final class Reconciler {
    private static final int MOST_MESSAGE = 4096;

    /**
     * Places whose attempts are remembered after their end is acknowledged: two weeks of a node that begins a worker a
     * minute. Only a ledger restored from a backup that is older than all of them could order one of theirs again.
     */
    static final int MOST_BEGUN = 20_000;

    private final Map<WorkerKey, Worker> workers = new LinkedHashMap<>();
    /** The one that was last begun comes last. */
    private final SequencedMap<Place, Integer> begun = new LinkedHashMap<>();

    private final List<Action> actions = new ArrayList<>();
    private long highestEpoch;
    private long incarnation;
    private long revision;
    private long leaderHeardMillis;

    /** Before then no grace and no lease runs out; a look at each worker of each node five times a second was dear. */
    private long nextDueMillis = Long.MIN_VALUE;

    private enum Phase {
        STARTING("starting"),
        RUNNING("running"),
        STOPPING("stopping"),
        ENDED("unreported");

        /** For whoever counts them. */
        private final String word;

        Phase(String word) {
            this.word = word;
        }
    }

    /** A place in a gang, over all its attempts. */
    private record Place(long job, int gang, int worker) {
        static Place of(WorkerKey key) {
            return new Place(key.getJobId(), key.getGang(), key.getWorker());
        }

        WorkerKey key(int attempt) {
            return WorkerKey.newBuilder()
                    .setJobId(job)
                    .setGang(gang)
                    .setAttempt(attempt)
                    .setWorker(worker)
                    .build();
        }
    }

    private static final class Worker {
        final WorkerAssignment assignment;
        /** Of the leader that assigned it. */
        final long epoch;

        Phase phase;
        WorkerStatus status = WorkerStatus.getDefaultInstance();
        /** When the grace is over of one that is to stop. */
        long killAtMillis;

        boolean killed;

        /** Device of its own that failed while it ran, and why; empty for none. */
        String fault = "";

        Worker(WorkerAssignment assignment, long epoch, Phase phase) {
            this.assignment = assignment;
            this.epoch = epoch;
            this.phase = phase;
        }

        /** 0 for a worker that runs on without a leader, or runs no more. */
        long leaseMillis() {
            boolean lives = phase == Phase.STARTING || phase == Phase.RUNNING;
            return lives ? assignment.getSelfFenceSeconds() * 1000 : 0;
        }
    }

    /** Takes in one entry of the journal that an earlier process wrote; oldest first, before anything else. */
    public void recover(JournalEntry entry) {
        switch (entry) {
            case JournalEntry.Begun before -> begin(before.key());
            case JournalEntry.Starting starting -> {
                begin(starting.assignment().getKey());
                workers.put(
                        starting.assignment().getKey(),
                        new Worker(starting.assignment(), starting.epoch(), Phase.STARTING));
            }
            case JournalEntry.Stopping stopping -> {
                Worker worker = workers.get(stopping.key());
                if (worker != null && worker.phase != Phase.ENDED) {
                    worker.phase = Phase.STOPPING;
                    worker.killAtMillis = stopping.killAtMillis();
                }
            }
            case JournalEntry.Ended ended -> end(ended.status());
            case JournalEntry.Acknowledged acknowledged -> workers.remove(acknowledged.key());
            case JournalEntry.Seen seen -> {
                // The newest entry wins: epochs and revisions start anew with an incarnation.
                highestEpoch = seen.epoch();
                incarnation = seen.incarnation();
                revision = seen.revision();
            }
        }
    }

    /** The shortest journal from which another would know the same. */
    public List<JournalEntry> testimony() {
        List<JournalEntry> entries = new ArrayList<>();
        entries.add(new JournalEntry.Seen(highestEpoch, incarnation, revision));
        begun.forEach((place, attempt) -> entries.add(new JournalEntry.Begun(place.key(attempt))));
        for (Worker worker : workers.values()) {
            entries.add(
                    worker.phase == Phase.ENDED
                            ? new JournalEntry.Ended(worker.status)
                            : new JournalEntry.Starting(worker.assignment, worker.epoch));
            if (worker.phase == Phase.STOPPING) {
                entries.add(new JournalEntry.Stopping(worker.assignment.getKey(), worker.killAtMillis));
            }
        }
        return entries;
    }

    /** After recovery, once the runtime has them: an earlier process may not have asked those it wanted to end. */
    public List<Action> resumed() {
        workers.forEach((key, worker) -> {
            if (worker.phase == Phase.STOPPING) {
                nextDueMillis = Math.min(nextDueMillis, worker.killAtMillis);
                actions.add(new Action.Terminate(key));
            }
        });
        return take();
    }

    /** Workers that the journal says were begun and not that they ended: the runtime must say what became of them. */
    public List<WorkerAssignment> unsettled() {
        return workers.values().stream()
                .filter(worker -> worker.phase != Phase.ENDED)
                .map(worker -> worker.assignment)
                .toList();
    }

    /** What a hello says: everything that lives, and every end that is not acknowledged. */
    public List<WorkerStatus> statuses() {
        List<WorkerStatus> statuses = new ArrayList<>();
        for (Map.Entry<WorkerKey, Worker> entry : workers.entrySet()) {
            Worker worker = entry.getValue();
            if (worker.phase == Phase.ENDED) {
                statuses.add(worker.status);
            } else {
                // One that is about to run, or to be found again, has its devices already.
                statuses.add(running(entry.getKey()).toBuilder()
                        .addAllDeviceNames(worker.assignment.getDeviceNamesList())
                        .setProfileName(worker.assignment.getProfileName())
                        .setRoleName(worker.assignment.getRoleName())
                        .setWorldSize(worker.assignment.getWorldSize())
                        .build());
            }
        }
        return statuses;
    }

    public long highestEpoch() {
        return highestEpoch;
    }

    public long incarnation() {
        return incarnation;
    }

    public long revision() {
        return revision;
    }

    /** When a leader was last heard. */
    public long leaderHeardMillis() {
        return leaderHeardMillis;
    }

    /** A message of the scheduler. One of an epoch that is over says nothing any more. */
    public List<Action> received(ServerMessage message, long nowMillis) {
        if (isOver(message)) {
            return List.of();
        }
        leaderHeardMillis = nowMillis;
        see(message);
        message.getAcknowledgedList().forEach(this::acknowledged);
        switch (message.getBodyCase()) {
            case DESIRED_STATE -> desired(message.getDesiredState(), nowMillis);
            case ASSIGN -> assign(message.getAssign());
            case RELEASE -> release(message.getRelease(), nowMillis);
            case STATUS_ACK -> acknowledged(message.getStatusAck());
            case WELCOME, LOG_REQUEST, ROSTER_REQUEST, BODY_NOT_SET -> {
                // Nothing that concerns what runs.
            }
        }
        return take();
    }

    /** The process of a worker is there. */
    public List<Action> started(WorkerKey key) {
        Worker worker = workers.get(key);
        if (worker != null && worker.phase == Phase.STARTING) {
            worker.phase = Phase.RUNNING;
            actions.add(new Action.Report(running(key)));
        }
        return take();
    }

    /** The process of a worker is gone, or could not be made. */
    public List<Action> exited(WorkerStatus status) {
        Worker worker = workers.get(status.getKey());
        if (worker != null && worker.phase != Phase.ENDED) {
            boolean asked = worker.phase == Phase.STOPPING;
            WorkerStatus said = asked
                    ? status.toBuilder().setCause(EndCause.END_CAUSE_RELEASED).build()
                    : blamed(status, worker.fault);
            actions.add(new Action.Note(new JournalEntry.Ended(said)));
            end(said);
            actions.add(new Action.Report(said));
        }
        return take();
    }

    /**
     * A device failed, or is well again when there is no cause. A worker that has it and ends badly while that lasts
     * ended for it, not by its own fault.
     */
    public void deviceFailed(String device, String cause) {
        for (Worker worker : workers.values()) {
            if (worker.phase != Phase.ENDED
                    && worker.assignment.getDeviceNamesList().contains(device)) {
                worker.fault = cause.isEmpty() ? "" : "device " + device + " failed: " + cause;
            }
        }
    }

    /** Whether a worker that has not ended has it. */
    public boolean uses(String device) {
        return unsettled().stream()
                .anyMatch(worker -> worker.getDeviceNamesList().contains(device));
    }

    /** Time passed: graces run out, and leases of jobs that chose one. */
    public List<Action> tick(long nowMillis) {
        if (nowMillis < nextDueMillis) {
            return List.of();
        }
        nextDueMillis = Long.MAX_VALUE;
        for (Map.Entry<WorkerKey, Worker> entry : workers.entrySet()) {
            Worker worker = entry.getValue();
            if (worker.phase == Phase.STOPPING && !worker.killed && nowMillis >= worker.killAtMillis) {
                kill(entry.getKey(), worker);
            }
            long leaseMillis = worker.leaseMillis();
            if (leaseMillis > 0 && nowMillis - leaderHeardMillis >= leaseMillis) {
                stopping(entry.getKey(), worker, nowMillis);
                kill(entry.getKey(), worker);
            } else if (leaseMillis > 0) {
                nextDueMillis = Math.min(nextDueMillis, leaderHeardMillis + leaseMillis);
            }
            if (worker.phase == Phase.STOPPING && !worker.killed) {
                nextDueMillis = Math.min(nextDueMillis, worker.killAtMillis);
            }
        }
        return take();
    }

    /** How many workers do what; those that are unreported have ended, and nobody has confirmed that. */
    public Map<String, Integer> counts() {
        Map<String, Integer> counts = new LinkedHashMap<>();
        for (Phase phase : Phase.values()) {
            counts.put(phase.word, 0);
        }
        workers.values().forEach(worker -> counts.merge(worker.phase.word, 1, Integer::sum));
        return counts;
    }

    /** Whether nothing runs, and every end was acknowledged. */
    public boolean isIdle() {
        return workers.isEmpty();
    }

    /** Whether it runs, or its end is not acknowledged. */
    public boolean knows(WorkerKey key) {
        return workers.containsKey(key);
    }

    /** Whether something runs that stops when no leader is heard. */
    public boolean countsLease() {
        return workers.values().stream().anyMatch(worker -> worker.leaseMillis() > 0);
    }

    /** The agent goes and takes its workers with it: what they end with says nothing of the work. */
    public List<Action> stopAll(long nowMillis) {
        for (Map.Entry<WorkerKey, Worker> entry : workers.entrySet()) {
            Worker worker = entry.getValue();
            if (worker.phase != Phase.ENDED) {
                stopping(entry.getKey(), worker, nowMillis);
                kill(entry.getKey(), worker);
            }
        }
        return take();
    }

    /** Leases count from here until a leader is heard: when an earlier process heard one, else now. */
    public void countLeasesFrom(long millis) {
        leaderHeardMillis = millis;
        nextDueMillis = Long.MIN_VALUE;
    }

    /**
     * Of an earlier leader. A restored backup holds an earlier epoch too, so epochs compare within an incarnation only.
     */
    private boolean isOver(ServerMessage message) {
        return message.getIncarnation() < incarnation
                || (message.getIncarnation() == incarnation && message.getEpoch() < highestEpoch);
    }

    private void see(ServerMessage message) {
        boolean rises = message.getEpoch() > highestEpoch || message.getIncarnation() > incarnation;
        highestEpoch = message.getEpoch();
        // After a restored backup the ledger counts from where the backup ended.
        revision = message.getIncarnation() > incarnation
                ? message.getRevision()
                : Math.max(revision, message.getRevision());
        incarnation = Math.max(incarnation, message.getIncarnation());
        if (rises) {
            actions.add(new Action.Note(new JournalEntry.Seen(highestEpoch, incarnation, revision)));
        }
    }

    private void desired(DesiredState desired, long nowMillis) {
        Set<WorkerKey> named = new HashSet<>();
        for (WorkerAssignment assignment : desired.getAssignmentsList()) {
            named.add(assignment.getKey());
            assign(assignment);
        }
        for (WorkerRelease release : desired.getReleasesList()) {
            named.add(release.getKey());
            release(release, nowMillis);
        }
        for (Map.Entry<WorkerKey, Worker> entry : workers.entrySet()) {
            Worker worker = entry.getValue();
            if (worker.phase == Phase.ENDED) {
                actions.add(new Action.Report(worker.status));
            } else if (!named.contains(entry.getKey()) && desired.getOnUnknown() == OnUnknown.ON_UNKNOWN_RELEASE) {
                stop(entry.getKey(), worker, worker.assignment.getGraceSeconds(), nowMillis);
            }
        }
    }

    private void assign(WorkerAssignment assignment) {
        WorkerKey key = assignment.getKey();
        Worker known = workers.get(key);
        if (known != null) {
            if (known.phase == Phase.ENDED) {
                actions.add(new Action.Report(known.status));
            } else if (known.phase != Phase.STARTING) {
                actions.add(new Action.Report(running(key)));
            }
            return;
        }
        if (key.getAttempt() <= begun.getOrDefault(Place.of(key), 0)) {
            // Begun before and long acknowledged: whoever asks has forgotten it, so say that it is over.
            refuse(key, EndCause.END_CAUSE_UNKNOWN, "this attempt was begun before");
            return;
        }
        begin(key);
        Worker worker = new Worker(assignment, highestEpoch, Phase.STARTING);
        workers.put(key, worker);
        if (worker.leaseMillis() > 0) {
            nextDueMillis = Math.min(nextDueMillis, leaderHeardMillis + worker.leaseMillis());
        }
        actions.add(new Action.Note(new JournalEntry.Starting(assignment, highestEpoch)));
        actions.add(new Action.Start(assignment));
    }

    private void release(WorkerRelease release, long nowMillis) {
        Worker worker = workers.get(release.getKey());
        if (worker == null) {
            refuse(release.getKey(), EndCause.END_CAUSE_RELEASED, "released before it was begun");
        } else if (worker.phase == Phase.ENDED) {
            actions.add(new Action.Report(worker.status));
        } else {
            stop(release.getKey(), worker, release.getGraceSeconds(), nowMillis);
        }
    }

    private void stop(WorkerKey key, Worker worker, long graceSeconds, long nowMillis) {
        if (worker.phase != Phase.STOPPING) {
            stopping(key, worker, nowMillis + graceSeconds * 1000);
            nextDueMillis = Math.min(nextDueMillis, worker.killAtMillis);
            actions.add(new Action.Terminate(key));
        }
    }

    /** Noted before it is asked: it may save, end with code 0 while no agent runs, and seem to have done its work. */
    private void stopping(WorkerKey key, Worker worker, long killAtMillis) {
        worker.phase = Phase.STOPPING;
        worker.killAtMillis = killAtMillis;
        actions.add(new Action.Note(new JournalEntry.Stopping(key, killAtMillis)));
    }

    private void kill(WorkerKey key, Worker worker) {
        worker.killed = true;
        actions.add(new Action.Kill(key));
    }

    private void refuse(WorkerKey key, EndCause cause, String message) {
        begin(key);
        WorkerStatus status = WorkerStatus.newBuilder()
                .setKey(key)
                .setState(WorkerState.WORKER_STATE_ENDED)
                .setCause(cause)
                .setMessage(message)
                .build();
        actions.add(new Action.Note(new JournalEntry.Ended(status)));
        end(status);
        actions.add(new Action.Report(status));
    }

    private void acknowledged(StatusAck ack) {
        Worker worker = workers.get(ack.getKey());
        if (worker != null && worker.phase == Phase.ENDED && ack.getState() == WorkerState.WORKER_STATE_ENDED) {
            workers.remove(ack.getKey());
            actions.add(new Action.Note(new JournalEntry.Acknowledged(ack.getKey())));
        }
    }

    private void begin(WorkerKey key) {
        Place place = Place.of(key);
        Integer before = begun.remove(place);
        begun.put(place, before == null ? key.getAttempt() : Math.max(before, key.getAttempt()));
        if (begun.size() > MOST_BEGUN) {
            begun.pollFirstEntry();
        }
    }

    private void end(WorkerStatus status) {
        begin(status.getKey());
        Worker known = workers.get(status.getKey());
        WorkerAssignment assignment = known == null
                ? WorkerAssignment.newBuilder().setKey(status.getKey()).build()
                : known.assignment;
        Worker ended = new Worker(assignment, known == null ? highestEpoch : known.epoch, Phase.ENDED);
        ended.status = status;
        workers.put(status.getKey(), ended);
    }

    /** What its memory or its start lacked, no device took from it. */
    private static WorkerStatus blamed(WorkerStatus status, String fault) {
        boolean may =
                status.getCause() == EndCause.END_CAUSE_EXIT_CODE || status.getCause() == EndCause.END_CAUSE_UNKNOWN;
        if (fault.isEmpty() || !may) {
            return status;
        }
        String message = fault + "\n" + status.getMessage();
        return status.toBuilder()
                .setCause(EndCause.END_CAUSE_DEVICE_FAULT)
                .setMessage(message.substring(0, Math.min(message.length(), MOST_MESSAGE)))
                .build();
    }

    private List<Action> take() {
        List<Action> taken = List.copyOf(actions);
        actions.clear();
        return taken;
    }

    private static WorkerStatus running(WorkerKey key) {
        return WorkerStatus.newBuilder()
                .setKey(key)
                .setState(WorkerState.WORKER_STATE_RUNNING)
                .build();
    }
}

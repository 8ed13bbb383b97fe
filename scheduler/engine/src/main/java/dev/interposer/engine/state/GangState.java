package dev.interposer.engine.state;

import dev.interposer.engine.model.GangPhase;
import dev.interposer.engine.model.Ids;
import dev.interposer.engine.model.Profile;
import dev.interposer.engine.model.Reason;
import dev.interposer.engine.model.Reservation;
import dev.interposer.engine.model.StopCause;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** One gang of a job: the workers that are placed all or none. */
public final class GangState {
    /** A gang that fails everywhere must not end up with nowhere to go by preference. */
    public static final int MOST_AVOIDED = 4;

    private final JobState job;
    private final int index;
    GangPhase phase = GangPhase.WAITING;
    int attempt;
    int failures;
    int profileIndex = -1;
    int startedProfile;
    String className = "";
    long priceEpoch;
    List<WorkerState> workers = List.of();
    int liveWorkers;
    int startedWorkers;
    long assignedAtMicros;
    long firstStartedAtMicros;
    long stoppingAtMicros;
    long notBeforeMicros;
    long graceSeconds;

    @Nullable
    StopCause stopCause;

    @Nullable
    Reservation reservation;

    Reason lastReason = Reason.NONE;
    Ids avoidedNodes = Ids.NONE;
    boolean leaving;

    GangState(JobState job, int index) {
        this.job = job;
        this.index = index;
    }

    public JobState job() {
        return job;
    }

    /** 0 for training, the replica for inference. */
    public int index() {
        return index;
    }

    public GangPhase phase() {
        return phase;
    }

    /** Number of the present or last attempt; 0 before the first. */
    public int attempt() {
        return attempt;
    }

    /** Ends so far that count against the job. */
    public int failures() {
        return failures;
    }

    /** Index of the profile of the present or last attempt; −1 before the first. */
    public int profileIndex() {
        return profileIndex;
    }

    /** Place, from 1, of the profile under which all its workers last ran; 0 for none. */
    public int startedProfile() {
        return startedProfile;
    }

    public Profile profile() {
        return job.spec().profiles().get(profileIndex);
    }

    /** Class of the present or last attempt; empty for none. */
    public String className() {
        return className;
    }

    public long priceEpoch() {
        return priceEpoch;
    }

    /** Workers of the present attempt, in order of rank; empty unless the gang holds devices. */
    public List<WorkerState> workers() {
        return workers;
    }

    /** Workers of the present attempt that have not ended. */
    public int liveWorkers() {
        return liveWorkers;
    }

    /** Workers of the present attempt that have reported to run, ended ones included. */
    public int startedWorkers() {
        return startedWorkers;
    }

    public long assignedAtMicros() {
        return assignedAtMicros;
    }

    /** When all workers of any attempt first ran; 0 for never. */
    public long firstStartedAtMicros() {
        return firstStartedAtMicros;
    }

    public long stoppingAtMicros() {
        return stoppingAtMicros;
    }

    /** Not eligible before, microseconds; 0 unless in back-off. */
    public long notBeforeMicros() {
        return notBeforeMicros;
    }

    /** Grace of the stop that is under way, seconds. */
    public long graceSeconds() {
        return graceSeconds;
    }

    /** Why it is being stopped; null unless it is. */
    public @Nullable StopCause stopCause() {
        return stopCause;
    }

    /** The place that is kept for it; null for none. */
    public @Nullable Reservation reservation() {
        return reservation;
    }

    /** Why the last attempt is over, or why the gang ended. */
    public Reason lastReason() {
        return lastReason;
    }

    /** Nodes on which its last attempts failed, the latest last: it goes there only where nothing else has room. */
    public Ids avoidedNodes() {
        return avoidedNodes;
    }

    /** The same after one more attempt has failed, on a node. */
    public Ids avoidingToo(long nodeId) {
        long[] others = avoidedNodes.stream().filter(id -> id != nodeId).toArray();
        int first = Math.max(0, others.length + 1 - MOST_AVOIDED);
        int kept = others.length - first;
        return Ids.of(kept + 1, at -> at < kept ? others[first + at] : nodeId);
    }

    /** Whether its job needs it no more: once it has ended it stays so, unless the job grows again. */
    public boolean leaving() {
        return leaving;
    }

    /** The worker, or null when the attempt is not the present one or has no such worker. */
    public @Nullable WorkerState worker(int ofAttempt, int worker) {
        return ofAttempt == attempt && worker >= 0 && worker < workers.size() ? workers.get(worker) : null;
    }

    /** Whether it may be placed now. */
    public boolean eligible() {
        return phase == GangPhase.WAITING && !job.cancelRequested();
    }
}

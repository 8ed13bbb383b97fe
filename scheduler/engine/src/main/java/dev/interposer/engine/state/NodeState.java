package dev.interposer.engine.state;

import dev.interposer.engine.model.Device;
import dev.interposer.engine.model.DeviceSlice;
import dev.interposer.engine.model.Hold;
import dev.interposer.engine.model.NodeInfo;
import dev.interposer.engine.model.NodePhase;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A node, its devices and what is bound to it. */
public final class NodeState {
    private final long id;
    NodeInfo info;
    NodePhase phase = NodePhase.READY;
    boolean cordoned;

    @Nullable
    DeviceSlice cordonedSlice;

    String cordonReason = "";
    boolean draining;
    long drainGraceSeconds;
    String fencedHow = "";
    long revision;
    long phaseSinceMicros;
    Map<Long, Device> devices = new LinkedHashMap<>();
    /** Of devices that have failed, by id, microseconds; not in a snapshot, where the node's own time stands for it. */
    final Map<Long, Long> failedSince = new HashMap<>();

    final List<Hold> holds = new ArrayList<>();
    /** Bound to it, in the order of job, gang and rank; in the node itself, which is looked at for each of them. */
    private WorkerState[] workers = new WorkerState[0];
    /** Their jobs, so that a new one finds its place without a look at the others. */
    private long[] jobIds = new long[0];

    private int workerCount;

    NodeState(long id, NodeInfo info) {
        this.id = id;
        this.info = info;
    }

    public long id() {
        return id;
    }

    /** {@code cluster/node}. */
    public String name() {
        return info.name();
    }

    public NodeInfo info() {
        return info;
    }

    public NodePhase phase() {
        return phase;
    }

    public boolean cordoned() {
        return cordoned;
    }

    /** The devices for whose sake it is cordoned; null when it is not, or by an operator's wish. */
    public @Nullable DeviceSlice cordonedSlice() {
        return cordonedSlice;
    }

    /** Why it is cordoned; empty when it is not, or by an operator's wish. */
    public String cordonReason() {
        return cordonReason;
    }

    /** Since when a device has failed, microseconds; the least long if it has not. */
    public long failedSinceMicros(long deviceId) {
        return failedSince.getOrDefault(deviceId, Long.MIN_VALUE);
    }

    /** Whether what runs there is asked to leave; it is cordoned then. */
    public boolean draining() {
        return draining;
    }

    /** Whether it is draining and nothing is left on it. */
    public boolean drained() {
        return draining && workerCount() == 0 && holds.isEmpty();
    }

    /** Grace of those who leave a draining node; −1 for what each job has chosen. */
    public long drainGraceSeconds() {
        return drainGraceSeconds;
    }

    /** How it was confirmed to run nothing; empty unless fenced. */
    public String fencedHow() {
        return fencedHow;
    }

    /** Whether it may take new work. */
    public boolean schedulable() {
        return phase == NodePhase.READY && !cordoned && !info.observed();
    }

    /** Revision of the last event that changed it. */
    public long revision() {
        return revision;
    }

    /** Since when it is in its phase, microseconds. */
    public long phaseSinceMicros() {
        return phaseSinceMicros;
    }

    /** Its devices, in the order in which its agent reports them. */
    public Collection<Device> devices() {
        return Collections.unmodifiableCollection(devices.values());
    }

    public @Nullable Device device(long deviceId) {
        return devices.get(deviceId);
    }

    /** Devices that an unexpected worker still has. */
    public List<Hold> holds() {
        return Collections.unmodifiableList(holds);
    }

    /** Workers bound to it that have not ended, in the order of job, gang and rank; a copy. */
    public List<WorkerState> workers() {
        return List.of(Arrays.copyOf(workers, workerCount));
    }

    /** How many workers are bound to it that have not ended. */
    public int workerCount() {
        return workerCount;
    }

    void bind(WorkerState worker) {
        int place = placeOf(worker);
        if (place < workerCount && compare(place, worker) == 0) {
            workers[place] = worker;
            return;
        }
        if (workerCount == workers.length) {
            workers = Arrays.copyOf(workers, Math.max(4, workerCount * 2));
            jobIds = Arrays.copyOf(jobIds, workers.length);
        }
        System.arraycopy(workers, place, workers, place + 1, workerCount - place);
        System.arraycopy(jobIds, place, jobIds, place + 1, workerCount - place);
        workers[place] = worker;
        jobIds[place] = worker.jobId();
        workerCount++;
    }

    void release(WorkerState worker) {
        int place = workerCount - 1;
        while (place >= 0 && workers[place] != worker) {
            place--;
        }
        if (place < 0) {
            throw new IllegalStateException("worker " + worker.key() + " is not bound to node " + name());
        }
        workerCount--;
        System.arraycopy(workers, place + 1, workers, place, workerCount - place);
        System.arraycopy(jobIds, place + 1, jobIds, place, workerCount - place);
        workers[workerCount] = null;
    }

    private int placeOf(WorkerState worker) {
        int place = workerCount;
        while (place > 0 && compare(place - 1, worker) >= 0) {
            place--;
        }
        return place;
    }

    /** Whether what is in a place comes before a worker, is it, or comes after it. */
    private int compare(int place, WorkerState worker) {
        int byJob = Long.compare(jobIds[place], worker.jobId());
        if (byJob != 0) {
            return byJob;
        }
        WorkerState other = workers[place];
        int byGang = Integer.compare(other.gang().index(), worker.gang().index());
        return byGang != 0 ? byGang : Integer.compare(other.index(), worker.index());
    }
}

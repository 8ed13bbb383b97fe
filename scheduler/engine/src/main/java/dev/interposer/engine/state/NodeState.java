package dev.interposer.engine.state;

import dev.interposer.engine.model.Device;
import dev.interposer.engine.model.Hold;
import dev.interposer.engine.model.NodeInfo;
import dev.interposer.engine.model.NodePhase;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** A node, its devices and what is bound to it. */
public final class NodeState {
    private final long id;
    NodeInfo info;
    NodePhase phase = NodePhase.READY;
    boolean cordoned;
    String fencedHow = "";
    long revision;
    long phaseSinceMicros;
    Map<Long, Device> devices = new LinkedHashMap<>();
    final List<Hold> holds = new ArrayList<>();
    private final Map<Long, Map<Integer, WorkerState>> workers = new TreeMap<>();

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

    /** How it was confirmed to run nothing; empty unless fenced. */
    public String fencedHow() {
        return fencedHow;
    }

    /** Whether it may take new work. */
    public boolean schedulable() {
        return phase == NodePhase.READY && !cordoned;
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

    /** Workers bound to it that have not ended, in the order of job, gang and rank. */
    public List<WorkerState> workers() {
        List<WorkerState> all = new ArrayList<>();
        workers.values().forEach(ofJob -> all.addAll(ofJob.values()));
        return all;
    }

    void bind(WorkerState worker) {
        workers.computeIfAbsent(worker.gang().job().id(), job -> new TreeMap<>())
                .put(slot(worker), worker);
    }

    void release(WorkerState worker) {
        long job = worker.gang().job().id();
        Map<Integer, WorkerState> ofJob = workers.get(job);
        if (ofJob == null || ofJob.remove(slot(worker)) == null) {
            throw new IllegalStateException("worker " + worker.key() + " is not bound to node " + name());
        }
        if (ofJob.isEmpty()) {
            workers.remove(job);
        }
    }

    /** Orders the workers of one job: gang, then rank; a job has at most 2^15 gangs and a gang 2^16 workers. */
    private static int slot(WorkerState worker) {
        return worker.gang().index() << 16 | worker.index();
    }
}

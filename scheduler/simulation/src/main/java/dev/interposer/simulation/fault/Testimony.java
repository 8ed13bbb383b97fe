package dev.interposer.simulation.fault;

import dev.interposer.proto.agent.v1.WorkerAssignment;
import dev.interposer.proto.agent.v1.WorkerKey;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/**
 * What really ran, seen from outside: every process as it began and ended. It shares no code with the scheduler and
 * asks it nothing.
 */
final class Testimony {
    private static final int WHOLE_MILLI = 1000;

    private final Map<String, Map<WorkerKey, Integer>> milliOfDevice = new HashMap<>();
    private final Map<WorkerKey, List<String>> live = new HashMap<>();
    private final Set<WorkerKey> everBegun = new HashSet<>();
    private final List<Begun> begun = new ArrayList<>();
    private final Map<String, TreeMap<Integer, Integer>> liveAttempts = new HashMap<>();
    private final List<Overlap> overlaps = new ArrayList<>();
    private final List<String> violations = new ArrayList<>();
    private final Set<WorkerKey> askedToEnd = new HashSet<>();

    /** Two attempts at once, which some jobs accept. */
    record Overlap(long jobId, String what) {}

    /** A process that began; the key is {@code job/gang/attempt/worker}. */
    record Begun(String key, String node, List<String> devices, int shareMilli) {}

    void began(String node, WorkerAssignment assignment) {
        WorkerKey key = assignment.getKey();
        List<String> devices = assignment.getDeviceNamesList();
        if (!everBegun.add(key)) {
            violations.add("worker " + text(key) + " was begun twice");
        }
        begun.add(new Begun(text(key), node, devices, assignment.getShareMilli()));
        for (String device : devices) {
            Map<WorkerKey, Integer> holders = milliOfDevice.computeIfAbsent(device, name -> new HashMap<>());
            holders.put(key, assignment.getShareMilli());
            int taken = holders.values().stream().mapToInt(Integer::intValue).sum();
            if (taken > WHOLE_MILLI) {
                violations.add("device " + device + " was given to " + text(key) + " and has " + taken
                        + " thousandths in use by " + holders.size() + " workers");
            }
        }
        TreeMap<Integer, Integer> attempts =
                liveAttempts.computeIfAbsent(key.getJobId() + "/" + key.getGang(), gang -> new TreeMap<>());
        if (!attempts.isEmpty() && attempts.lastKey() != key.getAttempt()) {
            String what = "worker " + text(key) + " began while attempt " + attempts.lastKey() + " still ran";
            overlaps.add(new Overlap(key.getJobId(), what));
        }
        attempts.merge(key.getAttempt(), 1, Integer::sum);
        live.put(key, devices);
    }

    void ended(WorkerKey key) {
        List<String> devices = live.remove(key);
        if (devices != null) {
            devices.forEach(device ->
                    milliOfDevice.getOrDefault(device, new HashMap<>()).remove(key));
            TreeMap<Integer, Integer> attempts = liveAttempts.get(key.getJobId() + "/" + key.getGang());
            if (attempts != null) {
                attempts.computeIfPresent(key.getAttempt(), (attempt, left) -> left == 1 ? null : left - 1);
            }
        }
    }

    void askedToEnd(WorkerKey key) {
        if (live.containsKey(key)) {
            askedToEnd.add(key);
        }
    }

    /** The processes that run now. */
    Set<WorkerKey> live() {
        return Set.copyOf(live.keySet());
    }

    /** Every process that ran when its agent was told to end it. */
    Set<WorkerKey> askedToEnd() {
        return askedToEnd;
    }

    /** Every process, in the order in which they began. */
    List<Begun> begun() {
        return begun;
    }

    List<Overlap> overlaps() {
        return overlaps;
    }

    List<String> violations() {
        return List.copyOf(violations);
    }

    private static String text(WorkerKey key) {
        return key.getJobId() + "/" + key.getGang() + "/" + key.getAttempt() + "/" + key.getWorker();
    }
}

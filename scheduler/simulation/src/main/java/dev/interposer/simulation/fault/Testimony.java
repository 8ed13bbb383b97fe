package dev.interposer.simulation.fault;

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
    private final Map<String, WorkerKey> holderOfDevice = new HashMap<>();
    private final Map<WorkerKey, List<String>> live = new HashMap<>();
    private final Set<WorkerKey> everBegun = new HashSet<>();
    private final Map<String, TreeMap<Integer, Integer>> liveAttempts = new HashMap<>();
    private final List<String> violations = new ArrayList<>();

    void began(WorkerKey key, List<String> devices) {
        if (!everBegun.add(key)) {
            violations.add("worker " + text(key) + " was begun twice");
        }
        for (String device : devices) {
            WorkerKey holder = holderOfDevice.put(device, key);
            if (holder != null) {
                violations.add(
                        "device " + device + " was given to " + text(key) + " while " + text(holder) + " had it");
            }
        }
        TreeMap<Integer, Integer> attempts =
                liveAttempts.computeIfAbsent(key.getJobId() + "/" + key.getGang(), gang -> new TreeMap<>());
        if (!attempts.isEmpty() && attempts.lastKey() != key.getAttempt()) {
            violations.add("worker " + text(key) + " began while attempt " + attempts.lastKey() + " still ran");
        }
        attempts.merge(key.getAttempt(), 1, Integer::sum);
        live.put(key, devices);
    }

    void ended(WorkerKey key) {
        List<String> devices = live.remove(key);
        if (devices != null) {
            devices.forEach(device -> holderOfDevice.remove(device, key));
            TreeMap<Integer, Integer> attempts = liveAttempts.get(key.getJobId() + "/" + key.getGang());
            if (attempts != null) {
                attempts.computeIfPresent(key.getAttempt(), (attempt, left) -> left == 1 ? null : left - 1);
            }
        }
    }

    int begun() {
        return everBegun.size();
    }

    List<String> violations() {
        return List.copyOf(violations);
    }

    private static String text(WorkerKey key) {
        return key.getJobId() + "/" + key.getGang() + " attempt " + key.getAttempt() + " rank " + key.getWorker();
    }
}

package dev.interposer.tests.e2e;

import dev.interposer.proto.ledger.v1.EndCause;
import dev.interposer.proto.ledger.v1.Event;
import dev.interposer.proto.ledger.v1.GangAssigned;
import dev.interposer.proto.ledger.v1.GangStopping;
import dev.interposer.proto.ledger.v1.JobEnded;
import dev.interposer.proto.ledger.v1.JobSubmitted;
import dev.interposer.proto.ledger.v1.NodeReported;
import dev.interposer.proto.ledger.v1.WorkerEnded;
import dev.interposer.proto.ledger.v1.WorkerKey;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/** What a ledger says happened, and where that contradicts itself. For jobs with whole devices. */
final class LedgerFacts {
    private final List<String> violations = new ArrayList<>();
    private final Map<Long, String> deviceNames = new HashMap<>();
    private final Map<String, List<Long>> jobsByName = new HashMap<>();
    private final Map<Long, JobEnded> ended = new HashMap<>();
    private final Set<String> requestIds = new HashSet<>();
    private final Map<String, Integer> attempts = new HashMap<>();
    private final Map<String, Set<String>> liveOfGang = new HashMap<>();
    private final Map<String, Set<String>> devicesOf = new HashMap<>();
    private final Map<Long, String> holders = new HashMap<>();
    private final Map<String, List<Long>> taken = new HashMap<>();
    private final Set<String> completed = new HashSet<>();
    private final Set<String> stopped = new HashSet<>();
    private final Map<Long, Long> jobOfRevision = new HashMap<>();
    private int holds;

    void take(long revision, Event event) {
        switch (event.getKindCase()) {
            case NODE_REPORTED -> reported(event.getNodeReported());
            case NODE_RETURNED -> holds += event.getNodeReturned().getHoldsCount();
            case JOB_SUBMITTED -> submitted(revision, event.getJobSubmitted());
            case GANG_ASSIGNED -> assigned(revision, event.getGangAssigned());
            case WORKER_STARTED -> started(revision, event.getWorkerStarted().getKey());
            case WORKER_ENDED -> workerEnded(revision, event.getWorkerEnded());
            case JOB_ENDED -> jobEnded(revision, event.getJobEnded());
            case GANG_STOPPING -> stopping(revision, event.getGangStopping());
            case GANG_REQUEUED ->
                jobOfRevision.put(revision, event.getGangRequeued().getJobId());
            case GANG_ELIGIBLE ->
                jobOfRevision.put(revision, event.getGangEligible().getJobId());
            case GANG_ENDED -> jobOfRevision.put(revision, event.getGangEnded().getJobId());
            default -> {
                // Says nothing of what is checked here.
            }
        }
    }

    void violation(String words) {
        violations.add(words);
    }

    List<String> violations() {
        return violations;
    }

    /** Ids of all jobs that ever had that name. */
    List<Long> jobs(String name) {
        return jobsByName.getOrDefault(name, List.of());
    }

    int submittedJobs() {
        return jobsByName.values().stream().mapToInt(List::size).sum();
    }

    int endedJobs() {
        return ended.size();
    }

    /** Phase in which it ended; empty if it did not. */
    String endPhase(long jobId) {
        JobEnded end = ended.get(jobId);
        return end == null ? "" : end.getPhase().name();
    }

    /** Names of the devices that a worker was ever given; empty for a worker that never was. */
    Set<String> devices(String worker) {
        return devicesOf.getOrDefault(worker, Set.of());
    }

    boolean wasAssigned(String worker) {
        return devicesOf.containsKey(worker);
    }

    /** Workers that ended well. */
    Set<String> completed() {
        return Collections.unmodifiableSet(completed);
    }

    /** Whether a stop of {@code job gang attempt} was ever asked for. */
    boolean wasStopped(String attempt) {
        return stopped.contains(attempt);
    }

    /** Job that an event of that revision is about; 0 for none. */
    long jobOf(long revision) {
        return jobOfRevision.getOrDefault(revision, 0L);
    }

    int holds() {
        return holds;
    }

    /** {@code job gang attempt worker}, as the journals of agents have it. */
    static String text(WorkerKey key) {
        return key.getJobId() + " " + key.getGang() + " " + key.getAttempt() + " " + key.getWorker();
    }

    private void reported(NodeReported node) {
        node.getDevicesList()
                .forEach(device ->
                        deviceNames.put(device.getId(), device.getReport().getName()));
    }

    private void submitted(long revision, JobSubmitted job) {
        jobOfRevision.put(revision, job.getJobId());
        jobsByName.computeIfAbsent(job.getName(), name -> new ArrayList<>()).add(job.getJobId());
        if (!requestIds.add(job.getRequestId())) {
            violation("request " + job.getRequestId() + " made a second job at revision " + revision);
        }
    }

    private void assigned(long revision, GangAssigned gang) {
        jobOfRevision.put(revision, gang.getJobId());
        String name = gang.getJobId() + " " + gang.getGang();
        if (ended.containsKey(gang.getJobId())) {
            violation("job " + gang.getJobId() + " is assigned at revision " + revision + " after its end");
        }
        Set<String> live = liveOfGang.computeIfAbsent(name, key -> new TreeSet<>());
        if (!live.isEmpty()) {
            violation("gang " + name + " is assigned at revision " + revision + " while it has workers " + live);
        }
        int before = attempts.getOrDefault(name, 0);
        if (gang.getAttempt() <= before) {
            violation("attempt " + gang.getAttempt() + " of gang " + name + " comes after attempt " + before);
        }
        attempts.put(name, gang.getAttempt());
        for (int worker = 0; worker < gang.getWorkersCount(); worker++) {
            String key = name + " " + gang.getAttempt() + " " + worker;
            List<Long> devices = gang.getWorkers(worker).getDevicesList();
            Set<String> names = new TreeSet<>();
            for (long device : devices) {
                names.add(deviceNames.getOrDefault(device, "unknown device " + device));
                String holder = holders.put(device, key);
                if (holder != null) {
                    violation("device " + device + " is given to " + key + " at revision " + revision
                            + " while it belongs to " + holder);
                }
            }
            live.add(key);
            devicesOf.put(key, names);
            taken.put(key, devices);
        }
    }

    private void started(long revision, WorkerKey key) {
        jobOfRevision.put(revision, key.getJobId());
        if (!taken.containsKey(text(key))) {
            violation("worker " + text(key) + " starts at revision " + revision + " without a place");
        }
    }

    private void stopping(long revision, GangStopping stop) {
        jobOfRevision.put(revision, stop.getJobId());
        stopped.add(stop.getJobId() + " " + stop.getGang() + " " + stop.getAttempt());
    }

    private void workerEnded(long revision, WorkerEnded end) {
        jobOfRevision.put(revision, end.getKey().getJobId());
        String key = text(end.getKey());
        List<Long> devices = taken.remove(key);
        if (devices == null) {
            violation("worker " + key + " ends at revision " + revision + " without a place");
            return;
        }
        devices.forEach(device -> holders.remove(device, key));
        liveOfGang
                .getOrDefault(end.getKey().getJobId() + " " + end.getKey().getGang(), new TreeSet<>())
                .remove(key);
        if (end.getCause() == EndCause.END_CAUSE_COMPLETED) {
            completed.add(key);
        }
    }

    private void jobEnded(long revision, JobEnded end) {
        jobOfRevision.put(revision, end.getJobId());
        if (ended.put(end.getJobId(), end) != null) {
            violation("job " + end.getJobId() + " ends again at revision " + revision);
        }
    }
}

package dev.interposer.tests.e2e;

import dev.interposer.proto.ledger.v1.EndCause;
import dev.interposer.proto.ledger.v1.Event;
import dev.interposer.proto.ledger.v1.GangAssigned;
import dev.interposer.proto.ledger.v1.GangStopping;
import dev.interposer.proto.ledger.v1.JobCancelRequested;
import dev.interposer.proto.ledger.v1.JobEnded;
import dev.interposer.proto.ledger.v1.JobSpec;
import dev.interposer.proto.ledger.v1.JobSubmitted;
import dev.interposer.proto.ledger.v1.NodeReported;
import dev.interposer.proto.ledger.v1.OnNodeLost;
import dev.interposer.proto.ledger.v1.WorkerEnded;
import dev.interposer.proto.ledger.v1.WorkerKey;
import dev.interposer.proto.ledger.v1.WorkerPlacement;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/**
 * What a ledger says happened, and where that contradicts itself. For whole devices and shares, and for fleets of which
 * no node is fenced or booted anew.
 */
final class LedgerFacts {
    private final List<String> violations = new ArrayList<>();
    private final Map<Long, String> deviceNames = new HashMap<>();
    private final Map<String, List<Long>> jobsByName = new HashMap<>();
    private final Map<Long, JobEnded> ended = new HashMap<>();
    private final Map<Long, Long> endRevisions = new HashMap<>();
    private final Set<String> requestIds = new HashSet<>();
    private final Map<Long, JobSpec> specs = new HashMap<>();
    private final Map<Long, Long> specOf = new HashMap<>();
    private final Map<String, Integer> attempts = new HashMap<>();
    private final Map<Long, Map<Integer, Set<String>>> lastWorkers = new HashMap<>();
    private final Map<String, Set<String>> liveOfGang = new HashMap<>();
    private final Map<String, Set<String>> devicesOf = new HashMap<>();
    private final Occupancy occupancy = new Occupancy();
    private final Set<String> live = new HashSet<>();
    private final Map<String, EndCause> endCauses = new HashMap<>();
    private final Set<String> stopped = new HashSet<>();
    private final Map<Long, Long> jobOfRevision = new HashMap<>();
    private int holds;

    void take(long revision, Event event) {
        switch (event.getKindCase()) {
            case NODE_REPORTED -> reported(event.getNodeReported());
            case NODE_RETURNED -> holds += event.getNodeReturned().getHoldsCount();
            case SPEC_STORED ->
                specs.put(
                        event.getSpecStored().getSpecId(), event.getSpecStored().getSpec());
            case JOB_SUBMITTED -> submitted(revision, event.getJobSubmitted());
            case JOB_CANCEL_REQUESTED -> cancelRequested(revision, event.getJobCancelRequested());
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

    /** Revision of its end; 0 if it did not. */
    long endRevision(long jobId) {
        return endRevisions.getOrDefault(jobId, 0L);
    }

    /** Names of the devices that a worker was ever given; empty for a worker that never was. */
    Set<String> devices(String worker) {
        return devicesOf.getOrDefault(worker, Set.of());
    }

    boolean wasAssigned(String worker) {
        return devicesOf.containsKey(worker);
    }

    /** How each worker ended, of those that did. */
    Map<String, EndCause> endCauses() {
        return Collections.unmodifiableMap(endCauses);
    }

    /** Workers of the last attempt of each gang of a job. */
    Set<String> lastWorkers(long jobId) {
        Set<String> workers = new TreeSet<>();
        lastWorkers.getOrDefault(jobId, Map.of()).values().forEach(workers::addAll);
        return workers;
    }

    /** Whether the workers of a job stop by themselves when no leader is heard. */
    boolean fencesItself(long jobId) {
        return spec(jobId).getTraining().getFailurePolicy().getOnNodeLost() == OnNodeLost.ON_NODE_LOST_SELF_FENCE;
    }

    /** Whether the ledger ever bound the gang of a worker to another attempt after it. */
    boolean wasFollowed(String worker) {
        String[] words = worker.split(" ", -1);
        return attempts.getOrDefault(words[0] + " " + words[1], 0) > Integer.parseInt(words[2]);
    }

    /** Whether a stop of {@code job gang attempt} was ever asked for. */
    boolean wasStopped(String attempt) {
        return stopped.contains(attempt);
    }

    /** Job that an event of that revision is about; 0 for none. */
    long jobOf(long revision) {
        return jobOfRevision.getOrDefault(revision, 0L);
    }

    /** Count of workers that were given up with their node. */
    long givenUp() {
        return endCauses.values().stream()
                .filter(cause -> cause == EndCause.END_CAUSE_NODE_LOST)
                .count();
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
        specOf.put(job.getJobId(), job.getSpecId());
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
        Set<String> liveBefore = liveOfGang.computeIfAbsent(name, key -> new TreeSet<>());
        if (!liveBefore.isEmpty()) {
            violation("gang " + name + " is assigned at revision " + revision + " while it has workers " + liveBefore);
        }
        int before = attempts.getOrDefault(name, 0);
        if (gang.getAttempt() <= before) {
            violation("attempt " + gang.getAttempt() + " of gang " + name + " comes after attempt " + before);
        }
        attempts.put(name, gang.getAttempt());
        Set<String> workers = new TreeSet<>();
        for (int worker = 0; worker < gang.getWorkersCount(); worker++) {
            String key = name + " " + gang.getAttempt() + " " + worker;
            place(revision, key, gang, gang.getWorkers(worker));
            workers.add(key);
        }
        live.addAll(workers);
        liveBefore.addAll(workers);
        lastWorkers.computeIfAbsent(gang.getJobId(), job -> new HashMap<>()).put(gang.getGang(), workers);
    }

    private void place(long revision, String key, GangAssigned gang, WorkerPlacement placement) {
        int milli = spec(gang.getJobId())
                .getProfiles(gang.getProfile())
                .getRoles(placement.getRole())
                .getAccelerators()
                .getShareMilli();
        Set<String> names = new TreeSet<>();
        for (long device : placement.getDevicesList()) {
            names.add(deviceNames.getOrDefault(device, "unknown device " + device));
            Set<String> holders = occupancy.take(Long.toString(device), key, milli);
            if (!holders.isEmpty()) {
                violation("device " + device + " is given to " + key + " at revision " + revision
                        + " while it belongs to " + holders);
            }
        }
        devicesOf.put(key, names);
    }

    private JobSpec spec(long jobId) {
        return specs.getOrDefault(specOf.getOrDefault(jobId, 0L), JobSpec.getDefaultInstance());
    }

    private void cancelRequested(long revision, JobCancelRequested cancel) {
        jobOfRevision.put(revision, cancel.getJobId());
        if (ended.containsKey(cancel.getJobId())) {
            violation("job " + cancel.getJobId() + " is cancelled at revision " + revision + " after its end");
        }
    }

    private void started(long revision, WorkerKey key) {
        jobOfRevision.put(revision, key.getJobId());
        if (!live.contains(text(key))) {
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
        if (!live.remove(key)) {
            violation("worker " + key + " ends at revision " + revision + " without a place");
            return;
        }
        occupancy.leave(key);
        liveOfGang
                .getOrDefault(end.getKey().getJobId() + " " + end.getKey().getGang(), new TreeSet<>())
                .remove(key);
        endCauses.put(key, end.getCause());
        if (end.getCause() == EndCause.END_CAUSE_NODE_LOST
                && !fencesItself(end.getKey().getJobId())) {
            violation("worker " + key + " was given up at revision " + revision + ", and nobody fenced its node");
        }
    }

    private void jobEnded(long revision, JobEnded end) {
        jobOfRevision.put(revision, end.getJobId());
        endRevisions.put(end.getJobId(), revision);
        if (ended.put(end.getJobId(), end) != null) {
            violation("job " + end.getJobId() + " ends again at revision " + revision);
        }
        if (lastWorkers(end.getJobId()).stream().anyMatch(live::contains)) {
            violation("job " + end.getJobId() + " ends at revision " + revision + " while it has workers");
        }
    }
}

package dev.interposer.tests.e2e;

import dev.interposer.proto.agent.v1.WorkerAssignment;
import dev.interposer.proto.job.v1.CancelResponse;
import dev.interposer.proto.ledger.v1.EndCause;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * Holds what clients were told, what agents and workers wrote themselves, and the ledger against each other.
 *
 * <p>Nothing that was acknowledged is lost; no attempt runs twice; no device has two workers.
 */
final class Verdict {
    private static final String COMPLETED = "END_CAUSE_COMPLETED";

    private final List<String> violations = new ArrayList<>();
    private final LedgerFacts ledger;
    private final Set<String> begun = new HashSet<>();
    private final Map<String, String> ends = new HashMap<>();

    Verdict(LedgerFacts ledger) {
        this.ledger = ledger;
        violations.addAll(ledger.violations());
    }

    /**
     * @param acknowledged ids of jobs by name
     * @param cancelled answers to cancellations, by the id of the job
     */
    Verdict clientsWereTold(Map<String, Long> acknowledged, Map<Long, CancelResponse> cancelled) {
        acknowledged.forEach((name, id) -> {
            List<Long> jobs = ledger.jobs(name);
            if (!jobs.equals(List.of(id))) {
                violations.add("job " + name + " was acknowledged as " + id + "; the ledger has " + jobs);
            } else {
                ended(name, id, cancelled.get(id));
            }
        });
        return this;
    }

    private void ended(String name, long id, @Nullable CancelResponse cancelled) {
        String phase = ledger.endPhase(id);
        if (cancelled != null && phase.equals("JOB_PHASE_CANCELLED")) {
            return;
        }
        if (!phase.equals("JOB_PHASE_SUCCEEDED")) {
            violations.add("job " + name + " was acknowledged and its end is \"" + phase + "\"");
        } else if (cancelled != null
                && (!cancelled.getAlreadyEnded() || cancelled.getRevision() < ledger.endRevision(id))) {
            violations.add("job " + name + " succeeded and its cancellation was acknowledged before its end");
        } else {
            ranToItsEnd(name, id);
        }
    }

    private void ranToItsEnd(String name, long id) {
        Set<String> workers = ledger.lastWorkers(id);
        if (workers.isEmpty()) {
            violations.add("job " + name + " succeeded and was never assigned");
        }
        for (String worker : workers) {
            EndCause cause = ledger.endCauses().get(worker);
            if (cause != EndCause.END_CAUSE_COMPLETED) {
                violations.add("job " + name + " succeeded and the end of its worker " + worker + " is " + cause);
            }
        }
    }

    /** Jobs that watchers were shown, by the revision of the change. */
    Verdict watchersWereShown(Map<Long, Long> jobOfRevision) {
        jobOfRevision.forEach((revision, job) -> {
            if (ledger.jobOf(revision) != job) {
                violations.add("a watcher was shown job " + job + " at revision " + revision
                        + ", which in the ledger is about job " + ledger.jobOf(revision));
            }
        });
        return this;
    }

    Verdict agentsWrote(List<Path> journals) throws IOException {
        for (Path journal : journals) {
            readJournal(journal);
        }
        for (String worker : begun) {
            if (!ledger.wasAssigned(worker)) {
                violations.add("worker " + worker + " was begun and the ledger never assigned it");
            }
        }
        ledger.endCauses().forEach((worker, cause) -> {
            String said = ends.getOrDefault(worker, "");
            if (cause == EndCause.END_CAUSE_COMPLETED && !said.equals(COMPLETED)) {
                violations.add("worker " + worker + " ended well, says the ledger, and no agent says so");
            } else if (cause == EndCause.END_CAUSE_NODE_LOST && begun.contains(worker) && ledger.wasFollowed(worker)) {
                followed(worker, said);
            }
        });
        return this;
    }

    /** Journals bear no time: a worker that fences itself may have ended well before its lease did. */
    private void followed(String worker, String said) {
        boolean endedWell = said.equals(COMPLETED) && !ledger.fencesItself(jobOf(worker));
        if (said.isEmpty() || endedWell) {
            violations.add("worker " + worker + " was given up and followed by another attempt; its agent says "
                    + (endedWell ? "that it ended well" : "nothing of its end"));
        }
    }

    Verdict workersLeft(Evidence evidence) throws IOException {
        evidence.overlaps().forEach(words -> violations.add("ran twice, says a worker: " + words));
        return this;
    }

    int begun() {
        return begun.size();
    }

    List<String> violations() {
        return violations;
    }

    private void readJournal(Path journal) throws IOException {
        Occupancy occupancy = new Occupancy();
        for (String line : Files.readAllLines(journal)) {
            String[] words = line.split(" ", -1);
            String worker = String.join(" ", words.length < 5 ? words : Arrays.copyOfRange(words, 1, 5));
            if (words[0].equals("START")) {
                start(worker, WorkerAssignment.parseFrom(Base64.getDecoder().decode(words[7])), occupancy);
            } else if (words[0].equals("END")) {
                occupancy.leave(worker);
                end(worker, words[5]);
            } else if (words[0].equals("BEGUN")) {
                throw new IOException("journal " + journal + " was shortened, so it is no evidence of all that ran");
            }
        }
    }

    private void end(String worker, String cause) {
        ends.put(worker, cause);
        if (cause.equals("END_CAUSE_RELEASED")
                && begun.contains(worker)
                && !ledger.fencesItself(jobOf(worker))
                && !ledger.wasStopped(worker.substring(0, worker.lastIndexOf(' ')))) {
            violations.add("worker " + worker + " was stopped and the ledger never asked for it");
        }
    }

    private static long jobOf(String worker) {
        return Long.parseLong(worker.substring(0, worker.indexOf(' ')));
    }

    private void start(String worker, WorkerAssignment assignment, Occupancy occupancy) {
        if (!begun.add(worker)) {
            violations.add("worker " + worker + " was begun twice");
        }
        Set<String> devices = new TreeSet<>(assignment.getDeviceNamesList());
        if (ledger.wasAssigned(worker) && !ledger.devices(worker).equals(devices)) {
            violations.add(
                    "worker " + worker + " was begun on " + devices + "; the ledger gave it " + ledger.devices(worker));
        }
        for (String device : devices) {
            Set<String> holders = occupancy.take(device, worker, assignment.getShareMilli());
            if (!holders.isEmpty()) {
                violations.add("worker " + worker + " was begun on " + device + " under " + holders);
            }
        }
    }
}

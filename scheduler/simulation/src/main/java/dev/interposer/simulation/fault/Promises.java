package dev.interposer.simulation.fault;

import dev.interposer.control.command.Outcome;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Every yes that left a server: it must be in the ledger when it is given, and still be there at the end. */
final class Promises {
    private final MemoryLedger ledger;
    private final Map<String, Long> jobOfRequest = new HashMap<>();
    private final Map<String, Cancelled> cancelled = new HashMap<>();
    private final Set<String> submitted = new HashSet<>();
    private final List<String> violations = new ArrayList<>();

    private final Set<String> scaled = new HashSet<>();

    private record Cancelled(long jobId, long revision) {}

    Promises(MemoryLedger ledger) {
        this.ledger = ledger;
    }

    /** Any answer, seen as it leaves the server, whether or not it reaches whoever asked. */
    void left(Outcome outcome) {
        long revision = switch (outcome) {
            case Outcome.Accepted accepted -> accepted.revision();
            case Outcome.Applied applied -> applied.revision();
            case Outcome.Rejected rejected -> 0;
        };
        if (revision > ledger.lastRevision()) {
            violations.add(
                    "an answer of revision " + revision + " left while the ledger ended at " + ledger.lastRevision());
        }
    }

    void submitted(String name, String requestId, long jobId) {
        submitted.add(name);
        jobOfRequest.put(requestId, jobId);
    }

    void cancelled(String name, Outcome.Accepted accepted) {
        cancelled.put(name, new Cancelled(accepted.id(), accepted.revision()));
    }

    void scaled(String requestId) {
        scaled.add(requestId);
    }

    boolean isScaled(String requestId) {
        return scaled.contains(requestId);
    }

    boolean isSubmitted(String name) {
        return submitted.contains(name);
    }

    /** An old backup was restored: a service whose cancellation is lost is cancelled again. */
    void forgetCancellations() {
        scaled.clear();
        cancelled.clear();
    }

    boolean isCancelled(String name) {
        return cancelled.containsKey(name);
    }

    int jobs() {
        return submitted.size();
    }

    List<String> check(LedgerAudit audit) {
        jobOfRequest.forEach((request, job) -> {
            if (!audit.holdsJob(request, job)) {
                violations.add("job " + job + " of request " + request + " was acknowledged and is lost");
            }
        });
        cancelled.forEach((name, promise) -> {
            if (!audit.holdsCancellation(promise.jobId(), promise.revision())) {
                violations.add("the cancellation of " + name + " was acknowledged and is lost");
            }
        });
        scaled.forEach(request -> {
            if (!audit.holdsScaling(request)) {
                violations.add("request " + request + " to scale was acknowledged and is lost");
            }
        });
        return violations;
    }
}

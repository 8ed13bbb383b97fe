package dev.interposer.simulation.fault;

import com.google.protobuf.InvalidProtocolBufferException;
import dev.interposer.proto.ledger.v1.Event;
import dev.interposer.proto.ledger.v1.JobKind;
import dev.interposer.proto.ledger.v1.JobSubmitted;
import dev.interposer.proto.ledger.v1.OnNodeLost;
import dev.interposer.proto.ledger.v1.StoredEntry;
import dev.interposer.proto.ledger.v1.StoredPage;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Reads a ledger as anybody could who has its contract, and holds it against itself: generated messages and plain maps,
 * no code of the scheduler. What the scheduler's fold gets wrong is therefore not wrong here too.
 */
final class LedgerAudit {
    private final List<String> violations = new ArrayList<>();
    private final Map<Long, Event> events = new HashMap<>();
    private final Map<String, Long> jobOfRequest = new HashMap<>();
    private final Map<String, Long> liveByName = new HashMap<>();
    private final Map<Long, String> nameOf = new HashMap<>();
    private final Map<Long, Long> cancelledAt = new HashMap<>();
    private final Map<Long, Long> endedAt = new HashMap<>();
    private final Set<String> scalings = new HashSet<>();
    private final Bookings bookings = new Bookings(violations);
    private long lastRevision;

    static LedgerAudit of(List<byte[]> frames) {
        LedgerAudit audit = new LedgerAudit();
        audit.read(frames);
        return audit;
    }

    private void read(List<byte[]> frames) {
        long epoch = 0;
        long atMicros = 0;
        for (byte[] frame : frames) {
            StoredPage page = parse(frame);
            if (page.getFirstRevision() != lastRevision + 1) {
                violations.add("page " + page.getFirstRevision() + " does not follow revision " + lastRevision);
            }
            if (page.getEpoch() < epoch) {
                violations.add("page " + page.getFirstRevision() + " of epoch " + page.getEpoch() + " follows one of "
                        + epoch);
            }
            if (page.getAtMicros() <= atMicros) {
                violations.add("page " + page.getFirstRevision() + " is not later than the one before it");
            }
            epoch = page.getEpoch();
            atMicros = page.getAtMicros();
            long revision = page.getFirstRevision();
            for (StoredEntry entry : page.getEntriesList()) {
                events.put(revision, entry.getEvent());
                take(revision, entry.getEvent());
                lastRevision = revision++;
            }
        }
    }

    private static StoredPage parse(byte[] frame) {
        try {
            return StoredPage.parseFrom(frame);
        } catch (InvalidProtocolBufferException e) {
            throw new IllegalStateException("a frame is no page: " + e.getMessage(), e);
        }
    }

    private void take(long revision, Event event) {
        switch (event.getKindCase()) {
            case JOB_SUBMITTED -> submitted(event.getJobSubmitted());
            case JOB_SCALED -> {
                if (!scalings.add(event.getJobScaled().getRequestId())) {
                    violations.add("request " + event.getJobScaled().getRequestId() + " scaled twice");
                }
            }
            case JOB_CANCEL_REQUESTED ->
                cancelledAt.putIfAbsent(event.getJobCancelRequested().getJobId(), revision);
            case JOB_ENDED -> {
                long job = event.getJobEnded().getJobId();
                if (endedAt.putIfAbsent(job, revision) != null) {
                    violations.add("job " + nameOf.get(job) + " ended twice");
                }
                liveByName.remove(nameOf.getOrDefault(job, ""));
            }
            default -> {
                // The bookings look at the rest.
            }
        }
        bookings.take(revision, event);
    }

    private void submitted(JobSubmitted job) {
        String name = job.getNamespace() + "/" + job.getName();
        if (jobOfRequest.putIfAbsent(job.getRequestId(), job.getJobId()) != null) {
            violations.add("request " + job.getRequestId() + " made two jobs, the second is " + name);
        }
        if (liveByName.putIfAbsent(name, job.getJobId()) != null) {
            violations.add("job " + name + " was submitted while another of its name lived");
        }
        if (nameOf.putIfAbsent(job.getJobId(), name) != null) {
            violations.add("job id " + job.getJobId() + " was given twice");
        }
    }

    /** What does not hold in the ledger alone. */
    List<String> violations() {
        return violations;
    }

    long lastRevision() {
        return lastRevision;
    }

    Map<Long, Event> events() {
        return events;
    }

    /** Jobs that never ended, by name. */
    Set<String> unended() {
        Set<String> names = new HashSet<>();
        nameOf.forEach((job, name) -> {
            if (!endedAt.containsKey(job)) {
                names.add(name);
            }
        });
        return names;
    }

    boolean holdsJob(String requestId, long jobId) {
        return Long.valueOf(jobId).equals(jobOfRequest.get(requestId));
    }

    /** Whether the cancellation is there, or the job had ended by that revision so that none was needed. */
    boolean holdsCancellation(long jobId, long answeredRevision) {
        return cancelledAt.containsKey(jobId) || endedAt.getOrDefault(jobId, Long.MAX_VALUE) <= answeredRevision;
    }

    boolean holdsScaling(String requestId) {
        return scalings.contains(requestId);
    }

    boolean knows(long jobId) {
        return nameOf.containsKey(jobId);
    }

    /** Jobs that run until somebody cancels them, and that nobody has. */
    Set<String> services() {
        Set<String> names = new HashSet<>();
        nameOf.forEach((job, name) -> {
            boolean service = bookings.spec(job).getKind() == JobKind.JOB_KIND_INFERENCE;
            if (service && !endedAt.containsKey(job) && !cancelledAt.containsKey(job)) {
                names.add(name);
            }
        });
        return names;
    }

    /** Whether the ledger ever bound that worker, {@code job/gang/attempt/worker}. */
    boolean bound(String key) {
        return bookings.everBound(key);
    }

    boolean isCancelled(long jobId) {
        return cancelledAt.containsKey(jobId);
    }

    /** Whether the job said that it accepts two copies for a while. */
    boolean mayRunTwice(long jobId) {
        return bookings.spec(jobId).getTraining().getFailurePolicy().getOnNodeLost()
                == OnNodeLost.ON_NODE_LOST_REPLACE_AFTER_TIMEOUT;
    }

    /** Whether the job said that its workers stop when no leader is heard for long. */
    boolean fencesItself(long jobId) {
        return bookings.spec(jobId).getTraining().getFailurePolicy().getOnNodeLost()
                == OnNodeLost.ON_NODE_LOST_SELF_FENCE;
    }

    /** Whether the ledger gave this worker these devices. */
    boolean assigned(Testimony.Begun begun) {
        return bookings.everBound(begun.key(), begun.node(), begun.devices(), begun.shareMilli());
    }
}

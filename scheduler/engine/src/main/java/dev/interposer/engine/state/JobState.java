package dev.interposer.engine.state;

import dev.interposer.engine.event.JobEvent;
import dev.interposer.engine.model.GangPhase;
import dev.interposer.engine.model.JobPhase;
import dev.interposer.engine.model.JobSpec;
import dev.interposer.engine.model.Reason;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** A job and its gangs. */
public final class JobState {
    private final long id;
    private final String namespace;
    private final String name;
    private final String fullName;
    private long specId;
    private JobSpec spec;
    private final int priority;
    private final @Nullable UUID request;
    private final String userName;
    private final long submittedAtMicros;
    private List<GangState> gangs;
    /** Most jobs have one gang: a look-up less in memory. */
    private final @Nullable GangState first;

    long revision;
    int placedGangs;
    long endedAtMicros;
    boolean cancelRequested;
    boolean scaled;
    Reason reason = Reason.NONE;

    @Nullable
    JobPhase endPhase;

    JobState(JobEvent.JobSubmitted submitted, JobSpec spec, Names names, long submittedAtMicros) {
        this.id = submitted.jobId();
        this.namespace = names.one(submitted.namespace());
        this.name = submitted.name();
        this.fullName = namespace + "/" + name;
        this.specId = submitted.specId();
        this.spec = spec;
        this.priority = submitted.priority();
        this.request = submitted.requestId().isEmpty() ? null : Requests.id(submitted.requestId());
        this.userName = names.one(submitted.userName());
        this.submittedAtMicros = submittedAtMicros;
        GangState[] made = new GangState[spec.gangs()];
        for (int index = 0; index < made.length; index++) {
            made[index] = new GangState(this, index);
        }
        this.gangs = List.of(made);
        this.first = made.length == 0 ? null : made[0];
    }

    public long id() {
        return id;
    }

    public String namespace() {
        return namespace;
    }

    public String name() {
        return name;
    }

    /** {@code namespace/name}. */
    public String fullName() {
        return fullName;
    }

    public long specId() {
        return specId;
    }

    public JobSpec spec() {
        return spec;
    }

    /** Higher goes first. */
    public int priority() {
        return priority;
    }

    public String requestId() {
        return request == null ? "" : request.toString();
    }

    /** Who submitted it; empty for jobs of the first ledgers. */
    public String userName() {
        return userName;
    }

    public long submittedAtMicros() {
        return submittedAtMicros;
    }

    /** Those that serve, and in between or after them those that left. An index is never given to another. */
    public List<GangState> gangs() {
        return gangs;
    }

    /** How many gangs it is meant to have. */
    public int wantedGangs() {
        return spec.gangs();
    }

    /** Whether it was ever given another size than it was submitted with. */
    public boolean scaled() {
        return scaled;
    }

    void respecify(long otherId, JobSpec other) {
        specId = otherId;
        spec = other;
    }

    /** Makes room for gangs up to an index; the new ones wait. */
    void growTo(int index) {
        if (index >= gangs.size()) {
            List<GangState> more = new ArrayList<>(gangs);
            while (more.size() <= index) {
                more.add(new GangState(this, more.size()));
            }
            gangs = List.copyOf(more);
        }
    }

    /** The gang of an index, or null. */
    @Nullable
    GangState gang(int index) {
        if (index == 0) {
            return first;
        }
        return index > 0 && index < gangs.size() ? gangs.get(index) : null;
    }

    /** How many of its gangs hold devices or resources. */
    public int placedGangs() {
        return placedGangs;
    }

    /** Revision of the last event that changed it. */
    public long revision() {
        return revision;
    }

    /** Microseconds; 0 for not ended. */
    public long endedAtMicros() {
        return endedAtMicros;
    }

    public boolean cancelRequested() {
        return cancelRequested;
    }

    /** Why it ended or is being cancelled; {@link Reason#NONE} else. */
    public Reason reason() {
        return reason;
    }

    public boolean ended() {
        return endPhase != null;
    }

    /** When its first gang first ran, microseconds; 0 for never. */
    public long firstStartedAtMicros() {
        return gangs.stream()
                .mapToLong(GangState::firstStartedAtMicros)
                .filter(at -> at > 0)
                .min()
                .orElse(0);
    }

    /** Where it stands over all gangs. */
    public JobPhase phase() {
        if (endPhase != null) {
            return endPhase;
        }
        boolean assigned = false;
        boolean running = false;
        boolean open = false;
        for (GangState gang : gangs) {
            if (gang.leaving) {
                continue;
            }
            if (gang.phase == GangPhase.STOPPING) {
                return JobPhase.STOPPING;
            }
            assigned |= gang.phase == GangPhase.ASSIGNED;
            running |= gang.phase == GangPhase.RUNNING;
            open |= gang.phase != GangPhase.ENDED;
        }
        if (!open) {
            return JobPhase.STOPPING;
        }
        if (assigned) {
            return JobPhase.STARTING;
        }
        return running ? JobPhase.RUNNING : JobPhase.WAITING;
    }
}

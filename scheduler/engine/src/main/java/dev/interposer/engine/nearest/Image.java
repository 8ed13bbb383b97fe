package dev.interposer.engine.nearest;

import dev.interposer.engine.event.Entry;
import dev.interposer.engine.event.JobEvent;
import dev.interposer.engine.event.SettingEvent;
import dev.interposer.engine.model.Actor;
import dev.interposer.engine.model.JobSpec;
import dev.interposer.engine.plan.Scheduler;
import dev.interposer.engine.state.Snapshot;
import dev.interposer.engine.state.SnapshotWalk;
import dev.interposer.engine.state.State;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.BooleanSupplier;

/**
 * What a state was at a moment, to make copies of: whoever takes it may leave the state alone from then on. Jobs that
 * have ended and requests are left out, since nothing that is decided rests on them.
 */
public final class Image {
    private static final int STARTS_AT_ONCE = 64;

    private final List<Entry> entries;
    private final long revision;
    private final long atMicros;
    private final long nextId;

    private Image(List<Entry> entries, long revision, long atMicros, long nextId) {
        this.entries = List.copyOf(entries);
        this.revision = revision;
        this.atMicros = atMicros;
        this.nextId = nextId;
    }

    public static Image of(State state) {
        return of(Snapshot.of(state));
    }

    /** @param snapshot as {@link Snapshot} or {@link SnapshotWalk} make it */
    public static Image of(List<Entry> snapshot) {
        Set<Long> ended = new HashSet<>();
        for (Entry entry : snapshot) {
            if (entry.event() instanceof JobEvent.JobEnded event) {
                ended.add(event.jobId());
            }
        }
        List<Entry> kept = new ArrayList<>(snapshot.size());
        for (Entry entry : snapshot) {
            if (!(entry.event() instanceof JobEvent event) || decides(event, ended)) {
                kept.add(entry);
            }
        }
        Entry last = snapshot.getLast();
        if (!(last.event() instanceof SettingEvent.IdsTaken taken)) {
            throw new IllegalArgumentException("a snapshot ends with the ids that are taken, not with " + last);
        }
        return new Image(kept, last.revision(), last.atMicros(), taken.nextId());
    }

    private static boolean decides(JobEvent event, Set<Long> ended) {
        return switch (event) {
            case JobEvent.RequestRemembered remembered -> false;
            case JobEvent.RequestsForgotten forgotten -> false;
            default -> !ended.contains(event.ofJob());
        };
    }

    /** The same with one job more, submitted last; its id is {@link #nextId} of this one. */
    public Image with(String namespace, String name, JobSpec spec, int priority, String userName) {
        long jobId = nextId;
        long specId = nextId + 1;
        List<Entry> more = new ArrayList<>(entries);
        more.add(entry(0, new JobEvent.SpecStored(specId, digest(specId), spec)));
        more.add(entry(revision, new JobEvent.JobSubmitted(jobId, namespace, name, specId, priority, "", userName)));
        return new Image(more, revision, atMicros, nextId + 2);
    }

    /** The same after these objects were applied. Devices keep the class that they have. */
    public Image after(List<? extends SettingEvent> applied) {
        List<Entry> more = new ArrayList<>(entries);
        applied.forEach(event -> more.add(new Entry(0, atMicros, Actor.SCHEDULER, event)));
        return new Image(more, revision, atMicros, nextId);
    }

    private Entry entry(long atRevision, JobEvent event) {
        return new Entry(atRevision, atMicros, Actor.SCHEDULER, event);
    }

    private static String digest(long specId) {
        return "copy-" + specId;
    }

    /** Revision of the state. */
    public long revision() {
        return revision;
    }

    /** Time of the last event of the state, microseconds. */
    public long atMicros() {
        return atMicros;
    }

    /** The next id that is free. */
    public long nextId() {
        return nextId;
    }

    /** How much there is to fold for a copy. */
    int size() {
        return entries.size();
    }

    /** A copy of the state. */
    public State copy() {
        State copy = new State();
        entries.forEach(copy::apply);
        return copy;
    }

    /** A copy of the state after a change that concerns one job. */
    State copy(long jobId, Draft draft) {
        State copy = new State();
        for (Entry entry : entries) {
            if (entry.event() instanceof JobEvent.JobSubmitted submitted && submitted.jobId() == jobId) {
                copy.apply(entry.revision(), entry.atMicros(), stored(draft));
                copy.apply(entry.revision(), entry.atMicros(), changed(submitted, draft));
            } else {
                copy.apply(entry);
            }
        }
        draft.events().forEach(event -> copy.apply(revision, atMicros, event));
        return copy;
    }

    /** Lets the production scheduler start what can on a copy, at the image's time, until it is enough. */
    Scheduler start(State copy, BooleanSupplier enough) {
        Scheduler scheduler = Scheduler.following(copy);
        int events = 1;
        while (events > 0 && !enough.getAsBoolean()) {
            events = scheduler.start(
                    atMicros, STARTS_AT_ONCE, event -> copy.apply(copy.revision() + 1, atMicros, event));
        }
        return scheduler;
    }

    /** Others may share the spec that it had. */
    private JobEvent stored(Draft draft) {
        return new JobEvent.SpecStored(nextId, digest(nextId), draft.spec());
    }

    private JobEvent changed(JobEvent.JobSubmitted submitted, Draft draft) {
        return new JobEvent.JobSubmitted(
                submitted.jobId(),
                submitted.namespace(),
                submitted.name(),
                nextId,
                draft.priority(),
                submitted.requestId(),
                submitted.userName());
    }
}

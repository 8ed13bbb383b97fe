package dev.interposer.server.view;

import com.google.protobuf.ByteString;
import dev.interposer.control.port.Page;
import dev.interposer.control.watch.WatchLog;
import dev.interposer.engine.event.Entry;
import dev.interposer.engine.event.JobEvent;
import dev.interposer.engine.state.JobState;
import dev.interposer.engine.state.NodeState;
import dev.interposer.engine.state.SnapshotWalk;
import dev.interposer.engine.state.State;
import dev.interposer.proto.job.v1.JobReference;
import dev.interposer.proto.job.v1.WatchEvent;
import jakarta.inject.Singleton;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.OptionalLong;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import java.util.function.BiFunction;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.function.ToLongFunction;
import org.jspecify.annotations.Nullable;

/**
 * The state at the durable revision, for everybody who reads. One thread folds durable pages into it; any number read.
 *
 * <p>It holds nothing that may yet be lost, and goes on answering while the database is away.
 */
@Singleton
public final class LiveView {
    private static final int WATCHED_CHANGES = 65_536;
    private static final int READ_AT_ONCE = 500;

    private final ReentrantReadWriteLock lock = new ReentrantReadWriteLock();
    private final Condition advanced = lock.writeLock().newCondition();
    private State state = new State();
    private volatile Durable durable = new Durable(0, 0);
    private volatile WaitingReasons waiting = WaitingReasons.UNKNOWN;
    private final DeviceReadings readings = new DeviceReadings();
    private final ProgressReadings progress = new ProgressReadings();
    private final PastAttempts pastAttempts = new PastAttempts();
    private WatchLog<ChangedJob> changes = new WatchLog<>(WATCHED_CHANGES, 0);
    private final List<Predicate<ChangedJob>> watchers = new CopyOnWriteArrayList<>();

    /** Snapshots that are being made of what is there now. */
    private final List<SnapshotWalk> walks = new ArrayList<>();

    /** Up to where the view is. */
    public record Durable(long revision, long incarnation) {}

    /** Begins anew from a state that was read from a snapshot; watchers from before it must list again. */
    public void restart(State from) {
        lock.writeLock().lock();
        try {
            state = from;
            pastAttempts.clear();
            // What nobody changes any more can be walked to its end in peace.
            walks.clear();
            durable = new Durable(from.revision(), from.settings().incarnation());
            changes = new WatchLog<>(WATCHED_CHANGES, from.revision());
            progress.clear();
            advanced.signalAll();
        } finally {
            lock.writeLock().unlock();
        }
    }

    /**
     * Folds a durable page in; one that is known already is passed over. Of one thread at a time.
     *
     * <p>A page is one moment: a job that changed in it several times changed once for those who watch. What they get
     * is made after the lock is given up, since nobody else changes the state.
     */
    public void apply(Page page) {
        Map<Long, Long> changed = new LinkedHashMap<>();
        List<ChangedJob> forgotten = new ArrayList<>();
        lock.writeLock().lock();
        try {
            if (page.firstRevision() > state.revision() + 1) {
                throw new IllegalStateException(
                        "page " + page.firstRevision() + " was shown after revision " + state.revision());
            }
            for (Entry entry : page.entries()) {
                if (entry.revision() > state.revision()) {
                    fold(entry, changed, forgotten);
                }
            }
            durable = new Durable(state.revision(), state.settings().incarnation());
            advanced.signalAll();
        } finally {
            lock.writeLock().unlock();
        }
        List<ChangedJob> all = new ArrayList<>(forgotten);
        changed.forEach((jobId, revision) -> {
            JobState job = state.jobs().find(jobId);
            if (job != null) {
                all.add(watched(changed(job, revision, page.atMicros())));
            }
        });
        all.sort(Comparator.comparingLong(ChangedJob::revision));
        all.forEach(change -> changes.append(change.revision(), change));
        changes.advance(durable.revision());
    }

    private void fold(Entry entry, Map<Long, Long> changed, List<ChangedJob> forgotten) {
        if (entry.event() instanceof JobEvent.JobForgotten gone) {
            progress.forget(gone.jobId());
            JobState job = state.jobs().find(gone.jobId());
            if (job != null) {
                pastAttempts.forget(job.id(), job.gangs().size());
                forgotten.add(forgotten(job, entry));
            }
        }
        if (entry.event() instanceof JobEvent.GangRequeued over) {
            JobState job = state.jobs().find(over.jobId());
            if (job != null) {
                pastAttempts.over(job.gangs().get(over.gang()));
            }
        }
        OptionalLong jobId = changedJob(entry);
        if (jobId.isPresent()) {
            changed.put(jobId.getAsLong(), entry.revision());
        }
        for (SnapshotWalk walk : walks) {
            walk.before(entry.event());
        }
        state.apply(entry);
    }

    private static ChangedJob changed(JobState job, long revision, long atMicros) {
        return new ChangedJob(revision, atMicros, job.id(), job.namespace(), job.name(), job.phase(), null);
    }

    private static ChangedJob forgotten(JobState job, Entry entry) {
        return new ChangedJob(entry.revision(), entry.atMicros(), job.id(), job.namespace(), job.name(), null, null);
    }

    /** A message for each step of each job, made for nobody, took a sixth of the server's time. */
    private ChangedJob watched(ChangedJob change) {
        for (Predicate<ChangedJob> watcher : watchers) {
            if (watcher.test(change)) {
                ByteString event = event(state, change);
                return event == null ? change : change.with(event);
            }
        }
        return change;
    }

    /** From here on changes that it concerns are encoded as they come, each as the job was then. */
    public void watch(Predicate<ChangedJob> concerns) {
        watchers.add(concerns);
    }

    /** The end of {@link #watch}. */
    public void unwatch(Predicate<ChangedJob> concerns) {
        watchers.remove(concerns);
    }

    /** The change with its message; null when it has none because the job is gone since, of which a later one tells. */
    public @Nullable ChangedJob encoded(ChangedJob change) {
        if (change.event() != null) {
            return change;
        }
        ByteString event = this.<@Nullable ByteString>read(now -> event(now, change));
        return event == null ? null : change.with(event);
    }

    private @Nullable ByteString event(State now, ChangedJob change) {
        WatchEvent.Builder event =
                WatchEvent.newBuilder().setRevision(change.revision()).setAtMicros(change.atMicros());
        if (change.phase() == null) {
            event.setForgotten(JobReference.newBuilder()
                    .setNamespace(change.namespace())
                    .setName(change.name())
                    .setId(change.jobId()));
            return event.build().toByteString();
        }
        JobState job = now.jobs().find(change.jobId());
        return job == null
                ? null
                : event.setChanged(JobViews.of(now, job, waiting)).build().toByteString();
    }

    private static OptionalLong changedJob(Entry entry) {
        return switch (entry.event()) {
            case JobEvent.JobSubmitted submitted -> OptionalLong.of(submitted.jobId());
            case JobEvent.JobScaled scaled -> OptionalLong.of(scaled.jobId());
            case JobEvent.JobCancelRequested asked -> OptionalLong.of(asked.jobId());
            case JobEvent.GangAssigned assigned -> OptionalLong.of(assigned.jobId());
            case JobEvent.WorkerStarted started -> OptionalLong.of(started.key().jobId());
            case JobEvent.WorkerEnded ended -> OptionalLong.of(ended.key().jobId());
            case JobEvent.GangStopping stopping -> OptionalLong.of(stopping.jobId());
            case JobEvent.GangRequeued requeued -> OptionalLong.of(requeued.jobId());
            case JobEvent.GangEligible eligible -> OptionalLong.of(eligible.jobId());
            case JobEvent.GangEnded ended -> OptionalLong.of(ended.jobId());
            case JobEvent.JobEnded ended -> OptionalLong.of(ended.jobId());
            default -> OptionalLong.empty();
        };
    }

    /** What loops say that they have done. */
    public ProgressReadings progress() {
        return progress;
    }

    /** What devices measure. */
    public DeviceReadings readings() {
        return readings;
    }

    /** What is known of the reasons for which work waits. */
    public WaitingReasons waiting() {
        return waiting;
    }

    public void waiting(WaitingReasons known) {
        waiting = known;
    }

    /** As {@link #read(Function)}, with the attempts that are over. */
    public <T extends @Nullable Object> T read(BiFunction<State, PastAttempts, T> reader) {
        lock.readLock().lock();
        try {
            return reader.apply(state, pastAttempts);
        } finally {
            lock.readLock().unlock();
        }
    }

    /** Reads under the lock; what is returned must not hold on to the state. */
    public <T extends @Nullable Object> T read(Function<State, T> reader) {
        lock.readLock().lock();
        try {
            return reader.apply(state);
        } finally {
            lock.readLock().unlock();
        }
    }

    /**
     * Reads all nodes, a few at a time, between which the view goes on: they are not all of one moment. A walk under
     * the lock over all that is there would hold up what becomes durable meanwhile.
     */
    public void eachNode(Consumer<NodeState> reader) {
        each((state, id) -> state.nodes().after(id), NodeState::id, reader);
    }

    /** As {@link #eachNode}, all jobs. */
    public void eachJob(Consumer<JobState> reader) {
        each((state, id) -> state.jobs().after(id), JobState::id, reader);
    }

    private <T> void each(BiFunction<State, Long, Iterable<T>> after, ToLongFunction<T> id, Consumer<T> reader) {
        long at = 0;
        while (at != Long.MAX_VALUE) {
            long from = at;
            at = read(state -> {
                int left = READ_AT_ONCE;
                for (T there : after.apply(state, from)) {
                    reader.accept(there);
                    if (--left == 0) {
                        return id.applyAsLong(there);
                    }
                }
                return Long.MAX_VALUE;
            });
        }
    }

    /** A snapshot of what is there now. */
    public LiveSnapshot snapshot() {
        return Objects.requireNonNull(snapshotIf(state -> true));
    }

    /** As {@link #snapshot}, if that holds of what is there now; null otherwise. */
    public @Nullable LiveSnapshot snapshotIf(Predicate<State> holds) {
        lock.writeLock().lock();
        try {
            if (!holds.test(state)) {
                return null;
            }
            SnapshotWalk walk = SnapshotWalk.of(state);
            walks.add(walk);
            return new LiveSnapshot(this, walk);
        } finally {
            lock.writeLock().unlock();
        }
    }

    /** The next bit of a snapshot, during which nothing is folded in. */
    boolean next(SnapshotWalk walk, int most, Consumer<Entry> sink) {
        lock.readLock().lock();
        try {
            return walk.next(most, sink);
        } finally {
            lock.readLock().unlock();
        }
    }

    void end(SnapshotWalk walk) {
        lock.writeLock().lock();
        try {
            walks.remove(walk);
        } finally {
            lock.writeLock().unlock();
        }
    }

    public long revision() {
        return durable.revision();
    }

    /** Never waits. */
    public Durable durable() {
        return durable;
    }

    /** Waits until the view is at least so new. */
    public void await(long revision, long millis) throws InterruptedException, TimeoutException {
        long left = TimeUnit.MILLISECONDS.toNanos(millis);
        lock.writeLock().lock();
        try {
            while (state.revision() < revision) {
                if (left <= 0) {
                    throw new TimeoutException(
                            "revision " + revision + " did not come; this server is at " + state.revision());
                }
                left = advanced.awaitNanos(left);
            }
        } finally {
            lock.writeLock().unlock();
        }
    }

    /** The latest changes of jobs. */
    public WatchLog<ChangedJob> changes() {
        lock.readLock().lock();
        try {
            return changes;
        } finally {
            lock.readLock().unlock();
        }
    }
}

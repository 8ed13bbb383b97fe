package dev.interposer.server.view;

import dev.interposer.control.port.Page;
import dev.interposer.control.watch.WatchLog;
import dev.interposer.engine.event.Entry;
import dev.interposer.engine.event.JobEvent;
import dev.interposer.engine.state.JobState;
import dev.interposer.engine.state.State;
import dev.interposer.proto.job.v1.JobReference;
import dev.interposer.proto.job.v1.WatchEvent;
import jakarta.inject.Singleton;
import java.util.OptionalLong;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * The state at the durable revision, for everybody who reads. One thread folds durable pages into it; any number read.
 *
 * <p>It holds nothing that may yet be lost, and goes on answering while the database is away.
 */
@Singleton
public final class LiveView {
    private static final int WATCHED_CHANGES = 65_536;

    private final ReentrantReadWriteLock lock = new ReentrantReadWriteLock();
    private final Condition advanced = lock.writeLock().newCondition();
    private State state = new State();
    private volatile WaitingReasons waiting = WaitingReasons.UNKNOWN;
    private WatchLog<WatchEvent> changes = new WatchLog<>(WATCHED_CHANGES, 0);

    /** Begins anew from a state that was read from a snapshot; watchers from before it must list again. */
    public void restart(State from) {
        lock.writeLock().lock();
        try {
            state = from;
            changes = new WatchLog<>(WATCHED_CHANGES, from.revision());
            advanced.signalAll();
        } finally {
            lock.writeLock().unlock();
        }
    }

    /** Folds a durable page in; one that is known already is passed over. */
    public void apply(Page page) {
        lock.writeLock().lock();
        try {
            for (Entry entry : page.entries()) {
                if (entry.revision() > state.revision()) {
                    fold(entry);
                }
            }
            changes.advance(state.revision());
            advanced.signalAll();
        } finally {
            lock.writeLock().unlock();
        }
    }

    private void fold(Entry entry) {
        JobReference forgotten = null;
        if (entry.event() instanceof JobEvent.JobForgotten gone) {
            JobState job = state.jobs().find(gone.jobId());
            if (job != null) {
                forgotten = JobReference.newBuilder()
                        .setNamespace(job.namespace())
                        .setName(job.name())
                        .setId(job.id())
                        .build();
            }
        }
        state.apply(entry);
        WatchEvent.Builder event =
                WatchEvent.newBuilder().setRevision(entry.revision()).setAtMicros(entry.atMicros());
        OptionalLong jobId = changedJob(entry);
        if (forgotten != null) {
            changes.append(entry.revision(), event.setForgotten(forgotten).build());
        } else if (jobId.isPresent()) {
            JobState job = state.jobs().find(jobId.getAsLong());
            if (job != null) {
                changes.append(
                        entry.revision(),
                        event.setChanged(JobViews.of(state, job, waiting)).build());
            }
        }
    }

    private static OptionalLong changedJob(Entry entry) {
        return switch (entry.event()) {
            case JobEvent.JobSubmitted submitted -> OptionalLong.of(submitted.jobId());
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

    /** What is known of the reasons for which work waits. */
    public WaitingReasons waiting() {
        return waiting;
    }

    public void waiting(WaitingReasons known) {
        waiting = known;
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

    public long revision() {
        return read(State::revision);
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
    public WatchLog<WatchEvent> changes() {
        lock.readLock().lock();
        try {
            return changes;
        } finally {
            lock.readLock().unlock();
        }
    }
}

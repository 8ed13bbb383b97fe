package dev.interposer.server.grpc;

import dev.interposer.control.watch.WatchLog;
import dev.interposer.engine.model.JobPhase;
import dev.interposer.proto.job.v1.WatchEvent;
import dev.interposer.proto.job.v1.WatchRequest;
import dev.interposer.server.view.ChangedJob;
import dev.interposer.server.view.LiveView;
import dev.interposer.server.view.Names;
import io.grpc.Status;
import io.grpc.stub.ServerCallStreamObserver;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.Set;
import java.util.function.Predicate;

/** One watch, on a thread of its own: it reads no faster than its client takes. */
final class WatchCall {
    private static final int BATCH = 256;
    private static final int MOST_UNSENT_BYTES = 256 * 1024;
    private static final long WAIT_MILLIS = 500;
    private static final long BOOKMARK_MILLIS = 5_000;
    private static final long SLOW_MILLIS = 60_000;

    private final LiveView view;
    private final WatchRequest request;
    private final ServerCallStreamObserver<ChangedJob> out;
    private final Set<JobPhase> phases;
    private final Object ready = new Object();

    /** @throws RefusedException for a phase that there is not */
    WatchCall(LiveView view, WatchRequest request, ServerCallStreamObserver<ChangedJob> out) {
        this.phases = phases(request);
        this.view = view;
        this.request = request;
        this.out = out;
        out.setOnReadyThreshold(MOST_UNSENT_BYTES);
        out.setOnReadyHandler(this::wake);
        out.setOnCancelHandler(this::wake);
    }

    void run() {
        Thread.ofVirtual().name("watch").start(() -> {
            // The same object both times: it is found by identity.
            Predicate<ChangedJob> concerns = this::concerns;
            view.watch(concerns);
            try {
                watch(concerns);
            } catch (WatchLog.OutOfRangeException e) {
                out.onError(Status.OUT_OF_RANGE.withDescription(e.getMessage()).asRuntimeException());
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            } finally {
                view.unwatch(concerns);
            }
        });
    }

    private static Set<JobPhase> phases(WatchRequest request) {
        Set<JobPhase> wanted = EnumSet.noneOf(JobPhase.class);
        for (int index = 0; index < request.getPhasesCount(); index++) {
            String given = request.getPhases(index);
            JobPhase phase = Arrays.stream(JobPhase.values())
                    .filter(one -> Names.camel(one).equals(given))
                    .findFirst()
                    .orElse(null);
            if (phase == null) {
                throw Errors.invalid("phases[" + index + "]", given, "is no phase of a job");
            }
            wanted.add(phase);
        }
        return wanted;
    }

    private void watch(Predicate<ChangedJob> concerns) throws WatchLog.OutOfRangeException, InterruptedException {
        WatchLog<ChangedJob> log = view.changes();
        long cursor = request.getFromRevision() == 0 ? log.newest() : request.getFromRevision();
        long lastSent = System.nanoTime();
        while (!out.isCancelled()) {
            if (view.changes() != log) {
                throw new WatchLog.OutOfRangeException(cursor, view.revision());
            }
            WatchLog.Batch<ChangedJob> batch = log.read(cursor, BATCH, concerns);
            for (ChangedJob event : batch.changes()) {
                if (!awaitReady()) {
                    return;
                }
                ChangedJob encoded = view.encoded(event);
                if (encoded != null) {
                    out.onNext(encoded);
                }
            }
            boolean quiet = batch.changes().isEmpty();
            if (!quiet) {
                lastSent = System.nanoTime();
            } else if (System.nanoTime() - lastSent > BOOKMARK_MILLIS * 1_000_000 && awaitReady()) {
                out.onNext(bookmark(batch.cursor()));
                lastSent = System.nanoTime();
            }
            cursor = batch.cursor();
            if (quiet) {
                log.await(cursor, WAIT_MILLIS);
            }
        }
    }

    private static ChangedJob bookmark(long revision) {
        WatchEvent event =
                WatchEvent.newBuilder().setRevision(revision).setBookmark(true).build();
        return new ChangedJob(revision, 0, 0, "", "", null, event.toByteString());
    }

    private boolean concerns(ChangedJob change) {
        return (phases.isEmpty() || phases.contains(change.phase()))
                && (request.getNamespace().isEmpty() || request.getNamespace().equals(change.namespace()))
                && (request.getName().isEmpty() || request.getName().equals(change.name()));
    }

    /** False when the client is gone, or takes nothing for so long that it had better begin again. */
    private boolean awaitReady() throws InterruptedException {
        long begun = System.nanoTime();
        synchronized (ready) {
            while (!out.isReady() && !out.isCancelled()) {
                if (System.nanoTime() - begun > SLOW_MILLIS * 1_000_000) {
                    out.onError(Status.RESOURCE_EXHAUSTED
                            .withDescription("the watcher took nothing for " + SLOW_MILLIS / 1000 + " s")
                            .asRuntimeException());
                    return false;
                }
                ready.wait(WAIT_MILLIS);
            }
        }
        return !out.isCancelled();
    }

    private void wake() {
        synchronized (ready) {
            ready.notifyAll();
        }
    }
}

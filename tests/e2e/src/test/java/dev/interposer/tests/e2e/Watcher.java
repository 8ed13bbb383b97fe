package dev.interposer.tests.e2e;

import dev.interposer.proto.job.v1.WatchEvent;
import dev.interposer.proto.job.v1.WatchRequest;
import io.grpc.StatusRuntimeException;
import java.io.IOException;
import java.util.Iterator;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;

/** Watches all jobs, goes on elsewhere when its stream breaks, and remembers what it was shown. */
final class Watcher {
    private final Installation installation;
    private final Map<Long, Long> jobOfRevision = new ConcurrentHashMap<>();
    private final Thread thread = Thread.ofPlatform().name("watcher").unstarted(this::run);
    private volatile boolean watching = true;

    private Watcher(Installation installation) {
        this.installation = installation;
    }

    static Watcher begin(Installation installation) {
        Watcher watcher = new Watcher(installation);
        watcher.thread.start();
        return watcher;
    }

    /** Job of each change that it was shown. */
    Map<Long, Long> end() throws InterruptedException {
        watching = false;
        thread.join();
        return Map.copyOf(jobOfRevision);
    }

    private void run() {
        long seen = 0;
        for (int server = 0; watching; server++) {
            try {
                Iterator<WatchEvent> events = installation
                        .jobs(server)
                        .withDeadlineAfter(3, TimeUnit.SECONDS)
                        .watch(WatchRequest.newBuilder().setFromRevision(seen).build());
                while (events.hasNext()) {
                    WatchEvent event = events.next();
                    seen = Math.max(seen, event.getRevision());
                    if (event.hasChanged()) {
                        jobOfRevision.put(
                                event.getRevision(), event.getChanged().getId());
                    }
                }
            } catch (StatusRuntimeException e) {
                // Too old to go on from, or the stream broke: from now on, on another server.
                seen = e.getStatus().getCode() == io.grpc.Status.Code.OUT_OF_RANGE ? 0 : seen;
            } catch (IOException e) {
                throw new IllegalStateException(e);
            }
            pause();
        }
    }

    private static void pause() {
        try {
            Thread.sleep(50);
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }
}

package dev.interposer.cli.bench;

import dev.interposer.cli.client.Client;
import dev.interposer.proto.job.v1.Gang;
import dev.interposer.proto.job.v1.Job;
import dev.interposer.proto.job.v1.WatchEvent;
import dev.interposer.proto.job.v1.WatchRequest;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import java.util.Iterator;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLongArray;

/** Follows the jobs and notes when each was first seen with an attempt. */
final class Watcher {
    private static final long STEP_MILLIS = 20;

    /** Of a job whose devices are bound and whose workers do not run yet: the first that a new attempt shows. */
    private static final String ASSIGNED = "Starting";

    private final Client client;
    private final AtomicLongArray seenMicros;
    private final AtomicInteger seen = new AtomicInteger();
    private final AtomicInteger again = new AtomicInteger();
    private final AtomicInteger events = new AtomicInteger();
    private final AtomicInteger relisted = new AtomicInteger();

    Watcher(Client client, int jobs) {
        this.client = client;
        this.seenMicros = new AtomicLongArray(jobs);
    }

    /** Watches until the process ends; a list takes the place of what the server no longer has. */
    void run(long fromRevision) {
        long cursor = fromRevision;
        while (true) {
            try {
                WatchRequest request = WatchRequest.newBuilder()
                        .setFromRevision(cursor)
                        .setNamespace(Workload.NAMESPACE)
                        .addPhases(ASSIGNED)
                        .build();
                Iterator<WatchEvent> stream = client.jobStreams().watch(request);
                while (stream.hasNext()) {
                    WatchEvent event = stream.next();
                    cursor = event.getRevision();
                    events.incrementAndGet();
                    if (event.hasChanged()) {
                        see(event.getChanged());
                    }
                }
            } catch (StatusRuntimeException e) {
                if (e.getStatus().getCode() != Status.Code.OUT_OF_RANGE) {
                    throw e;
                }
                relisted.incrementAndGet();
                cursor = JobList.each(client, this::see);
            }
        }
    }

    private void see(Job job) {
        if (!job.getName().startsWith("j")) {
            return;
        }
        int attempt =
                job.getGangsList().stream().mapToInt(Gang::getAttempt).max().orElse(0);
        int number = Integer.parseInt(job.getName(), 1, job.getName().length(), 10);
        if (attempt > 0 && seenMicros.get(number) == 0) {
            seenMicros.set(number, Clock.micros());
            seen.incrementAndGet();
        }
        if (attempt > 1) {
            again.incrementAndGet();
        }
    }

    /** Until so many are seen, or no more came for so long. */
    void await(int expected, int patienceSeconds) throws InterruptedException {
        long lastNanos = System.nanoTime();
        int before = seen.get();
        while (seen.get() < expected && System.nanoTime() - lastNanos < TimeUnit.SECONDS.toNanos(patienceSeconds)) {
            TimeUnit.MILLISECONDS.sleep(STEP_MILLIS);
            if (seen.get() > before) {
                before = seen.get();
                lastNanos = System.nanoTime();
            }
        }
    }

    /** By number; 0 for never. */
    long[] seenMicros() {
        long[] column = new long[seenMicros.length()];
        for (int number = 0; number < column.length; number++) {
            column[number] = seenMicros.get(number);
        }
        return column;
    }

    int seen() {
        return seen.get();
    }

    /** Events that show a second attempt, which nothing in a run gives cause for. */
    int again() {
        return again.get();
    }

    int events() {
        return events.get();
    }

    /** Times that it fell behind what the server keeps. */
    int relisted() {
        return relisted.get();
    }
}

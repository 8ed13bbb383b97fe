package dev.interposer.cli.command;

import dev.interposer.cli.client.Client;
import dev.interposer.proto.job.v1.GetRequest;
import dev.interposer.proto.job.v1.Job;
import dev.interposer.proto.job.v1.JobReference;
import dev.interposer.proto.job.v1.ListRequest;
import dev.interposer.proto.job.v1.WatchEvent;
import io.grpc.StatusRuntimeException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.LongSupplier;

/**
 * Between a feed and who is told: asks every few seconds for what no change tells of, why jobs wait and what their
 * loops have done. Who is told is told one thing at a time.
 */
final class FreshJobs implements JobFeed.Sink, AutoCloseable {
    private static final List<String> LIVING = List.of("Waiting", "Starting", "Running", "Stopping");
    private static final long PAUSE_MILLIS = 3000;
    /** A long list is asked for more seldom, so that its reading is no more than this part of the time. */
    private static final int PAUSES_A_READING = 10;

    private final Client client;
    private final JobFeed.Wanted wanted;
    private final LongSupplier cursor;
    private final JobFeed.Sink told;
    private final Map<Long, Job> known = new HashMap<>();
    private boolean closed;

    /** @param cursor revision up to which the feed has told of every change */
    FreshJobs(Client client, JobFeed.Wanted wanted, LongSupplier cursor, JobFeed.Sink told) {
        this.client = client;
        this.wanted = wanted;
        this.cursor = cursor;
        this.told = told;
        if (told.wantsFresh()) {
            Thread asking = new Thread(this::ask, "fresh jobs");
            asking.setDaemon(true);
            asking.start();
        }
    }

    @Override
    public boolean wantsFresh() {
        return told.wantsFresh();
    }

    @Override
    public synchronized boolean whole(List<Job> jobs) {
        known.clear();
        jobs.forEach(job -> known.put(job.getId(), job));
        return told.whole(jobs);
    }

    @Override
    public synchronized boolean changed(WatchEvent event) {
        if (event.hasForgotten()) {
            known.remove(event.getForgotten().getId());
            return told.changed(event);
        }
        Job job = event.getChanged();
        Job before = known.get(job.getId());
        if (before != null && before.hasProgress()) {
            // A change comes without it, and what was done is not undone by that.
            job = job.toBuilder().setProgress(before.getProgress()).build();
        }
        known.put(job.getId(), job);
        return told.changed(event.toBuilder().setChanged(job).build());
    }

    @Override
    public synchronized void refreshed(List<Job> jobs) {
        List<Job> other = new ArrayList<>();
        for (Job job : jobs) {
            Job before = known.get(job.getId());
            // What is ahead of the feed comes by the feed, in its order; what is behind it is old.
            if (before != null
                    && job.getRevision() >= before.getRevision()
                    && job.getRevision() <= cursor.getAsLong()
                    && !job.equals(before)) {
                known.put(job.getId(), job);
                other.add(job);
            }
        }
        if (!closed && !other.isEmpty()) {
            told.refreshed(other);
        }
    }

    @Override
    public synchronized void close() {
        closed = true;
        notifyAll();
    }

    private void ask() {
        long pauseMillis = PAUSE_MILLIS;
        try {
            while (pause(pauseMillis)) {
                long begun = System.nanoTime();
                refreshed(read());
                pauseMillis = Math.max(PAUSE_MILLIS, PAUSES_A_READING * (System.nanoTime() - begun) / 1_000_000);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** Whether to go on after it. */
    private synchronized boolean pause(long millis) throws InterruptedException {
        long end = System.nanoTime() + millis * 1_000_000;
        for (long left = millis; left > 0 && !closed; left = (end - System.nanoTime()) / 1_000_000) {
            wait(left);
        }
        return !closed;
    }

    private List<Job> read() {
        try {
            return wanted.id() == 0 ? living() : List.of(one());
        } catch (StatusRuntimeException e) {
            // Whatever it is, the feed meets it too, and says so.
            return List.of();
        }
    }

    private List<Job> living() {
        return new Reads(client)
                .jobs(ListRequest.newBuilder()
                        .setNamespace(wanted.namespace())
                        .addAllPhases(LIVING)
                        .build())
                .getJobsList();
    }

    /** Without its spec, as the feed has it. */
    private Job one() {
        JobReference reference = JobReference.newBuilder().setId(wanted.id()).build();
        GetRequest request = GetRequest.newBuilder().setJob(reference).build();
        return client.jobs().get(request).toBuilder().clearSpec().build();
    }
}

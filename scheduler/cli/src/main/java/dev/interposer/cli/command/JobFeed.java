package dev.interposer.cli.command;

import dev.interposer.cli.client.Client;
import dev.interposer.cli.output.Failures;
import dev.interposer.proto.job.v1.Job;
import dev.interposer.proto.job.v1.ListRequest;
import dev.interposer.proto.job.v1.ListResponse;
import dev.interposer.proto.job.v1.WatchEvent;
import dev.interposer.proto.job.v1.WatchRequest;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;

/** Jobs as they are and then every change of them, over lost connections and watches that fell behind. */
final class JobFeed {
    private static final int PAGE = 1000;
    private static final long PAUSE_MILLIS = 500;

    private final Client client;
    private final Wanted wanted;
    private volatile long cursor;

    /** @param fromRevision changes after it, without a list; 0 for a list first */
    JobFeed(Client client, Wanted wanted, long fromRevision) {
        this.client = client;
        this.wanted = wanted;
        this.cursor = fromRevision;
    }

    /**
     * Which jobs.
     *
     * @param namespace empty for all
     * @param name empty for all
     * @param id 0 for all; a name may be another job's by and by, an id never
     */
    record Wanted(String namespace, String name, long id) {
        static Wanted all(String namespace) {
            return new Wanted(namespace, "", 0);
        }

        static Wanted only(Job job) {
            return new Wanted(job.getNamespace(), job.getName(), job.getId());
        }

        private boolean has(long other) {
            return id == 0 || id == other;
        }
    }

    /** Who is told; those that answer do so with false to hear no more. */
    interface Sink {
        /** All that there is. */
        boolean whole(List<Job> jobs);

        boolean changed(WatchEvent event);

        /** Whether to be told of what no change tells of. */
        boolean wantsFresh();

        /** Jobs as they were, but for their reasons and progress. */
        void refreshed(List<Job> jobs);
    }

    void run(Sink told) throws InterruptedException {
        try (FreshJobs sink = new FreshJobs(client, wanted, () -> cursor, told)) {
            // A list first: it says where the watch begins, so that nothing falls in between.
            boolean more = cursor > 0 || list(sink);
            while (more) {
                try {
                    more = cursor == 0 ? list(sink) : watch(sink);
                } catch (StatusRuntimeException e) {
                    if (e.getStatus().getCode() == Status.Code.OUT_OF_RANGE) {
                        cursor = 0;
                    } else if (Failures.mayPass(e)) {
                        Thread.sleep(PAUSE_MILLIS);
                    } else {
                        throw e;
                    }
                }
            }
        }
    }

    private boolean list(Sink sink) {
        List<Job> jobs = new ArrayList<>();
        ListRequest.Builder request =
                ListRequest.newBuilder().setNamespace(wanted.namespace()).setPageSize(PAGE);
        long revision = Long.MAX_VALUE;
        do {
            ListResponse page = client.jobs().list(request.build());
            page.getJobsList().stream().filter(job -> wanted.has(job.getId())).forEach(jobs::add);
            // Of the first page: what changed while the others were read comes again.
            revision = Math.min(revision, page.getRevision());
            request.setPageToken(page.getNextPageToken());
        } while (!request.getPageToken().isEmpty());
        cursor = Math.max(1, revision);
        return sink.whole(jobs);
    }

    private boolean watch(Sink sink) {
        Iterator<WatchEvent> events = client.jobStreams()
                .watch(WatchRequest.newBuilder()
                        .setNamespace(wanted.namespace())
                        .setName(wanted.name())
                        .setFromRevision(cursor)
                        .build());
        while (events.hasNext()) {
            WatchEvent event = events.next();
            if (!event.getBookmark() && wanted.has(id(event)) && !sink.changed(event)) {
                return false;
            }
            cursor = event.getRevision();
        }
        return true;
    }

    private static long id(WatchEvent event) {
        return event.hasForgotten()
                ? event.getForgotten().getId()
                : event.getChanged().getId();
    }
}

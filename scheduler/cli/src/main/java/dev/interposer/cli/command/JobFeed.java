package dev.interposer.cli.command;

import dev.interposer.cli.client.Client;
import dev.interposer.proto.job.v1.Job;
import dev.interposer.proto.job.v1.ListRequest;
import dev.interposer.proto.job.v1.ListResponse;
import dev.interposer.proto.job.v1.WatchEvent;
import dev.interposer.proto.job.v1.WatchRequest;
import io.grpc.StatusRuntimeException;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;

/** Jobs as they are and then every change of them, over lost connections and watches that fell behind. */
final class JobFeed {
    private static final int PAGE = 1000;
    private static final long PAUSE_MILLIS = 500;

    private final Client client;
    private final String namespace;
    private final String name;
    private long cursor;

    /**
     * @param namespace empty for all
     * @param name empty for all; of several jobs of the name the last
     * @param fromRevision changes after it, without a list; 0 for a list first
     */
    JobFeed(Client client, String namespace, String name, long fromRevision) {
        this.client = client;
        this.namespace = namespace;
        this.name = name;
        this.cursor = fromRevision;
    }

    /** Who is told; both answer false to hear no more. */
    interface Sink {
        /** All that there is. */
        boolean whole(List<Job> jobs);

        boolean changed(WatchEvent event);
    }

    void run(Sink sink) throws InterruptedException {
        // A list first: it says where the watch begins, so that nothing falls in between.
        boolean more = cursor > 0 || list(sink);
        while (more) {
            try {
                more = cursor == 0 ? list(sink) : watch(sink);
            } catch (StatusRuntimeException e) {
                switch (e.getStatus().getCode()) {
                    case OUT_OF_RANGE -> cursor = 0;
                    case UNAVAILABLE -> Thread.sleep(PAUSE_MILLIS);
                    default -> throw e;
                }
            }
        }
    }

    private boolean list(Sink sink) {
        List<Job> jobs = new ArrayList<>();
        ListRequest.Builder request =
                ListRequest.newBuilder().setNamespace(namespace).setPageSize(PAGE);
        long revision = Long.MAX_VALUE;
        do {
            ListResponse page = client.jobs().list(request.build());
            jobs.addAll(page.getJobsList());
            // Of the first page: what changed while the others were read comes again.
            revision = Math.min(revision, page.getRevision());
            request.setPageToken(page.getNextPageToken());
        } while (!request.getPageToken().isEmpty());
        cursor = Math.max(1, revision);
        if (!name.isEmpty()) {
            jobs.removeIf(job -> !job.getName().equals(name));
            return sink.whole(jobs.isEmpty() ? List.of() : List.of(jobs.getLast()));
        }
        return sink.whole(jobs);
    }

    private boolean watch(Sink sink) {
        Iterator<WatchEvent> events = client.jobStreams()
                .watch(WatchRequest.newBuilder()
                        .setNamespace(namespace)
                        .setName(name)
                        .setFromRevision(cursor)
                        .build());
        while (events.hasNext()) {
            WatchEvent event = events.next();
            cursor = event.getRevision();
            if (!event.getBookmark() && !sink.changed(event)) {
                return false;
            }
        }
        return true;
    }
}

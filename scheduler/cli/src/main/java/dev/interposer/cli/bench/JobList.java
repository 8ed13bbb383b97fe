package dev.interposer.cli.bench;

import dev.interposer.cli.client.Client;
import dev.interposer.proto.job.v1.Job;
import dev.interposer.proto.job.v1.ListRequest;
import dev.interposer.proto.job.v1.ListResponse;
import java.util.function.Consumer;

/** All jobs of a run, page by page. */
final class JobList {
    private static final int PAGE = 1000;

    private JobList() {}

    /** The revision of the first page: what changed while the rest was read comes by a watch from there. */
    static long each(Client client, Consumer<Job> action) {
        long revision = 0;
        String token = "";
        do {
            ListResponse page = client.jobs()
                    .list(ListRequest.newBuilder()
                            .setNamespace(Workload.NAMESPACE)
                            .setPageSize(PAGE)
                            .setPageToken(token)
                            .build());
            page.getJobsList().forEach(action);
            revision = revision == 0 ? page.getRevision() : revision;
            token = page.getNextPageToken();
        } while (!token.isEmpty());
        return revision;
    }
}

package dev.interposer.cli.command;

import dev.interposer.cli.client.Client;
import dev.interposer.cli.output.Format;
import dev.interposer.cli.output.Messages;
import dev.interposer.proto.job.v1.Gang;
import dev.interposer.proto.job.v1.GetRequest;
import dev.interposer.proto.job.v1.Job;
import dev.interposer.proto.job.v1.JobReference;
import dev.interposer.proto.job.v1.ListRequest;
import dev.interposer.proto.job.v1.ListResponse;
import dev.interposer.proto.job.v1.WatchEvent;
import dev.interposer.proto.job.v1.WatchRequest;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import java.time.Instant;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code watch}. */
@Command(
        name = "watch",
        mixinStandardHelpOptions = true,
        description = "Show changes of jobs as they become durable, until Ctrl-C or until the one job named has ended.",
        footer = {"", "Example: interposer watch job hello -n research"})
public final class WatchCommand implements Callable<Integer> {
    private static final Set<String> ENDED = Set.of("Succeeded", "Failed", "Cancelled");
    private static final DateTimeFormatter TIME =
            DateTimeFormatter.ofPattern("HH:mm:ss.SSS").withZone(ZoneId.systemDefault());

    private static final int PAGE = 1000;

    @Mixin
    private Context context;

    @Parameters(
            arity = "0..2",
            paramLabel = "JOB",
            description = "Only this job, until it has ended; \"job\" may stand before it.")
    private List<String> words = List.of();

    private @Nullable String name;

    @Option(
            names = "--from-revision",
            defaultValue = "0",
            description = "Changes after this revision; 0 for from now on.")
    private long from;

    /** What was last printed of each job: a change that does not show is not printed again. */
    private final Map<Long, String> shown = new HashMap<>();

    @Override
    public Integer call() throws InterruptedException {
        List<String> names = words.size() == 1 && Kind.JOB.is(words.getFirst()) ? List.of() : words;
        name = names.isEmpty() ? null : Kind.JOB.name("watch", names);
        try (Client client = context.connect()) {
            JobReference job = name == null ? JobReference.getDefaultInstance() : existing(client, name);
            WatchRequest.Builder request = WatchRequest.newBuilder()
                    .setNamespace(name == null ? context.listedNamespace() : job.getNamespace())
                    .setName(job.getName());
            // A list first: it says where the watch begins, so that nothing falls in between.
            long cursor = from == 0 ? list(client, request) : from;
            while (cursor >= 0) {
                cursor = watch(client, request.setFromRevision(cursor), cursor);
            }
        }
        return 0;
    }

    /** A watch goes by names; of a job that is not there it would say nothing for ever. */
    private JobReference existing(Client client, String given) {
        Job job = client.jobs()
                .get(GetRequest.newBuilder()
                        .setJob(Client.job(given, context.namespace()))
                        .build());
        return JobReference.newBuilder()
                .setNamespace(job.getNamespace())
                .setName(job.getName())
                .build();
    }

    /** The revision that the list shows, or −1 when the one job has ended. */
    private long list(Client client, WatchRequest.Builder watch) {
        ListRequest.Builder request =
                ListRequest.newBuilder().setNamespace(watch.getNamespace()).setPageSize(PAGE);
        long revision = Long.MAX_VALUE;
        boolean ended = false;
        do {
            ListResponse page = client.jobs().list(request.build());
            for (Job job : page.getJobsList()) {
                if (name == null
                        ? !ENDED.contains(job.getPhase())
                        : job.getName().equals(watch.getName())) {
                    // Without a time: when it came to be so is not known here.
                    print(WatchEvent.newBuilder()
                            .setRevision(job.getRevision())
                            .setChanged(job)
                            .build());
                    ended = name != null && ENDED.contains(job.getPhase());
                }
            }
            // Of the first page: what changed while the others were read comes again.
            revision = Math.min(revision, page.getRevision());
            request.setPageToken(page.getNextPageToken());
        } while (!request.getPageToken().isEmpty());
        return ended ? -1 : revision;
    }

    /** Where to go on; −1 when the one job has ended. */
    private long watch(Client client, WatchRequest.Builder request, long begin) throws InterruptedException {
        long cursor = begin;
        try {
            Iterator<WatchEvent> events = client.jobStreams().watch(request.build());
            while (events.hasNext()) {
                WatchEvent event = events.next();
                cursor = event.getRevision();
                if (!event.getBookmark()) {
                    print(event);
                }
                if (name != null
                        && event.hasChanged()
                        && ENDED.contains(event.getChanged().getPhase())) {
                    return -1;
                }
            }
        } catch (StatusRuntimeException e) {
            if (e.getStatus().getCode() == Status.Code.OUT_OF_RANGE) {
                return list(client, request);
            }
            if (e.getStatus().getCode() != Status.Code.UNAVAILABLE) {
                throw e;
            }
            Thread.sleep(500);
        }
        return cursor;
    }

    private void print(WatchEvent event) {
        if (context.structured()) {
            context.out().print(Messages.text(event, context.format()));
        } else if (context.format() == Format.NAME) {
            context.out()
                    .println(
                            event.hasForgotten()
                                    ? event.getForgotten().getNamespace() + "/"
                                            + event.getForgotten().getName()
                                    : event.getChanged().getNamespace() + "/"
                                            + event.getChanged().getName());
        } else if (event.hasForgotten()) {
            context.out()
                    .printf(
                            "%-12s %-8d %s/%s forgotten%n",
                            time(event),
                            event.getRevision(),
                            event.getForgotten().getNamespace(),
                            event.getForgotten().getName());
        } else {
            Job job = event.getChanged();
            String classes = job.getGangsList().stream()
                    .map(Gang::getClassName)
                    .filter(chipClass -> !chipClass.isEmpty())
                    .distinct()
                    .collect(Collectors.joining(","));
            String reason = job.getReason().getText();
            String line = job.getNamespace() + "/" + job.getName() + " " + job.getPhase()
                    + (classes.isEmpty() ? "" : " on " + classes) + (reason.isEmpty() ? "" : ": " + reason);
            if (!line.equals(shown.put(job.getId(), line))) {
                context.out().printf("%-12s %-8d %s%n", time(event), event.getRevision(), line);
            }
        }
        context.out().flush();
    }

    private static String time(WatchEvent event) {
        return event.getAtMicros() == 0 ? "-" : TIME.format(Instant.ofEpochMilli(event.getAtMicros() / 1000));
    }
}

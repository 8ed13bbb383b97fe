package dev.interposer.cli.command;

import dev.interposer.cli.client.Client;
import dev.interposer.cli.output.Messages;
import dev.interposer.proto.job.v1.Gang;
import dev.interposer.proto.job.v1.Job;
import dev.interposer.proto.job.v1.JobReference;
import dev.interposer.proto.job.v1.ListRequest;
import dev.interposer.proto.job.v1.WatchEvent;
import dev.interposer.proto.job.v1.WatchRequest;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import java.time.Instant;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.util.Iterator;
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
        footer = {"", "Example: interposer watch hello -n research"})
public final class WatchCommand implements Callable<Integer> {
    private static final Set<String> ENDED = Set.of("Succeeded", "Failed", "Cancelled");
    private static final DateTimeFormatter TIME =
            DateTimeFormatter.ofPattern("HH:mm:ss.SSS").withZone(ZoneId.systemDefault());

    @Mixin
    private Context context;

    @Parameters(arity = "0..1", paramLabel = "JOB", description = "Only this job, until it has ended.")
    private @Nullable String name;

    @Option(
            names = "--from-revision",
            defaultValue = "0",
            description = "Changes after this revision; 0 for from now on.")
    private long from;

    @Override
    public Integer call() throws InterruptedException {
        try (Client client = context.connect()) {
            JobReference job = name == null ? JobReference.getDefaultInstance() : Client.job(name, context.namespace());
            WatchRequest.Builder request =
                    WatchRequest.newBuilder().setNamespace(job.getNamespace()).setName(job.getName());
            // A list first: it says where the watch begins, so that nothing falls in between.
            long cursor = from == 0 ? list(client, job) : from;
            while (cursor >= 0) {
                cursor = watch(client, request.setFromRevision(cursor).build(), cursor, job);
            }
        }
        return 0;
    }

    /** The revision that the list shows, or −1 when the one job has ended. */
    private long list(Client client, JobReference reference) {
        ListRequest.Builder request =
                ListRequest.newBuilder().setNamespace(reference.getNamespace()).setPageSize(1000);
        var response = client.jobs().list(request.build());
        boolean ended = false;
        for (Job job : response.getJobsList()) {
            if (name == null ? !ENDED.contains(job.getPhase()) : job.getName().equals(reference.getName())) {
                print(WatchEvent.newBuilder()
                        .setRevision(job.getRevision())
                        .setAtMicros(System.currentTimeMillis() * 1000)
                        .setChanged(job)
                        .build());
                ended = name != null && ENDED.contains(job.getPhase());
            }
        }
        return ended ? -1 : response.getRevision();
    }

    /** Where to go on; −1 when the one job has ended. */
    private long watch(Client client, WatchRequest request, long begin, JobReference job) throws InterruptedException {
        long cursor = begin;
        try {
            Iterator<WatchEvent> events = client.jobStreams().watch(request);
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
                return list(client, job);
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
            context.out()
                    .printf(
                            "%-12s %-8d %s/%s %s%s%s%n",
                            time(event),
                            event.getRevision(),
                            job.getNamespace(),
                            job.getName(),
                            job.getPhase(),
                            classes.isEmpty() ? "" : " on " + classes,
                            job.getReason().getText().isEmpty()
                                    ? ""
                                    : ": " + job.getReason().getText());
        }
        context.out().flush();
    }

    private static String time(WatchEvent event) {
        return TIME.format(Instant.ofEpochMilli(event.getAtMicros() / 1000));
    }
}

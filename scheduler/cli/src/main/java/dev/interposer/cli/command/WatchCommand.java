package dev.interposer.cli.command;

import dev.interposer.cli.client.Client;
import dev.interposer.cli.output.Format;
import dev.interposer.cli.output.Messages;
import dev.interposer.proto.job.v1.Gang;
import dev.interposer.proto.job.v1.Job;
import dev.interposer.proto.job.v1.WatchEvent;
import java.time.Instant;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.util.HashMap;
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
public final class WatchCommand implements Callable<Integer>, JobFeed.Sink {
    private static final Set<String> ENDED = Set.of("Succeeded", "Failed", "Cancelled");
    private static final DateTimeFormatter TIME =
            DateTimeFormatter.ofPattern("HH:mm:ss.SSS").withZone(ZoneId.systemDefault());

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
            Job job = name == null
                    ? Job.getDefaultInstance()
                    // A watch goes by names; of a job that is not there it would say nothing for ever.
                    : new Reads(client).job(Client.job(name, context.namespace()));
            String namespace = name == null ? context.listedNamespace() : job.getNamespace();
            new JobFeed(client, namespace, job.getName(), from).run(this);
        }
        return 0;
    }

    @Override
    public boolean whole(List<Job> jobs) {
        boolean more = true;
        for (Job job : jobs) {
            boolean ended = ENDED.contains(job.getPhase());
            if (name != null || !ended) {
                // Without a time: when it came to be so is not known here.
                print(WatchEvent.newBuilder()
                        .setRevision(job.getRevision())
                        .setChanged(job)
                        .build());
            }
            more &= name == null || !ended;
        }
        return more;
    }

    @Override
    public boolean changed(WatchEvent event) {
        print(event);
        return name == null || !ENDED.contains(event.getChanged().getPhase());
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

package dev.interposer.cli.command;

import dev.interposer.cli.client.CliException;
import dev.interposer.cli.client.Client;
import dev.interposer.cli.output.Format;
import dev.interposer.cli.output.Messages;
import dev.interposer.proto.job.v1.EndedJob;
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
        footer = {
            "",
            "Of one job the exit code says how it ended: 0 if it succeeded, 8 if it failed or was cancelled.",
            "Example: interposer watch job hello -n research"
        })
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

    private @Nullable Job one;

    /** In which the one job ended; empty before. */
    private String end = "";

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
        try (Client client = context.connectQuietly()) {
            if (names.isEmpty()) {
                new JobFeed(client, JobFeed.Wanted.all(context.listedNamespace()), from).run(this);
                return 0;
            }
            Reads reads = new Reads(client);
            // Of a job that is not there a watch would say nothing for ever.
            Job job = reads.job(context.job(Kind.JOB.name("watch", names)));
            one = job;
            // Nothing comes after its end.
            boolean over = ENDED.contains(job.getPhase()) && job.getRevision() <= from;
            if (!over || whole(List.of(job))) {
                new JobFeed(client, JobFeed.Wanted.only(job), from).run(this);
            }
            if (end.isEmpty()) {
                fromHistory(reads.ended(job));
            }
        }
        return end.equals("Succeeded") ? 0 : CliException.ENDED_BADLY;
    }

    /** The job left the live state while nobody could tell. */
    private void fromHistory(EndedJob job) {
        end = job.getPhase();
        if (forPeople()) {
            context.out()
                    .printf(
                            "%-12s %-8d %s/%s %s: %s%n",
                            time(job.getEndedAtMicros()),
                            job.getRevision(),
                            job.getNamespace(),
                            job.getName(),
                            context.page().colours().state(end),
                            job.getReasonCode());
            context.out().flush();
        }
    }

    @Override
    public boolean whole(List<Job> jobs) {
        for (Job job : jobs) {
            if (one != null || !ENDED.contains(job.getPhase())) {
                print(asIs(job));
            }
        }
        return one == null || (!jobs.isEmpty() && lives(jobs.getFirst()));
    }

    @Override
    public boolean changed(WatchEvent event) {
        print(event);
        return one == null || (!event.hasForgotten() && lives(event.getChanged()));
    }

    /** People do; data and names are of changes alone, each with its revision. */
    @Override
    public boolean wantsFresh() {
        return forPeople();
    }

    private boolean forPeople() {
        return !context.structured() && context.format() != Format.NAME;
    }

    @Override
    public void refreshed(List<Job> jobs) {
        jobs.forEach(job -> print(asIs(job)));
    }

    private boolean lives(Job job) {
        boolean ended = ENDED.contains(job.getPhase());
        if (ended) {
            end = job.getPhase();
        }
        return !ended;
    }

    /** Without a time: when it came to be so is not known here. */
    private static WatchEvent asIs(Job job) {
        return WatchEvent.newBuilder()
                .setRevision(job.getRevision())
                .setChanged(job)
                .build();
    }

    private void print(WatchEvent event) {
        if (context.structured()) {
            context.out().print(Messages.oneOfMany(event, context.format()));
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
                            time(event.getAtMicros()),
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
            String line = job.getNamespace() + "/" + job.getName() + " "
                    + context.page().colours().state(job.getPhase())
                    + (classes.isEmpty() ? "" : " on " + classes) + (reason.isEmpty() ? "" : ": " + reason);
            if (!line.equals(shown.put(job.getId(), line))) {
                context.out().printf("%-12s %-8d %s%n", time(event.getAtMicros()), event.getRevision(), line);
            }
        }
        context.out().flush();
    }

    private static String time(long micros) {
        return micros == 0 ? "-" : TIME.format(Instant.ofEpochMilli(micros / 1000));
    }
}

package dev.interposer.cli.output;

import dev.interposer.proto.job.v1.EndedJob;
import dev.interposer.proto.job.v1.Gang;
import dev.interposer.proto.job.v1.Job;
import dev.interposer.proto.job.v1.JobProgress;
import dev.interposer.proto.job.v1.Worker;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Jobs as tables. */
public final class JobTables {
    private static final long STILL_SECONDS = 60;

    private JobTables() {}

    public static Table table(List<Job> jobs, boolean wide) {
        return table(jobs, wide, wide || namesRepeat(jobs));
    }

    /** With ids, whatever names repeat: of a table that goes on the columns stay. */
    public static Table watched(List<Job> jobs, boolean wide) {
        return table(jobs, wide, true);
    }

    private static Table table(List<Job> jobs, boolean wide, boolean withIds) {
        List<Column> columns = new ArrayList<>();
        if (withIds) {
            columns.add(new Column("ID", Job::getId));
        }
        columns.add(new Column("NAMESPACE", Job::getNamespace));
        columns.add(new Column("NAME", Job::getName));
        columns.add(new Column("QUEUE", Job::getQueueName));
        columns.add(new Column("PHASE", Job::getPhase));
        columns.add(new Column("CLASS", JobTables::classes));
        columns.add(new Column("WORKERS", JobTables::workers));
        if (wide) {
            columns.add(new Column("ATTEMPT", JobTables::attempt));
        }
        columns.add(new Column("AGE", job -> Ages.since(job.getSubmittedAtMicros())));
        if (wide) {
            columns.add(new Column("PROGRESS", JobTables::progress));
            columns.add(new Column("NODES", JobTables::nodes));
        }
        columns.add(new Column(
                "REASON",
                job -> wide
                        ? job.getReason().getText()
                        : shortened(job.getReason().getText())));
        Table table = new Table(columns.stream().map(Column::heading).toArray(String[]::new));
        for (Job job : jobs) {
            table.row(columns.stream().map(column -> column.cell().apply(job)).toArray());
        }
        return table;
    }

    /** Of the history. */
    public static Table ended(List<EndedJob> jobs, boolean wide) {
        List<String> headings = new ArrayList<>(
                List.of("ID", "NAMESPACE", "NAME", "QUEUE", "PHASE", "CLASS", "ATTEMPTS", "RAN", "ENDED", "REASON"));
        if (wide) {
            headings.add("USER");
        }
        Table table = new Table(headings.toArray(String[]::new));
        for (EndedJob job : jobs) {
            long started = job.getStartedAtMicros();
            List<Object> cells = new ArrayList<>(List.of(
                    job.getId(),
                    job.getNamespace(),
                    job.getName(),
                    job.getQueueName(),
                    job.getPhase(),
                    job.getClassName(),
                    job.getAttempts(),
                    started == 0 ? "" : Ages.seconds((job.getEndedAtMicros() - started) / 1_000_000),
                    Ages.since(job.getEndedAtMicros()),
                    job.getReasonCode()));
            if (wide) {
                cells.add(job.getUserName());
            }
            table.row(cells.toArray());
        }
        return table;
    }

    /** A column, and what stands in it. */
    private record Column(String heading, Function<Job, Object> cell) {}

    /** A name is free again when its job has ended, so that two rows may bear it: only the id tells them apart. */
    private static boolean namesRepeat(List<Job> jobs) {
        Set<String> seen = new HashSet<>();
        return !jobs.stream().allMatch(job -> seen.add(job.getNamespace() + "/" + job.getName()));
    }

    /** What it has done and how fast, or since when it stands still, and what of its counter can't be believed. */
    private static String progress(Job job) {
        JobProgress progress = job.getProgress();
        if (!progress.getRefusal().isEmpty()) {
            return "refused: " + progress.getRefusal();
        }
        if (progress.getUnit().isEmpty()) {
            return "";
        }
        StringBuilder text =
                new StringBuilder().append(progress.getDone()).append(' ').append(progress.getUnit());
        if (progress.getUnitsPerSecond() > 0) {
            text.append(", ").append(Math.round(progress.getUnitsPerSecond())).append("/s");
        } else if (standsStill(progress)) {
            text.append(", still for ").append(Ages.seconds(progress.getStillSeconds()));
        }
        if (progress.getRestarts() > 0) {
            text.append(", restarts: ").append(progress.getRestarts());
        }
        if (progress.getSuspiciousSpans() > 0) {
            text.append(", suspicious: ").append(progress.getSuspiciousSpans());
        }
        return text.toString();
    }

    static boolean standsStill(JobProgress progress) {
        return progress.getUnitsPerSecond() <= 0 && progress.getStillSeconds() >= STILL_SECONDS;
    }

    private static int attempt(Job job) {
        return job.getGangsList().stream().mapToInt(Gang::getAttempt).max().orElse(0);
    }

    /** Workers that run, of those that are placed. */
    private static String workers(Job job) {
        long running = workersOf(job)
                .filter(worker -> worker.getPhase().equals("Running"))
                .count();
        long placed = workersOf(job)
                .filter(worker -> !worker.getPhase().equals("Ended"))
                .count();
        return placed == 0 ? "" : running + "/" + placed;
    }

    private static String classes(Job job) {
        return job.getGangsList().stream()
                .map(Gang::getClassName)
                .filter(name -> !name.isEmpty())
                .distinct()
                .collect(Collectors.joining(","));
    }

    private static String nodes(Job job) {
        return workersOf(job).map(Worker::getNode).distinct().collect(Collectors.joining(","));
    }

    private static Stream<Worker> workersOf(Job job) {
        return job.getGangsList().stream().flatMap(gang -> gang.getWorkersList().stream());
    }

    private static String shortened(String text) {
        return text.length() <= 72 ? text : text.substring(0, 71) + "…";
    }
}

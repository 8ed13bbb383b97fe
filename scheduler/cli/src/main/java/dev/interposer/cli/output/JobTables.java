package dev.interposer.cli.output;

import dev.interposer.proto.job.v1.Gang;
import dev.interposer.proto.job.v1.Job;
import dev.interposer.proto.job.v1.Worker;
import java.io.PrintWriter;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Jobs as tables. */
public final class JobTables {
    private JobTables() {}

    public static void print(List<Job> jobs, boolean wide, PrintWriter out) {
        Table table = wide
                ? new Table(
                        "ID",
                        "NAMESPACE",
                        "NAME",
                        "QUEUE",
                        "PHASE",
                        "CLASS",
                        "WORKERS",
                        "ATTEMPT",
                        "AGE",
                        "NODES",
                        "REASON")
                : new Table("NAMESPACE", "NAME", "QUEUE", "PHASE", "CLASS", "WORKERS", "AGE", "REASON");
        for (Job job : jobs) {
            if (wide) {
                table.row(
                        job.getId(),
                        job.getNamespace(),
                        job.getName(),
                        job.getQueueName(),
                        job.getPhase(),
                        classes(job),
                        workers(job),
                        job.getGangsList().stream()
                                .mapToInt(Gang::getAttempt)
                                .max()
                                .orElse(0),
                        Ages.since(job.getSubmittedAtMicros()),
                        nodes(job),
                        job.getReason().getText());
            } else {
                table.row(
                        job.getNamespace(),
                        job.getName(),
                        job.getQueueName(),
                        job.getPhase(),
                        classes(job),
                        workers(job),
                        Ages.since(job.getSubmittedAtMicros()),
                        shortened(job.getReason().getText()));
            }
        }
        table.print(out);
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

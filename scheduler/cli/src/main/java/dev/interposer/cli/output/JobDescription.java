package dev.interposer.cli.output;

import dev.interposer.proto.job.v1.AcceleratorRequest;
import dev.interposer.proto.job.v1.EndedJob;
import dev.interposer.proto.job.v1.ExplainResponse;
import dev.interposer.proto.job.v1.Gang;
import dev.interposer.proto.job.v1.Job;
import dev.interposer.proto.job.v1.JobKind;
import dev.interposer.proto.job.v1.JobSpec;
import dev.interposer.proto.job.v1.Profile;
import dev.interposer.proto.job.v1.Role;
import dev.interposer.proto.job.v1.TopologyRequest;
import dev.interposer.proto.job.v1.Worker;
import dev.interposer.proto.job.v1.WorkerCount;
import java.util.ArrayList;
import java.util.List;

/** A job at length. */
public final class JobDescription {
    private JobDescription() {}

    /** @param earlier jobs of its name that ended, this one perhaps among them; the last to end first */
    public static void print(Job job, ExplainResponse why, List<EndedJob> earlier, Page page) {
        JobSpec spec = job.getSpec();
        Description description = new Description(page)
                .field("Name", job.getNamespace() + "/" + job.getName())
                .field("Kind", job.getKind() == JobKind.JOB_KIND_INFERENCE ? "InferenceJob" : "TrainingJob")
                .field("Id", job.getId())
                .field("Queue", job.getQueueName())
                .field("Priority", job.getPriority())
                .labels("Labels", spec.getLabelsMap())
                .state("Phase", job.getPhase())
                .field("Reason", job.getReason().getText())
                .field("Suspended", spec.getSuspend() ? "yes, by its owner" : "")
                .field("Replicas", spec.hasInference() ? spec.getInference().getReplicas() : "")
                .field("Workload", spec.getWorkloadFamily())
                .time("Submitted", job.getSubmittedAtMicros())
                .time("Started", job.getStartedAtMicros())
                .time("Ended", job.getEndedAtMicros())
                .section("Profiles", profiles(spec))
                .section("Gangs", gangs(job))
                .section("Workers", workers(job))
                .lines("Why it waits", Explanations.lines(why))
                .lines("Last words", lastWords(job))
                .section("Ended jobs of this name", earlier(earlier, job.getId()));
        description.lines("Next", next(job)).print();
    }

    private static Table profiles(JobSpec spec) {
        Table table = new Table("NAME", "ROLE", "WORKERS", "DEVICES EACH", "CORES EACH", "MEMORY EACH", "TOPOLOGY");
        for (Profile profile : spec.getProfilesList()) {
            for (Role role : profile.getRolesList()) {
                long memoryBytes = role.getRequestsOrDefault("memory", 0);
                long cpuMilli = role.getRequestsOrDefault("cpu", 0);
                table.row(
                        profile.getName(),
                        role.getName(),
                        count(role.getWorkers()),
                        role.hasAccelerators() ? devices(role.getAccelerators()) : "",
                        cpuMilli == 0 ? "" : Decimals.milli(cpuMilli),
                        memoryBytes == 0 ? "" : FleetTables.bytes(memoryBytes),
                        profile.hasTopology() ? topology(profile.getTopology()) : "");
            }
        }
        return table;
    }

    private static String count(WorkerCount workers) {
        int most = Math.max(workers.getMin(), workers.getMax());
        return most == workers.getMin()
                ? Integer.toString(most)
                : workers.getMin() + " to " + most + (workers.getStep() > 1 ? " by " + workers.getStep() : "");
    }

    private static String devices(AcceleratorRequest request) {
        if (request.getPerWorker() == 0) {
            return "";
        }
        List<String> constraints = new ArrayList<>(request.getSelector().getClassNamesList());
        if (!request.getClassName().isEmpty()) {
            constraints.add(request.getClassName());
        }
        if (!request.getSelector().getChipFamily().isEmpty()) {
            constraints.add("family " + request.getSelector().getChipFamily());
        }
        if (request.getSelector().getMinMemoryBytes() > 0) {
            constraints.add("at least " + request.getSelector().getMinMemoryBytes() / 1_000_000_000 + " GB");
        }
        request.getSelector().getDtypesList().forEach(constraints::add);
        String part = !request.getPartition().isEmpty()
                ? " " + request.getPartition() + " of"
                : request.getShareMilli() % 1000 == 0 ? "" : " " + request.getShareMilli() / 10.0 + "% of";
        return request.getPerWorker() + " x" + part + " " + String.join(", ", constraints);
    }

    private static String topology(TopologyRequest topology) {
        List<String> parts = new ArrayList<>();
        if (!topology.getRequired().isEmpty()) {
            parts.add("one " + topology.getRequired());
        }
        if (!topology.getPreferred().isEmpty()) {
            parts.add("rather one " + topology.getPreferred());
        }
        if (topology.getGroupSize() > 0) {
            parts.add("each " + topology.getGroupSize() + " in one " + topology.getGroupRequired());
        }
        return String.join(", ", parts);
    }

    private static Table gangs(Job job) {
        Table table = new Table("GANG", "PHASE", "ATTEMPT", "FAILURES", "PROFILE", "CLASS", "WORKERS", "REASON");
        for (Gang gang : job.getGangsList()) {
            table.row(
                    gang.getIndex(),
                    gang.getPhase(),
                    gang.getAttempt(),
                    gang.getFailures(),
                    gang.getProfileName(),
                    gang.getClassName(),
                    gang.getWorkersCount(),
                    gang.getReason().getText());
        }
        return table;
    }

    private static Table workers(Job job) {
        Table table = new Table("GANG", "WORKER", "ROLE", "PHASE", "NODE", "DEVICES", "RAN", "END");
        for (Gang gang : job.getGangsList()) {
            for (Worker worker : gang.getWorkersList()) {
                table.row(
                        gang.getIndex(),
                        worker.getIndex(),
                        worker.getRoleName(),
                        worker.getPhase(),
                        worker.getNode(),
                        String.join(",", worker.getDeviceNamesList()),
                        ran(worker),
                        end(worker));
            }
        }
        return table;
    }

    private static String ran(Worker worker) {
        if (worker.getStartedAtMicros() == 0) {
            return "";
        }
        return worker.getEndedAtMicros() == 0
                ? Ages.since(worker.getStartedAtMicros())
                : Ages.seconds((worker.getEndedAtMicros() - worker.getStartedAtMicros()) / 1_000_000);
    }

    private static String end(Worker worker) {
        return worker.getEndCause() + (worker.getExitCode() == 0 ? "" : " (exit code " + worker.getExitCode() + ")");
    }

    /** Of workers that ended badly. */
    private static List<String> lastWords(Job job) {
        List<String> lines = new ArrayList<>();
        for (Gang gang : job.getGangsList()) {
            for (Worker worker : gang.getWorkersList()) {
                if (!worker.getMessage().isBlank() && !worker.getEndCause().equals("Completed")) {
                    lines.add("gang " + gang.getIndex() + ", worker " + worker.getIndex() + " on " + worker.getNode());
                    Printable.lines(worker.getMessage()).forEach(line -> lines.add("  " + line));
                }
            }
        }
        return lines;
    }

    private static Table earlier(List<EndedJob> ended, long self) {
        Table table = new Table("ID", "PHASE", "REASON", "CLASS", "ATTEMPTS", "ENDED");
        for (EndedJob job : ended) {
            if (job.getId() != self) {
                table.row(
                        job.getId(),
                        job.getPhase(),
                        job.getReasonCode(),
                        job.getClassName(),
                        job.getAttempts(),
                        Ages.since(job.getEndedAtMicros()) + " ago");
            }
        }
        return table;
    }

    private static List<String> next(Job job) {
        String name = job.getName() + " -n " + job.getNamespace();
        return switch (job.getPhase()) {
            case "Waiting" -> List.of("interposer explain job " + name + "   # and what would start it");
            case "Starting", "Running", "Stopping", "Failed" -> List.of("interposer logs job " + name);
            default -> List.of();
        };
    }
}

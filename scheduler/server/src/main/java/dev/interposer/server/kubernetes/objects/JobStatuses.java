package dev.interposer.server.kubernetes.objects;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.interposer.control.command.Rejection;
import dev.interposer.proto.job.v1.Gang;
import dev.interposer.proto.job.v1.Job;
import dev.interposer.proto.job.v1.JobKind;
import dev.interposer.proto.job.v1.Reason;
import dev.interposer.proto.job.v1.Worker;
import dev.interposer.resources.v1alpha1.Condition;
import dev.interposer.resources.v1alpha1.InferenceJobStatus;
import dev.interposer.resources.v1alpha1.InferenceJobStatus.ProfileReplicas;
import dev.interposer.resources.v1alpha1.TrainingJobStatus;
import dev.interposer.resources.v1alpha1.TrainingJobStatus.Assignment;
import dev.interposer.resources.v1alpha1.Waiting;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** What the status of a job's object says. */
final class JobStatuses {
    static final String ACCEPTED = "Accepted";
    static final String SUSPENDED = "Suspended";
    static final String FORGOTTEN = "Forgotten";

    private static final ObjectMapper MAPPER = new ObjectMapper();
    private static final String NONE_YET = "nothing is assigned";

    private final SeenObject object;
    private final Instant now;

    JobStatuses(SeenObject object, Instant now) {
        this.object = object;
        this.now = now;
    }

    /** Of a job that the ledger has. */
    JsonNode of(Job job) {
        return job.getKind() == JobKind.JOB_KIND_TRAINING ? training(job) : inference(job);
    }

    /** Of a job of which something was refused: what else is known of it stays. */
    JsonNode refused(String reason, String message) {
        return withCondition(new Conditions(object.status(), object.generation(), now)
                .with(ACCEPTED, false, reason, message)
                .list()
                .getFirst());
    }

    /** Of one that ended, and of which the ledger knows no more than that. */
    JsonNode forgotten() {
        ObjectNode status = withCondition(conditions()
                .with("Ended", true, "Forgotten", "it ended and was forgotten; the history may say how")
                .list()
                .getFirst());
        return status.put("phase", FORGOTTEN);
    }

    private ObjectNode withCondition(Condition condition) {
        ObjectNode status = object.status().isObject() ? object.status().deepCopy() : MAPPER.createObjectNode();
        ArrayNode conditions = MAPPER.createArrayNode();
        conditions.add(MAPPER.<JsonNode>valueToTree(condition));
        object.status().path("conditions").forEach(other -> {
            if (!other.path("type").asText().equals(condition.type())) {
                conditions.add(other);
            }
        });
        status.put("observedGeneration", object.generation());
        status.set("conditions", conditions);
        return status;
    }

    JsonNode refused(Rejection rejection) {
        return refused(camel(rejection.code().name()), rejection.message());
    }

    /** Of one that its owner holds back. */
    JsonNode suspended() {
        return MAPPER.valueToTree(new TrainingJobStatus(
                object.generation(),
                SUSPENDED,
                conditions()
                        .with(ACCEPTED, true, ACCEPTED, "")
                        .with(SUSPENDED, true, "HeldByOwner", "spec.suspend is true")
                        .list(),
                null,
                null,
                null));
    }

    private JsonNode training(Job job) {
        Gang gang = job.getGangsCount() == 0 ? Gang.getDefaultInstance() : job.getGangs(0);
        boolean assigned = isAssigned(gang);
        Conditions conditions = conditions()
                .with(ACCEPTED, true, ACCEPTED, "")
                .with("Assigned", assigned, assigned ? "Placed" : reason(job), assigned ? placed(gang) : text(job))
                .with("Running", job.getPhase().equals("Running"), word(job.getPhase()), "");
        ended(job, conditions);
        Assignment assignment = assigned
                ? new Assignment(
                        gang.getProfileName(),
                        gang.getClassName().isEmpty() ? null : gang.getClassName(),
                        gang.getWorkersCount(),
                        running(gang),
                        Math.max(1, gang.getAttempt()))
                : null;
        return MAPPER.valueToTree(new TrainingJobStatus(
                object.generation(), job.getPhase(), conditions.list(), assignment, null, waiting(job)));
    }

    private JsonNode inference(Job job) {
        Map<String, Integer> ready = new TreeMap<>();
        int whole = 0;
        int there = 0;
        for (Gang gang : job.getGangsList()) {
            there += isAssigned(gang) ? 1 : 0;
            if (gang.getPhase().equals("Running")) {
                whole++;
                ready.merge(gang.getProfileName(), 1, Integer::sum);
            }
        }
        List<ProfileReplicas> profiles = new ArrayList<>();
        ready.forEach((name, count) -> profiles.add(new ProfileReplicas(name, count)));
        boolean available = whole > 0 && whole == job.getGangsCount();
        Conditions conditions = conditions()
                .with(ACCEPTED, true, ACCEPTED, "")
                .with(
                        "Available",
                        available,
                        available ? "AllReplicasRun" : reason(job),
                        whole + " of " + job.getGangsCount() + " replicas run");
        ended(job, conditions);
        String name = job.getName();
        return MAPPER.valueToTree(new InferenceJobStatus(
                object.generation(),
                job.getPhase(),
                conditions.list(),
                there,
                whole,
                // One pod stands for each replica: that of its first worker.
                "interposer.dev/job=" + name + ",interposer.dev/worker=0",
                profiles,
                waiting(job)));
    }

    private static void ended(Job job, Conditions conditions) {
        switch (job.getPhase()) {
            case "Succeeded" -> conditions.with("Complete", true, "Completed", text(job));
            case "Failed", "Cancelled" -> conditions.with("Failed", true, reason(job), text(job));
            default -> {
                // It goes on.
            }
        }
    }

    private static @Nullable Waiting waiting(Job job) {
        Reason reason = job.getReason();
        return reason.getCode().isEmpty() || !job.getPhase().equals("Waiting")
                ? null
                : new Waiting(camel(reason.getCode()), reason.getText(), null, null, null);
    }

    private static boolean isAssigned(Gang gang) {
        return gang.getWorkersCount() > 0
                && switch (gang.getPhase()) {
                    case "Assigned", "Running", "Stopping" -> true;
                    default -> false;
                };
    }

    private static int running(Gang gang) {
        return (int) gang.getWorkersList().stream()
                .map(Worker::getPhase)
                .filter("Running"::equals)
                .count();
    }

    private static String placed(Gang gang) {
        String workers = gang.getWorkersCount() == 1 ? "1 worker" : gang.getWorkersCount() + " workers";
        return gang.getClassName().isEmpty() ? workers : workers + " on " + gang.getClassName();
    }

    /** In one word, as a condition needs one. */
    private static String reason(Job job) {
        String code = job.getReason().getCode();
        return code.isEmpty() ? word(job.getPhase()) : camel(code);
    }

    private static String text(Job job) {
        String text = job.getReason().getText();
        return text.isEmpty() && job.getPhase().equals("Waiting") ? NONE_YET : text;
    }

    private static String word(String phase) {
        return phase.isEmpty() ? "Unknown" : phase;
    }

    private Conditions conditions() {
        return new Conditions(object.status(), object.generation(), now);
    }

    private static String camel(String code) {
        StringBuilder text = new StringBuilder();
        for (String word : code.split("_", -1)) {
            if (!word.isEmpty()) {
                text.append(word.charAt(0)).append(word.substring(1).toLowerCase(Locale.ROOT));
            }
        }
        return text.toString();
    }
}

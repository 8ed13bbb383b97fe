package dev.interposer.resources;

import dev.interposer.engine.model.Canary;
import dev.interposer.engine.model.Checkpoint;
import dev.interposer.engine.model.FailurePolicy;
import dev.interposer.engine.model.InferenceSpec;
import dev.interposer.engine.model.JobKind;
import dev.interposer.engine.model.JobSpec;
import dev.interposer.engine.model.Preemption;
import dev.interposer.engine.model.Profile;
import dev.interposer.engine.model.Progress;
import dev.interposer.engine.model.Tier;
import dev.interposer.engine.model.TrainingSpec;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** TrainingJob and InferenceJob. */
final class JobReader {
    private JobReader() {}

    static JobSpec read(Fields spec, JobKind kind) {
        String queue = spec.text("queueName", "");
        String priority = spec.text("priorityClassName", "");
        String family = spec.text("workloadFamily", "");
        boolean suspend = spec.flag("suspend", false);
        long deadline = spec.integer("activeDeadlineSeconds", 0);
        Long ttl = spec.has("ttlSecondsAfterFinished") ? spec.integer("ttlSecondsAfterFinished", 0) : null;
        ProfileReader reader = new ProfileReader(spec.raw("template"));
        List<Profile> profiles = spec.list("profiles", reader::read);
        TrainingSpec training = kind == JobKind.TRAINING ? training(spec) : null;
        InferenceSpec inference = kind == JobKind.INFERENCE ? inference(spec) : null;
        spec.finish();
        return new JobSpec(kind, queue, priority, family, suspend, deadline, ttl, profiles, training, inference);
    }

    private static TrainingSpec training(Fields spec) {
        TrainingSpec.ResizePolicy resize = TrainingSpec.ResizePolicy.NEVER;
        long cooldown = 0;
        Fields resizing = spec.optional("resize");
        if (resizing != null) {
            resize = resizing.constant("policy", TrainingSpec.ResizePolicy.class, resize);
            cooldown = resizing.integer("cooldownSeconds", 0);
            resizing.finish();
        }
        return new TrainingSpec(
                spec.integer("estimatedSeconds", 0),
                progress(spec.optional("progress")),
                checkpoint(spec.optional("checkpoint")),
                preemption(spec.optional("preemption")),
                resize,
                cooldown,
                spec.constant("profileChange", TrainingSpec.ProfileChange.class, TrainingSpec.ProfileChange.NEVER),
                failurePolicy(spec.optional("failurePolicy")),
                canary(spec.optional("canary")));
    }

    private static @Nullable Progress progress(@Nullable Fields fields) {
        if (fields == null) {
            return null;
        }
        Fields prometheus = fields.fields("prometheus");
        boolean push = fields.has("push");
        Progress progress = new Progress(
                fields.required("unit"),
                fields.quantity("total", 0),
                prometheus.small("port", 0),
                prometheus.text("path", ""),
                prometheus.text("metric", ""));
        if (push == (progress.prometheusPort() > 0)) {
            fields.problems().invalid(fields.path("push"), push, "one of push and prometheus is needed, and not both");
        }
        prometheus.finish();
        fields.finish();
        return progress;
    }

    private static @Nullable Checkpoint checkpoint(@Nullable Fields fields) {
        if (fields == null) {
            return null;
        }
        Checkpoint checkpoint = new Checkpoint(
                fields.integer("everySeconds", 0),
                fields.integer("saveSeconds", 0),
                fields.integer("restoreSeconds", 0),
                fields.text("signal", ""));
        fields.finish();
        return checkpoint;
    }

    private static Preemption preemption(@Nullable Fields fields) {
        if (fields == null) {
            return Preemption.DEFAULT;
        }
        Preemption preemption = new Preemption(
                fields.constant("policy", Preemption.Policy.class, Preemption.DEFAULT.policy()),
                fields.integer("minRuntimeSeconds", 0),
                fields.integer("graceSeconds", Preemption.DEFAULT.graceSeconds()));
        fields.finish();
        return preemption;
    }

    private static FailurePolicy failurePolicy(@Nullable Fields fields) {
        if (fields == null) {
            return FailurePolicy.DEFAULT;
        }
        FailurePolicy.OnNodeLost onNodeLost =
                fields.constant("onNodeLost", FailurePolicy.OnNodeLost.class, FailurePolicy.DEFAULT.onNodeLost());
        long lease = fields.integer("leaseSeconds", 0);
        if (fields.has("leaseSeconds") && onNodeLost != FailurePolicy.OnNodeLost.SELF_FENCE) {
            fields.problems().invalid(fields.path("leaseSeconds"), lease, "belongs to onNodeLost: SelfFence");
        }
        List<Integer> fatal = fields.texts("fatalExitCodes").stream()
                .map(code -> exitCode(fields, code))
                .toList();
        FailurePolicy policy = new FailurePolicy(
                fields.small("backoffLimit", FailurePolicy.DEFAULT.backoffLimit()),
                fields.constant(
                        "onWorkerFailure",
                        FailurePolicy.OnWorkerFailure.class,
                        FailurePolicy.OnWorkerFailure.RESTART_GANG),
                fatal,
                onNodeLost,
                lease);
        fields.finish();
        return policy;
    }

    private static int exitCode(Fields fields, String code) {
        try {
            return Integer.parseInt(code);
        } catch (NumberFormatException e) {
            fields.problems().invalid(fields.path("fatalExitCodes"), code, "must be a whole number");
            return 1;
        }
    }

    private static @Nullable Canary canary(@Nullable Fields fields) {
        if (fields == null) {
            return null;
        }
        Fields accept = fields.fields("accept");
        Canary canary = new Canary(
                fields.texts("args"),
                fields.integer("maxDeviceSeconds", 0),
                fields.text("queueName", ""),
                accept.text("metric", ""),
                accept.small("tolerancePercent", 0));
        accept.finish();
        fields.finish();
        return canary;
    }

    private static InferenceSpec inference(Fields spec) {
        Fields disruption = spec.fields("disruption");
        Fields rollout = spec.fields("rollout");
        Fields sourcing = spec.fields("sourcing");
        Fields service = spec.fields("service");
        InferenceSpec inference = new InferenceSpec(
                spec.small("replicas", 1),
                scaling(spec.optional("scaling")),
                disruption.small("maxUnavailable", 0),
                disruption.integer("graceSeconds", 30),
                rollout.small("maxSurge", 1),
                rollout.small("maxUnavailable", 0),
                spec.list(
                        "spread",
                        fields -> new InferenceSpec.Spread(fields.required("level"), fields.small("maxSkew", 1))),
                sourcing.small("minSuppliers", 0),
                sourcing.constant("tier", Tier.class, Tier.DESIGNER),
                sourcing.small("minLossCoveragePercent", 0),
                service.small("port", 0),
                service.small("targetPort", 0));
        List.of(disruption, rollout, sourcing, service).forEach(Fields::finish);
        return inference;
    }

    private static InferenceSpec.@Nullable Scaling scaling(@Nullable Fields fields) {
        if (fields == null) {
            return null;
        }
        String mode = fields.text("mode", "External");
        if (!mode.equals("Internal") && !mode.equals("External")) {
            fields.problems().invalid(fields.path("mode"), mode, "must be one of [Internal, External]");
        }
        Fields metric = fields.fields("metric");
        Fields prometheus = metric.fields("prometheus");
        InferenceSpec.Scaling scaling = new InferenceSpec.Scaling(
                mode.equals("Internal"),
                fields.small("minReplicas", 1),
                fields.small("maxReplicas", 1),
                prometheus.small("port", 0),
                prometheus.text("path", ""),
                prometheus.text("metric", ""),
                metric.milli("targetPerReplica", 0),
                fields.integer("scaleDownStabilizationSeconds", 0));
        List.of(prometheus, metric, fields).forEach(Fields::finish);
        return scaling;
    }
}

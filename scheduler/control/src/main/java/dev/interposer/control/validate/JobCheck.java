package dev.interposer.control.validate;

import dev.interposer.control.command.FieldError;
import dev.interposer.control.command.Rejection;
import dev.interposer.engine.model.Checkpoint;
import dev.interposer.engine.model.FailurePolicy;
import dev.interposer.engine.model.InferenceSpec;
import dev.interposer.engine.model.JobKind;
import dev.interposer.engine.model.JobQueue;
import dev.interposer.engine.model.JobSpec;
import dev.interposer.engine.model.Preemption;
import dev.interposer.engine.model.Profile;
import dev.interposer.engine.model.Progress;
import dev.interposer.engine.model.QueueState;
import dev.interposer.engine.model.Tier;
import dev.interposer.engine.model.TrainingSpec;
import dev.interposer.engine.state.Settings;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Whether a job may be submitted. Paths are those of the manifest. */
public final class JobCheck {
    /** Of a gang. */
    public static final int MOST_WORKERS = ProfileCheck.MOST_WORKERS;

    static final int MOST_PROFILES = 16;
    static final int MOST_REPLICAS = 4096;
    private static final int MOST_SPREADS = 8;
    private static final int MOST_LABELS = 64;
    private static final int MOST_TEXT = 253;

    /** In which work can be compared between chips. */
    private static final List<String> SIGNALS = List.of("SIGTERM", "SIGHUP", "SIGINT", "SIGQUIT", "SIGUSR1", "SIGUSR2");

    private static final Set<String> UNITS = Set.of("tokens", "samples");

    static final long MOST_SECONDS = 10L * 366 * 86_400;
    private static final int UUID_LENGTH = 36;
    private static final int VERSION_AT = 14;

    private final Violations violations = new Violations();
    private final Settings settings;

    private JobCheck(Settings settings) {
        this.settings = settings;
    }

    /** What is wrong with the request id and the names. */
    public static List<FieldError> names(String requestId, String namespace, String name) {
        Violations violations = new Violations();
        boolean uuid = isUuid7(requestId);
        violations.require(uuid, "requestId", requestId, "must be a UUID of version 7 in its text form");
        violations.label("metadata.namespace", namespace);
        violations.name("metadata.name", name);
        return violations.errors();
    }

    /** 8-4-4-4-12 hexadecimal digits, the version in front of the third group. By hand: it is asked of every job. */
    private static boolean isUuid7(String text) {
        if (text.length() != UUID_LENGTH || text.charAt(VERSION_AT) != '7') {
            return false;
        }
        for (int at = 0; at < UUID_LENGTH; at++) {
            char letter = text.charAt(at);
            boolean dash = at == 8 || at == 13 || at == 18 || at == 23;
            boolean digit = (letter >= '0' && letter <= '9')
                    || (letter >= 'a' && letter <= 'f')
                    || (letter >= 'A' && letter <= 'F');
            if (dash ? letter != '-' : !digit) {
                return false;
            }
        }
        return true;
    }

    /** Null if it may be submitted. */
    public static @Nullable Rejection check(JobSpec spec, Settings settings, Map<String, Integer> priorities) {
        JobCheck check = new JobCheck(settings);
        check.spec(spec, priorities);
        return check.violations.rejection();
    }

    /**
     * Null if a job that was accepted may have the size that this spec says.
     *
     * @param grows whether its queue must still accept work for it
     */
    public static @Nullable Rejection resized(JobSpec spec, Settings settings, boolean grows) {
        JobCheck check = new JobCheck(settings);
        if (grows) {
            check.queue(spec.queueName());
        }
        check.profiles(spec);
        if (spec.inference() != null) {
            check.inference(spec.inference(), spec.profiles());
            check.bounds(spec.inference());
        }
        return check.violations.rejection();
    }

    private void bounds(InferenceSpec inference) {
        InferenceSpec.Scaling scaling = inference.scaling();
        if (scaling != null && scaling.maxReplicas() > 0) {
            violations.within("spec.replicas", inference.replicas(), scaling.minReplicas(), scaling.maxReplicas());
        }
    }

    private void spec(JobSpec spec, Map<String, Integer> priorities) {
        queue(spec.queueName());
        violations.require(
                priorities.containsKey(spec.priorityClassName()),
                "spec.priorityClassName",
                spec.priorityClassName(),
                "there is no such priority class. Maybe one of "
                        + priorities.keySet().stream().sorted().toList() + "?");
        if (spec.suspend()) {
            violations.unsupported("spec.suspend", true, "holding a job back");
        }
        violations.within("spec.activeDeadlineSeconds", spec.activeDeadlineSeconds(), 0, MOST_SECONDS);
        if (spec.ttlSecondsAfterFinished() != null) {
            violations.within("spec.ttlSecondsAfterFinished", spec.ttlSecondsAfterFinished(), 0, MOST_SECONDS);
        }
        profiles(spec);
        violations.text("spec.workloadFamily", spec.workloadFamily(), 253);
        labels(spec.labels());
        if (spec.kind() == JobKind.TRAINING && spec.inference() != null) {
            violations.invalid("spec.replicas", spec.inference().replicas(), "a training job has no replicas");
        } else if (spec.kind() == JobKind.TRAINING) {
            training(spec.training() == null ? TrainingSpec.DEFAULT : spec.training());
        } else if (spec.inference() == null) {
            violations.invalid("spec.replicas", "", "an inference job needs a number of replicas");
        } else {
            inference(spec.inference(), spec.profiles());
        }
    }

    /** The lengths that Kubernetes allows. */
    private void labels(Map<String, String> labels) {
        violations.within("metadata.labels", labels.size(), 0, MOST_LABELS);
        labels.entrySet().stream().limit(MOST_LABELS).forEach(label -> {
            violations.text("metadata.labels", label.getKey(), 317);
            violations.text("metadata.labels." + label.getKey(), label.getValue(), 63);
        });
    }

    private void queue(String name) {
        JobQueue queue = settings.queue(name);
        if (queue == null) {
            violations.invalid(
                    "spec.queueName",
                    name,
                    name.isEmpty() ? "is missing" : "there is no such queue. Maybe one of " + names() + "?");
            return;
        }
        // A state holds for all that is below.
        for (JobQueue above = queue; above != null; above = settings.queue(above.parentName())) {
            violations.require(
                    above.state() != QueueState.DRAIN,
                    "spec.queueName",
                    name,
                    "queue " + above.name() + " drains and accepts nothing");
        }
    }

    private List<String> names() {
        return settings.queues().stream().map(JobQueue::name).limit(20).toList();
    }

    private void profiles(JobSpec spec) {
        List<Profile> profiles = spec.profiles();
        violations.within("spec.profiles", profiles.size(), 1, MOST_PROFILES);
        Set<String> names = new HashSet<>();
        for (int index = 0; index < Math.min(profiles.size(), MOST_PROFILES); index++) {
            String path = "spec.profiles[" + index + "]";
            Profile profile = profiles.get(index);
            violations.label(path + ".name", profile.name());
            violations.require(names.add(profile.name()), path + ".name", profile.name(), "another profile has it");
            new ProfileCheck(violations, settings, path).check(profile);
        }
    }

    private void training(TrainingSpec training) {
        violations.within("spec.estimatedSeconds", training.estimatedSeconds(), 0, MOST_SECONDS);
        preemption(training.preemption());
        texts(training);
        if (training.resizePolicy() == TrainingSpec.ResizePolicy.LIVE) {
            violations.unsupported(
                    "spec.resize.policy", training.resizePolicy(), "changing the size without a restart");
        }
        violations.within("spec.resize.cooldownSeconds", training.resizeCooldownSeconds(), 0, MOST_SECONDS);
        if (training.canary() != null) {
            violations.unsupported("spec.canary", training.canary().queueName(), "qualifying profiles by canaries");
        }
        failures(training.failurePolicy());
    }

    /** Hints that nothing reads yet are stored all the same. */
    private void texts(TrainingSpec training) {
        Progress progress = training.progress();
        if (progress != null) {
            violations.require(
                    UNITS.contains(progress.unit()),
                    "spec.progress.unit",
                    progress.unit(),
                    "must be tokens or samples: steps and the like compare nothing between chips");
            violations.text("spec.progress.prometheus.path", progress.prometheusPath(), MOST_TEXT);
            violations.text("spec.progress.prometheus.metric", progress.prometheusMetric(), MOST_TEXT);
        }
        Checkpoint checkpoint = training.checkpoint();
        if (checkpoint != null) {
            violations.require(
                    checkpoint.signal().isEmpty() || SIGNALS.contains(checkpoint.signal()),
                    "spec.checkpoint.signal",
                    checkpoint.signal(),
                    "must be one of " + String.join(", ", SIGNALS) + ", or absent for SIGTERM");
        }
    }

    private void preemption(Preemption preemption) {
        if (preemption.policy() == Preemption.Policy.AT_CHECKPOINT) {
            violations.unsupported(
                    "spec.preemption.policy", preemption.policy(), "waiting for a checkpoint before an eviction");
        }
        violations.within("spec.preemption.graceSeconds", preemption.graceSeconds(), 0, 86_400);
        violations.within("spec.preemption.minRuntimeSeconds", preemption.minRuntimeSeconds(), 0, MOST_SECONDS);
    }

    private void failures(FailurePolicy policy) {
        violations.within("spec.failurePolicy.backoffLimit", policy.backoffLimit(), 0, 10_000);
        violations.within(
                "spec.failurePolicy.fatalExitCodes", policy.fatalExitCodes().size(), 0, 64);
        for (int code : policy.fatalExitCodes()) {
            violations.within("spec.failurePolicy.fatalExitCodes", code, 1, 255);
        }
        if (policy.onWorkerFailure() == FailurePolicy.OnWorkerFailure.REPLACE_WORKER) {
            violations.unsupported(
                    "spec.failurePolicy.onWorkerFailure", policy.onWorkerFailure(), "replacing one worker of a gang");
        }
        if (policy.onNodeLost() == FailurePolicy.OnNodeLost.SELF_FENCE) {
            violations.within("spec.failurePolicy.leaseSeconds", policy.leaseSeconds(), 5, 86_400);
        }
    }

    private void inference(InferenceSpec inference, List<Profile> profiles) {
        violations.within("spec.replicas", inference.replicas(), 1, MOST_REPLICAS);
        violations.within("spec.disruption.graceSeconds", inference.graceSeconds(), 0, 86_400);
        InferenceSpec.Scaling scaling = inference.scaling();
        if (scaling != null) {
            violations.text("spec.scaling.metric.prometheus.path", scaling.path(), MOST_TEXT);
            violations.text("spec.scaling.metric.prometheus.metric", scaling.metric(), MOST_TEXT);
        }
        if (scaling != null && scaling.internal()) {
            violations.unsupported("spec.scaling", "Internal", "scaling by load");
        }
        spread(inference.spread(), profiles);
        sourcing(inference);
    }

    /** Bounds that no choice of suppliers could ever keep are wrong, not waited for. */
    private void sourcing(InferenceSpec inference) {
        violations.within("spec.sourcing.minLossCoveragePercent", inference.minLossCoveragePercent(), 0, 99);
        violations.within("spec.sourcing.minSuppliers", inference.minSuppliers(), 0, Math.max(1, inference.replicas()));
        long most = (long) inference.replicas() * (100 - inference.minLossCoveragePercent()) / 100;
        violations.require(
                inference.minLossCoveragePercent() == 0 || most >= 1,
                "spec.sourcing.minLossCoveragePercent",
                inference.minLossCoveragePercent(),
                "lets no supplier serve even one of " + inference.replicas() + " replicas. Maybe more replicas?");
        boolean binds = inference.minSuppliers() > 1 || inference.minLossCoveragePercent() > 0;
        if (binds && inference.sourcingTier() == Tier.SELLER) {
            violations.unsupported("spec.sourcing.tier", "Seller", "counting replicas by seller");
        }
    }

    private void spread(List<InferenceSpec.Spread> spread, List<Profile> profiles) {
        violations.within("spec.spread", spread.size(), 0, MOST_SPREADS);
        Set<String> levels = new HashSet<>();
        for (int index = 0; index < Math.min(spread.size(), MOST_SPREADS); index++) {
            InferenceSpec.Spread rule = spread.get(index);
            String path = "spec.spread[" + index + "]";
            violations.within(path + ".maxSkew", rule.maxSkew(), 1, MOST_REPLICAS);
            violations.require(levels.add(rule.level()), path + ".level", rule.level(), "another rule has it");
            for (int profile = 0; profile < Math.min(profiles.size(), MOST_PROFILES); profile++) {
                new ProfileCheck(violations, settings, "spec.profiles[" + profile + "]")
                        .spreadOver(path + ".level", rule.level(), profiles.get(profile));
            }
        }
    }
}

package dev.interposer.server.grpc;

import dev.interposer.engine.model.AcceleratorRequest;
import dev.interposer.engine.model.Canary;
import dev.interposer.engine.model.Checkpoint;
import dev.interposer.engine.model.ClassSelector;
import dev.interposer.engine.model.Container;
import dev.interposer.engine.model.FailurePolicy;
import dev.interposer.engine.model.InferenceSpec;
import dev.interposer.engine.model.JobKind;
import dev.interposer.engine.model.JobSpec;
import dev.interposer.engine.model.Preemption;
import dev.interposer.engine.model.Profile;
import dev.interposer.engine.model.Progress;
import dev.interposer.engine.model.Role;
import dev.interposer.engine.model.Tier;
import dev.interposer.engine.model.TopologyRequest;
import dev.interposer.engine.model.TrainingSpec;
import dev.interposer.engine.model.WorkerCount;
import dev.interposer.proto.job.v1.CanarySpec;
import dev.interposer.proto.job.v1.CheckpointSpec;
import dev.interposer.proto.job.v1.PreemptionSpec;
import dev.interposer.proto.job.v1.ProgressSpec;
import dev.interposer.proto.job.v1.ScalingSpec;
import dev.interposer.server.view.Names;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Job specs of job.v1 to the scheduler's own and back; what is left out gets the default of the manifest. */
public final class SpecMapper {
    private SpecMapper() {}

    public static JobSpec model(dev.interposer.proto.job.v1.JobSpec spec) {
        JobKind kind = switch (spec.getKind()) {
            case JOB_KIND_TRAINING -> JobKind.TRAINING;
            case JOB_KIND_INFERENCE -> JobKind.INFERENCE;
            case JOB_KIND_UNSPECIFIED, UNRECOGNIZED ->
                throw Errors.invalid(
                        "spec.kind", spec.getKind().name(), "must be JOB_KIND_TRAINING or JOB_KIND_INFERENCE");
        };
        List<Profile> profiles = new ArrayList<>();
        for (int index = 0; index < spec.getProfilesCount(); index++) {
            profiles.add(profile(spec.getProfiles(index)));
        }
        return new JobSpec(
                kind,
                spec.getQueueName(),
                spec.getPriorityClassName(),
                spec.getWorkloadFamily(),
                spec.getSuspend(),
                spec.getActiveDeadlineSeconds(),
                spec.hasTtlSecondsAfterFinished() ? spec.getTtlSecondsAfterFinished() : null,
                profiles,
                kind == JobKind.TRAINING ? training(spec.getTraining()) : null,
                kind == JobKind.INFERENCE ? inference(spec.getInference()) : null,
                spec.getLabelsMap());
    }

    private static Profile profile(dev.interposer.proto.job.v1.Profile profile) {
        var topology = profile.getTopology();
        return new Profile(
                profile.getName(),
                profile.getRolesList().stream().map(SpecMapper::role).toList(),
                new TopologyRequest(
                        topology.getRequired(),
                        topology.getPreferred(),
                        topology.getGroupSize(),
                        topology.getGroupRequired()),
                profile.getCheckpointFormat());
    }

    private static Role role(dev.interposer.proto.job.v1.Role role) {
        var count = role.getWorkers();
        var container = role.getContainer();
        return new Role(
                role.getName(),
                new WorkerCount(
                        count.getMin(),
                        count.getMax() == 0 ? count.getMin() : count.getMax(),
                        count.getStep() == 0 ? 1 : count.getStep()),
                accelerators(role.getAccelerators()),
                role.getRequestsMap(),
                new Container(
                        container.getName(),
                        container.getImage(),
                        container.getCommandList(),
                        container.getArgsList(),
                        container.getEnvMap(),
                        container.getWorkingDir(),
                        container.getTemplateJson()));
    }

    private static AcceleratorRequest accelerators(dev.interposer.proto.job.v1.AcceleratorRequest request) {
        var selector = request.getSelector();
        return new AcceleratorRequest(
                request.getClassName(),
                request.hasSelector()
                        ? new ClassSelector(
                                selector.getClassNamesList(),
                                selector.getChipFamily(),
                                selector.getMinMemoryBytes(),
                                selector.getDtypesList())
                        : null,
                request.getPerWorker(),
                request.getShareMilli() == 0 ? AcceleratorRequest.WHOLE : request.getShareMilli(),
                request.getPartition());
    }

    private static TrainingSpec training(dev.interposer.proto.job.v1.TrainingSpec spec) {
        return new TrainingSpec(
                spec.getEstimatedSeconds(),
                spec.hasProgress() ? progress(spec.getProgress()) : null,
                spec.hasCheckpoint() ? checkpoint(spec.getCheckpoint()) : null,
                spec.hasPreemption() ? preemption(spec.getPreemption()) : Preemption.DEFAULT,
                constant("spec.resize.policy", spec.getResizePolicy(), TrainingSpec.ResizePolicy.NEVER),
                spec.getResizeCooldownSeconds(),
                constant("spec.profileChange", spec.getProfileChange(), TrainingSpec.ProfileChange.NEVER),
                spec.hasFailurePolicy() ? failurePolicy(spec.getFailurePolicy()) : FailurePolicy.DEFAULT,
                spec.hasCanary() ? canary(spec.getCanary()) : null);
    }

    private static Progress progress(ProgressSpec spec) {
        return new Progress(
                spec.getUnit(),
                spec.getTotal(),
                spec.getPrometheusPort(),
                spec.getPrometheusPath(),
                spec.getPrometheusMetric());
    }

    private static Checkpoint checkpoint(CheckpointSpec spec) {
        return new Checkpoint(
                spec.getEverySeconds(), spec.getSaveSeconds(), spec.getRestoreSeconds(), spec.getSignal());
    }

    private static Preemption preemption(PreemptionSpec spec) {
        return new Preemption(
                constant("spec.preemption.policy", spec.getPolicy(), Preemption.DEFAULT.policy()),
                spec.getMinRuntimeSeconds(),
                spec.hasGraceSeconds() ? spec.getGraceSeconds() : Preemption.DEFAULT.graceSeconds());
    }

    private static FailurePolicy failurePolicy(dev.interposer.proto.job.v1.FailurePolicy policy) {
        return new FailurePolicy(
                policy.hasBackoffLimit() ? policy.getBackoffLimit() : FailurePolicy.DEFAULT.backoffLimit(),
                constant(
                        "spec.failurePolicy.onWorkerFailure",
                        policy.getOnWorkerFailure(),
                        FailurePolicy.OnWorkerFailure.RESTART_GANG),
                policy.getFatalExitCodesList(),
                constant(
                        "spec.failurePolicy.onNodeLost",
                        policy.getOnNodeLost(),
                        FailurePolicy.OnNodeLost.WAIT_FOR_FENCE),
                policy.getLeaseSeconds());
    }

    private static Canary canary(CanarySpec spec) {
        return new Canary(
                spec.getArgsList(),
                spec.getMaxDeviceSeconds(),
                spec.getQueueName(),
                spec.getMetric(),
                spec.getTolerancePercent());
    }

    private static InferenceSpec inference(dev.interposer.proto.job.v1.InferenceSpec spec) {
        return new InferenceSpec(
                spec.getReplicas(),
                spec.hasScaling() ? scaling(spec.getScaling()) : null,
                spec.getMaxUnavailable(),
                spec.hasGraceSeconds() ? spec.getGraceSeconds() : 30,
                spec.hasMaxSurge() ? spec.getMaxSurge() : 1,
                spec.getRolloutMaxUnavailable(),
                spec.getSpreadList().stream()
                        .map(spread -> new InferenceSpec.Spread(spread.getLevel(), spread.getMaxSkew()))
                        .toList(),
                spec.getMinSuppliers(),
                constant("spec.sourcing.tier", spec.getSourcingTier(), Tier.DESIGNER),
                spec.getMinLossCoveragePercent(),
                spec.getServicePort(),
                spec.getServiceTargetPort());
    }

    private static InferenceSpec.Scaling scaling(ScalingSpec spec) {
        return new InferenceSpec.Scaling(
                spec.getInternal(),
                spec.getMinReplicas(),
                spec.getMaxReplicas(),
                spec.getPort(),
                spec.getPath(),
                spec.getMetric(),
                spec.getTargetPerReplicaMilli(),
                spec.getScaleDownStabilizationSeconds());
    }

    private static <E extends Enum<E>> E constant(String path, String text, E absent) {
        if (text.isEmpty()) {
            return absent;
        }
        List<String> known = new ArrayList<>();
        for (E candidate : absent.getDeclaringClass().getEnumConstants()) {
            if (Names.camel(candidate).equals(text)) {
                return candidate;
            }
            known.add(Names.camel(candidate));
        }
        throw Errors.invalid(path, text, "must be one of " + known);
    }

    // ---- the other way

    public static dev.interposer.proto.job.v1.JobSpec proto(JobSpec spec) {
        var proto = dev.interposer.proto.job.v1.JobSpec.newBuilder()
                .setKind(
                        spec.kind() == JobKind.TRAINING
                                ? dev.interposer.proto.job.v1.JobKind.JOB_KIND_TRAINING
                                : dev.interposer.proto.job.v1.JobKind.JOB_KIND_INFERENCE)
                .setQueueName(spec.queueName())
                .setPriorityClassName(spec.priorityClassName())
                .setWorkloadFamily(spec.workloadFamily())
                .setSuspend(spec.suspend())
                .setActiveDeadlineSeconds(spec.activeDeadlineSeconds())
                .putAllLabels(spec.labels());
        if (spec.ttlSecondsAfterFinished() != null) {
            proto.setTtlSecondsAfterFinished(spec.ttlSecondsAfterFinished());
        }
        spec.profiles().forEach(profile -> proto.addProfiles(proto(profile)));
        if (spec.training() != null) {
            proto.setTraining(SpecToProto.training(spec.training()));
        }
        if (spec.inference() != null) {
            proto.setInference(SpecToProto.inference(spec.inference()));
        }
        return proto.build();
    }

    private static dev.interposer.proto.job.v1.Profile proto(Profile profile) {
        var proto = dev.interposer.proto.job.v1.Profile.newBuilder()
                .setName(profile.name())
                .setCheckpointFormat(profile.checkpointFormat());
        proto.getTopologyBuilder()
                .setRequired(profile.topology().required())
                .setPreferred(profile.topology().preferred())
                .setGroupSize(profile.topology().groupSize())
                .setGroupRequired(profile.topology().groupRequired());
        for (Role role : profile.roles()) {
            var made = proto.addRolesBuilder().setName(role.name()).putAllRequests(role.requests());
            made.getWorkersBuilder()
                    .setMin(role.workers().min())
                    .setMax(role.workers().max())
                    .setStep(role.workers().step());
            made.getAcceleratorsBuilder()
                    .setClassName(role.accelerators().className())
                    .setPerWorker(role.accelerators().perWorker())
                    .setShareMilli(role.accelerators().shareMilli())
                    .setPartition(role.accelerators().partition());
            selector(made.getAcceleratorsBuilder(), role.accelerators().selector());
            Container container = role.container();
            made.getContainerBuilder()
                    .setName(container.name())
                    .setImage(container.image())
                    .addAllCommand(container.command())
                    .addAllArgs(container.args())
                    .putAllEnv(container.env())
                    .setWorkingDir(container.workingDir())
                    .setTemplateJson(container.templateJson());
        }
        return proto.build();
    }

    private static void selector(
            dev.interposer.proto.job.v1.AcceleratorRequest.Builder request, @Nullable ClassSelector selector) {
        if (selector != null) {
            request.getSelectorBuilder()
                    .addAllClassNames(selector.classNames())
                    .setChipFamily(selector.chipFamily())
                    .setMinMemoryBytes(selector.minMemoryBytes())
                    .addAllDtypes(selector.dtypes());
        }
    }
}

package dev.interposer.server.grpc;

import dev.interposer.engine.model.FailurePolicy;
import dev.interposer.engine.model.InferenceSpec;
import dev.interposer.engine.model.TrainingSpec;
import dev.interposer.server.view.Names;

/** What only one kind of job says, as messages. */
final class SpecToProto {
    private SpecToProto() {}

    static dev.interposer.proto.job.v1.TrainingSpec training(TrainingSpec spec) {
        var proto = dev.interposer.proto.job.v1.TrainingSpec.newBuilder()
                .setEstimatedSeconds(spec.estimatedSeconds())
                .setResizePolicy(Names.camel(spec.resizePolicy()))
                .setResizeCooldownSeconds(spec.resizeCooldownSeconds())
                .setProfileChange(Names.camel(spec.profileChange()));
        if (spec.progress() != null) {
            proto.getProgressBuilder()
                    .setUnit(spec.progress().unit())
                    .setTotal(spec.progress().total())
                    .setPrometheusPort(spec.progress().prometheusPort())
                    .setPrometheusPath(spec.progress().prometheusPath())
                    .setPrometheusMetric(spec.progress().prometheusMetric());
        }
        if (spec.checkpoint() != null) {
            proto.getCheckpointBuilder()
                    .setEverySeconds(spec.checkpoint().everySeconds())
                    .setSaveSeconds(spec.checkpoint().saveSeconds())
                    .setRestoreSeconds(spec.checkpoint().restoreSeconds())
                    .setSignal(spec.checkpoint().signal());
        }
        proto.getPreemptionBuilder()
                .setPolicy(Names.camel(spec.preemption().policy()))
                .setMinRuntimeSeconds(spec.preemption().minRuntimeSeconds())
                .setGraceSeconds(spec.preemption().graceSeconds());
        FailurePolicy policy = spec.failurePolicy();
        proto.getFailurePolicyBuilder()
                .setBackoffLimit(policy.backoffLimit())
                .setOnWorkerFailure(Names.camel(policy.onWorkerFailure()))
                .addAllFatalExitCodes(policy.fatalExitCodes())
                .setOnNodeLost(Names.camel(policy.onNodeLost()))
                .setLeaseSeconds(policy.leaseSeconds());
        if (spec.canary() != null) {
            proto.getCanaryBuilder()
                    .addAllArgs(spec.canary().args())
                    .setMaxDeviceSeconds(spec.canary().maxDeviceSeconds())
                    .setQueueName(spec.canary().queueName())
                    .setMetric(spec.canary().metric())
                    .setTolerancePercent(spec.canary().tolerancePercent());
        }
        return proto.build();
    }

    static dev.interposer.proto.job.v1.InferenceSpec inference(InferenceSpec spec) {
        var proto = dev.interposer.proto.job.v1.InferenceSpec.newBuilder()
                .setReplicas(spec.replicas())
                .setMaxUnavailable(spec.maxUnavailable())
                .setGraceSeconds(spec.graceSeconds())
                .setMaxSurge(spec.maxSurge())
                .setRolloutMaxUnavailable(spec.rolloutMaxUnavailable())
                .setMinSuppliers(spec.minSuppliers())
                .setSourcingTier(Names.camel(spec.sourcingTier()))
                .setMinLossCoveragePercent(spec.minLossCoveragePercent())
                .setServicePort(spec.servicePort())
                .setServiceTargetPort(spec.serviceTargetPort());
        spec.spread()
                .forEach(spread ->
                        proto.addSpreadBuilder().setLevel(spread.level()).setMaxSkew(spread.maxSkew()));
        if (spec.scaling() != null) {
            proto.getScalingBuilder()
                    .setInternal(spec.scaling().internal())
                    .setMinReplicas(spec.scaling().minReplicas())
                    .setMaxReplicas(spec.scaling().maxReplicas())
                    .setPort(spec.scaling().port())
                    .setPath(spec.scaling().path())
                    .setMetric(spec.scaling().metric())
                    .setTargetPerReplicaMilli(spec.scaling().targetPerReplicaMilli())
                    .setScaleDownStabilizationSeconds(spec.scaling().scaleDownStabilizationSeconds());
        }
        return proto.build();
    }
}

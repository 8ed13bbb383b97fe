package dev.interposer.engine.model;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What only inference jobs say.
 *
 * @param replicas number of replicas, each placed as one gang
 * @param scaling null for a fixed number
 * @param maxUnavailable replicas that may be disrupted at once
 * @param graceSeconds time between the asking and the killing
 * @param maxSurge replicas above the number during a roll-out
 * @param rolloutMaxUnavailable replicas below the number during a roll-out
 * @param spread how evenly the replicas are spread
 * @param minSuppliers least number of suppliers that the replicas rest on; 0 for any
 * @param sourcingTier tier that the two sourcing fields speak of
 * @param minLossCoveragePercent least loss coverage in percent; 0 for any
 * @param servicePort port that clients use; 0 for none
 * @param serviceTargetPort port of the container
 */
public record InferenceSpec(
        int replicas,
        @Nullable Scaling scaling,
        int maxUnavailable,
        long graceSeconds,
        int maxSurge,
        int rolloutMaxUnavailable,
        List<Spread> spread,
        int minSuppliers,
        Tier sourcingTier,
        int minLossCoveragePercent,
        int servicePort,
        int serviceTargetPort) {
    public InferenceSpec {
        spread = List.copyOf(spread);
    }

    public static InferenceSpec of(int replicas) {
        return new InferenceSpec(replicas, null, 1, 30, 1, 0, List.of(), 0, Tier.DESIGNER, 0, 0, 0);
    }

    /** The same with another number of replicas. */
    public InferenceSpec withReplicas(int number) {
        return new InferenceSpec(
                number,
                scaling,
                maxUnavailable,
                graceSeconds,
                maxSurge,
                rolloutMaxUnavailable,
                spread,
                minSuppliers,
                sourcingTier,
                minLossCoveragePercent,
                servicePort,
                serviceTargetPort);
    }

    /** Replicas may differ by at most {@code maxSkew} between two domains of {@code level}. */
    public record Spread(String level, int maxSkew) {}

    /**
     * How the number of replicas follows load.
     *
     * @param internal scaled by the scheduler; else by whoever writes {@code replicas}
     * @param minReplicas lower bound
     * @param maxReplicas upper bound
     * @param port port of the Prometheus endpoint
     * @param path its path
     * @param metric name of the gauge
     * @param targetPerReplicaMilli wanted value of the gauge for each replica, in thousandths
     * @param scaleDownStabilizationSeconds how long a lower load must last
     */
    public record Scaling(
            boolean internal,
            int minReplicas,
            int maxReplicas,
            int port,
            String path,
            String metric,
            long targetPerReplicaMilli,
            long scaleDownStabilizationSeconds) {}
}

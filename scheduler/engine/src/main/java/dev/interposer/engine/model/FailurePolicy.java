package dev.interposer.engine.model;

import java.util.List;

/**
 * What happens when a worker or its node fails.
 *
 * @param backoffLimit retries after the job's own faults; faults of nodes, devices and admission are free
 * @param onWorkerFailure restart the gang, or the one worker
 * @param fatalExitCodes exit codes after which nothing is retried
 * @param onNodeLost what happens to the work of a silent node
 * @param leaseSeconds for {@link OnNodeLost#SELF_FENCE}: its agent stops it after so long without a leader
 */
public record FailurePolicy(
        int backoffLimit,
        OnWorkerFailure onWorkerFailure,
        List<Integer> fatalExitCodes,
        OnNodeLost onNodeLost,
        long leaseSeconds) {
    public static final FailurePolicy DEFAULT =
            new FailurePolicy(6, OnWorkerFailure.RESTART_GANG, List.of(), OnNodeLost.WAIT_FOR_FENCE, 0);

    public FailurePolicy {
        fatalExitCodes = List.copyOf(fatalExitCodes);
    }

    /** What is started again when one worker fails. */
    public enum OnWorkerFailure {
        RESTART_GANG,
        REPLACE_WORKER
    }

    /** What happens to work on a node that went silent. */
    public enum OnNodeLost {
        /** Stays bound until the node is confirmed to run nothing. */
        WAIT_FOR_FENCE,
        /** Its agent stops it after a lease without a leader; placed again after the lease and a margin. */
        SELF_FENCE,
        /** Placed again at once; accepts that two copies may run for a while. */
        REPLACE_AFTER_TIMEOUT
    }
}

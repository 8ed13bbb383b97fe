package dev.interposer.engine.model;

import java.util.List;
import java.util.Map;

/**
 * A node of the quota tree.
 *
 * @param name unique
 * @param parentName empty for the root's children
 * @param namespaceSelector labels of the namespaces that may use it; empty for nobody by Kubernetes
 * @param weight share among siblings, at least 1
 * @param quotas bounds by scope
 * @param maxDevicesPerUser 0 for no bound
 * @param maxRunningJobsPerUser 0 for no bound
 * @param usageHalfLifeSeconds decay of past use; 0 for the fleet's default
 * @param state whether it starts work
 */
public record JobQueue(
        String name,
        String parentName,
        Map<String, String> namespaceSelector,
        int weight,
        List<Quota> quotas,
        int maxDevicesPerUser,
        int maxRunningJobsPerUser,
        long usageHalfLifeSeconds,
        QueueState state) {
    public JobQueue {
        namespaceSelector = SortedCopy.of(namespaceSelector);
        quotas = List.copyOf(quotas);
    }

    public static JobQueue of(String name) {
        return new JobQueue(name, "", Map.of(), 1, List.of(), 0, 0, 0, QueueState.OPEN);
    }

    /** What a quota counts: one of a class, a chip family, a supplier, or everything. */
    public enum ScopeKind {
        CLASS,
        CHIP_FAMILY,
        SUPPLIER,
        ALL
    }

    /**
     * A bound on devices of one scope; −1 stands for no bound.
     *
     * @param scope what is counted
     * @param scopeName name of the class, family or supplier; empty for all
     * @param guarantee devices that it gets whenever it asks
     * @param limit devices that it never exceeds
     * @param borrowLimit devices above the guarantee that it may take from siblings
     * @param lendLimit devices of the guarantee that siblings may take
     */
    public record Quota(
            ScopeKind scope, String scopeName, long guarantee, long limit, long borrowLimit, long lendLimit) {}
}

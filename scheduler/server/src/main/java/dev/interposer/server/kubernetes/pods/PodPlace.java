package dev.interposer.server.kubernetes.pods;

import io.fabric8.kubernetes.api.model.OwnerReference;
import org.jspecify.annotations.Nullable;

/**
 * Where a pod shall run, and what of it is not the order's to say.
 *
 * @param node name in Kubernetes
 * @param mark how far the ledger is
 * @param allocation of the class of its devices
 * @param owner with which it goes; null for none
 */
record PodPlace(
        String node,
        LedgerMark mark,
        Allocation allocation,
        @Nullable OwnerReference owner) {}

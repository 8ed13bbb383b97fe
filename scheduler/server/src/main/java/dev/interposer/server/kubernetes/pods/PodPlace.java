package dev.interposer.server.kubernetes.pods;

/**
 * Where a pod shall run, and what of it is not the order's to say.
 *
 * @param node name in Kubernetes
 * @param incarnation of the ledger
 * @param allocation of the class of its devices
 */
record PodPlace(String node, long incarnation, Allocation allocation) {}

package dev.interposer.server.kubernetes.pods;

/**
 * Where a pod shall run, and what of it is not the order's to say.
 *
 * @param node name in Kubernetes
 * @param mark how far the ledger is
 * @param allocation of the class of its devices
 */
record PodPlace(String node, LedgerMark mark, Allocation allocation) {}

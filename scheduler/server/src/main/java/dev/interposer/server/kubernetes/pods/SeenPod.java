package dev.interposer.server.kubernetes.pods;

import dev.interposer.control.command.ReportedWorker;
import dev.interposer.engine.model.EndCause;
import dev.interposer.engine.model.WorkerKey;
import dev.interposer.server.kubernetes.pods.PodEnds.Stuck;
import io.fabric8.kubernetes.api.model.Pod;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What is known of one pod of this fleet.
 *
 * @param version grows with each change of the pod
 * @param node that it is bound to; empty for none yet
 * @param meantFor the node that it was made for
 * @param deleting whether somebody asked that it be deleted
 * @param terminal whether nothing of it runs any more
 * @param started whether its worker has begun
 * @param ownEnd whether it ended, if it did, before anybody asked that it be deleted
 * @param end how it ended, or its worker; null while that goes on
 * @param stuck what keeps it from beginning; null for nothing
 * @param identity what only a hello says
 */
record SeenPod(
        WorkerKey key,
        String namespace,
        String name,
        String uid,
        long version,
        String node,
        String meantFor,
        boolean deleting,
        boolean terminal,
        boolean started,
        boolean ownEnd,
        @Nullable PodEnd end,
        @Nullable Stuck stuck,
        Identity identity) {

    /** What a worker is, as its pod tells it to a ledger that does not know. */
    record Identity(List<String> deviceNames, String profileName, String roleName, int worldSize, LedgerMark mark) {
        Identity {
            deviceNames = List.copyOf(deviceNames);
        }
    }

    /** Null for a pod that is no worker of this fleet. */
    static @Nullable SeenPod of(Pod pod) {
        WorkerKey key = PodLabels.key(pod);
        if (key == null) {
            return null;
        }
        String node = pod.getSpec().getNodeName();
        return new SeenPod(
                key,
                pod.getMetadata().getNamespace(),
                pod.getMetadata().getName(),
                pod.getMetadata().getUid(),
                version(pod.getMetadata().getResourceVersion()),
                node == null ? "" : node,
                PodLabels.annotation(pod, PodLabels.NODE),
                pod.getMetadata().getDeletionTimestamp() != null,
                PodEnds.isTerminal(pod),
                PodEnds.isStarted(pod),
                PodEnds.isOwnEnd(pod),
                PodEnds.of(pod),
                PodEnds.stuck(pod),
                identity(pod));
    }

    private static long version(@Nullable String said) {
        return said == null || !said.matches("\\d{1,18}") ? 0 : Long.parseLong(said);
    }

    private static Identity identity(Pod pod) {
        String size = PodLabels.annotation(pod, PodLabels.WORLD_SIZE);
        return new Identity(
                PodLabels.devices(pod),
                PodLabels.annotation(pod, PodLabels.PROFILE),
                pod.getMetadata().getLabels().getOrDefault(PodLabels.ROLE, ""),
                size.matches("\\d{1,6}") ? Integer.parseInt(size) : 0,
                LedgerMark.of(PodLabels.annotation(pod, PodLabels.LEDGER)));
    }

    boolean bound() {
        return !node.isEmpty();
    }

    /** The same once it is bound. */
    SeenPod boundTo(String other) {
        return new SeenPod(
                key, namespace, name, uid, version, other, meantFor, deleting, terminal, started, ownEnd, end, stuck,
                identity);
    }

    /** Where it is, or shall be. */
    String place() {
        return bound() ? node : meantFor;
    }

    /**
     * How it ended, for the ledger.
     *
     * @param released whether this fleet had asked for it
     */
    PodEnd end(boolean released) {
        if (end != null && ownEnd) {
            return end;
        }
        int code = end == null ? PodEnd.NO_CODE : end.exitCode();
        if (released) {
            return new PodEnd(EndCause.RELEASED, code, "");
        }
        if (end != null && (end.cause() == EndCause.NODE_LOST || end.cause() == EndCause.EVICTED)) {
            return end;
        }
        return new PodEnd(EndCause.EVICTED, code, "somebody else deleted its pod");
    }

    /** As a hello says it. */
    ReportedWorker reported() {
        PodEnd ended = terminal ? end(false) : null;
        return new ReportedWorker(
                key,
                ended == null,
                ended == null ? EndCause.UNKNOWN : ended.cause(),
                ended == null ? 0 : ended.exitCode(),
                ended == null ? "" : ended.message(),
                identity.deviceNames(),
                identity.profileName(),
                identity.roleName(),
                identity.worldSize());
    }
}

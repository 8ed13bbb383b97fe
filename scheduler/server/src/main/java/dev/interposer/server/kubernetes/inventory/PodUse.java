package dev.interposer.server.kubernetes.inventory;

import io.fabric8.kubernetes.api.model.Pod;
import java.util.Collection;
import java.util.Map;
import java.util.Set;

/**
 * What one pod takes of its node.
 *
 * @param user {@code namespace/name}
 * @param amounts by resource, in the units of the fleet
 * @param devices names in the ledger of those that it was given by this fleet; empty for a foreign pod
 * @param foreign whether somebody else than this fleet put it there
 */
public record PodUse(String user, Map<String, Long> amounts, Set<String> devices, boolean foreign) {
    public PodUse {
        amounts = Map.copyOf(amounts);
        devices = Set.copyOf(devices);
    }

    /** Of a pod of this fleet. */
    public static PodUse own(Pod pod, Collection<String> devices) {
        String user = pod.getMetadata().getNamespace() + "/" + pod.getMetadata().getName();
        return new PodUse(user, PodResources.of(pod), Set.copyOf(devices), false);
    }

    public static PodUse foreign(Pod pod) {
        String user = pod.getMetadata().getNamespace() + "/" + pod.getMetadata().getName();
        return new PodUse(user, PodResources.of(pod), Set.of(), true);
    }
}

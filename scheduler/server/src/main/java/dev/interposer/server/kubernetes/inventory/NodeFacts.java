package dev.interposer.server.kubernetes.inventory;

import io.fabric8.kubernetes.api.model.Node;
import io.fabric8.kubernetes.api.model.resource.v1.ResourceSlice;
import java.util.List;
import java.util.Map;

/**
 * What the API server knows of one node.
 *
 * @param node the node itself
 * @param slices of dynamic resource allocation, of this node alone
 * @param pods that are bound to it and have not ended
 * @param claimed who has a device by a claim that this fleet has not made, by {@code driver/pool/device}
 */
public record NodeFacts(Node node, List<ResourceSlice> slices, List<PodUse> pods, Map<String, String> claimed) {
    public NodeFacts {
        slices = List.copyOf(slices);
        pods = List.copyOf(pods);
        claimed = Map.copyOf(claimed);
    }

    /** Label of the node; empty if it has none. */
    String label(String name) {
        Map<String, String> labels = node.getMetadata().getLabels();
        return name.isEmpty() || labels == null ? "" : labels.getOrDefault(name, "");
    }
}

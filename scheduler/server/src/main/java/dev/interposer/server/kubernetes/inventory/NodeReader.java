package dev.interposer.server.kubernetes.inventory;

import dev.interposer.engine.model.DeviceReport;
import dev.interposer.engine.model.NodeInfo;
import dev.interposer.engine.model.NodeReport;
import io.fabric8.kubernetes.api.model.Node;
import io.fabric8.kubernetes.api.model.NodeAddress;
import io.fabric8.kubernetes.api.model.NodeCondition;
import io.fabric8.kubernetes.api.model.NodeStatus;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** What the fleet is told of a node of Kubernetes. */
public final class NodeReader {
    /** Of the fleet's own bound on resources of a node. */
    private static final int MOST_CAPACITIES = 64;

    private final String cluster;
    private final VendorTable vendors;
    private final boolean observed;

    /** @param observed whether the cluster is only read, and nothing is ever placed there */
    public NodeReader(String cluster, VendorTable vendors, boolean observed) {
        this.cluster = cluster;
        this.vendors = vendors;
        this.observed = observed;
    }

    /** Name of the cluster. */
    public String cluster() {
        return cluster;
    }

    /** Whether nothing is ever placed on its nodes. */
    public boolean isObserved() {
        return observed;
    }

    /** Name of a node in the fleet. */
    public String name(String node) {
        return cluster + "/" + node;
    }

    /**
     * The report.
     *
     * @param before devices as they were reported last
     */
    public NodeReport read(NodeFacts facts, List<DeviceReport> before) {
        Map<String, String> users = new HashMap<>();
        before.forEach(device -> users.put(device.name(), device.foreign()));
        SlicedDevices sliced = new SlicedDevices(vendors, facts);
        Set<String> drivers = sliced.drivers();
        List<DeviceReport> devices = new ArrayList<>(sliced.reports());
        for (VendorRow row : vendors.rows()) {
            // A driver that lists the devices counts no more, or each would be there twice.
            if (row.driver().isEmpty() || !drivers.contains(row.driver())) {
                devices.addAll(new CountedDevices(row, facts, users).reports());
            }
        }
        return new NodeReport(info(facts), devices);
    }

    /** Whether its kubelet says that it works. */
    public static boolean isReady(Node node) {
        NodeStatus status = node.getStatus();
        return status != null && status.getConditions().stream().anyMatch(condition -> isTrue(condition, "Ready"));
    }

    private static boolean isTrue(NodeCondition condition, String type) {
        return type.equals(condition.getType()) && "True".equals(condition.getStatus());
    }

    private NodeInfo info(NodeFacts facts) {
        Node node = facts.node();
        Map<String, String> labels = node.getMetadata().getLabels();
        NodeStatus status = node.getStatus();
        boolean known = status != null && status.getNodeInfo() != null;
        return new NodeInfo(
                name(node.getMetadata().getName()),
                known ? status.getNodeInfo().getBootID() : "",
                known ? "kubelet " + status.getNodeInfo().getKubeletVersion() : "",
                labels == null ? Map.of() : labels,
                capacity(facts),
                address(status),
                observed);
    }

    /** What the kubelet gives to pods, less what foreign ones take. */
    private Map<String, Long> capacity(NodeFacts facts) {
        NodeStatus status = facts.node().getStatus();
        Map<String, Long> left = new TreeMap<>();
        PodResources.amounts(status == null ? null : status.getAllocatable()).forEach((resource, amount) -> {
            if (!vendors.isDevice(resource) && left.size() < MOST_CAPACITIES) {
                left.put(resource, amount);
            }
        });
        for (PodUse pod : facts.pods()) {
            if (pod.foreign()) {
                pod.amounts().forEach((resource, amount) -> take(left, resource, amount));
                take(left, "pods", 1);
            }
        }
        return left;
    }

    private static void take(Map<String, Long> left, String resource, long amount) {
        left.computeIfPresent(resource, (name, had) -> Math.max(0, had - amount));
    }

    private static String address(@Nullable NodeStatus status) {
        if (status == null) {
            return "";
        }
        return status.getAddresses().stream()
                .filter(address -> "InternalIP".equals(address.getType()))
                .map(NodeAddress::getAddress)
                .findFirst()
                .orElse("");
    }
}

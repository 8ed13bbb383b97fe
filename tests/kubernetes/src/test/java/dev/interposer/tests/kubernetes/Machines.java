package dev.interposer.tests.kubernetes;

import io.fabric8.kubernetes.api.model.Node;
import io.fabric8.kubernetes.api.model.NodeBuilder;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.fabric8.kubernetes.api.model.Quantity;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import java.net.HttpURLConnection;
import java.util.HashMap;
import java.util.Map;
import java.util.function.Consumer;

/** Nodes and pods as a kubelet and another scheduler leave them at the API server. */
final class Machines {
    private final KubernetesClient client;

    Machines(KubernetesClient client) {
        this.client = client;
    }

    /** A node that is well, with so many of a resource. */
    void node(String name, Map<String, String> labels, String resource, int count) {
        Map<String, Quantity> amounts = new HashMap<>(Map.of(
                "cpu",
                new Quantity("64"),
                "memory",
                new Quantity("512Gi"),
                "pods",
                new Quantity("110"),
                resource,
                new Quantity(Integer.toString(count))));
        client.resource(new NodeBuilder()
                        .withNewMetadata()
                        .withName(name)
                        .withLabels(labels)
                        .endMetadata()
                        .build())
                .create();
        status(name, node -> node.getStatus().setCapacity(amounts));
        status(name, node -> node.getStatus().setAllocatable(amounts));
        ready(name, true);
    }

    void ready(String name, boolean ready) {
        status(
                name,
                node -> node.getStatus()
                        .setConditions(new NodeBuilder()
                                .withNewStatus()
                                .addNewCondition()
                                .withType("Ready")
                                .withStatus(ready ? "True" : "Unknown")
                                .endCondition()
                                .endStatus()
                                .build()
                                .getStatus()
                                .getConditions()));
    }

    /** A pod that another scheduler has put on a node, and that runs there. */
    void foreignPod(String name, String node, String resource, int count) {
        Pod pod = new PodBuilder()
                .withNewMetadata()
                .withNamespace("default")
                .withName(name)
                .endMetadata()
                .withNewSpec()
                .withNodeName(node)
                .addNewContainer()
                .withName("main")
                .withImage("reg.example/any")
                .withNewResources()
                .addToLimits(resource, new Quantity(Integer.toString(count)))
                .addToRequests("cpu", new Quantity("4"))
                .endResources()
                .endContainer()
                .endSpec()
                .build();
        client.resource(pod).create();
        client.pods()
                .inNamespace("default")
                .withName(name)
                .editStatus(found -> new PodBuilder(found)
                        .editOrNewStatus()
                        .withPhase("Running")
                        .endStatus()
                        .build());
    }

    /** As when it has ended by itself. */
    void podEnds(String name) {
        client.pods()
                .inNamespace("default")
                .withName(name)
                .editStatus(found -> new PodBuilder(found)
                        .editOrNewStatus()
                        .withPhase("Succeeded")
                        .endStatus()
                        .build());
    }

    /** Controllers of Kubernetes write to a new node, too. */
    private void status(String name, Consumer<Node> change) {
        boolean written = false;
        while (!written) {
            try {
                client.nodes().withName(name).editStatus(node -> {
                    Node changed =
                            new NodeBuilder(node).editOrNewStatus().endStatus().build();
                    change.accept(changed);
                    return changed;
                });
                written = true;
            } catch (KubernetesClientException e) {
                if (e.getCode() != HttpURLConnection.HTTP_CONFLICT) {
                    throw e;
                }
            }
        }
    }
}

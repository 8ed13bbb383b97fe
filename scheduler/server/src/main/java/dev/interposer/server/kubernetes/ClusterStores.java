package dev.interposer.server.kubernetes;

import dev.interposer.server.kubernetes.inventory.NodeFacts;
import dev.interposer.server.kubernetes.inventory.PodUse;
import dev.interposer.server.kubernetes.pods.PodLabels;
import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.Node;
import io.fabric8.kubernetes.api.model.NodeStatus;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.resource.v1.DeviceRequestAllocationResult;
import io.fabric8.kubernetes.api.model.resource.v1.ResourceClaim;
import io.fabric8.kubernetes.api.model.resource.v1.ResourceClaimConsumerReference;
import io.fabric8.kubernetes.api.model.resource.v1.ResourceSlice;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.dsl.Informable;
import io.fabric8.kubernetes.client.informers.ResourceEventHandler;
import io.fabric8.kubernetes.client.informers.SharedIndexInformer;
import io.quarkus.logging.Log;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * What the API server of one cluster has, kept up to date by watches. They list anew by themselves when a watch is too
 * far behind, and go on trying while the API server is away.
 */
final class ClusterStores {
    private static final String BY_NODE = "node";
    private static final long PAGE = 500;

    private final String cluster;
    private final KubernetesClient client;
    private final Consumer<String> changedNode;
    private final boolean managed;
    private final List<SharedIndexInformer<?>> informers = new ArrayList<>();
    private @Nullable SharedIndexInformer<Node> nodes;
    private @Nullable SharedIndexInformer<Pod> pods;
    private @Nullable SharedIndexInformer<ResourceSlice> slices;
    private @Nullable SharedIndexInformer<ResourceClaim> claims;

    /**
     * Stores that are empty.
     *
     * @param changedNode told the name of a node of which something changed
     * @param managed whether there are pods of this fleet
     */
    ClusterStores(String cluster, KubernetesClient client, Consumer<String> changedNode, boolean managed) {
        this.cluster = cluster;
        this.client = client;
        this.changedNode = changedNode;
        this.managed = managed;
    }

    /** Begins to watch; the API server must answer. */
    void start() {
        nodes = watch(client.nodes(), node -> node.setStatus(withoutImages(node)), node -> List.of(name(node)));
        pods = watch(
                client.pods()
                        .inAnyNamespace()
                        .withoutField("spec.nodeName", "")
                        .withoutField("status.phase", "Succeeded")
                        .withoutField("status.phase", "Failed"),
                ClusterStores::trim,
                pod -> pod.getSpec().getNodeName() == null
                        ? List.of()
                        : List.of(pod.getSpec().getNodeName()));
        if (client.supports(ResourceSlice.class)) {
            slices = watch(client.resources(ResourceSlice.class), slice -> {}, ClusterStores::nodesOf);
            claims = watch(client.resources(ResourceClaim.class).inAnyNamespace(), claim -> {}, this::nodesOf);
        }
    }

    void stop() {
        informers.forEach(SharedIndexInformer::stop);
        informers.clear();
    }

    /** Whether everything was read once. */
    boolean synced() {
        return !informers.isEmpty() && informers.stream().allMatch(SharedIndexInformer::hasSynced);
    }

    /** Whether all watches live: whoever answers may still say nothing of what changes. */
    boolean watching() {
        return informers.stream().allMatch(informer -> !informer.hasSynced() || informer.isWatching());
    }

    /** Whether the API server itself has a node. */
    boolean isThere(String name) {
        return client.nodes().withName(name).get() != null;
    }

    /** Names of the nodes. */
    List<String> nodeNames() {
        return nodes == null ? List.of() : nodes.getStore().listKeys();
    }

    /** All of one node; null if there is no such node. */
    @Nullable
    NodeFacts node(String name) {
        Node node = nodes == null ? null : nodes.getStore().getByKey(name);
        if (node == null) {
            return null;
        }
        List<PodUse> uses = indexed(pods, name).stream().map(this::use).toList();
        return new NodeFacts(node, indexed(slices, name), uses, claimed(name));
    }

    private PodUse use(Pod pod) {
        return managed && PodLabels.key(pod) != null ? PodUse.own(pod, PodLabels.devices(pod)) : PodUse.foreign(pod);
    }

    /** Who has a device of a node by a claim: the pod that uses it, else the claim itself. */
    private Map<String, String> claimed(String node) {
        Map<String, String> claimed = new HashMap<>();
        for (ResourceClaim claim : indexed(claims, node)) {
            List<ResourceClaimConsumerReference> users = claim.getStatus().getReservedFor();
            String user = claim.getMetadata().getNamespace() + "/"
                    + (users == null || users.isEmpty()
                            ? claim.getMetadata().getName()
                            : users.getFirst().getName());
            results(claim).forEach(result -> claimed.put(key(result), user));
        }
        return claimed;
    }

    private static String key(DeviceRequestAllocationResult result) {
        return String.join("/", result.getDriver(), result.getPool(), result.getDevice());
    }

    private static Stream<DeviceRequestAllocationResult> results(ResourceClaim claim) {
        boolean allocated = claim.getStatus() != null
                && claim.getStatus().getAllocation() != null
                && claim.getStatus().getAllocation().getDevices() != null
                && claim.getStatus().getAllocation().getDevices().getResults() != null;
        return allocated ? claim.getStatus().getAllocation().getDevices().getResults().stream() : Stream.empty();
    }

    private static List<String> nodesOf(ResourceSlice slice) {
        String node = slice.getSpec().getNodeName();
        return node == null || node.isEmpty() ? List.of() : List.of(node);
    }

    /** A claim names pools; whose they are the slices say. */
    private List<String> nodesOf(ResourceClaim claim) {
        SharedIndexInformer<ResourceSlice> known = slices;
        if (known == null) {
            return List.of();
        }
        List<String> pools = results(claim)
                .map(result -> result.getDriver() + "/" + result.getPool())
                .distinct()
                .toList();
        if (pools.isEmpty()) {
            return List.of();
        }
        return known.getStore().list().stream()
                .filter(slice -> pools.contains(slice.getSpec().getDriver() + "/"
                        + slice.getSpec().getPool().getName()))
                .flatMap(slice -> nodesOf(slice).stream())
                .distinct()
                .toList();
    }

    private <T extends HasMetadata> SharedIndexInformer<T> watch(
            Informable<T> objects, Consumer<T> trim, Function<T, List<String>> nodesOfObject) {
        SharedIndexInformer<T> informer = objects.withLimit(PAGE).runnableInformer(0);
        informer.removeNamespaceIndex();
        informer.itemStore(new TrimmedStore<>(trim));
        informer.addIndexers(Map.of(BY_NODE, nodesOfObject));
        informer.exceptionHandler((started, error) -> {
            Log.warnf("cluster %s: a watch failed and begins anew: %s", cluster, error.getMessage());
            return true;
        });
        informer.addEventHandler(new Told<>(nodesOfObject, changedNode));
        informers.add(informer);
        informer.start().exceptionally(error -> {
            Log.errorf("cluster %s: a watch ended: %s", cluster, error.getMessage());
            return null;
        });
        return informer;
    }

    /** Passes on of which nodes something changed. */
    private record Told<T>(Function<T, List<String>> nodesOf, Consumer<String> changed)
            implements ResourceEventHandler<T> {
        @Override
        public void onAdd(T object) {
            nodesOf.apply(object).forEach(changed);
        }

        @Override
        public void onUpdate(T before, T now) {
            nodesOf.apply(before).forEach(changed);
            nodesOf.apply(now).forEach(changed);
        }

        @Override
        public void onDelete(T object, boolean unknown) {
            nodesOf.apply(object).forEach(changed);
        }
    }

    private static <T extends HasMetadata> List<T> indexed(@Nullable SharedIndexInformer<T> informer, String node) {
        return informer == null ? List.of() : informer.getIndexer().byIndex(BY_NODE, node);
    }

    private static String name(Node node) {
        return node.getMetadata().getName();
    }

    private static @Nullable NodeStatus withoutImages(Node node) {
        if (node.getStatus() != null) {
            node.getStatus().setImages(List.of());
        }
        return node.getStatus();
    }

    private static void trim(Pod pod) {
        Map<String, String> annotations = pod.getMetadata().getAnnotations();
        if (annotations != null) {
            annotations.keySet().removeIf(name -> !PodLabels.isOurs(name));
        }
        pod.getSpec().setVolumes(List.of());
        pod.getSpec().getContainers().forEach(ClusterStores::trim);
        pod.getSpec().getInitContainers().forEach(ClusterStores::trim);
    }

    private static void trim(Container container) {
        container.setEnv(List.of());
        container.setEnvFrom(List.of());
        container.setCommand(List.of());
        container.setArgs(List.of());
        container.setVolumeMounts(List.of());
    }
}

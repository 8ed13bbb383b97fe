package dev.interposer.tests.kubernetes;

import io.fabric8.kubernetes.api.model.ContainerStatus;
import io.fabric8.kubernetes.api.model.DeleteOptions;
import io.fabric8.kubernetes.api.model.DeleteOptionsBuilder;
import io.fabric8.kubernetes.api.model.Node;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.fabric8.kubernetes.api.model.Quantity;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.informers.SharedIndexInformer;
import java.math.BigDecimal;
import java.net.HttpURLConnection;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * The kubelets of many nodes, without containers: admits pods or refuses them, gives them devices of its own choice,
 * lets them run and end as their annotations say ({@link KubeletPod}), and honours the grace of a deletion.
 */
final class Kubelet implements AutoCloseable {
    private static final long STEP_MILLIS = 50;

    private final KubernetesClient client;
    private final Machines machines;
    private final ScheduledExecutorService thread = Executors.newSingleThreadScheduledExecutor(
            Thread.ofPlatform().name("kubelet").daemon().factory());
    private final SharedIndexInformer<Pod> pods;
    private final Set<String> nodes = ConcurrentHashMap.newKeySet();
    private final Set<String> silent = ConcurrentHashMap.newKeySet();
    private final Map<String, String> sick = new ConcurrentHashMap<>();

    /** By uid of the pod. */
    private final Map<String, Running> running = new ConcurrentHashMap<>();

    /** @param devices by resource, as the kubelet numbers them */
    private record Running(
            String node, Map<String, BigDecimal> requests, Map<String, Set<Integer>> devices, Instant since) {}

    Kubelet(KubernetesClient client) {
        this.client = client;
        this.machines = new Machines(client);
        this.pods = client.pods().inAnyNamespace().inform();
        var steps = thread.scheduleWithFixedDelay(this::step, STEP_MILLIS, STEP_MILLIS, TimeUnit.MILLISECONDS);
        if (steps.isCancelled()) {
            throw new IllegalStateException("the kubelet did not start");
        }
    }

    /** A node that is well, with so many of a resource. */
    void node(String name, Map<String, String> labels, String resource, int count) {
        machines.node(name, labels, resource, count);
        nodes.add(name);
    }

    /** It is cut off: what runs there goes on, and nobody hears of it. */
    void silence(String name) {
        silent.add(name);
        machines.ready(name, false);
    }

    void revive(String name) {
        silent.remove(name);
        machines.ready(name, true);
    }

    /** The machine is no more, and with it what ran there. */
    void delete(String name) {
        nodes.remove(name);
        running.values().removeIf(one -> one.node().equals(name));
        client.nodes().withName(name).delete();
    }

    /** From here on the node's device plugin has no device for any pod. */
    void sicken(String name, String message) {
        sick.put(name, message);
    }

    /** Which devices a pod got, as its kubelet numbers them. */
    Set<Integer> devices(String uid, String resource) {
        Running pod = running.get(uid);
        return pod == null ? Set.of() : pod.devices().getOrDefault(resource, Set.of());
    }

    private void step() {
        try {
            for (Pod pod : pods.getStore().list()) {
                String node = pod.getSpec().getNodeName();
                if (node != null && nodes.contains(node) && !silent.contains(node)) {
                    look(pod, node);
                }
            }
        } catch (KubernetesClientException e) {
            // Its API server is away, or the pod is gone: the next step sees.
            if (e.getCode() >= HttpURLConnection.HTTP_INTERNAL_ERROR) {
                System.err.println("kubelet: " + e.getMessage());
            }
        } catch (RuntimeException e) {
            System.err.println("kubelet: " + e);
        }
    }

    private void look(Pod pod, String node) {
        String uid = pod.getMetadata().getUid();
        Running own = running.get(uid);
        boolean deleting = pod.getMetadata().getDeletionTimestamp() != null;
        if (KubeletPod.isTerminal(pod)) {
            running.remove(uid);
            if (deleting) {
                forget(pod);
            }
        } else if (own != null) {
            goOn(pod, own, deleting);
        } else if (deleting) {
            end(pod, KubeletPod.terminated(pod, 143), 143);
        } else {
            admit(pod, node);
        }
    }

    private void goOn(Pod pod, Running own, boolean deleting) {
        double ran = Duration.between(own.since(), Instant.now()).toMillis() / 1000.0;
        boolean over = ran >= KubeletPod.seconds(pod, KubeletPod.SECONDS, Double.MAX_VALUE);
        if (over) {
            int code = KubeletPod.exitCode(pod);
            end(pod, KubeletPod.terminated(pod, code), code);
        } else if (deleting) {
            Instant due = Instant.parse(pod.getMetadata().getDeletionTimestamp());
            Long grace = pod.getMetadata().getDeletionGracePeriodSeconds();
            Instant asked = due.minusSeconds(grace == null ? 0 : grace);
            double stops = KubeletPod.seconds(pod, KubeletPod.STOP_SECONDS, 0);
            boolean stopped = !Instant.now().isBefore(asked.plusMillis((long) (stops * 1000)));
            boolean killed = !Instant.now().isBefore(due);
            if (stopped || killed) {
                int code = stopped ? 143 : 137;
                end(pod, KubeletPod.terminated(pod, code), code);
            }
        } else if (!"Running".equals(pod.getStatus().getPhase())) {
            status(pod, "Running", "", "", KubeletPod.running(pod));
        }
    }

    private void admit(Pod pod, String name) {
        Map<String, BigDecimal> requests = KubeletPod.requests(pod);
        String refusal = refusal(name, requests);
        if (!refusal.isEmpty()) {
            int words = refusal.indexOf(' ');
            status(pod, "Failed", refusal.substring(0, words), refusal.substring(words + 1), List.of());
            return;
        }
        Map<String, Set<Integer>> devices = new HashMap<>();
        requests.keySet().stream()
                .filter(resource -> resource.contains("/"))
                .forEach(resource -> devices.put(resource, free(name, resource, requests)));
        running.put(pod.getMetadata().getUid(), new Running(name, requests, devices, Instant.now()));
        status(pod, "Running", "", "", KubeletPod.running(pod));
    }

    private String refusal(String name, Map<String, BigDecimal> requests) {
        Node node = client.nodes().withName(name).get();
        if (node == null) {
            return "NodeLost the node is gone";
        }
        String message = sick.get(name);
        if (message != null && requests.keySet().stream().anyMatch(resource -> resource.contains("/"))) {
            return "UnexpectedAdmissionError " + message;
        }
        Map<String, Quantity> allocatable = node.getStatus().getAllocatable();
        for (Map.Entry<String, BigDecimal> request : requests.entrySet()) {
            BigDecimal used = running.values().stream()
                    .filter(one -> one.node().equals(name))
                    .map(one -> one.requests().getOrDefault(request.getKey(), BigDecimal.ZERO))
                    .reduce(BigDecimal.ZERO, BigDecimal::add);
            Quantity has = allocatable.get(request.getKey());
            BigDecimal left = (has == null ? BigDecimal.ZERO : has.getNumericalAmount()).subtract(used);
            if (left.compareTo(request.getValue()) < 0) {
                return "OutOf" + request.getKey() + " Node didn't have enough resource: " + request.getKey()
                        + ", requested: " + request.getValue() + ", left: " + left;
            }
        }
        return "";
    }

    /** The last ones first: what the scheduler would not think of. */
    private Set<Integer> free(String node, String resource, Map<String, BigDecimal> requests) {
        Set<Integer> taken = new TreeSet<>();
        running.values().stream()
                .filter(one -> one.node().equals(node))
                .forEach(one -> taken.addAll(one.devices().getOrDefault(resource, Set.of())));
        Set<Integer> given = new TreeSet<>();
        int wanted = Objects.requireNonNull(requests.get(resource)).intValue();
        for (int number = 63; number >= 0 && given.size() < wanted; number--) {
            if (!taken.contains(number)) {
                given.add(number);
            }
        }
        return given;
    }

    private void end(Pod pod, List<ContainerStatus> containers, int code) {
        running.remove(pod.getMetadata().getUid());
        status(pod, code == 0 ? "Succeeded" : "Failed", "", "", containers);
    }

    private void status(Pod pod, String phase, String reason, String message, List<ContainerStatus> containers) {
        client.pods()
                .inNamespace(pod.getMetadata().getNamespace())
                .withName(pod.getMetadata().getName())
                .editStatus(found -> new PodBuilder(found)
                        .editOrNewStatus()
                        .withPhase(phase)
                        .withReason(text(reason))
                        .withMessage(text(message))
                        .withContainerStatuses(new ArrayList<>(containers))
                        .endStatus()
                        .build());
    }

    private static @Nullable String text(String text) {
        return text.isEmpty() ? null : text;
    }

    private void forget(Pod pod) {
        DeleteOptions options = new DeleteOptionsBuilder()
                .withApiVersion("v1")
                .withKind("DeleteOptions")
                .withGracePeriodSeconds(0L)
                .withNewPreconditions()
                .withUid(pod.getMetadata().getUid())
                .endPreconditions()
                .build();
        String path = "/api/v1/namespaces/" + pod.getMetadata().getNamespace() + "/pods/"
                + pod.getMetadata().getName();
        client.raw(path, "DELETE", options);
    }

    @Override
    public void close() {
        thread.shutdownNow();
        pods.stop();
    }
}

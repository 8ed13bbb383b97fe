package dev.interposer.server.kubernetes.inventory;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** What a pod takes, held against what the kubelet counts for the same pod. */
class PodResourcesTest {
    @Test
    void containersAddUp() {
        assertThat(of("""
                containers:
                - {name: a, resources: {requests: {cpu: 1500m, memory: 1Gi, nvidia.com/gpu: "2"}}}
                - {name: b, resources: {requests: {cpu: "2", memory: 512Mi}}}
                """)).isEqualTo(Map.of("cpu", 3500L, "memory", (1L << 30) + (1L << 29), "nvidia.com/gpu", 2L));
    }

    @Test
    void ofContainersOfInitialisationTheLargestCounts() {
        assertThat(of("""
                initContainers:
                - {name: small, resources: {requests: {cpu: "1"}}}
                - {name: large, resources: {requests: {cpu: "5"}}}
                containers:
                - {name: a, resources: {requests: {cpu: "3", memory: 1Gi}}}
                """)).isEqualTo(Map.of("cpu", 5000L, "memory", 1L << 30));
    }

    @Test
    void sidecarsRunBesideTheContainersAndBesideTheInitialisationThatFollowsThem() {
        String pod = """
                initContainers:
                - {name: before, resources: {requests: {cpu: "6"}}}
                - {name: sidecar, restartPolicy: Always, resources: {requests: {cpu: "2"}}}
                - {name: after, resources: {requests: {cpu: "%d"}}}
                containers:
                - {name: a, resources: {requests: {cpu: "3"}}}
                """;
        // 3 + 2 and 1 + 2 are less than the 6 that ran before the sidecar was there.
        assertThat(of(pod.formatted(1))).isEqualTo(Map.of("cpu", 6000L));
        assertThat(of(pod.formatted(5))).isEqualTo(Map.of("cpu", 7000L));
    }

    @Test
    void whatThePodAsksForAsAWholeTakesThePlaceOfItsContainersAndTheRuntimeComesOnTop() {
        assertThat(of("""
                resources: {requests: {cpu: "8"}}
                overhead: {cpu: 250m, memory: 64Mi}
                containers:
                - {name: a, resources: {requests: {cpu: "3", memory: 1Gi}}}
                """)).isEqualTo(Map.of("cpu", 8250L, "memory", (1L << 30) + (64L << 20)));
    }

    @Test
    void whileAContainerShrinksItsOldAmountIsStillKept() {
        Pod pod = pod("""
                containers:
                - {name: a, resources: {requests: {cpu: "1"}}}
                """, """
                status:
                  containerStatuses:
                  - {name: a, allocatedResources: {cpu: "4"}, resources: {requests: {cpu: "3"}}}
                """);
        assertThat(PodResources.of(pod)).isEqualTo(Map.of("cpu", 4000L));
    }

    private static Map<String, Long> of(String spec) {
        return PodResources.of(pod(spec, ""));
    }

    private static Pod pod(String spec, String status) {
        return Serialization.unmarshal(
                "apiVersion: v1\nkind: Pod\nmetadata: {name: p, namespace: n}\nspec:\n" + spec.indent(2) + status,
                Pod.class);
    }
}

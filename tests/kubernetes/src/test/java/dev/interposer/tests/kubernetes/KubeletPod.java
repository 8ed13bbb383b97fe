package dev.interposer.tests.kubernetes;

import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.ContainerStatus;
import io.fabric8.kubernetes.api.model.ContainerStatusBuilder;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.Quantity;
import java.math.BigDecimal;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** What a pod asks of its kubelet, and what its program is to do: by annotations of the test. */
final class KubeletPod {
    /** For each attempt, by commas; the last stands for all that follow. */
    static final String EXIT_CODES = "kubelet.test/exit-codes";

    /** How long it runs; for good if it is absent. */
    static final String SECONDS = "kubelet.test/seconds";

    /** How long it goes on after it was asked to stop. */
    static final String STOP_SECONDS = "kubelet.test/stop-seconds";

    private KubeletPod() {}

    static String annotation(Pod pod, String name, String otherwise) {
        Map<String, String> annotations = pod.getMetadata().getAnnotations();
        return annotations == null ? otherwise : annotations.getOrDefault(name, otherwise);
    }

    static int exitCode(Pod pod) {
        String[] codes = annotation(pod, EXIT_CODES, "0").split(",", -1);
        String attempt = pod.getMetadata().getLabels().getOrDefault("interposer.dev/attempt", "1");
        return Integer.parseInt(codes[Math.min(Integer.parseInt(attempt), codes.length) - 1]);
    }

    static double seconds(Pod pod, String name, double otherwise) {
        return Double.parseDouble(annotation(pod, name, Double.toString(otherwise)));
    }

    static boolean isTerminal(Pod pod) {
        String phase = pod.getStatus().getPhase();
        return "Succeeded".equals(phase) || "Failed".equals(phase);
    }

    /** Sum of what its containers ask for; of what has a limit only, that. */
    static Map<String, BigDecimal> requests(Pod pod) {
        Map<String, BigDecimal> all = new TreeMap<>(Map.of("pods", BigDecimal.ONE));
        for (Container container : pod.getSpec().getContainers()) {
            if (container.getResources() != null) {
                Map<String, Quantity> asked = new TreeMap<>();
                if (container.getResources().getLimits() != null) {
                    asked.putAll(container.getResources().getLimits());
                }
                if (container.getResources().getRequests() != null) {
                    asked.putAll(container.getResources().getRequests());
                }
                asked.forEach((name, amount) -> all.merge(name, amount.getNumericalAmount(), BigDecimal::add));
            }
        }
        return all;
    }

    static List<ContainerStatus> running(Pod pod) {
        return pod.getSpec().getContainers().stream()
                .map(container -> status(container)
                        .withNewState()
                        .withNewRunning()
                        .withStartedAt(Instant.now().toString())
                        .endRunning()
                        .endState()
                        .build())
                .toList();
    }

    static List<ContainerStatus> terminated(Pod pod, int code) {
        return pod.getSpec().getContainers().stream()
                .map(container -> status(container)
                        .withNewState()
                        .withNewTerminated()
                        .withExitCode(code)
                        .withReason(code == 0 ? "Completed" : "Error")
                        .withFinishedAt(Instant.now().toString())
                        .endTerminated()
                        .endState()
                        .build())
                .toList();
    }

    private static ContainerStatusBuilder status(Container container) {
        return new ContainerStatusBuilder()
                .withName(container.getName())
                .withImage(container.getImage())
                .withImageID("")
                .withContainerID("test://" + container.getName())
                .withReady(false)
                .withRestartCount(0);
    }
}

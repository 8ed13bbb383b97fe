package dev.interposer.server.kubernetes.inventory;

import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.ContainerStatus;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodSpec;
import io.fabric8.kubernetes.api.model.Quantity;
import io.fabric8.kubernetes.api.model.ResourceRequirements;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * What a pod takes of its node, in the units of the fleet: {@code cpu} in thousandths, all else in its base unit.
 *
 * <p>As the kubelet counts. Containers run together, so they add up. A container of initialisation runs alone, beside
 * the sidecars that were started before it, so of these the largest counts. What the pod asks for as a whole takes the
 * place of what its containers ask for; the overhead of its runtime comes on top. While a container is resized in place
 * both amounts are kept for it: the larger one counts.
 */
public final class PodResources {
    private static final BigDecimal MILLI = BigDecimal.valueOf(1000);
    private static final BigDecimal MOST = BigDecimal.valueOf(1L << 60);

    private PodResources() {}

    public static Map<String, Long> of(Pod pod) {
        PodSpec spec = pod.getSpec();
        List<ContainerStatus> running =
                pod.getStatus() == null ? List.of() : pod.getStatus().getContainerStatuses();
        List<ContainerStatus> initialising =
                pod.getStatus() == null ? List.of() : pod.getStatus().getInitContainerStatuses();
        Map<String, Long> together = new TreeMap<>();
        for (Container container : spec.getContainers()) {
            add(together, requests(container, running));
        }
        Map<String, Long> sidecars = new TreeMap<>();
        Map<String, Long> initial = new TreeMap<>();
        for (Container container : spec.getInitContainers()) {
            Map<String, Long> own = new TreeMap<>(requests(container, initialising));
            add(own, sidecars);
            if ("Always".equals(container.getRestartPolicy())) {
                sidecars = own;
            }
            largest(initial, own);
        }
        add(together, sidecars);
        largest(together, initial);
        together.putAll(whole(spec.getResources()));
        add(together, amounts(spec.getOverhead()));
        return together;
    }

    /** Amounts by name of what Kubernetes says in quantities. */
    static Map<String, Long> amounts(@Nullable Map<String, Quantity> quantities) {
        Map<String, Long> amounts = new TreeMap<>();
        if (quantities != null) {
            quantities.forEach((name, quantity) -> amounts.put(name, amount(name, quantity)));
        }
        return amounts;
    }

    static long amount(String name, Quantity quantity) {
        BigDecimal units = Quantity.getAmountInBytes(quantity).multiply(name.equals("cpu") ? MILLI : BigDecimal.ONE);
        return units.min(MOST)
                .max(BigDecimal.ZERO)
                .setScale(0, RoundingMode.CEILING)
                .longValue();
    }

    private static Map<String, Long> whole(@Nullable ResourceRequirements resources) {
        return resources == null ? Map.of() : amounts(resources.getRequests());
    }

    private static Map<String, Long> requests(Container container, List<ContainerStatus> statuses) {
        Map<String, Long> requests = new TreeMap<>(whole(container.getResources()));
        for (ContainerStatus status : statuses) {
            if (status.getName().equals(container.getName())) {
                largest(requests, amounts(status.getAllocatedResources()));
                largest(requests, whole(status.getResources()));
            }
        }
        return requests;
    }

    private static void add(Map<String, Long> sum, Map<String, Long> more) {
        more.forEach((name, amount) -> sum.merge(name, amount, Long::sum));
    }

    private static void largest(Map<String, Long> sum, Map<String, Long> other) {
        other.forEach((name, amount) -> sum.merge(name, amount, Math::max));
    }
}

package dev.interposer.server.kubernetes.pods;

import dev.interposer.control.agents.Order;
import dev.interposer.engine.model.WorkerKey;
import io.fabric8.kubernetes.api.model.Pod;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** By what a pod is known to be this fleet's, and which worker it is. */
public final class PodLabels {
    /** Label of everything that this fleet makes in a cluster, and its value. */
    public static final String MANAGED_BY = "app.kubernetes.io/managed-by";

    public static final String INTERPOSER = "interposer";

    static final String JOB = "interposer.dev/job";
    static final String ROLE = "interposer.dev/role";
    static final String JOB_ID = "interposer.dev/job-id";
    static final String GANG = "interposer.dev/gang";
    static final String ATTEMPT = "interposer.dev/attempt";
    static final String WORKER = "interposer.dev/worker";

    /** Annotation: names in the ledger of its devices, by commas. */
    static final String DEVICES = "interposer.dev/devices";

    /** Annotation: how far the ledger was. */
    static final String LEDGER = "interposer.dev/ledger";

    static final String PROFILE = "interposer.dev/profile";
    static final String WORLD_SIZE = "interposer.dev/world-size";

    /** Annotation: name of the container that is the worker; others go with it. */
    static final String CONTAINER = "interposer.dev/container";

    /** Annotation: where it shall run; that it is bound there says the pod itself. */
    static final String NODE = "interposer.dev/node";

    private static final String OURS = "interposer.dev/";
    private static final int MOST_VALUE = 63;

    private PodLabels() {}

    /** Labels of one worker's pod. */
    static Map<String, String> of(Order.Assign order) {
        Map<String, String> labels = gang(order);
        labels.put(ROLE, value(order.roleName()));
        labels.put(WORKER, Integer.toString(order.key().worker()));
        return labels;
    }

    /** What all pods of one attempt bear. */
    static Map<String, String> gang(Order.Assign order) {
        WorkerKey key = order.key();
        Map<String, String> labels = new TreeMap<>();
        labels.put(MANAGED_BY, INTERPOSER);
        labels.put(JOB, value(order.jobName()));
        labels.put(JOB_ID, Long.toString(key.jobId()));
        labels.put(GANG, Integer.toString(key.gang()));
        labels.put(ATTEMPT, Integer.toString(key.attempt()));
        return labels;
    }

    /** Which worker a pod is; null if it is none of this fleet's. */
    public static @Nullable WorkerKey key(Pod pod) {
        Map<String, String> labels = pod.getMetadata().getLabels();
        if (labels == null || !INTERPOSER.equals(labels.get(MANAGED_BY))) {
            return null;
        }
        try {
            return new WorkerKey(
                    Long.parseLong(labels.getOrDefault(JOB_ID, "")),
                    Integer.parseInt(labels.getOrDefault(GANG, "")),
                    Integer.parseInt(labels.getOrDefault(ATTEMPT, "")),
                    Integer.parseInt(labels.getOrDefault(WORKER, "")));
        } catch (NumberFormatException e) {
            return null;
        }
    }

    /** Names in the ledger of the devices of a pod of ours. */
    public static List<String> devices(Pod pod) {
        String devices = annotation(pod, DEVICES);
        return devices.isEmpty() ? List.of() : List.of(devices.split(","));
    }

    /** Whether an annotation or label is one of ours. */
    public static boolean isOurs(String name) {
        return name.startsWith(OURS);
    }

    static String annotation(Pod pod, String name) {
        Map<String, String> annotations = pod.getMetadata().getAnnotations();
        return annotations == null ? "" : annotations.getOrDefault(name, "");
    }

    /** A label holds less than a name: what is too long is cut, and only people miss the rest. */
    private static String value(String name) {
        String cut = name.substring(0, Math.min(name.length(), MOST_VALUE));
        return cut.replaceAll("[^A-Za-z0-9._-]", "_").replaceAll("^[._-]+|[._-]+$", "");
    }
}

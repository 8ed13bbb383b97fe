package dev.interposer.server.kubernetes.pods;

import com.fasterxml.jackson.databind.JsonNode;
import dev.interposer.server.kubernetes.pods.MadePod.Refused;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * What a template may ask of a scheduler that this one does not look at. A pod that is bound anyway would seem to have
 * what it asked for, so it is refused by the name of the field.
 */
final class Unmodelled {
    private static final String PLACED_OTHERWISE =
            "is not looked at when nodes are chosen here. Maybe say it by topology?";

    private static final Map<String, String> SPEC = new TreeMap<>(Map.ofEntries(
            Map.entry("affinity", PLACED_OTHERWISE),
            Map.entry("nodeName", PLACED_OTHERWISE),
            Map.entry("nodeSelector", PLACED_OTHERWISE),
            Map.entry("topologySpreadConstraints", PLACED_OTHERWISE),
            Map.entry("schedulingGates", "would keep the gang from starting together"),
            Map.entry("schedulingGroup", "is another scheduler's way to gangs; a gang is what the profile says"),
            Map.entry("workloadRef", "is another scheduler's way to gangs; a gang is what the profile says"),
            Map.entry("runtimeClassName", "may bring an overhead and nodes of its own, which are not looked at"),
            Map.entry("overhead", "is not counted"),
            Map.entry("resourceClaims", "are not allocated here. Devices are asked for by accelerators"),
            Map.entry("resources", "of the pod as a whole are not counted. Maybe give them to the container?"),
            Map.entry("hostname", "is how the workers find each other and is not free"),
            Map.entry("subdomain", "is how the workers find each other and is not free"),
            Map.entry("ephemeralContainers", "are for pods that run")));

    /** Volumes that are to be had on every node. */
    private static final Set<String> VOLUMES = Set.of(
            "name", "emptyDir", "configMap", "secret", "projected", "downwardAPI", "hostPath", "nfs", "image", "csi");

    private Unmodelled() {}

    /**
     * The first such field; null if there is none.
     *
     * @param at path of the template in its job
     */
    static @Nullable Refused find(String at, JsonNode template) {
        JsonNode spec = template.path("spec");
        String in = at + ".spec";
        for (Map.Entry<String, String> field : SPEC.entrySet()) {
            if (says(spec.path(field.getKey()))) {
                return new Refused(in + "." + field.getKey(), field.getValue());
            }
        }
        String policy = spec.path("restartPolicy").asText("Never");
        if (!policy.equals("Never")) {
            return new Refused(
                    in + ".restartPolicy",
                    "(" + policy + ") must be Never: a worker that ended is started with its gang");
        }
        String scheduler = spec.path("schedulerName").asText(PodLabels.INTERPOSER);
        if (!scheduler.equals(PodLabels.INTERPOSER)) {
            return new Refused(in + ".schedulerName", "(" + scheduler + ") names another scheduler");
        }
        Refused ports = ports(in, spec);
        return ports == null ? volumes(in, spec) : ports;
    }

    private static @Nullable Refused ports(String in, JsonNode spec) {
        boolean hostNetwork = spec.path("hostNetwork").asBoolean();
        for (String list : new String[] {"initContainers", "containers"}) {
            for (int number = 0; number < spec.path(list).size(); number++) {
                JsonNode ports = spec.path(list).path(number).path("ports");
                for (int port = 0; port < ports.size(); port++) {
                    if (hostNetwork || ports.path(port).path("hostPort").asInt() > 0) {
                        return new Refused(
                                in + "." + list + "[" + number + "].ports[" + port + "]."
                                        + (hostNetwork ? "containerPort" : "hostPort"),
                                "is a port of the node, and who has which is not looked at");
                    }
                }
            }
        }
        return null;
    }

    private static @Nullable Refused volumes(String in, JsonNode spec) {
        JsonNode volumes = spec.path("volumes");
        for (int number = 0; number < volumes.size(); number++) {
            for (Map.Entry<String, JsonNode> source : volumes.path(number).properties()) {
                if (!VOLUMES.contains(source.getKey()) && !source.getValue().isNull()) {
                    return new Refused(
                            in + ".volumes[" + number + "]." + source.getKey(),
                            "may be bound to some nodes only, which is not looked at. Maybe nfs or csi?");
                }
            }
        }
        return null;
    }

    private static boolean says(JsonNode value) {
        return !value.isMissingNode() && !value.isNull() && !(value.isContainerNode() && value.isEmpty());
    }
}

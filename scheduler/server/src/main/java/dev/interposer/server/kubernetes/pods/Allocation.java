package dev.interposer.server.kubernetes.pods;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.fabric8.kubernetes.api.model.Toleration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * How a cluster gives out the devices of a class.
 *
 * @param kind {@code DevicePlugin} or {@code DRA}; empty where the class says nothing
 * @param resourceName what the device plugin offers
 * @param tolerations of the taints that nodes with such devices bear
 */
record Allocation(String kind, String resourceName, List<Toleration> tolerations) {
    static final String DEVICE_PLUGIN = "DevicePlugin";
    static final Allocation NONE = new Allocation("", "", List.of());

    private static final ObjectMapper JSON = new ObjectMapper();

    /** A device that is counted bears the name of its resource and a number. */
    private static final Pattern COUNTED = Pattern.compile("([^/]+/.+)-\\d+");

    Allocation {
        tolerations = List.copyOf(tolerations);
    }

    /** As a class says it in JSON; empty for nothing. */
    static Allocation of(String kubernetesJson) {
        if (kubernetesJson.isEmpty()) {
            return NONE;
        }
        try {
            JsonNode said = JSON.readTree(kubernetesJson);
            List<Toleration> tolerations = new ArrayList<>();
            for (JsonNode toleration : said.path("tolerations")) {
                tolerations.add(JSON.treeToValue(toleration, Toleration.class));
            }
            String kind = said.path("allocation").asText(DEVICE_PLUGIN);
            return new Allocation(kind, said.path("resourceName").asText(), tolerations);
        } catch (JsonProcessingException e) {
            // What a class may say is checked when it is applied: this one is as good as silent.
            return NONE;
        }
    }

    /** How many of which resource a worker with these devices asks for. */
    Map<String, Integer> resources(List<String> deviceNames) {
        Map<String, Integer> resources = new TreeMap<>();
        for (String device : deviceNames) {
            Matcher counted = COUNTED.matcher(device);
            // The node offers it under this name, whole or as a part; the class may know the whole one only.
            String resource = counted.matches() ? counted.group(1) : resourceName;
            resources.merge(resource, 1, Integer::sum);
        }
        return resources;
    }
}

package dev.interposer.resources;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Iterator;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Lays a profile's template over the job's, as Kubernetes' strategic merge does: mappings field by field, the lists
 * below by the key of their elements, every other list as a whole; null takes a field away.
 */
final class PodTemplates {
    private static final Map<String, String> KEYS = Map.of(
            "containers", "name",
            "initContainers", "name",
            "env", "name",
            "volumes", "name",
            "volumeMounts", "mountPath",
            "ports", "containerPort",
            "imagePullSecrets", "name");

    private PodTemplates() {}

    static JsonNode merge(JsonNode base, JsonNode over) {
        if (over.isMissingNode()) {
            return base;
        }
        if (!base.isObject() || !over.isObject()) {
            return over;
        }
        ObjectNode merged = ((ObjectNode) base).deepCopy();
        over.properties().forEach(entry -> {
            String name = entry.getKey();
            JsonNode before = merged.path(name);
            if (entry.getValue().isNull()) {
                merged.remove(name);
            } else if (KEYS.containsKey(name)
                    && before.isArray()
                    && entry.getValue().isArray()) {
                merged.set(name, byKey((ArrayNode) before, entry.getValue(), KEYS.getOrDefault(name, "")));
            } else {
                merged.set(name, merge(before, entry.getValue()));
            }
        });
        return merged;
    }

    private static ArrayNode byKey(ArrayNode base, JsonNode over, String key) {
        ArrayNode merged = base.deepCopy();
        for (JsonNode element : over) {
            int place = find(merged, key, element.path(key));
            if (place < 0) {
                merged.add(element);
            } else {
                merged.set(place, merge(merged.get(place), element));
            }
        }
        return merged;
    }

    private static int find(ArrayNode list, String key, JsonNode value) {
        int place = 0;
        for (Iterator<JsonNode> elements = list.elements(); elements.hasNext(); place++) {
            if (elements.next().path(key).equals(value)) {
                return place;
            }
        }
        return -1;
    }

    /** The container that gets the devices: the one named, else {@code main}, else the first; null if there is none. */
    static @Nullable JsonNode mainContainer(JsonNode template, String named) {
        JsonNode containers = template.path("spec").path("containers");
        String wanted = named.isEmpty() ? "main" : named;
        for (JsonNode container : containers) {
            if (container.path("name").asText().equals(wanted)) {
                return container;
            }
        }
        return named.isEmpty() && containers.size() > 0 ? containers.get(0) : null;
    }
}

package dev.interposer.resources;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.node.TextNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import dev.interposer.engine.model.JobKind;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/** The fields of the definitions by their paths, and values that have one of them. */
final class SchemaPaths {
    private static final Path DEFINITIONS = Path.of("../../deploy/helm/interposer/files/crds");
    private static final YAMLMapper YAML = new YAMLMapper();
    private static final JsonNodeFactory NODES = JsonNodeFactory.instance;

    private SchemaPaths() {}

    static Stream<JsonNode> definitions() throws IOException {
        List<JsonNode> all = new ArrayList<>();
        try (Stream<Path> files = Files.list(DEFINITIONS)) {
            for (Path file : files.sorted().toList()) {
                all.add(YAML.readTree(Files.readString(file)));
            }
        }
        return all.stream();
    }

    static JsonNode definition(String plural) throws IOException {
        return YAML.readTree(Files.readString(DEFINITIONS.resolve(plural + ".interposer.dev.yaml")));
    }

    static JsonNode spec(JsonNode definition) {
        return definition.at("/spec/versions/0/schema/openAPIV3Schema/properties/spec");
    }

    static String kind(JsonNode definition) {
        return definition.at("/spec/names/kind").asText();
    }

    /** Of every field, those in lists by the field of the list; what is kept whole has none below. */
    static List<List<String>> paths(JsonNode schema) {
        List<List<String>> paths = new ArrayList<>();
        JsonNode object = schema.has("items") ? schema.path("items") : schema;
        if (!object.path("x-kubernetes-preserve-unknown-fields").asBoolean()) {
            object.path("properties").properties().forEach(property -> {
                paths.add(List.of(property.getKey()));
                paths(property.getValue()).forEach(below -> {
                    List<String> path = new ArrayList<>(List.of(property.getKey()));
                    path.addAll(below);
                    paths.add(path);
                });
            });
        }
        return paths;
    }

    /** A value of this schema in which nothing is set but what lies on the path. */
    static JsonNode value(JsonNode schema, List<String> path) {
        return value(schema, path, sample(at(schema, path)));
    }

    /** The same, with this value at the end of the path. */
    static JsonNode value(JsonNode schema, List<String> path, JsonNode last) {
        if (path.isEmpty()) {
            return last;
        }
        ObjectNode object = NODES.objectNode();
        JsonNode owner = schema.has("items") ? schema.path("items") : schema;
        JsonNode next = owner.path("properties").path(path.getFirst());
        object.set(path.getFirst(), value(next, path.subList(1, path.size()), last));
        return schema.has("items") ? NODES.arrayNode().add(object) : object;
    }

    /** The schema at the end of a path. */
    static JsonNode at(JsonNode schema, List<String> path) {
        if (path.isEmpty()) {
            return schema;
        }
        JsonNode owner = schema.has("items") ? schema.path("items") : schema;
        return at(owner.path("properties").path(path.getFirst()), path.subList(1, path.size()));
    }

    static JsonNode sample(JsonNode schema) {
        return switch (schema.path("type").asText()) {
            case "array" -> NODES.arrayNode().add(sample(schema.path("items")));
            case "object" -> NODES.objectNode();
            case "boolean" -> NODES.booleanNode(true);
            case "integer" -> NODES.numberNode(1);
            default -> schema.path("enum").isArray() ? schema.path("enum").get(0) : TextNode.valueOf("1");
        };
    }

    static Object read(String kind, JsonNode spec) {
        Fields fields = new Fields(spec, "spec", new Problems());
        return switch (kind) {
            case "TrainingJob" -> JobReader.read(fields, JobKind.TRAINING);
            case "InferenceJob" -> JobReader.read(fields, JobKind.INFERENCE);
            case "Supplier" -> ObjectReader.supplier("a", fields);
            case "AcceleratorClass" -> ObjectReader.chipClass("a", fields);
            case "JobQueue" -> ObjectReader.queue("a", fields);
            case "SupplyOrder" -> SupplyReader.order("a", fields);
            case "SourcingPolicy" -> SupplyReader.policy("a", fields);
            default -> throw new AssertionError("a kind without a reader: " + kind);
        };
    }
}

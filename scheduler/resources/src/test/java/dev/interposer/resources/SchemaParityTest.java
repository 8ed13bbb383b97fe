package dev.interposer.resources;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.node.TextNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import dev.interposer.control.command.FieldError;
import dev.interposer.engine.model.JobKind;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The strict reader against the definitions that Kubernetes holds: each knows every field of the other. */
class SchemaParityTest {
    private static final Path DEFINITIONS = Path.of("../../deploy/helm/interposer/files/crds");
    /** Within what is kept whole. */
    private static final Pattern FREE = Pattern.compile("(^|\\.)template\\.|^kubernetes\\.");

    private static final YAMLMapper YAML = new YAMLMapper();

    static Stream<Path> definitions() throws IOException {
        try (Stream<Path> files = Files.list(DEFINITIONS)) {
            return files.toList().stream();
        }
    }

    @ParameterizedTest
    @MethodSource("definitions")
    void theReaderKnowsEveryFieldOfTheSchema(Path file) throws IOException {
        JsonNode definition = YAML.readTree(Files.readString(file));
        List<List<String>> paths = paths(spec(definition));
        assertThat(paths).hasSizeGreaterThan(5);
        for (List<String> path : paths) {
            assertThat(unknown(definition, path)).as(String.join(".", path)).isEmpty();
        }
    }

    @ParameterizedTest
    @MethodSource("definitions")
    void theSchemaHasEveryFieldThatTheReaderAsksFor(Path file) throws IOException {
        JsonNode definition = YAML.readTree(Files.readString(file));
        List<List<String>> paths = paths(spec(definition));
        Set<String> known = new TreeSet<>();
        paths.forEach(path -> known.add(String.join(".", path)));
        Set<String> asked = new TreeSet<>();
        for (List<String> path : paths) {
            read(kind(definition), new Asked(value(spec(definition), path), "", asked));
        }
        asked.removeIf(path -> FREE.matcher(path).find());
        assertThat(asked).hasSizeGreaterThan(5).isSubsetOf(known);
    }

    /** Or both of the above would be true of anything. */
    @Test
    void aFieldThatIsInOneAloneIsFound() throws IOException {
        JsonNode definition = YAML.readTree(Files.readString(DEFINITIONS.resolve("jobqueues.interposer.dev.yaml")));
        ObjectNode properties =
                (ObjectNode) spec(definition).path("properties").path("perUser").path("properties");
        properties.set("maxCores", properties.remove("maxDevices"));
        assertThat(unknown(definition, List.of("perUser", "maxCores"))).containsExactly("spec.perUser.maxCores");
        Set<String> asked = new TreeSet<>();
        read("JobQueue", new Asked(value(spec(definition), List.of("perUser", "maxRunningJobs")), "", asked));
        assertThat(asked).contains("perUser.maxDevices");
        assertThat(paths(spec(definition))).doesNotContain(List.of("perUser", "maxDevices"));
    }

    /** As {@code kubectl get -o yaml} gives it, edited, and applied again. */
    @Test
    void whatAnApiServerWritesIsNotUnknown() throws Exception {
        List<Manifest> read = Manifests.parse("""
                apiVersion: interposer.dev/v1alpha1
                kind: JobQueue
                metadata:
                  name: research
                  uid: 0b1f
                  resourceVersion: "7"
                  generation: 2
                  generateName: r-
                  selfLink: /apis
                  creationTimestamp: "2026-11-29T12:00:00Z"
                  deletionTimestamp: "2026-11-29T13:00:00Z"
                  deletionGracePeriodSeconds: 0
                  finalizers: [interposer.dev/end]
                  ownerReferences: [{apiVersion: v1, kind: Namespace, name: a, uid: b}]
                  managedFields: [{manager: kubectl, operation: Apply, fieldsV1: {"f:spec": {}}}]
                  annotations: {a: b}
                spec: {weight: 3}
                status: {waitingJobs: 1}
                """);
        assertThat(read).singleElement().extracting(Manifest::name).isEqualTo("research");
    }

    private static JsonNode spec(JsonNode definition) {
        return definition.at("/spec/versions/0/schema/openAPIV3Schema/properties/spec");
    }

    private static String kind(JsonNode definition) {
        return definition.at("/spec/names/kind").asText();
    }

    private static List<String> unknown(JsonNode definition, List<String> path) {
        ObjectNode object = JsonNodeFactory.instance.objectNode();
        object.put("apiVersion", Manifests.API_VERSION).put("kind", kind(definition));
        object.putObject("metadata").put("name", "a");
        object.set("spec", value(spec(definition), path));
        ManifestException refused =
                catchThrowableOfType(ManifestException.class, () -> Manifests.parse(object.toString()));
        return refused == null
                ? List.of()
                : refused.rejection().fields().stream()
                        .filter(error -> error.message().startsWith("is unknown"))
                        .map(FieldError::path)
                        .toList();
    }

    /** Of every field, those in lists by the field of the list; what is kept whole has none below. */
    private static List<List<String>> paths(JsonNode schema) {
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
    private static JsonNode value(JsonNode schema, List<String> path) {
        String type = schema.path("type").asText();
        if (type.equals("array")) {
            ArrayNode list = JsonNodeFactory.instance.arrayNode();
            return list.add(value(schema.path("items"), path));
        }
        if (type.equals("object")) {
            ObjectNode object = JsonNodeFactory.instance.objectNode();
            if (!path.isEmpty()) {
                String name = path.getFirst();
                object.set(name, value(schema.path("properties").path(name), path.subList(1, path.size())));
            }
            return object;
        }
        return switch (type) {
            case "boolean" -> JsonNodeFactory.instance.booleanNode(true);
            case "integer" -> JsonNodeFactory.instance.numberNode(1);
            default -> schema.path("enum").isArray() ? schema.path("enum").get(0) : TextNode.valueOf("1");
        };
    }

    private static void read(String kind, JsonNode spec) {
        Fields fields = new Fields(spec, "spec", new Problems());
        switch (kind) {
            case "TrainingJob" -> JobReader.read(fields, JobKind.TRAINING);
            case "InferenceJob" -> JobReader.read(fields, JobKind.INFERENCE);
            case "Supplier" -> ObjectReader.supplier("a", fields);
            case "AcceleratorClass" -> ObjectReader.chipClass("a", fields);
            case "JobQueue" -> ObjectReader.queue("a", fields);
            case "SupplyOrder" -> SupplyReader.order("a", fields);
            case "SourcingPolicy" -> SupplyReader.policy("a", fields);
            default -> throw new AssertionError("a kind without a reader: " + kind);
        }
    }

    /** Notes what is asked of it, with its path. */
    @SuppressWarnings("unchecked") // Jackson's own: deepCopy gives any node.
    private static final class Asked extends ObjectNode {
        private static final long serialVersionUID = 1;
        private final transient String above;
        private final transient Set<String> asked;

        Asked(JsonNode object, String above, Set<String> asked) {
            super(JsonNodeFactory.instance);
            this.above = above;
            this.asked = asked;
            object.properties()
                    .forEach(field -> set(field.getKey(), noting(field.getValue(), above + field.getKey() + ".")));
        }

        private JsonNode noting(JsonNode value, String path) {
            if (value.isArray()) {
                ArrayNode list = JsonNodeFactory.instance.arrayNode();
                value.forEach(element -> list.add(noting(element, path)));
                return list;
            }
            return value.isObject() ? new Asked(value, path, asked) : value;
        }

        @Override
        public JsonNode path(String name) {
            asked.add(above + name);
            return super.path(name);
        }

        @Override
        public @Nullable JsonNode get(String name) {
            asked.add(above + name);
            return super.get(name);
        }
    }
}

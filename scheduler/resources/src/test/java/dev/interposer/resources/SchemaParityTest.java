package dev.interposer.resources;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.interposer.control.command.FieldError;
import java.io.IOException;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The strict reader against the definitions that Kubernetes holds: each knows every field of the other. */
class SchemaParityTest {
    /** Within what is kept whole. */
    private static final Pattern FREE = Pattern.compile("(^|\\.)template\\.|^kubernetes\\.");

    @ParameterizedTest
    @MethodSource("dev.interposer.resources.SchemaPaths#definitions")
    void theReaderKnowsEveryFieldOfTheSchema(JsonNode definition) {
        List<List<String>> paths = SchemaPaths.paths(SchemaPaths.spec(definition));
        assertThat(paths).hasSizeGreaterThan(5);
        for (List<String> path : paths) {
            assertThat(unknown(definition, path)).as(String.join(".", path)).isEmpty();
        }
    }

    @ParameterizedTest
    @MethodSource("dev.interposer.resources.SchemaPaths#definitions")
    void theSchemaHasEveryFieldThatTheReaderAsksFor(JsonNode definition) {
        List<List<String>> paths = SchemaPaths.paths(SchemaPaths.spec(definition));
        Set<String> known = new TreeSet<>();
        paths.forEach(path -> known.add(String.join(".", path)));
        Set<String> asked = new TreeSet<>();
        for (List<String> path : paths) {
            SchemaPaths.read(
                    SchemaPaths.kind(definition),
                    new Asked(SchemaPaths.value(SchemaPaths.spec(definition), path), "", asked));
        }
        asked.removeIf(path -> FREE.matcher(path).find());
        assertThat(asked).hasSizeGreaterThan(5).isSubsetOf(known);
    }

    /** Or both of the above would be true of anything. */
    @Test
    void aFieldThatIsInOneAloneIsFound() throws IOException {
        JsonNode definition = SchemaPaths.definition("jobqueues");
        ObjectNode properties = (ObjectNode)
                SchemaPaths.spec(definition).path("properties").path("perUser").path("properties");
        properties.set("maxCores", properties.remove("maxDevices"));
        assertThat(unknown(definition, List.of("perUser", "maxCores"))).containsExactly("spec.perUser.maxCores");
        Set<String> asked = new TreeSet<>();
        SchemaPaths.read(
                "JobQueue",
                new Asked(
                        SchemaPaths.value(SchemaPaths.spec(definition), List.of("perUser", "maxRunningJobs")),
                        "",
                        asked));
        assertThat(asked).contains("perUser.maxDevices");
        assertThat(SchemaPaths.paths(SchemaPaths.spec(definition))).doesNotContain(List.of("perUser", "maxDevices"));
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

    private static List<String> unknown(JsonNode definition, List<String> path) {
        ObjectNode object = JsonNodeFactory.instance.objectNode();
        object.put("apiVersion", Manifests.API_VERSION).put("kind", SchemaPaths.kind(definition));
        object.putObject("metadata").put("name", "a");
        object.set("spec", SchemaPaths.value(SchemaPaths.spec(definition), path));
        ManifestException refused =
                catchThrowableOfType(ManifestException.class, () -> Manifests.parse(object.toString()));
        return refused == null
                ? List.of()
                : refused.rejection().fields().stream()
                        .filter(error -> error.message().startsWith("is unknown"))
                        .map(FieldError::path)
                        .toList();
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

package dev.interposer.resources;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.LongNode;
import dev.interposer.control.command.Command;
import dev.interposer.control.command.FieldError;
import dev.interposer.control.command.Rejection;
import dev.interposer.control.core.ControlSettings;
import dev.interposer.control.port.DeviceExpressions;
import dev.interposer.control.validate.JobCheck;
import dev.interposer.control.validate.ObjectCheck;
import dev.interposer.engine.model.AcceleratorClass;
import dev.interposer.engine.model.Actor;
import dev.interposer.engine.model.JobQueue;
import dev.interposer.engine.model.JobSpec;
import dev.interposer.engine.model.SourcingPolicy;
import dev.interposer.engine.model.Supplier;
import dev.interposer.engine.model.SupplyOrder;
import dev.interposer.engine.state.State;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Values that the definitions speak of, against the reader and the validator. */
class SchemaValuesTest {
    /** An object that an API server has filled up with defaults is the object that the user wrote. */
    @ParameterizedTest
    @MethodSource("dev.interposer.resources.SchemaPaths#definitions")
    void theDefaultsAreThoseOfTheReader(JsonNode definition) {
        JsonNode schema = SchemaPaths.spec(definition);
        String kind = SchemaPaths.kind(definition);
        for (List<String> path : SchemaPaths.paths(schema)) {
            JsonNode standard = SchemaPaths.at(schema, path).path("default");
            if (!standard.isMissingNode()) {
                JsonNode without = SchemaPaths.value(schema, path.subList(0, path.size() - 1));
                JsonNode with = SchemaPaths.value(schema, path, standard);
                assertThat(SchemaPaths.read(kind, with))
                        .as(kind + " " + path)
                        .isEqualTo(SchemaPaths.read(kind, without));
            }
        }
    }

    /** Or a user would hear of a bound only after the object was stored. */
    @ParameterizedTest
    @MethodSource("dev.interposer.resources.SchemaPaths#definitions")
    void whatTheSchemaAdmitsIsWithinTheBoundsOfTheValidator(JsonNode definition) {
        JsonNode schema = SchemaPaths.spec(definition);
        String kind = SchemaPaths.kind(definition);
        int tried = 0;
        for (List<String> path : SchemaPaths.paths(schema)) {
            for (JsonNode edge : edges(SchemaPaths.at(schema, path))) {
                Object read = SchemaPaths.read(kind, SchemaPaths.value(schema, path, edge));
                assertThat(outOfBounds(read, path.getLast()))
                        .as("%s %s %s", kind, path, edge)
                        .isEmpty();
                tried++;
            }
        }
        assertThat(tried).isGreaterThan(3);
    }

    private static List<JsonNode> edges(JsonNode schema) {
        List<JsonNode> edges = new ArrayList<>();
        if (schema.has("minimum")) {
            edges.add(LongNode.valueOf(schema.path("minimum").asLong()));
        }
        if (schema.has("maximum")) {
            edges.add(LongNode.valueOf(schema.path("maximum").asLong()));
        }
        if (schema.has("maxItems")) {
            ArrayNode many = JsonNodeFactory.instance.arrayNode();
            for (int index = 0; index < schema.path("maxItems").asInt(); index++) {
                many.add(SchemaPaths.sample(schema.path("items")));
            }
            edges.add(many);
        }
        return edges;
    }

    private static List<String> outOfBounds(Object read, String field) {
        State state = new State();
        Rejection rejection = read instanceof JobSpec job
                ? JobCheck.check(job, state.settings(), ControlSettings.DEFAULT.priorities())
                : ObjectCheck.check(command(read), state.settings(), DeviceExpressions.NONE);
        return rejection == null
                ? List.of()
                : rejection.fields().stream()
                        .filter(error -> error.path().endsWith("." + field)
                                || error.path().endsWith(field + "]"))
                        .map(FieldError::message)
                        .filter(message -> message.startsWith("must be between"))
                        // Follows the number of replicas, which a rule of its own says.
                        .filter(message -> !field.equals("minSuppliers") || !message.endsWith("between 0 and 1"))
                        .toList();
    }

    private static Command.ApplyObjects command(Object read) {
        return new Command.ApplyObjects(
                Actor.SCHEDULER,
                read instanceof Supplier supplier ? List.of(supplier) : List.of(),
                read instanceof AcceleratorClass chipClass ? List.of(chipClass) : List.of(),
                read instanceof JobQueue queue ? List.of(queue) : List.of(),
                read instanceof SupplyOrder order ? List.of(order) : List.of(),
                read instanceof SourcingPolicy policy ? List.of(policy) : List.of());
    }
}

package dev.interposer.tests.kubernetes;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.IntNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.LongNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.node.TextNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;

/**
 * Specs that break one bound of a schema each: below the least, above the most, too long, too many, of another form or
 * type, missing.
 *
 * @param path of the field, as the API server writes it
 * @param spec all else in it is as the schema wants it
 */
record Broken(String path, JsonNode spec) {
    private static final JsonNodeFactory NODES = JsonNodeFactory.instance;

    static List<Broken> all(JsonNode schema) {
        List<Broken> found = new ArrayList<>();
        walk(schema, "spec", value -> value, found);
        return found;
    }

    private static void walk(JsonNode schema, String path, UnaryOperator<JsonNode> around, List<Broken> found) {
        for (JsonNode bad : bad(schema)) {
            found.add(new Broken(path, around.apply(bad)));
        }
        if (schema.has("items")) {
            walk(
                    schema.path("items"),
                    path + "[0]",
                    value -> around.apply(NODES.arrayNode().add(value)),
                    found);
        }
        if (schema.has("additionalProperties")) {
            JsonNode values = schema.path("additionalProperties");
            walk(values, path + ".k", value -> around.apply(NODES.objectNode().set("k", value)), found);
        }
        for (JsonNode name : schema.path("required")) {
            ObjectNode without = sample(schema).deepCopy();
            without.remove(name.asText());
            found.add(new Broken(path + "." + name.asText(), around.apply(without)));
        }
        for (Map.Entry<String, JsonNode> property : schema.path("properties").properties()) {
            UnaryOperator<JsonNode> with = value -> {
                ObjectNode object = sample(schema).deepCopy();
                return around.apply(object.set(property.getKey(), value));
            };
            walk(property.getValue(), path + "." + property.getKey(), with, found);
        }
    }

    private static List<JsonNode> bad(JsonNode schema) {
        List<JsonNode> bad = new ArrayList<>();
        if (schema.has("minimum")) {
            bad.add(LongNode.valueOf(schema.path("minimum").asLong() - 1));
        }
        if (schema.has("maximum")) {
            bad.add(LongNode.valueOf(schema.path("maximum").asLong() + 1));
        }
        if (schema.has("maxLength")) {
            bad.add(TextNode.valueOf("1".repeat(schema.path("maxLength").asInt() + 1)));
        }
        if (schema.has("minLength")) {
            bad.add(TextNode.valueOf(""));
        }
        if (schema.has("pattern") || schema.has("enum") || schema.has("format")) {
            bad.add(TextNode.valueOf("-Nonsense!"));
        }
        if (schema.has("maxItems")) {
            ArrayNode many = NODES.arrayNode();
            for (int index = 0; index <= schema.path("maxItems").asInt(); index++) {
                many.add(value(schema.path("items")));
            }
            bad.add(many);
        }
        if (schema.has("minItems")) {
            bad.add(NODES.arrayNode());
        }
        if (schema.has("maxProperties")) {
            ObjectNode many = NODES.objectNode();
            for (int index = 0; index <= schema.path("maxProperties").asInt(); index++) {
                many.put("k" + index, "v");
            }
            bad.add(many);
        }
        if (schema.has("minProperties")) {
            bad.add(NODES.objectNode());
        }
        String type = schema.path("type").asText();
        if (!type.isEmpty()) {
            bad.add(type.equals("string") ? NODES.objectNode() : TextNode.valueOf("-Nonsense!"));
        }
        return bad;
    }

    /** An object with the fields that it needs. */
    static ObjectNode sample(JsonNode schema) {
        ObjectNode object = NODES.objectNode();
        for (JsonNode name : schema.path("required")) {
            object.set(name.asText(), value(schema.path("properties").path(name.asText())));
        }
        return object;
    }

    private static JsonNode value(JsonNode schema) {
        return switch (schema.path("type").asText()) {
            case "object" -> sample(schema);
            case "array" -> NODES.arrayNode().add(value(schema.path("items")));
            case "integer" -> IntNode.valueOf(Math.max(1, schema.path("minimum").asInt()));
            case "boolean" -> NODES.booleanNode(true);
            default ->
                switch (schema.path("format").asText()) {
                    case "date" -> TextNode.valueOf("2027-01-15");
                    case "date-time" -> TextNode.valueOf("2027-01-15T00:00:00Z");
                    default -> schema.has("enum") ? schema.path("enum").get(0) : TextNode.valueOf("a");
                };
        };
    }
}

package dev.interposer.resources;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.MissingNode;
import io.fabric8.kubernetes.api.model.Quantity;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * One mapping of a manifest, read strictly: a field of another type is a problem, and so is one that nobody asked for
 * by the time of {@link #finish}.
 */
final class Fields {
    private final JsonNode node;
    private final String path;
    private final Problems problems;
    private final Set<String> asked = new HashSet<>();

    Fields(JsonNode node, String path, Problems problems) {
        this.path = path;
        this.problems = problems;
        boolean mapping = node.isObject() || node.isMissingNode() || node.isNull();
        if (!mapping) {
            problems.invalid(path, node, "must be a mapping");
        }
        this.node = mapping ? node : MissingNode.getInstance();
    }

    Problems problems() {
        return problems;
    }

    String path(String name) {
        return path.isEmpty() ? name : path + "." + name;
    }

    boolean has(String name) {
        asked.add(name);
        return node.hasNonNull(name);
    }

    JsonNode raw(String name) {
        asked.add(name);
        JsonNode found = node.path(name);
        return found.isNull() ? MissingNode.getInstance() : found;
    }

    Fields fields(String name) {
        return new Fields(raw(name), path(name), problems);
    }

    /** The mapping if it is there, else null. */
    @Nullable
    Fields optional(String name) {
        return has(name) ? fields(name) : null;
    }

    String text(String name, String absent) {
        JsonNode found = raw(name);
        if (found.isMissingNode()) {
            return absent;
        }
        if (!found.isValueNode()) {
            problems.invalid(path(name), found, "must be a text");
            return absent;
        }
        return found.asText();
    }

    String required(String name) {
        if (!has(name)) {
            problems.invalid(path(name), "", "is missing");
        }
        return text(name, "");
    }

    boolean flag(String name, boolean absent) {
        JsonNode found = raw(name);
        if (!found.isMissingNode() && !found.isBoolean()) {
            problems.invalid(path(name), found, "must be true or false");
            return absent;
        }
        return found.isMissingNode() ? absent : found.asBoolean();
    }

    long integer(String name, long absent) {
        JsonNode found = raw(name);
        if (found.isMissingNode()) {
            return absent;
        }
        if (!found.isIntegralNumber() || !found.canConvertToLong()) {
            problems.invalid(path(name), found, "must be a whole number that fits 64 bits");
            return absent;
        }
        return found.asLong();
    }

    int small(String name, int absent) {
        long value = integer(name, absent);
        if (value != (int) value) {
            problems.invalid(path(name), value, "must be a whole number that fits 32 bits");
            return absent;
        }
        return (int) value;
    }

    /** A Kubernetes quantity as a whole number of its base unit. */
    long quantity(String name, long absent) {
        JsonNode found = raw(name);
        return found.isMissingNode() ? absent : quantity(path(name), found, BigDecimal.ONE);
    }

    /** A Kubernetes quantity as thousandths of its base unit. */
    long milli(String name, long absent) {
        JsonNode found = raw(name);
        return found.isMissingNode() ? absent : quantity(path(name), found, BigDecimal.valueOf(1000));
    }

    private long quantity(String at, JsonNode value, BigDecimal scale) {
        if (!value.isValueNode()) {
            problems.invalid(at, value, "must be a quantity such as 8, 500m, 80G or 2Ti");
            return 0;
        }
        try {
            BigDecimal amount =
                    Quantity.getAmountInBytes(new Quantity(value.asText())).multiply(scale);
            return amount.setScale(0, RoundingMode.CEILING).longValueExact();
        } catch (ArithmeticException | IllegalArgumentException e) {
            problems.invalid(at, value.asText(), "must be a quantity such as 8, 500m, 80G or 2Ti, below 2^63");
            return 0;
        }
    }

    /** Quantities by name: {@code cpu} in thousandths, all others in their base unit. */
    Map<String, Long> resources(String name) {
        Map<String, Long> resources = new TreeMap<>();
        JsonNode found = raw(name);
        if (!found.isMissingNode() && !found.isObject()) {
            problems.invalid(path(name), found, "must be a mapping from resource to quantity");
            return resources;
        }
        found.properties()
                .forEach(entry -> resources.put(
                        entry.getKey(),
                        quantity(
                                path(name) + "." + entry.getKey(),
                                entry.getValue(),
                                entry.getKey().equals("cpu") ? BigDecimal.valueOf(1000) : BigDecimal.ONE)));
        return resources;
    }

    List<String> texts(String name) {
        List<String> texts = new ArrayList<>();
        for (JsonNode element : elements(name)) {
            if (!element.isValueNode()) {
                problems.invalid(path(name) + "[" + texts.size() + "]", element, "must be a text");
            }
            texts.add(element.asText());
        }
        return texts;
    }

    Map<String, String> textMap(String name) {
        Map<String, String> map = new TreeMap<>();
        JsonNode found = raw(name);
        if (!found.isMissingNode() && !found.isObject()) {
            problems.invalid(path(name), found, "must be a mapping of texts");
        }
        found.properties()
                .forEach(entry -> map.put(entry.getKey(), entry.getValue().asText()));
        return map;
    }

    <T> List<T> list(String name, Function<Fields, T> reader) {
        List<T> list = new ArrayList<>();
        for (JsonNode element : elements(name)) {
            Fields fields = new Fields(element, path(name) + "[" + list.size() + "]", problems);
            list.add(reader.apply(fields));
            fields.finish();
        }
        return list;
    }

    /** A constant as the manifest writes it: {@code WaitForFence} for {@code WAIT_FOR_FENCE}. */
    <E extends Enum<E>> E constant(String name, Class<E> type, E absent) {
        return constant(path(name), text(name, ""), type, absent);
    }

    <E extends Enum<E>> E constant(String at, String text, Class<E> type, E absent) {
        if (text.isEmpty()) {
            return absent;
        }
        List<String> known = new ArrayList<>();
        for (E candidate : type.getEnumConstants()) {
            String written = camel(candidate);
            if (written.equals(text)) {
                return candidate;
            }
            known.add(written);
        }
        problems.invalid(at, text, "must be one of " + known);
        return absent;
    }

    /** Every field that was not asked for is unknown. */
    void finish() {
        node.properties().forEach(entry -> {
            if (!asked.contains(entry.getKey())) {
                problems.invalid(path(entry.getKey()), entry.getValue(), "is unknown" + suggestion(entry.getKey()));
            }
        });
    }

    private Iterable<JsonNode> elements(String name) {
        JsonNode found = raw(name);
        if (!found.isMissingNode() && !found.isArray()) {
            problems.invalid(path(name), found, "must be a list");
            return List.of();
        }
        return found;
    }

    private String suggestion(String name) {
        String best = "";
        int least = 3;
        for (String candidate : asked) {
            int distance = distance(name.toLowerCase(Locale.ROOT), candidate.toLowerCase(Locale.ROOT));
            if (distance < least || (distance == least && candidate.compareTo(best) < 0)) {
                least = distance;
                best = candidate;
            }
        }
        return best.isEmpty() ? "" : ". Maybe " + best + "?";
    }

    /** Letters to be added, dropped or changed. */
    private static int distance(String from, String to) {
        int[] before = new int[to.length() + 1];
        for (int column = 0; column <= to.length(); column++) {
            before[column] = column;
        }
        for (int row = 1; row <= from.length(); row++) {
            int[] now = new int[to.length() + 1];
            now[0] = row;
            for (int column = 1; column <= to.length(); column++) {
                int change = from.charAt(row - 1) == to.charAt(column - 1) ? 0 : 1;
                now[column] = Math.min(Math.min(now[column - 1], before[column]) + 1, before[column - 1] + change);
            }
            before = now;
        }
        return before[to.length()];
    }

    private static String camel(Enum<?> constant) {
        StringBuilder name = new StringBuilder();
        for (String word : constant.name().split("_", -1)) {
            name.append(word.charAt(0)).append(word.substring(1).toLowerCase(Locale.ROOT));
        }
        return name.toString();
    }
}

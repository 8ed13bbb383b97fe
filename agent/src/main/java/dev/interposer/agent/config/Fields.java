package dev.interposer.agent.config;

import java.io.IOException;
import java.math.BigDecimal;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.snakeyaml.engine.v2.api.Load;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.snakeyaml.engine.v2.exceptions.YamlEngineException;

/** A mapping of a YAML file, field by field; whoever asks for a field that is wrong gets its path and its value. */
public final class Fields {
    private static final Pattern DURATION = Pattern.compile("(\\d{1,9})(ms|s|m|h|d)");

    private final String path;
    private final Map<?, ?> fields;

    private Fields(String path, Map<?, ?> fields) {
        this.path = path;
        this.fields = fields;
    }

    /** The mapping that a file is. */
    public static Fields ofFile(Path file) throws ConfigException {
        try {
            return ofText(file.toString(), Files.readString(file));
        } catch (IOException e) {
            throw new ConfigException("file " + file + " can't be read: " + e.getMessage());
        }
    }

    /** The mapping that a text is; its label stands before each path in messages. */
    public static Fields ofText(String label, String text) throws ConfigException {
        try {
            Object root = new Load(LoadSettings.builder().setLabel(label).build()).loadFromString(text);
            return of(label + ":", root);
        } catch (YamlEngineException e) {
            throw new ConfigException(label + " is no YAML: " + e.getMessage());
        }
    }

    private static Fields of(String path, @Nullable Object value) throws ConfigException {
        if (value instanceof Map<?, ?> map) {
            return new Fields(path, map);
        }
        throw new ConfigException(path + " (" + value + ") must be a mapping");
    }

    /** Refuses every other field. */
    public Fields only(String... allowed) throws ConfigException {
        Set<String> names = Set.of(allowed);
        for (Object name : fields.keySet()) {
            if (!names.contains(String.valueOf(name))) {
                throw new ConfigException(at(String.valueOf(name)) + " is unknown. Maybe one of "
                        + String.join(", ", List.of(allowed)) + "?");
            }
        }
        return this;
    }

    public boolean has(String name) {
        return fields.get(name) != null;
    }

    /** Path of a field, for messages. */
    public String at(String name) {
        return path + (path.endsWith(":") ? " " : ".") + name;
    }

    public String text(String name, String absent) throws ConfigException {
        Object value = fields.get(name);
        if (value instanceof Map || value instanceof List) {
            throw new ConfigException(at(name) + " (" + value + ") must be one value");
        }
        return value == null ? absent : value.toString();
    }

    public String text(String name) throws ConfigException {
        String value = text(name, "");
        if (value.isEmpty()) {
            throw new ConfigException(at(name) + " is missing");
        }
        return value;
    }

    public int integer(String name, int absent, int least, int most) throws ConfigException {
        String value = text(name, Integer.toString(absent));
        try {
            int number = new BigDecimal(value).intValueExact();
            if (number >= least && number <= most) {
                return number;
            }
        } catch (ArithmeticException | NumberFormatException e) {
            // Told below, with its value.
        }
        throw new ConfigException(at(name) + " (" + value + ") must be between " + least + " and " + most);
    }

    /** Milliseconds; a duration is a number with ms, s, m, h or d. */
    public long millis(String name, String absent) throws ConfigException {
        String value = text(name, absent);
        Matcher matcher = DURATION.matcher(value);
        if (!matcher.matches()) {
            throw new ConfigException(at(name) + " (" + value + ") must be a duration such as 30s, 5m or 1h");
        }
        long number = Long.parseLong(matcher.group(1));
        return switch (matcher.group(2)) {
            case "ms" -> number;
            case "s" -> number * 1_000;
            case "m" -> number * 60_000;
            case "h" -> number * 3_600_000;
            default -> number * 86_400_000;
        };
    }

    /** One of an enumeration's names, in letters of any case. */
    public <E extends Enum<E>> E oneOf(String name, Class<E> type) throws ConfigException {
        String value = text(name);
        for (E constant : type.getEnumConstants()) {
            if (constant.name().equals(value.toUpperCase(Locale.ROOT))) {
                return constant;
            }
        }
        throw new ConfigException(at(name) + " (" + value + ") is unknown. Maybe one of "
                + String.join(", ", names(type.getEnumConstants())) + "?");
    }

    private static <E extends Enum<E>> List<String> names(E[] constants) {
        List<String> names = new ArrayList<>();
        for (E constant : constants) {
            names.add(constant.name());
        }
        return names;
    }

    /** An empty mapping where there is none. */
    public Fields mapping(String name) throws ConfigException {
        Object value = fields.get(name);
        return of(at(name), value == null ? Map.of() : value);
    }

    /** The mappings of a list; empty where there is none. */
    public List<Fields> list(String name) throws ConfigException {
        Object value = fields.get(name);
        List<Fields> found = new ArrayList<>();
        if (value == null) {
            return found;
        }
        if (!(value instanceof List<?> list)) {
            throw new ConfigException(at(name) + " (" + value + ") must be a list");
        }
        for (int index = 0; index < list.size(); index++) {
            found.add(of(at(name) + "[" + index + "]", list.get(index)));
        }
        return found;
    }
}

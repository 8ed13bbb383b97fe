package dev.interposer.agent.config;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;
import org.jspecify.annotations.Nullable;
import org.snakeyaml.engine.v2.api.Load;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.snakeyaml.engine.v2.exceptions.YamlEngineException;
import org.snakeyaml.engine.v2.nodes.Tag;
import org.snakeyaml.engine.v2.schema.FailsafeSchema;

/**
 * A mapping of a YAML file and where it stands, so that each mistake names its place and what stands there.
 *
 * <p>Values are read without types: 0x0010 stays what was written, and only the field knows what it is.
 */
public final class Fields {
    private static final Pattern DURATION = Pattern.compile("(\\d{1,9})(ms|s|m|h|d)");
    private static final Map<String, Long> UNIT_MILLIS =
            Map.of("ms", 1L, "s", 1_000L, "m", 60_000L, "h", 3_600_000L, "d", 86_400_000L);

    private final String path;
    private final Map<?, ?> map;

    private Fields(String path, Map<?, ?> map) {
        this.path = path;
        this.map = map;
    }

    /** Reads fields of a file. */
    public interface Reader<T> {
        T read(Fields top) throws ConfigException;
    }

    /**
     * Reads a file.
     *
     * @param what word for the file in messages, such as profile
     * @param allowed fields of its top
     */
    public static <T> T ofFile(String what, Path file, Reader<T> reader, String... allowed) throws ConfigException {
        try {
            return ofText(what + " " + file, Files.readString(file), reader, allowed);
        } catch (IOException e) {
            throw new ConfigException(what + " " + file + " can't be read: " + e.getMessage());
        }
    }

    /** Likewise, of a text. */
    public static <T> T ofText(String what, String text, Reader<T> reader, String... allowed) throws ConfigException {
        Object root;
        try {
            root = new Load(LoadSettings.builder()
                            .setLabel(what)
                            .setSchema(new FailsafeSchema())
                            .setTagConstructors(Map.of(Tag.NULL, empty -> ""))
                            .build())
                    .loadFromString(text);
        } catch (YamlEngineException e) {
            throw new ConfigException(what + " is no YAML: " + e.getMessage());
        }
        try {
            return reader.read(of("", root, allowed));
        } catch (ConfigException e) {
            throw new ConfigException(what + ": " + e.getMessage());
        }
    }

    private static Fields of(String path, @Nullable Object value, String... allowed) throws ConfigException {
        if (!(value instanceof Map<?, ?> map)) {
            throw new ConfigException((path.isEmpty() ? "the file" : path) + " (" + value + ") must be a mapping");
        }
        Fields fields = new Fields(path, map);
        if (allowed.length > 0) {
            Set<String> known = new LinkedHashSet<>(Arrays.asList(allowed));
            for (Object key : map.keySet()) {
                if (!known.contains(String.valueOf(key))) {
                    throw new ConfigException(
                            fields.at(String.valueOf(key)) + " is unknown. Maybe one of " + known + "?");
                }
            }
        }
        return fields;
    }

    public String at(String key) {
        return path.isEmpty() ? key : path + "." + key;
    }

    public boolean has(String key) {
        return map.containsKey(key);
    }

    @Nullable
    public Object value(String key) {
        return map.get(key);
    }

    public Iterable<String> keys() {
        return map.keySet().stream().map(String::valueOf).toList();
    }

    public Fields fields(String key, String... allowed) throws ConfigException {
        return of(at(key), map.get(key), allowed);
    }

    public ConfigException wrong(String key, String must) {
        return new ConfigException(at(key) + " (" + (has(key) ? map.get(key) : "absent") + ") must be " + must);
    }

    /** One value, whatever it is. */
    public String text(String key, String absent) throws ConfigException {
        Object value = map.get(key);
        if (value == null || value.equals("")) {
            return absent;
        }
        if (value instanceof String text) {
            return text;
        }
        throw wrong(key, "one value");
    }

    /** One value that the pattern matches. */
    public String text(String key, String pattern, String must) throws ConfigException {
        if (map.get(key) instanceof String text && text.matches(pattern)) {
            return text;
        }
        throw wrong(key, must);
    }

    public List<String> texts(String key, String pattern, String must) throws ConfigException {
        if (!(map.get(key) instanceof List<?> list) || list.isEmpty()) {
            throw wrong(key, "a list of " + must);
        }
        List<String> texts = new ArrayList<>();
        for (int index = 0; index < list.size(); index++) {
            if (!(list.get(index) instanceof String text) || !text.matches(pattern)) {
                throw new ConfigException(at(key) + "[" + index + "] (" + list.get(index) + ") must be " + must);
            }
            texts.add(text);
        }
        return texts;
    }

    public Pattern pattern(String key, Pattern absent) throws ConfigException {
        if (!has(key)) {
            return absent;
        }
        try {
            return Pattern.compile(text(key, "(?s).+", "a regular expression"));
        } catch (PatternSyntaxException e) {
            throw wrong(key, "a regular expression: " + e.getDescription());
        }
    }

    public double number(String key, double absent) throws ConfigException {
        if (!has(key)) {
            return absent;
        }
        return Double.parseDouble(text(
                key, "\\d{1,18}(\\.\\d{1,18})?([eE]-?\\d{1,2})?", "a number above 0, such as 1024, 0.001 or 1e-6"));
    }

    /** The mappings of a list; empty where there is none. */
    public List<Fields> list(String key, String... allowed) throws ConfigException {
        List<Fields> found = new ArrayList<>();
        if (!has(key)) {
            return found;
        }
        if (!(map.get(key) instanceof List<?> list)) {
            throw wrong(key, "a list");
        }
        for (int index = 0; index < list.size(); index++) {
            found.add(of(at(key) + "[" + index + "]", list.get(index), allowed));
        }
        return found;
    }

    public int integer(String key, int absent, int least, int most) throws ConfigException {
        if (!has(key)) {
            return absent;
        }
        String must = "a whole number from " + least + " to " + most;
        int number = Integer.parseInt(text(key, "\\d{1,9}", must));
        if (number < least || number > most) {
            throw wrong(key, must);
        }
        return number;
    }

    /** Milliseconds of a duration, which is a number with ms, s, m, h or d. */
    public long millis(String key, long absent) throws ConfigException {
        if (!has(key)) {
            return absent;
        }
        Matcher matcher = DURATION.matcher(text(key, ".*", "a duration"));
        if (!matcher.matches()) {
            throw wrong(key, "a duration such as 30s, 5m or 1h");
        }
        return Long.parseLong(matcher.group(1)) * UNIT_MILLIS.getOrDefault(matcher.group(2), 0L);
    }

    /** One of an enumeration's names, in letters of any case. */
    public <E extends Enum<E>> E oneOf(String key, Class<E> type) throws ConfigException {
        String given = String.valueOf(map.get(key));
        List<String> names = new ArrayList<>();
        for (E constant : type.getEnumConstants()) {
            if (constant.name().equals(given.toUpperCase(Locale.ROOT))) {
                return constant;
            }
            names.add(constant.name());
        }
        throw wrong(key, "one of " + String.join(", ", names));
    }
}

package dev.interposer.agent.driver.profile;

import dev.interposer.agent.config.ConfigException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;
import org.jspecify.annotations.Nullable;

/** One mapping of a profile file and where it stands, so that each mistake names its place and what stands there. */
final class Fields {
    private final String path;
    private final Map<?, ?> map;

    private Fields(String path, Map<?, ?> map) {
        this.path = path;
        this.map = map;
    }

    static Fields of(String path, @Nullable Object value, String... allowed) throws ConfigException {
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

    String at(String key) {
        return path.isEmpty() ? key : path + "." + key;
    }

    boolean has(String key) {
        return map.containsKey(key);
    }

    @Nullable
    Object value(String key) {
        return map.get(key);
    }

    Iterable<String> keys() {
        return map.keySet().stream().map(String::valueOf).toList();
    }

    Fields fields(String key, String... allowed) throws ConfigException {
        return of(at(key), map.get(key), allowed);
    }

    ConfigException wrong(String key, String must) {
        return new ConfigException(at(key) + " (" + (has(key) ? map.get(key) : "absent") + ") must be " + must);
    }

    /** One value that the pattern matches. */
    String text(String key, String pattern, String must) throws ConfigException {
        if (map.get(key) instanceof String text && text.matches(pattern)) {
            return text;
        }
        throw wrong(key, must);
    }

    List<String> texts(String key, String pattern, String must) throws ConfigException {
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

    Pattern pattern(String key, Pattern absent) throws ConfigException {
        if (!has(key)) {
            return absent;
        }
        try {
            return Pattern.compile(text(key, "(?s).+", "a regular expression"));
        } catch (PatternSyntaxException e) {
            throw wrong(key, "a regular expression: " + e.getDescription());
        }
    }

    double number(String key, double absent) throws ConfigException {
        if (!has(key)) {
            return absent;
        }
        return Double.parseDouble(text(
                key, "\\d{1,18}(\\.\\d{1,18})?([eE]-?\\d{1,2})?", "a number above 0, such as 1024, 0.001 or 1e-6"));
    }
}

package dev.interposer.server.dra;

import java.util.List;

/**
 * The value of an attribute, and how it stands among the attributes of a report, which are text.
 *
 * <p>Text stands as it is, so that rules that compare attributes need not know of types. A number, a truth value or a
 * version has the word for its type before it: {@code int:3}, {@code bool:true}, {@code version:570.124.6}; and so has
 * text that would be taken for one of these: {@code string:int:3}.
 */
public sealed interface DraValue {
    List<String> TYPES = List.of("int:", "bool:", "version:", "string:");

    /** As it stands in a report. */
    String encoded();

    /** As an expression sees it. */
    Object value();

    /** As people read it. */
    default String plain() {
        return value().toString();
    }

    record Text(String value) implements DraValue {
        @Override
        public String encoded() {
            return TYPES.stream().anyMatch(value::startsWith) ? "string:" + value : value;
        }
    }

    record Whole(Long value) implements DraValue {
        @Override
        public String encoded() {
            return "int:" + value;
        }
    }

    record Flag(Boolean value) implements DraValue {
        @Override
        public String encoded() {
            return "bool:" + value;
        }
    }

    /** @param text by semver.org; what is none is a mere text */
    record Version(String text) implements DraValue {
        @Override
        public String encoded() {
            return Semver.isOne(text, false) ? "version:" + text : new Text(text).encoded();
        }

        @Override
        public Object value() {
            return Semver.isOne(text, false) ? Semver.parse(text) : text;
        }

        @Override
        public String plain() {
            return text;
        }
    }

    /** What stands in a report. */
    static DraValue of(String encoded) {
        String type = TYPES.stream().filter(encoded::startsWith).findFirst().orElse("");
        String rest = encoded.substring(type.length());
        return switch (type) {
            case "int:" -> whole(encoded, rest);
            case "bool:" ->
                rest.equals("true") || rest.equals("false") ? new Flag(Boolean.valueOf(rest)) : new Text(encoded);
            case "version:" -> Semver.isOne(rest, false) ? new Version(rest) : new Text(encoded);
            default -> new Text(rest);
        };
    }

    private static DraValue whole(String encoded, String number) {
        try {
            return new Whole(Long.valueOf(number));
        } catch (NumberFormatException e) {
            return new Text(encoded);
        }
    }
}

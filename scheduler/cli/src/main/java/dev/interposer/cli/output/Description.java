package dev.interposer.cli.output;

import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** One thing at length: fields below each other, then sections. Fields without a value are left out. */
public final class Description {
    private static final int INDENT = 2;

    private record Field(String name, String value) {}

    private final Page page;
    private final List<Field> fields = new ArrayList<>();

    public Description(Page page) {
        this.page = page;
    }

    Description field(String name, Object value) {
        String text = String.valueOf(value);
        if (!text.isEmpty()) {
            fields.add(new Field(name, text));
        }
        return this;
    }

    Description state(String name, String value) {
        return field(name, page.colours().state(value));
    }

    /** A time in microseconds and how long ago it was; none for 0. */
    Description time(String name, long atMicros) {
        return atMicros == 0
                ? this
                : field(
                        name,
                        Instant.EPOCH.plus(atMicros, ChronoUnit.MICROS).truncatedTo(ChronoUnit.SECONDS) + " ("
                                + Ages.since(atMicros) + " ago)");
    }

    Description labels(String name, Map<String, ?> labels) {
        String first = name;
        for (String key : labels.keySet().stream().sorted().toList()) {
            fields.add(new Field(first, key + "=" + labels.get(key)));
            first = "";
        }
        return this;
    }

    /** Nothing where the table has no row. */
    Description section(String title, Table table) {
        return table.isEmpty() ? this : lines(title, table.lines(page.colours()));
    }

    /** Nothing where there are no lines. */
    Description lines(String title, List<String> lines) {
        flush();
        if (!lines.isEmpty()) {
            page.out().println();
            page.out().println(title + ":");
            lines.forEach(line -> page.out().println(" ".repeat(INDENT) + line));
        }
        return this;
    }

    /** The end of it. */
    void print() {
        flush();
        page.out().flush();
    }

    private void flush() {
        int width =
                fields.stream().mapToInt(field -> field.name().length()).max().orElse(0);
        for (Field field : fields) {
            String name = field.name().isEmpty() ? "" : field.name() + ":";
            page.out().println(name + " ".repeat(width + INDENT + 1 - name.length()) + field.value());
        }
        fields.clear();
    }
}

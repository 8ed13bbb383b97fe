package dev.interposer.agent.metrics;

import java.math.BigDecimal;
import java.util.Map;
import java.util.TreeMap;

/**
 * Prometheus' text format, version 0.0.4: all samples of a family stand together, and a family without samples is left
 * out.
 */
final class Exposition {
    static final String CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8";

    private final StringBuilder text = new StringBuilder();

    /** What becomes of a value. */
    enum Type {
        GAUGE,
        COUNTER
    }

    /** The samples of one name. */
    final class Family {
        private final String name;
        private final String head;
        private boolean empty = true;

        private Family(String name, Type type, String help) {
            this.name = name;
            this.head = "# HELP " + name + " " + help.replace("\\", "\\\\").replace("\n", "\\n") + "\n# TYPE " + name
                    + " " + (type == Type.GAUGE ? "gauge" : "counter") + "\n";
        }

        Family sample(Map<String, String> labels, long value) {
            return sample(labels, Long.toString(value));
        }

        /** Thousandths, as a decimal fraction that is exact. */
        Family thousandths(Map<String, String> labels, long value) {
            return sample(
                    labels, BigDecimal.valueOf(value, 3).stripTrailingZeros().toPlainString());
        }

        private Family sample(Map<String, String> labels, String value) {
            if (empty) {
                text.append(head);
                empty = false;
            }
            text.append(name);
            char before = '{';
            for (Map.Entry<String, String> label : labels.entrySet()) {
                text.append(before).append(label.getKey()).append("=\"");
                escape(label.getValue());
                text.append('"');
                before = ',';
            }
            if (before == ',') {
                text.append('}');
            }
            text.append(' ').append(value).append('\n');
            return this;
        }
    }

    Family gauge(String name, String help) {
        return new Family(name, Type.GAUGE, help);
    }

    Family counter(String name, String help) {
        return new Family(name, Type.COUNTER, help);
    }

    /** The same labels and one more. */
    static Map<String, String> with(Map<String, String> labels, String name, String value) {
        Map<String, String> more = new TreeMap<>(labels);
        more.put(name, value);
        return more;
    }

    private void escape(String value) {
        for (int at = 0; at < value.length(); at++) {
            char letter = value.charAt(at);
            switch (letter) {
                case '\\' -> text.append("\\\\");
                case '"' -> text.append("\\\"");
                case '\n' -> text.append("\\n");
                default -> text.append(letter);
            }
        }
    }

    @Override
    public String toString() {
        return text.toString();
    }
}

package dev.interposer.cli.output;

import java.util.Iterator;
import java.util.List;

/** How an answer is written. */
public enum Format {
    TABLE,
    WIDE,
    JSON,
    YAML,
    NAME;

    /** Offered by a shell. */
    public static final class Words implements Iterable<String> {
        @Override
        public Iterator<String> iterator() {
            return List.of("table", "wide", "json", "yaml", "name").iterator();
        }
    }
}

package dev.interposer.cli.output;

/** How an answer is written. */
public enum Format {
    TABLE,
    WIDE,
    JSON,
    YAML,
    NAME
}

package dev.interposer.control.command;

/**
 * One thing wrong with one field.
 *
 * @param path as in the manifest, such as {@code spec.profiles[1].workers.min}
 * @param value what was given, shortened; empty when nothing was
 * @param message what is wrong and what may be done
 */
public record FieldError(String path, String value, String message) {
    private static final int MOST = 120;

    public FieldError {
        value = value.length() > MOST ? value.substring(0, MOST) + "…" : value;
    }
}

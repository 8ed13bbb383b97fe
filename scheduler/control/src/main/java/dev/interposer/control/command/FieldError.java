package dev.interposer.control.command;

/**
 * One thing wrong with one field.
 *
 * @param path as in the manifest, such as {@code spec.profiles[1].workers.min}; shortened
 * @param value what was given, shortened; empty when nothing was
 * @param message what is wrong and what may be done
 */
public record FieldError(String path, String value, String message) {
    private static final int MOST_VALUE = 120;
    private static final int MOST_PATH = 256;

    public FieldError {
        path = shortened(path, MOST_PATH);
        value = shortened(value, MOST_VALUE);
    }

    /** What people read of something that others wrote. */
    static String shortened(String text, int most) {
        if (text.length() <= most) {
            return text;
        }
        boolean pair = Character.isHighSurrogate(text.charAt(most - 1));
        return text.substring(0, pair ? most - 1 : most) + "…";
    }
}

package dev.interposer.control.command;

import java.util.List;
import java.util.stream.Collectors;

/** A refusal: nothing was changed. */
public record Rejection(ErrorCode code, String message, List<FieldError> fields) {
    /** A message travels in the trailers of a call, which are small. */
    private static final int MOST_MESSAGE = 2048;

    public Rejection {
        message = FieldError.shortened(message, MOST_MESSAGE);
        fields = List.copyOf(fields);
    }

    public static Rejection of(ErrorCode code, String message) {
        return new Rejection(code, message, List.of());
    }

    public static Rejection of(ErrorCode code, String path, String value, String message) {
        return of(code, List.of(new FieldError(path, value, message)));
    }

    public static Rejection of(ErrorCode code, List<FieldError> fields) {
        String message = fields.stream()
                .map(field -> field.value().isEmpty()
                        ? field.path() + ": " + field.message()
                        : field.path() + " (" + field.value() + "): " + field.message())
                .collect(Collectors.joining("; "));
        return new Rejection(code, message, fields);
    }
}

package dev.interposer.resources;

import dev.interposer.control.command.ErrorCode;
import dev.interposer.control.command.FieldError;
import java.util.ArrayList;
import java.util.List;

/** Collects what is wrong with a manifest, so that one answer names it all. */
final class Problems {
    private static final int MOST = 64;

    private final List<FieldError> errors = new ArrayList<>();
    private boolean onlyUnsupported = true;

    void invalid(String path, Object value, String message) {
        onlyUnsupported = false;
        add(path, value, message);
    }

    void unsupported(String path, Object value, String message) {
        add(path, value, message);
    }

    void throwIfAny() throws ManifestException {
        if (!errors.isEmpty()) {
            throw new ManifestException(onlyUnsupported ? ErrorCode.UNSUPPORTED : ErrorCode.INVALID, errors);
        }
    }

    private void add(String path, Object value, String message) {
        if (errors.size() < MOST) {
            errors.add(new FieldError(path, String.valueOf(value), message));
        }
    }
}

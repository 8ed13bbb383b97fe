package dev.interposer.resources;

import dev.interposer.control.command.ErrorCode;
import dev.interposer.control.command.FieldError;
import dev.interposer.control.command.Rejection;
import java.io.Serial;
import java.util.List;

/** A manifest that can't be taken as it is; names every field that is wrong. */
public final class ManifestException extends Exception {
    @Serial
    private static final long serialVersionUID = 1;

    private final transient Rejection rejection;

    ManifestException(ErrorCode code, List<FieldError> errors) {
        super(Rejection.of(code, errors).message());
        this.rejection = Rejection.of(code, errors);
    }

    public Rejection rejection() {
        return rejection;
    }
}

package dev.interposer.server.grpc;

import dev.interposer.control.command.Rejection;
import io.grpc.StatusRuntimeException;
import java.io.Serial;

/** A refusal on its way to a client; batches and streams answer with what it says of each field. */
public final class RefusedException extends StatusRuntimeException {
    @Serial
    private static final long serialVersionUID = 1;

    private final transient Rejection rejection;

    RefusedException(StatusRuntimeException error, Rejection rejection) {
        super(error.getStatus(), error.getTrailers());
        this.rejection = rejection;
    }

    public Rejection rejection() {
        return rejection;
    }
}

package dev.interposer.server.tls;

import java.io.IOException;
import java.io.Serial;
import org.jspecify.annotations.Nullable;

/** Certificates or keys that can't be used; the message says what to do. */
public final class TlsException extends IOException {
    @Serial
    private static final long serialVersionUID = 1;

    TlsException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }
}

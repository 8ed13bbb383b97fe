package dev.interposer.agent.driver;

import java.io.Serial;

/** A driver could not do what it was asked; the message says what, in words for an operator. */
public final class DriverException extends Exception {
    @Serial
    private static final long serialVersionUID = 1;

    public DriverException(String message) {
        super(message);
    }

    public DriverException(String message, Throwable cause) {
        super(message, cause);
    }
}

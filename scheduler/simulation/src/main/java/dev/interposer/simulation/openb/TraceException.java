package dev.interposer.simulation.openb;

import java.io.Serial;

/** A trace file that can't be used; names the file, the line, the column and the value. */
public final class TraceException extends Exception {
    @Serial
    private static final long serialVersionUID = 1;

    TraceException(String message) {
        super(message);
    }
}

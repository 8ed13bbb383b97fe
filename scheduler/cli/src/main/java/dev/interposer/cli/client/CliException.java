package dev.interposer.cli.client;

import java.io.Serial;

/** Something that the user must know, with the exit code that says it to scripts. */
public final class CliException extends RuntimeException {
    public static final int REFUSED = 1;
    public static final int USAGE = 2;
    public static final int NOT_FOUND = 3;
    public static final int UNREACHABLE = 4;
    /** No room, or no answer in time. */
    public static final int LATER = 6;
    /** A replay that says of too many only that they wait. */
    public static final int UNEXPLAINED = 7;
    /** The job that was watched failed or was cancelled. */
    public static final int ENDED_BADLY = 8;
    /** What the command did not foresee. */
    public static final int FAULT = 9;

    @Serial
    private static final long serialVersionUID = 1;

    private final int exitCode;

    public CliException(int exitCode, String message) {
        super(message);
        this.exitCode = exitCode;
    }

    public int exitCode() {
        return exitCode;
    }
}

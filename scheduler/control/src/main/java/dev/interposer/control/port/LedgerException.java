package dev.interposer.control.port;

import java.io.Serial;

/** The ledger did not do what was asked. */
public final class LedgerException extends RuntimeException {
    @Serial
    private static final long serialVersionUID = 1;

    private final Kind kind;

    public LedgerException(Kind kind, String message) {
        super(message);
        this.kind = kind;
    }

    public LedgerException(Kind kind, String message, Throwable cause) {
        super(message, cause);
        this.kind = kind;
    }

    public Kind kind() {
        return kind;
    }

    /** What went wrong. */
    public enum Kind {
        /** Another epoch leads; nothing was written. */
        NOT_LEADER,
        /** It is not known whether the page was written. */
        UNKNOWN,
        /** The ledger holds what this version cannot read, or is damaged; leading would be wrong. */
        UNREADABLE,
        /** The ledger no longer holds what this server has read or written: a backup was restored. Read it anew. */
        REPLACED,
        /** The database is not set up as durability needs; leading would be wrong. */
        UNSAFE,
        /** The database cannot be reached. */
        UNREACHABLE
    }
}

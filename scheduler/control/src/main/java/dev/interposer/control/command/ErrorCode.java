package dev.interposer.control.command;

/** Why a command was refused. */
public enum ErrorCode {
    /** A field is malformed, missing or out of bounds. */
    INVALID,
    /** Asks for something that this version does not do. */
    UNSUPPORTED,
    /** Whoever asks may not do that. */
    FORBIDDEN,
    NOT_FOUND,
    ALREADY_EXISTS,
    /** The present state does not admit it. */
    CONFLICT,
    /** A bound is reached; may be tried again later. */
    RESOURCE_EXHAUSTED,
    /** A programming error; nothing was changed, and asking again will not help. */
    INTERNAL,
    /** The outcome is unknown, or nobody leads; may be tried again with the same request id. */
    UNAVAILABLE
}

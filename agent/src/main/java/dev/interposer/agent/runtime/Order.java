package dev.interposer.agent.runtime;

/** What a worker is asked to do. */
enum Order {
    /** Politely, so that it may save what it has. */
    TERMINATE,
    /** At once. */
    KILL
}

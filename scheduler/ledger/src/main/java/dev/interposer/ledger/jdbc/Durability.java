package dev.interposer.ledger.jdbc;

/** What "durable" means. */
public enum Durability {
    /** On the disk of one PostgreSQL. */
    LOCAL,
    /** On a synchronous standby too; without one nothing is acknowledged. */
    REPLICATED
}

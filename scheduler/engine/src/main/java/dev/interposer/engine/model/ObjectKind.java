package dev.interposer.engine.model;

/** The kinds of object that are applied and deleted by name. */
public enum ObjectKind {
    SUPPLIER,
    ACCELERATOR_CLASS,
    QUEUE,
    SUPPLY_ORDER,
    SOURCING_POLICY
}

package dev.interposer.engine.order;

/** Tells whether what kept a shape back may have changed. */
public interface Openings {
    /** Whether the blocker, looked at by itself, would let a gang through now. */
    boolean open(Blocker blocker);

    /** Grows whenever the blocker may have become less; a shape is tried once for each value. */
    long version(Blocker blocker);
}

package dev.interposer.engine.model;

/** The sorts of actor that may cause a command. */
public enum ActorKind {
    USER,
    KUBERNETES,
    AGENT,
    POLICY
}

package dev.interposer.server.security;

/** Who calls. */
public record Caller(String name, Role role) {}

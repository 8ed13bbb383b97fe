package dev.interposer.server.config;

/** How the port of agents and submission is encrypted. */
public enum TlsMode {
    /** Plaintext on loopback, or where {@code interposer.security.insecure} says so; else as {@link #OWN}. */
    AUTO,
    /** With certificates of the installation's own authority, which its database keeps. */
    OWN,
    /** With the certificate and the key of the files that are named. */
    FILES,
    /** Not at all; beyond loopback only where {@code interposer.security.insecure} says so. */
    PLAINTEXT
}

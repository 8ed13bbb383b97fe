package dev.interposer.engine.model;

/** A secret by name; what it holds never enters the ledger. */
public record SecretReference(String namespace, String secretName) {
    public static final SecretReference NONE = new SecretReference("", "");
}

package dev.interposer.server.kubernetes.objects;

import org.jspecify.annotations.Nullable;

/**
 * Which object.
 *
 * @param namespace empty for an object of the whole cluster
 */
public record ObjectKey(Kind kind, String namespace, String name) {
    /** Of its text; null if that names no object of ours. */
    public static @Nullable ObjectKey parse(String text) {
        String[] parts = text.split("/", -1);
        Kind kind = parts.length == 3 ? Kind.of(parts[0]) : null;
        return kind == null ? null : new ObjectKey(kind, parts[1], parts[2]);
    }

    /** As the ledger names a job. */
    String fullName() {
        return namespace + "/" + name;
    }

    @Override
    public String toString() {
        return kind.text() + "/" + namespace + "/" + name;
    }
}

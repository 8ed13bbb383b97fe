package dev.interposer.server.grpc;

import dev.interposer.control.command.FieldError;
import dev.interposer.control.command.Rejection;
import dev.interposer.resources.Manifest;

/** Of which object of a manifest a refusal is: field paths begin with its kind and name, as those of all objects do. */
final class ManifestErrors {
    private ManifestErrors() {}

    static Rejection of(Manifest manifest, Rejection refused) {
        String name = manifest instanceof Manifest.Job job ? job.namespace() + "/" + job.name() : manifest.name();
        String object = manifest.kind() + "/" + name;
        if (refused.fields().isEmpty()) {
            return Rejection.of(refused.code(), object + ": " + refused.message());
        }
        return Rejection.of(
                refused.code(),
                refused.fields().stream()
                        .map(field -> new FieldError(object + "." + field.path(), field.value(), field.message()))
                        .toList());
    }
}

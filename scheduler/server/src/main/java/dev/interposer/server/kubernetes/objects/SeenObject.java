package dev.interposer.server.kubernetes.objects;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.interposer.engine.model.Actor;
import dev.interposer.engine.model.ActorKind;
import dev.interposer.resources.Manifest;
import dev.interposer.resources.ManifestException;
import dev.interposer.resources.Manifests;
import java.util.ArrayList;
import java.util.List;

/** An object as its API server has it. Read as a tree: one that nobody thought of is read like all others. */
final class SeenObject {
    /** Keeps an object until the fleet has let go of what it asked for. */
    static final String FINALIZER = "interposer.dev/release";

    /** Who wrote the object: stamped at admission, so that nobody says it of himself. */
    private static final String AUTHOR = "interposer.dev/author";

    private static final ObjectMapper MAPPER = new ObjectMapper();

    private final JsonNode tree;

    SeenObject(JsonNode tree) {
        this.tree = tree;
    }

    String uid() {
        return metadata().path("uid").asText();
    }

    long generation() {
        return metadata().path("generation").asLong();
    }

    String resourceVersion() {
        return metadata().path("resourceVersion").asText();
    }

    boolean isDeleted() {
        return metadata().hasNonNull("deletionTimestamp");
    }

    List<String> finalizers() {
        List<String> finalizers = new ArrayList<>();
        metadata().path("finalizers").forEach(finalizer -> finalizers.add(finalizer.asText()));
        return finalizers;
    }

    boolean isKept() {
        return finalizers().contains(FINALIZER);
    }

    boolean isSuspended() {
        return tree.path("spec").path("suspend").asBoolean();
    }

    /** Seconds after its end at which it goes; negative for never. */
    long ttlSeconds() {
        return tree.path("spec").path("ttlSecondsAfterFinished").asLong(-1);
    }

    JsonNode status() {
        return tree.path("status");
    }

    /** On whose behalf commands are given. */
    Actor actor(String cluster) {
        String author = metadata().path("annotations").path(AUTHOR).asText();
        return new Actor(ActorKind.KUBERNETES, author.isEmpty() ? "cluster:" + cluster : author, "kubernetes");
    }

    /** The manifest, with a queue where the namespace names one and the job does not. */
    Manifest manifest(String defaultQueue) throws ManifestException {
        ObjectNode copy = tree.deepCopy();
        if (!defaultQueue.isEmpty()
                && copy.path("spec").isObject()
                && !copy.path("spec").hasNonNull("queueName")) {
            ((ObjectNode) copy.path("spec")).put("queueName", defaultQueue);
        }
        return Manifests.of(copy);
    }

    /** A change that adds or takes away the finalizer; refused if the object changed since. */
    String withFinalizer(boolean kept) {
        List<String> finalizers = new ArrayList<>(finalizers());
        finalizers.remove(FINALIZER);
        if (kept) {
            finalizers.add(FINALIZER);
        }
        ObjectNode change = MAPPER.createObjectNode();
        ObjectNode metadata = change.putObject("metadata");
        metadata.put("resourceVersion", resourceVersion());
        ArrayNode list = metadata.putArray("finalizers");
        finalizers.forEach(list::add);
        return change.toString();
    }

    private JsonNode metadata() {
        return tree.path("metadata");
    }
}

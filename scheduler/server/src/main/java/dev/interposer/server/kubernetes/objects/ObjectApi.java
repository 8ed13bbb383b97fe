package dev.interposer.server.kubernetes.objects;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.dsl.Resource;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import java.net.HttpURLConnection;

/** What is written to objects: their status, and the finalizer that keeps them. */
final class ObjectApi {
    private static final PatchContext MERGE = PatchContext.of(PatchType.JSON_MERGE);
    private static final PatchContext JSON = PatchContext.of(PatchType.JSON);

    private final KubernetesClient client;
    private final ObjectMapper mapper = new ObjectMapper();

    ObjectApi(KubernetesClient client) {
        this.client = client;
    }

    /** The whole status, in the place of what is there. */
    void status(ObjectKey key, SeenObject object, JsonNode status) {
        var patch = mapper.createArrayNode();
        // Of another object of that name this says nothing.
        patch.addObject().put("op", "test").put("path", "/metadata/uid").put("value", object.uid());
        patch.addObject().put("op", "add").put("path", "/status").set("value", status);
        quietly(() -> resource(key).subresource("status").patch(JSON, patch.toString()));
    }

    void keep(ObjectKey key, SeenObject object, boolean kept) {
        quietly(() -> resource(key).patch(MERGE, object.withFinalizer(kept)));
    }

    void delete(ObjectKey key, SeenObject object) {
        quietly(() ->
                resource(key).lockResourceVersion(object.resourceVersion()).delete());
    }

    /** An object that is gone or changed meanwhile is looked at again by itself: its watch tells. */
    private static void quietly(Runnable call) {
        try {
            call.run();
        } catch (KubernetesClientException e) {
            boolean overtaken =
                    e.getCode() == HttpURLConnection.HTTP_NOT_FOUND || e.getCode() == HttpURLConnection.HTTP_CONFLICT;
            if (!overtaken) {
                throw e;
            }
        }
    }

    private Resource<GenericKubernetesResource> resource(ObjectKey key) {
        var all = client.genericKubernetesResources(key.kind().context());
        return key.kind().isJob() ? all.inNamespace(key.namespace()).withName(key.name()) : all.withName(key.name());
    }
}

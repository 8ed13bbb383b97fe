package dev.interposer.server.kubernetes.objects;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.api.model.Namespace;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.dsl.Informable;
import io.fabric8.kubernetes.client.informers.ResourceEventHandler;
import io.fabric8.kubernetes.client.informers.SharedIndexInformer;
import io.quarkus.logging.Log;
import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** The objects of the API and the namespaces of one cluster, kept up to date by watches. */
final class ObjectStores {
    private static final long PAGE = 500;
    private static final int MOST_WAITING = 50;

    private final String cluster;
    private final KubernetesClient client;
    private final Consumer<String> changed;
    private final ObjectMapper mapper = new ObjectMapper();
    private final Map<Kind, SharedIndexInformer<GenericKubernetesResource>> informers =
            Collections.synchronizedMap(new EnumMap<>(Kind.class));
    private @Nullable SharedIndexInformer<Namespace> namespaces;
    private int turn;

    /** @param changed told the key of an object that changed */
    ObjectStores(String cluster, KubernetesClient client, Consumer<String> changed) {
        this.cluster = cluster;
        this.client = client;
        this.changed = changed;
    }

    /** Begins to watch; the API server must answer. Where the kinds are not defined yet it goes on trying. */
    void start() {
        for (Kind kind : Kind.values()) {
            var all = client.genericKubernetesResources(kind.context());
            var informer = watch(kind.isJob() ? all.inAnyNamespace() : all, kind.text());
            informer.addEventHandler(new Told(kind, changed));
            informers.put(kind, informer);
            begin(informer, kind.text());
        }
        SharedIndexInformer<Namespace> watched = watch(client.namespaces(), "Namespace");
        namespaces = watched;
        begin(watched, "Namespace");
    }

    void stop() {
        informers.values().forEach(SharedIndexInformer::stop);
        informers.clear();
        if (namespaces != null) {
            namespaces.stop();
        }
    }

    /** Whether everything was read once. */
    boolean synced() {
        return namespaces != null
                && namespaces.hasSynced()
                && !informers.isEmpty()
                && informers.values().stream().allMatch(SharedIndexInformer::hasSynced);
    }

    @Nullable
    SeenObject find(ObjectKey key) {
        GenericKubernetesResource found = get(key.kind(), key.kind().isJob() ? key.fullName() : key.name());
        return found == null ? null : new SeenObject(mapper.valueToTree(found));
    }

    /** Of all objects. */
    List<ObjectKey> keys() {
        List<ObjectKey> keys = new ArrayList<>();
        informers.forEach(
                (kind, informer) -> informer.getStore().list().forEach(object -> keys.add(key(kind, object))));
        return keys;
    }

    /** Objects that ask for the job of a name: none, one, or one of each kind. */
    List<ObjectKey> jobs(String fullName) {
        List<ObjectKey> found = new ArrayList<>();
        for (Kind kind : Kind.JOBS) {
            GenericKubernetesResource object = get(kind, fullName);
            if (object != null) {
                found.add(key(kind, object));
            }
        }
        return found;
    }

    /** Whether the object of a job is there. */
    boolean hasJob(String fullName, @Nullable String uid) {
        for (Kind kind : Kind.JOBS) {
            GenericKubernetesResource object = get(kind, fullName);
            if (object != null && object.getMetadata().getUid().equals(uid)) {
                return true;
            }
        }
        return false;
    }

    /** The next few jobs of which the status says that they wait; all have their turn. */
    List<ObjectKey> someWaiting() {
        List<ObjectKey> waiting = new ArrayList<>();
        for (Kind kind : Kind.JOBS) {
            SharedIndexInformer<GenericKubernetesResource> informer = informers.get(kind);
            List<GenericKubernetesResource> all =
                    informer == null ? List.of() : informer.getStore().list();
            int looked = 0;
            while (looked < all.size() && waiting.size() < MOST_WAITING) {
                GenericKubernetesResource object = all.get(Math.floorMod(turn++, all.size()));
                looked++;
                if ("Waiting".equals(object.get("status", "phase"))) {
                    waiting.add(key(kind, object));
                }
            }
        }
        return waiting;
    }

    private @Nullable GenericKubernetesResource get(Kind kind, String storeKey) {
        SharedIndexInformer<GenericKubernetesResource> informer = informers.get(kind);
        return informer == null ? null : informer.getStore().getByKey(storeKey);
    }

    /** Labels of a namespace. */
    Map<String, String> namespaceLabels(String name) {
        Namespace found = namespaces == null ? null : namespaces.getStore().getByKey(name);
        Map<String, String> labels = found == null ? null : found.getMetadata().getLabels();
        return labels == null ? Map.of() : labels;
    }

    private <T> SharedIndexInformer<T> watch(Informable<T> objects, String what) {
        SharedIndexInformer<T> informer = objects.withLimit(PAGE).runnableInformer(0);
        informer.exceptionHandler((started, error) -> {
            Log.warnf("cluster %s: the watch on %s failed and begins anew: %s", cluster, what, error.getMessage());
            return true;
        });
        return informer;
    }

    private void begin(SharedIndexInformer<?> informer, String what) {
        informer.start().exceptionally(error -> {
            Log.errorf("cluster %s: the watch on %s ended: %s", cluster, what, error.getMessage());
            return null;
        });
    }

    private static ObjectKey key(Kind kind, GenericKubernetesResource object) {
        String namespace = object.getMetadata().getNamespace();
        return new ObjectKey(
                kind, namespace == null ? "" : namespace, object.getMetadata().getName());
    }

    /** Passes on which object changed. */
    private record Told(Kind kind, Consumer<String> changed)
            implements ResourceEventHandler<GenericKubernetesResource> {
        @Override
        public void onAdd(GenericKubernetesResource object) {
            changed.accept(key(kind, object).toString());
        }

        @Override
        public void onUpdate(GenericKubernetesResource before, GenericKubernetesResource now) {
            changed.accept(key(kind, now).toString());
        }

        @Override
        public void onDelete(GenericKubernetesResource object, boolean unknown) {
            changed.accept(key(kind, object).toString());
        }
    }
}

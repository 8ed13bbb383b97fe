package dev.interposer.server.kubernetes;

import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.client.informers.cache.BasicItemStore;
import io.fabric8.kubernetes.client.informers.cache.Cache;
import java.util.function.Consumer;

/** Keeps objects without what nobody here reads: at ten thousand pods that is most of them. */
final class TrimmedStore<T extends HasMetadata> extends BasicItemStore<T> {
    private final Consumer<T> trim;

    TrimmedStore(Consumer<T> trim) {
        super(Cache::metaNamespaceKeyFunc);
        this.trim = trim;
    }

    @Override
    public T put(String key, T object) {
        object.getMetadata().setManagedFields(null);
        trim.accept(object);
        return super.put(key, object);
    }
}

package dev.interposer.server.kubernetes.pods;

import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.informers.ResourceEventHandler;
import io.fabric8.kubernetes.client.informers.SharedIndexInformer;
import io.fabric8.kubernetes.client.informers.cache.BasicItemStore;
import io.fabric8.kubernetes.client.informers.cache.Cache;
import io.quarkus.logging.Log;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** All pods of this fleet in one cluster, also those that are not bound yet and those that ended. */
final class PodWatch implements ResourceEventHandler<Pod> {
    private static final long PAGE = 500;

    private final String cluster;
    private final KubernetesClient client;
    private final PodController controller;
    private @Nullable SharedIndexInformer<Pod> informer;

    PodWatch(String cluster, KubernetesClient client, PodController controller) {
        this.cluster = cluster;
        this.client = client;
        this.controller = controller;
    }

    /** Begins anew; the API server should answer. */
    synchronized void start() {
        stop();
        SharedIndexInformer<Pod> pods = client.pods()
                .inAnyNamespace()
                .withLabel(PodLabels.MANAGED_BY, PodLabels.INTERPOSER)
                .withLimit(PAGE)
                .runnableInformer(0);
        pods.removeNamespaceIndex();
        pods.itemStore(new Trimmed());
        pods.exceptionHandler((started, error) -> {
            Log.warnf("cluster %s: the watch of pods failed and begins anew: %s", cluster, error.getMessage());
            return true;
        });
        pods.addEventHandler(this);
        informer = pods;
        pods.start().thenRun(() -> controller.synced(seen(pods))).exceptionally(error -> {
            Log.errorf("cluster %s: the watch of pods ended: %s", cluster, error.getMessage());
            return null;
        });
    }

    synchronized void stop() {
        if (informer != null) {
            informer.stop();
            informer = null;
        }
    }

    private static List<SeenPod> seen(SharedIndexInformer<Pod> pods) {
        return pods.getStore().list().stream()
                .map(SeenPod::of)
                .filter(Objects::nonNull)
                .toList();
    }

    @Override
    public void onAdd(Pod pod) {
        SeenPod seen = SeenPod.of(pod);
        if (seen != null) {
            controller.seen(seen);
        }
    }

    @Override
    public void onUpdate(Pod before, Pod now) {
        onAdd(now);
    }

    @Override
    public void onDelete(Pod pod, boolean unknown) {
        SeenPod seen = SeenPod.of(pod);
        if (seen != null) {
            // What it was last, which its watch may have shown only now.
            controller.seen(seen);
            controller.gone(seen);
        }
    }

    /** Without what nobody here reads. */
    private static final class Trimmed extends BasicItemStore<Pod> {
        Trimmed() {
            super(Cache::metaNamespaceKeyFunc);
        }

        @Override
        public Pod put(String key, Pod pod) {
            pod.getMetadata().setManagedFields(null);
            pod.getSpec().setVolumes(List.of());
            pod.getSpec().getContainers().forEach(Trimmed::trim);
            pod.getSpec().getInitContainers().forEach(Trimmed::trim);
            return super.put(key, pod);
        }

        private static void trim(Container container) {
            container.setEnv(List.of());
            container.setEnvFrom(List.of());
            container.setCommand(List.of());
            container.setArgs(List.of());
            container.setVolumeMounts(List.of());
        }
    }
}

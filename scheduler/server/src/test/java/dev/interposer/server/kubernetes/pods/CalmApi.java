package dev.interposer.server.kubernetes.pods;

import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.fabric8.kubernetes.api.model.Service;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Consumer;

/** An API server that does at once what it is asked, and remembers it. */
final class CalmApi implements PodApi {
    final List<String> asked = new ArrayList<>();
    private final Map<String, Pod> pods = new HashMap<>();
    private long version;

    /** What was asked since the last time. */
    List<String> taken() {
        List<String> taken = List.copyOf(asked);
        asked.clear();
        return taken;
    }

    /** A pod as it is now, with another status and perhaps on its way out. */
    SeenPod shown(String name, String phase, boolean deleting, PodBuilder with) {
        Pod pod = with.editMetadata()
                .withResourceVersion(Long.toString(++version))
                .withDeletionTimestamp(deleting ? "2026-11-29T10:00:00Z" : null)
                .endMetadata()
                .editOrNewStatus()
                .withPhase(phase)
                .endStatus()
                .build();
        pods.put(name, pod);
        return seen(pod);
    }

    PodBuilder pod(String name) {
        return new PodBuilder(Objects.requireNonNull(pods.get(name), name));
    }

    @Override
    public void dryRun(Pod pod, Consumer<Answer> then) {
        asked.add("try " + pod.getMetadata().getName());
        then.accept(new Answer.Done(null));
    }

    @Override
    public void create(Pod pod, Consumer<Answer> then) {
        String name = pod.getMetadata().getName();
        asked.add("make " + name);
        PodBuilder made =
                new PodBuilder(pod).editMetadata().withUid("u-" + name).endMetadata();
        then.accept(new Answer.Done(shown(name, "Pending", false, made)));
    }

    @Override
    public void create(Service service, Consumer<Answer> then) {
        asked.add("name " + service.getMetadata().getName());
        then.accept(new Answer.Done(null));
    }

    @Override
    public void get(String namespace, String name, Consumer<Answer> then) {
        asked.add("get " + name);
        Pod pod = pods.get(name);
        then.accept(pod == null ? new Answer.Missing() : new Answer.Done(seen(pod)));
    }

    @Override
    public void bind(SeenPod pod, String node, Consumer<Answer> then) {
        asked.add("bind " + pod.name() + " " + node);
        pods.put(
                pod.name(),
                pod(pod.name()).editSpec().withNodeName(node).endSpec().build());
        then.accept(new Answer.Done(null));
    }

    @Override
    public void delete(SeenPod pod, long graceSeconds, Consumer<Answer> then) {
        asked.add("delete " + pod.name() + " " + graceSeconds);
        then.accept(new Answer.Done(null));
    }

    static SeenPod seen(Pod pod) {
        return Objects.requireNonNull(SeenPod.of(pod));
    }
}

package dev.interposer.server.kubernetes.pods;

import static org.assertj.core.api.Assertions.assertThat;

import dev.interposer.engine.model.WorkerKey;
import io.fabric8.kubernetes.api.model.ContainerStatus;
import io.fabric8.kubernetes.api.model.ContainerStatusBuilder;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.fabric8.kubernetes.api.model.Service;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Queue;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.function.Predicate;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * An API server and its kubelets that do what they like: answers get lost before or after the deed, requests come late,
 * pods are refused, deleted by others, and end in all ways. It holds what must never be against each request.
 */
final class FakeCluster implements PodApi {
    private final Random random;
    private final Map<String, Pod> pods = new TreeMap<>();
    private final List<Request> requests = new ArrayList<>();
    private final Queue<Consumer<PodController>> watch = new ArrayDeque<>();

    /** By attempt: workers whose pods were ever made, and were bound. */
    private final Map<GangKey, Set<Integer>> made = new HashMap<>();

    private final Map<WorkerKey, String> bound = new HashMap<>();
    private final Set<GangKey> refused = new HashSet<>();
    private long version = 1;

    /** Of a hundred. */
    int troublePercent;

    int refusePercent;

    /** @param gang for which something is to be made; null for nothing */
    private record Request(
            Supplier<Answer> deed,
            Consumer<Answer> then,
            @Nullable GangKey gang) {}

    FakeCluster(Random random) {
        this.random = random;
    }

    // ---- What the controller asks ----

    @Override
    public void dryRun(Pod pod, Consumer<Answer> then) {
        requests.add(new Request(() -> admitted(pod), then, GangKey.of(key(pod))));
    }

    @Override
    public void create(Pod pod, Consumer<Answer> then) {
        requests.add(new Request(() -> make(pod), then, GangKey.of(key(pod))));
    }

    @Override
    public void create(Service service, Consumer<Answer> then) {
        requests.add(new Request(() -> new Answer.Done(null), then, null));
    }

    @Override
    public void get(String namespace, String name, Consumer<Answer> then) {
        requests.add(new Request(
                () -> pods.containsKey(name) ? new Answer.Done(seen(pod(name))) : new Answer.Missing(), then, null));
    }

    @Override
    public void bind(SeenPod pod, String node, Consumer<Answer> then) {
        requests.add(new Request(() -> bind(pod, node), then, GangKey.of(pod.key())));
    }

    @Override
    public void delete(SeenPod pod, long graceSeconds, Consumer<Answer> then) {
        assertThat(graceSeconds).as("grace of %s", pod.name()).isPositive();
        requests.add(new Request(
                () -> {
                    Pod there = pods.get(pod.name());
                    if (there == null || !uid(there).equals(pod.uid())) {
                        return new Answer.Missing();
                    }
                    delete(there);
                    return new Answer.Done(null);
                },
                then,
                GangKey.of(pod.key())));
    }

    private Answer admitted(Pod pod) {
        if (pods.containsKey(name(pod))) {
            return new Answer.Exists();
        }
        GangKey gang = GangKey.of(key(pod));
        if (!bound.keySet().stream().map(GangKey::of).anyMatch(gang::equals) && random.nextInt(100) < refusePercent) {
            return new Answer.Refused("exceeded quota");
        }
        return new Answer.Done(null);
    }

    private Answer make(Pod pod) {
        Answer admitted = admitted(pod);
        if (!(admitted instanceof Answer.Done)) {
            return admitted;
        }
        Pod there = new PodBuilder(pod)
                .editMetadata()
                .withUid("u" + ++version)
                .endMetadata()
                .withNewStatus()
                .withPhase("Pending")
                .endStatus()
                .build();
        made.computeIfAbsent(GangKey.of(key(pod)), gang -> new HashSet<>()).add(key(pod).worker());
        put(there);
        return new Answer.Done(seen(there));
    }

    private Answer bind(SeenPod pod, String node) {
        Pod there = pods.get(pod.name());
        if (there == null || !uid(there).equals(pod.uid())) {
            return new Answer.Missing();
        }
        if (there.getSpec().getNodeName() != null) {
            return there.getSpec().getNodeName().equals(node)
                    ? new Answer.Done(null)
                    : new Answer.Refused("is bound to another node");
        }
        GangKey gang = GangKey.of(pod.key());
        assertThat(made.get(gang))
                .as("pods made before the first of %s is bound", gang)
                .hasSize(pod.identity().worldSize());
        assertThat(refused).as("a gang of which a pod was refused").doesNotContain(gang);
        assertThat(bound.put(pod.key(), pod.uid()))
                .as("%s starts once", pod.key())
                .isNull();
        put(new PodBuilder(there).editSpec().withNodeName(node).endSpec().build());
        return new Answer.Done(null);
    }

    // ---- What happens by itself ----

    /** Any one thing that can happen now; whether there was one. */
    boolean happen(PodController controller) {
        return switch (random.nextInt(8)) {
            case 0, 1, 2 -> answer();
            case 3, 4 -> {
                Consumer<PodController> event = watch.poll();
                if (event != null) {
                    event.accept(controller);
                }
                yield event != null;
            }
            default -> kubelet();
        };
    }

    private boolean answer() {
        if (requests.isEmpty()) {
            return false;
        }
        Request request = requests.remove(random.nextInt(requests.size()));
        Answer lost = new Answer.Unanswered("timeout");
        int trouble = random.nextInt(100) < troublePercent ? random.nextInt(3) : 3;
        switch (trouble) {
            case 0 -> request.then().accept(lost);
            case 1 -> {
                Answer unheard = request.deed().get();
                assertThat(unheard).isNotNull();
                request.then().accept(lost);
            }
            case 2 -> {
                request.then().accept(lost);
                if (request.gang() != null) {
                    // It comes late.
                    requests.add(new Request(request.deed(), answer -> {}, null));
                }
            }
            default -> {
                Answer answer = request.deed().get();
                if (answer instanceof Answer.Refused && request.gang() != null) {
                    refused.add(request.gang());
                }
                request.then().accept(answer);
            }
        }
        return true;
    }

    private boolean kubelet() {
        List<Pod> bound = pods.values().stream()
                .filter(pod -> pod.getSpec().getNodeName() != null)
                .toList();
        if (bound.isEmpty()) {
            return false;
        }
        Pod pod = bound.get(random.nextInt(bound.size()));
        boolean deleting = pod.getMetadata().getDeletionTimestamp() != null;
        if (PodEnds.isTerminal(pod)) {
            if (deleting) {
                remove(pod);
            }
            return deleting;
        }
        int what = random.nextInt(20);
        if (deleting) {
            end(pod, "Failed", 143);
        } else if (!PodEnds.isStarted(pod)) {
            if (what == 0 && troublePercent > 0) {
                status(pod, "Failed", "OutOfcpu", null);
            } else {
                status(pod, "Running", "", main("running", 0));
            }
        } else if (what < 3) {
            end(pod, what == 0 && troublePercent > 0 ? "Failed" : "Succeeded", what == 0 && troublePercent > 0 ? 1 : 0);
        } else {
            return false;
        }
        return true;
    }

    /** Somebody else deletes a pod. */
    void deleteSome() {
        if (!pods.isEmpty()) {
            delete(new ArrayList<>(pods.values()).get(random.nextInt(pods.size())));
        }
    }

    private void delete(Pod pod) {
        if (pod.getSpec().getNodeName() == null || PodEnds.isTerminal(pod)) {
            remove(pod);
        } else if (pod.getMetadata().getDeletionTimestamp() == null) {
            put(new PodBuilder(pod)
                    .editMetadata()
                    .withDeletionTimestamp(Instant.EPOCH.toString())
                    .endMetadata()
                    .build());
        }
    }

    // ---- What there is ----

    /**
     * A watch begins anew: all that is there, and what changes from now on.
     *
     * @param started of what is known that it began; of a pod that somebody deleted before that was known, nobody can
     *     know that it was
     */
    List<SeenPod> listed(Predicate<WorkerKey> started) {
        Set<GangKey> begun = new HashSet<>();
        pods.values().forEach(pod -> begun.add(GangKey.of(key(pod))));
        bound.keySet().removeIf(key -> !started.test(key) && !begun.contains(GangKey.of(key)));
        watch.clear();
        // What was refused to one that is gone, the next may ask for.
        refused.clear();
        requests.replaceAll(request -> new Request(request.deed(), request.then(), null));
        return pods.values().stream().map(FakeCluster::seen).toList();
    }

    boolean runs(WorkerKey key) {
        return pods.values().stream()
                .anyMatch(
                        pod -> key(pod).equals(key) && pod.getSpec().getNodeName() != null && !PodEnds.isTerminal(pod));
    }

    List<String> unfinished() {
        return pods.values().stream()
                .filter(pod -> !PodEnds.isTerminal(pod))
                .map(FakeCluster::name)
                .toList();
    }

    boolean isQuiet() {
        return requests.isEmpty() && watch.isEmpty();
    }

    private Pod pod(String name) {
        return Objects.requireNonNull(pods.get(name));
    }

    private void end(Pod pod, String phase, int code) {
        status(pod, phase, "", main("terminated", code));
    }

    private void status(Pod pod, String phase, String reason, @Nullable ContainerStatus main) {
        put(new PodBuilder(pod)
                .withNewStatus()
                .withPhase(phase)
                .withReason(reason)
                .withContainerStatuses(main == null ? List.of() : List.of(main))
                .endStatus()
                .build());
    }

    private static ContainerStatus main(String state, int code) {
        ContainerStatusBuilder status =
                new ContainerStatusBuilder().withName("main").withContainerID("c://1");
        return state.equals("running")
                ? status.withNewState().withNewRunning().endRunning().endState().build()
                : status.withNewState()
                        .withNewTerminated()
                        .withExitCode(code)
                        .withFinishedAt("2026-11-29T10:00:00Z")
                        .endTerminated()
                        .endState()
                        .build();
    }

    private void put(Pod pod) {
        pod.getMetadata().setResourceVersion(Long.toString(++version));
        pods.put(name(pod), pod);
        SeenPod seen = seen(pod);
        watch.add(controller -> controller.seen(seen));
    }

    private void remove(Pod pod) {
        pods.remove(name(pod));
        SeenPod seen = seen(pod);
        watch.add(controller -> controller.gone(seen));
    }

    private static SeenPod seen(Pod pod) {
        return Objects.requireNonNull(SeenPod.of(pod));
    }

    private static WorkerKey key(Pod pod) {
        return Objects.requireNonNull(PodLabels.key(pod));
    }

    private static String name(Pod pod) {
        return pod.getMetadata().getName();
    }

    private static String uid(Pod pod) {
        return pod.getMetadata().getUid();
    }
}

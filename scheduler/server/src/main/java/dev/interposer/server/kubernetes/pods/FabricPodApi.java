package dev.interposer.server.kubernetes.pods;

import io.fabric8.kubernetes.api.model.BindingBuilder;
import io.fabric8.kubernetes.api.model.DeleteOptions;
import io.fabric8.kubernetes.api.model.DeleteOptionsBuilder;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import java.net.HttpURLConnection;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** The API server, by a client that waits: so many requests are under way at once, the others wait for their turn. */
final class FabricPodApi implements PodApi {
    private static final int AT_ONCE = 32;
    private static final int UNPROCESSABLE = 422;

    private final KubernetesClient client;
    private final BooleanSupplier leads;
    private final ExecutorService threads = Executors.newFixedThreadPool(
            AT_ONCE, Thread.ofVirtual().name("pods-", 0).factory());

    /** @param leads asked right before each request: one that waited through the end of a term is not sent */
    FabricPodApi(KubernetesClient client, BooleanSupplier leads) {
        this.client = client;
        this.leads = leads;
    }

    void close() {
        threads.shutdownNow();
    }

    @Override
    public void dryRun(Pod pod, Consumer<Answer> then) {
        ask(then, () -> {
            client.pods().resource(pod).dryRun(true).create();
            return new Answer.Done(null);
        });
    }

    @Override
    public void create(Pod pod, Consumer<Answer> then) {
        ask(then, () -> new Answer.Done(SeenPod.of(client.pods().resource(pod).create())));
    }

    @Override
    public void create(Service service, Consumer<Answer> then) {
        ask(then, () -> {
            client.services().resource(service).create();
            return new Answer.Done(null);
        });
    }

    @Override
    public void get(String namespace, String name, Consumer<Answer> then) {
        ask(then, () -> there(namespace, name));
    }

    private Answer there(String namespace, String name) {
        Pod pod = client.pods().inNamespace(namespace).withName(name).get();
        return pod == null ? new Answer.Missing() : new Answer.Done(SeenPod.of(pod));
    }

    @Override
    public void bind(SeenPod pod, String node, Consumer<Answer> then) {
        ask(then, () -> {
            try {
                client.raw(
                        path(pod) + "/binding",
                        "POST",
                        new BindingBuilder()
                                .withNewMetadata()
                                .withNamespace(pod.namespace())
                                .withName(pod.name())
                                .withUid(pod.uid())
                                .endMetadata()
                                .withNewTarget()
                                .withApiVersion("v1")
                                .withKind("Node")
                                .withName(node)
                                .endTarget()
                                .build());
                return new Answer.Done(null);
            } catch (KubernetesClientException e) {
                return switch (e.getCode()) {
                    case HttpURLConnection.HTTP_CONFLICT -> bound(pod, node, e);
                    case HttpURLConnection.HTTP_NOT_FOUND -> new Answer.Missing();
                    default -> answer(e);
                };
            }
        });
    }

    /** It was bound before, or it is another one, or it is being deleted. */
    private Answer bound(SeenPod pod, String node, KubernetesClientException conflict) {
        if (there(pod.namespace(), pod.name()) instanceof Answer.Done(var now)
                && now != null
                && now.uid().equals(pod.uid())) {
            if (now.node().equals(node)) {
                return new Answer.Done(null);
            }
            return now.deleting() ? new Answer.Unanswered(words(conflict)) : new Answer.Refused(words(conflict));
        }
        return new Answer.Missing();
    }

    @Override
    public void delete(SeenPod pod, long graceSeconds, Consumer<Answer> then) {
        DeleteOptions options = new DeleteOptionsBuilder()
                .withApiVersion("v1")
                .withKind("DeleteOptions")
                .withGracePeriodSeconds(graceSeconds)
                .withNewPreconditions()
                .withUid(pod.uid())
                .endPreconditions()
                .build();
        ask(then, () -> {
            try {
                client.raw(path(pod), "DELETE", options);
                return new Answer.Done(null);
            } catch (KubernetesClientException e) {
                // A conflict: there is another pod of that name.
                boolean other = e.getCode() == HttpURLConnection.HTTP_CONFLICT
                        || e.getCode() == HttpURLConnection.HTTP_NOT_FOUND;
                return other ? new Answer.Missing() : answer(e);
            }
        });
    }

    private static String path(SeenPod pod) {
        return "/api/v1/namespaces/" + pod.namespace() + "/pods/" + pod.name();
    }

    private void ask(Consumer<Answer> then, Supplier<Answer> request) {
        try {
            threads.execute(() -> then.accept(answer(request)));
        } catch (RejectedExecutionException e) {
            then.accept(new Answer.Unanswered("this server is stopping"));
        }
    }

    private Answer answer(Supplier<Answer> request) {
        if (!leads.getAsBoolean()) {
            return new Answer.Unanswered("this server does not lead");
        }
        try {
            return request.get();
        } catch (KubernetesClientException e) {
            return answer(e);
        } catch (RuntimeException e) {
            return new Answer.Unanswered(String.valueOf(e.getMessage()));
        }
    }

    /** Only what the API server decided on what was asked is a refusal; all else may be otherwise next time. */
    private static Answer answer(KubernetesClientException e) {
        return switch (e.getCode()) {
            case HttpURLConnection.HTTP_BAD_REQUEST,
                    HttpURLConnection.HTTP_FORBIDDEN,
                    HttpURLConnection.HTTP_NOT_FOUND,
                    HttpURLConnection.HTTP_BAD_METHOD,
                    HttpURLConnection.HTTP_ENTITY_TOO_LARGE,
                    HttpURLConnection.HTTP_UNSUPPORTED_TYPE,
                    UNPROCESSABLE -> new Answer.Refused(words(e));
            case HttpURLConnection.HTTP_CONFLICT ->
                "AlreadyExists".equals(reason(e)) ? new Answer.Exists() : new Answer.Unanswered(words(e));
            default -> new Answer.Unanswered(words(e));
        };
    }

    private static @Nullable String reason(KubernetesClientException e) {
        return e.getStatus() == null ? null : e.getStatus().getReason();
    }

    private static String words(KubernetesClientException e) {
        boolean said = e.getStatus() != null && e.getStatus().getMessage() != null;
        return said ? e.getStatus().getMessage() : String.valueOf(e.getMessage());
    }
}

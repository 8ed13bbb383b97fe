package dev.interposer.server.kubernetes.tenancy;

import dev.interposer.control.command.ErrorCode;
import dev.interposer.control.command.Rejection;
import dev.interposer.engine.model.JobKind;
import dev.interposer.server.security.AccessRules.Deed;
import io.fabric8.kubernetes.api.model.authorization.v1.SubjectAccessReview;
import io.fabric8.kubernetes.api.model.authorization.v1.SubjectAccessReviewBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Asks the cluster in which people apply jobs whether one of them might have done there what is asked for here: so a
 * tenant's rights are written down once, whichever way the tenant comes. Answers are kept for a few seconds.
 */
public final class ClusterAccess {
    private static final String GROUP = "interposer.dev";
    private static final int MOST_KEPT = 10_000;
    private static final long KEPT_NANOS = TimeUnit.SECONDS.toNanos(10);

    private final KubernetesClient client;
    private final Map<Question, Answer> kept = new LinkedHashMap<>();

    /** Of the cluster itself, the namespace is empty. */
    private record Question(String user, String verb, String resource, String namespace, String name) {}

    private record Answer(boolean allowed, long atNanos) {}

    /** What somebody wants to do with jobs of a kind in a namespace, in the words of RBAC. */
    public record Wish(String verb, String resource, String namespace) {}

    /** The same as of something that is asked for here. */
    public static Wish wish(Deed deed, JobKind kind, String namespace) {
        String verb = switch (deed) {
            case SUBMIT -> "create";
            case SCALE -> "patch";
            case CANCEL -> "delete";
        };
        return new Wish(verb, kind == JobKind.TRAINING ? "trainingjobs" : "inferencejobs", namespace);
    }

    public ClusterAccess(KubernetesClient client) {
        this.client = client;
    }

    /** Why it is refused; null if it is not. */
    public @Nullable Rejection refusal(String user, Wish wish, String queueName) {
        try {
            if (!isAllowed(new Question(user, wish.verb(), wish.resource(), wish.namespace(), ""))) {
                return forbidden(
                        "namespace",
                        wish.namespace(),
                        user + " may not " + wish.verb() + " " + wish.resource() + " in it");
            }
            boolean queueAllowed =
                    queueName.isEmpty() || isAllowed(new Question(user, "use", "jobqueues", "", queueName));
            return queueAllowed
                    ? null
                    : forbidden(
                            "spec.queueName",
                            queueName,
                            user + " may not use it: verb use on this jobqueue is missing");
        } catch (KubernetesClientException e) {
            return Rejection.of(
                    ErrorCode.UNAVAILABLE, "whether " + user + " may do that can't be asked now: " + e.getMessage());
        }
    }

    private static Rejection forbidden(String field, String value, String message) {
        return Rejection.of(ErrorCode.FORBIDDEN, field, value, message);
    }

    private boolean isAllowed(Question question) {
        long now = System.nanoTime();
        synchronized (kept) {
            Answer known = kept.get(question);
            if (known != null && now - known.atNanos() < KEPT_NANOS) {
                return known.allowed();
            }
        }
        SubjectAccessReview answered =
                client.authorization().v1().subjectAccessReview().create(review(question));
        boolean allowed = answered.getStatus() != null
                && Boolean.TRUE.equals(answered.getStatus().getAllowed());
        synchronized (kept) {
            kept.remove(question);
            kept.put(question, new Answer(allowed, now));
            Iterator<Answer> oldest = kept.values().iterator();
            if (kept.size() > MOST_KEPT) {
                oldest.next();
                oldest.remove();
            }
        }
        return allowed;
    }

    private static SubjectAccessReview review(Question question) {
        return new SubjectAccessReviewBuilder()
                .withNewSpec()
                .withUser(question.user())
                .withGroups("system:authenticated")
                .withNewResourceAttributes()
                .withGroup(GROUP)
                .withVerb(question.verb())
                .withResource(question.resource())
                .withNamespace(question.namespace())
                .withName(question.name())
                .endResourceAttributes()
                .endSpec()
                .build();
    }
}

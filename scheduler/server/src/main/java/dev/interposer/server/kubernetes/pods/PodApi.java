package dev.interposer.server.kubernetes.pods;

import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.Service;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * What is asked of one cluster's API server. No call waits: each is answered once, later and on any thread. An answer
 * that got lost is {@link Answer.Unanswered}: what was asked for may have been done, or may be done yet.
 */
interface PodApi {
    /** Whether the pod would be taken, without making it. */
    void dryRun(Pod pod, Consumer<Answer> then);

    void create(Pod pod, Consumer<Answer> then);

    void create(Service service, Consumer<Answer> then);

    void get(String namespace, String name, Consumer<Answer> then);

    /** To a node; only this very pod. Done also if it was bound there before. */
    void bind(SeenPod pod, String node, Consumer<Answer> then);

    /** Only this very pod; one that is bound has so many seconds to end. */
    void delete(SeenPod pod, long graceSeconds, Consumer<Answer> then);

    /** What the API server said. */
    sealed interface Answer {
        /**
         * It is done.
         *
         * @param pod as it was then; null where no pod was asked for
         */
        record Done(@Nullable SeenPod pod) implements Answer {}

        /** There is no such pod. */
        record Missing() implements Answer {}

        /** One of this name is there already. */
        record Exists() implements Answer {}

        /** No, in the API server's words; to ask again would change nothing. */
        record Refused(String words) implements Answer {}

        /** Nobody knows: to be asked again, later. */
        record Unanswered(String words) implements Answer {}
    }
}

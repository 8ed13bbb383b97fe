package dev.interposer.server.kubernetes.pods;

import io.fabric8.kubernetes.api.model.Pod;

/** What became of an order. */
sealed interface MadePod {
    record Made(Pod pod) implements MadePod {}

    /**
     * There is no pod that would be what the job asks for.
     *
     * @param field of the job, as its owner wrote it
     */
    record Refused(String field, String message) implements MadePod {
        String text() {
            return field + " " + message;
        }
    }
}

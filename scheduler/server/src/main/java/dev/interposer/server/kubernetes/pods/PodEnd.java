package dev.interposer.server.kubernetes.pods;

import dev.interposer.engine.model.EndCause;

/**
 * How a pod ended.
 *
 * @param exitCode of the container that is the worker, or of the one whose end was the pod's; -1 if there is none
 */
record PodEnd(EndCause cause, int exitCode, String message) {
    static final int NO_CODE = -1;

    static PodEnd of(EndCause cause, String message) {
        return new PodEnd(cause, NO_CODE, message);
    }
}

package dev.interposer.engine.model;

import static dev.interposer.engine.model.EndCause.Consequence.AVOIDS_THE_NODE;
import static dev.interposer.engine.model.EndCause.Consequence.USES_A_RETRY;
import static dev.interposer.engine.model.EndCause.Consequence.WAITS_FIRST;
import static dev.interposer.engine.model.EndCause.Consequence.WAITS_THE_SECOND_TIME;

import java.util.List;

/**
 * Why a worker ended, and what follows for its gang: this is the table. A cause without consequences is no failure: the
 * gang then goes on, ends well, or is placed again as if nothing had been.
 */
public enum EndCause {
    /** Exit code 0. */
    COMPLETED,
    /** The job's own fault: a non-zero exit code. One that the job calls fatal ends it. */
    EXIT_CODE(USES_A_RETRY, WAITS_FIRST, AVOIDS_THE_NODE),
    /** Killed for memory. */
    OUT_OF_MEMORY(USES_A_RETRY, WAITS_FIRST, AVOIDS_THE_NODE),
    /** The command could not be started (no such file, no permission), or its devices not be made ready. */
    START_FAILED(USES_A_RETRY, WAITS_FIRST, AVOIDS_THE_NODE),
    /** A device failed under it. That one is out of service, so nothing speaks for the same happening again at once. */
    DEVICE_FAULT(AVOIDS_THE_NODE),
    /** The node was lost and fenced. */
    NODE_LOST(AVOIDS_THE_NODE),
    /** The agent restarted and could not learn how the process ended. */
    UNKNOWN(WAITS_FIRST, AVOIDS_THE_NODE),
    /** The kubelet of its node refused the pod: the node has less than the ledger knew. */
    ADMISSION_REFUSED(AVOIDS_THE_NODE, WAITS_THE_SECOND_TIME),
    /** The API server of its cluster refused a pod of the gang, so none of it ran: that is nobody's node. */
    POD_REJECTED(WAITS_FIRST),
    /** Evicted by somebody else, such as an operator's drain or the node for want of memory or disk. */
    EVICTED(AVOIDS_THE_NODE, WAITS_THE_SECOND_TIME),
    /** Its image could not be had: a wrong name or secret, which is the job's fault, or a node without a way there. */
    IMAGE_PULL_FAILED(USES_A_RETRY, WAITS_FIRST, AVOIDS_THE_NODE),
    /** Stopped because the scheduler asked for it, or its agent ended and took it along. */
    RELEASED;

    private final boolean usesARetry;
    private final boolean waitsFirst;
    private final boolean waitsTheSecondTime;
    private final boolean avoidsTheNode;

    /** What may follow from an end. */
    public enum Consequence {
        /** It counts against the job's {@link FailurePolicy#backoffLimit}; other ends are free. */
        USES_A_RETRY,
        /** The gang waits before it is placed again, longer with each failure that counts. */
        WAITS_FIRST,
        /** Likewise, but only if it ended so on a node that it avoids already: it has nowhere else to go. */
        WAITS_THE_SECOND_TIME,
        /** The node becomes the gang's last resort. */
        AVOIDS_THE_NODE
    }

    EndCause(Consequence... consequences) {
        List<Consequence> all = List.of(consequences);
        this.usesARetry = all.contains(USES_A_RETRY);
        this.waitsFirst = all.contains(WAITS_FIRST);
        this.waitsTheSecondTime = all.contains(WAITS_THE_SECOND_TIME);
        this.avoidsTheNode = all.contains(AVOIDS_THE_NODE);
    }

    public boolean has(Consequence consequence) {
        return switch (consequence) {
            case USES_A_RETRY -> usesARetry;
            case WAITS_FIRST -> waitsFirst;
            case WAITS_THE_SECOND_TIME -> waitsTheSecondTime;
            case AVOIDS_THE_NODE -> avoidsTheNode;
        };
    }

    /** Whether a gang can have failed by it. */
    public boolean failure() {
        return usesARetry || waitsFirst || avoidsTheNode;
    }
}

package dev.interposer.server.security;

import dev.interposer.control.command.Rejection;
import dev.interposer.engine.model.JobKind;
import org.jspecify.annotations.Nullable;

/** Whether somebody may do a thing in a namespace, beyond what the role of a token says. */
public interface AccessRules {
    /** What is to be done with a job. */
    enum Deed {
        SUBMIT,
        SCALE,
        CANCEL
    }

    /**
     * Why it is refused; null if it is not. May ask elsewhere and take its time.
     *
     * @param queueName that a new job is to wait in; empty for another deed
     */
    @Nullable
    Rejection refusal(Caller caller, Deed deed, JobKind kind, String namespace, String queueName);
}

package dev.interposer.agent.runtime;

import java.util.Arrays;

/** By what a worker may be asked to save its work and to end; the shell beside it outlives each of them. */
enum PoliteSignal {
    TERM,
    HUP,
    INT,
    QUIT,
    USR1,
    USR2;

    /** As a job says it, such as SIGUSR1. What is none of these, or nothing, is {@link #TERM}. */
    static PoliteSignal named(String name) {
        return Arrays.stream(values())
                .filter(signal -> name.equals("SIG" + signal))
                .findAny()
                .orElse(TERM);
    }
}

package dev.interposer.ledger.jdbc;

import java.io.IOException;
import org.jspecify.annotations.Nullable;

/** Where in an append a leader may be when it is stopped, in order. */
enum AppendStep {
    /** The lease was looked at and the page is made. */
    BEFORE_APPEND(false),
    /** The statement is bound; nothing of it is on the wire. */
    BEFORE_SENDING(false),
    /** PostgreSQL has half of the statement. */
    HALF_SENT(false),
    /** PostgreSQL has the statement; its answer was not read. */
    SENT(true),
    /** The answer was read; nobody was told. */
    BEFORE_ACKNOWLEDGING(true);

    private static volatile @Nullable AppendStep armed;
    private final boolean written;

    AppendStep(boolean written) {
        this.written = written;
    }

    /** Whether the page is in the ledger for good when the leader is stopped here. */
    boolean written() {
        return written;
    }

    /** The next time that this process passes the step, it stops itself; null for never. */
    static void arm(@Nullable AppendStep step) {
        armed = step;
    }

    /** Stops this process if the step is the armed one; goes on when somebody continues it. */
    void pass() {
        if (armed != this) {
            return;
        }
        armed = null;
        System.out.println("STOPPED " + this);
        try {
            String self = Long.toString(ProcessHandle.current().pid());
            new ProcessBuilder("kill", "-STOP", self).start().waitFor();
        } catch (IOException | InterruptedException e) {
            throw new IllegalStateException("this process can't stop itself", e);
        }
    }
}

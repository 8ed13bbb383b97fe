package dev.interposer.agent.runtime;

import java.lang.System.Logger.Level;

/**
 * What is done when an agent can't go on: it ends, and the next one finds its workers. One that lost its loop would
 * look alive and do nothing.
 */
interface Fatal {
    /** As when the journal can't be written. */
    int EXIT_CODE = 3;

    void end(String what, Throwable cause);

    /** Ends this process even if nothing can be logged any more, such as after its jar was replaced. */
    static void halt(String what, Throwable cause) {
        try {
            System.getLogger(Fatal.class.getName()).log(Level.ERROR, what + "; stopping", cause);
        } finally {
            Runtime.getRuntime().halt(EXIT_CODE);
        }
    }
}

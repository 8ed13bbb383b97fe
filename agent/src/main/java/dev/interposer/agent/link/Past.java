package dev.interposer.agent.link;

import dev.interposer.agent.journal.Journal;
import dev.interposer.agent.reconcile.Reconciler;
import java.io.IOException;
import java.nio.file.Path;

/**
 * What a node did so far: its journal, open for more, and the reconciler that read it.
 *
 * @param journal for what comes
 * @param reconciler knows what came
 */
record Past(Journal journal, Reconciler reconciler) {
    static Past of(Path file) throws IOException {
        Reconciler reconciler = new Reconciler();
        return new Past(Journal.open(file, reconciler::recover), reconciler);
    }

    /** The same, of a node that may forget when its machine fails. */
    static Past ofUnsynced(Path file) throws IOException {
        Reconciler reconciler = new Reconciler();
        return new Past(Journal.openUnsynced(file, reconciler::recover), reconciler);
    }
}

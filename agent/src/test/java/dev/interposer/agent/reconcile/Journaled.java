package dev.interposer.agent.reconcile;

import java.util.List;

/** What an agent writes of its past, and another that reads it. */
final class Journaled {
    private Journaled() {}

    static void note(List<Action> actions, List<JournalEntry> journal) {
        for (Action action : actions) {
            if (action instanceof Action.Note(JournalEntry entry)) {
                journal.add(entry);
            }
        }
    }

    static Reconciler recovered(List<JournalEntry> entries) {
        Reconciler reconciler = new Reconciler();
        entries.forEach(reconciler::recover);
        return reconciler;
    }
}

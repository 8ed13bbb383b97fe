package dev.interposer.agent.runtime;

import org.jspecify.annotations.Nullable;

/**
 * A process as the kernel's table shows it. Unlike its environment, a line of that table can be had of a process that
 * hangs, and of one that was killed and still gives back what it holds.
 *
 * @param state the kernel's letter
 * @param session number of the process that began the session it is in
 * @param threads that are left of it
 * @param startTicks when it began, since the machine did: a number comes again, never both
 */
record ProcessEntry(long pid, char state, long session, long threads, long startTicks) {
    /** Which process a number stood for. */
    record Identity(long pid, long startTicks) {}

    private static final int STATE = 0;
    private static final int SESSION = 3;
    private static final int THREADS = 17;
    private static final int START = 19;

    /** Null if the line is none; a name may hold anything, also brackets. */
    static @Nullable ProcessEntry parse(String line) {
        int open = line.indexOf(" (");
        int close = line.lastIndexOf(") ");
        if (open < 0 || close < open) {
            return null;
        }
        String[] fields = line.substring(close + 2).strip().split(" ", -1);
        if (fields.length <= START || fields[STATE].length() != 1) {
            return null;
        }
        try {
            return new ProcessEntry(
                    Long.parseLong(line.substring(0, open)),
                    fields[STATE].charAt(0),
                    Long.parseLong(fields[SESSION]),
                    Long.parseLong(fields[THREADS]),
                    Long.parseLong(fields[START]));
        } catch (NumberFormatException e) {
            return null;
        }
    }

    Identity identity() {
        return new Identity(pid, startTicks);
    }

    /** It holds nothing any more. One whose first thread has ended looks the same but for the threads it has left. */
    boolean gone() {
        return (state == 'Z' || state == 'X') && threads <= 1;
    }
}

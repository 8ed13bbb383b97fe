package dev.interposer.agent.runtime;

import java.util.List;
import org.jspecify.annotations.Nullable;

/** The processes of this machine. Nothing here waits for any of them. */
interface ProcessTable {
    List<ProcessEntry> all();

    /** Null if there is none of that number. */
    @Nullable
    ProcessEntry of(long pid);

    /** By the hard signal, if it still is that process. */
    void kill(ProcessEntry entry);
}

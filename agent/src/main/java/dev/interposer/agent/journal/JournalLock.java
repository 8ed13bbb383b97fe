package dev.interposer.agent.journal;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Path;

/**
 * One process speaks for a node: two that append to one journal cut each other's lines, and each would start what the
 * other has begun. The lock is on a file of its own, for the journal's is replaced by a shorter one now and then. The
 * operating system takes it back when its holder dies, however it dies.
 */
record JournalLock(FileChannel channel) implements AutoCloseable {
    static JournalLock of(Path journal) throws IOException {
        FileChannel channel = PrivateFiles.open(journal.resolveSibling(journal.getFileName() + ".lock"));
        try {
            take(channel, journal);
            return new JournalLock(channel);
        } catch (IOException e) {
            channel.close();
            throw e;
        }
    }

    /** Also the journal's own, which agents before this one locked alone. */
    static void take(FileChannel channel, Path journal) throws IOException {
        boolean taken;
        try {
            taken = channel.tryLock() == null;
        } catch (OverlappingFileLockException e) {
            taken = true;
        }
        if (taken) {
            throw new IOException(
                    "journal " + journal + " is in use: another agent speaks for this node. Maybe end that one first?");
        }
    }

    @Override
    public void close() throws IOException {
        channel.close();
    }
}

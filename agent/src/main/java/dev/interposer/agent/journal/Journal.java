package dev.interposer.agent.journal;

import dev.interposer.agent.reconcile.JournalEntry;
import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Consumer;

/**
 * What an agent began and what ended, appended and synced, one {@linkplain EntryLine line} an entry: the agent's own
 * testimony of what it ran. A last line that was cut short is dropped. What nobody needs any more goes when the file is
 * written anew, shorter, in the place of the old one.
 *
 * <p>An unsynced one survives its process and not its machine: for simulated nodes, whose workers end with the process.
 */
public final class Journal implements AutoCloseable {
    private static final int MOST_UNWRITTEN = 8192;

    /** One that is smaller is not written anew: reading it takes no time. */
    static final long LEAST_SHORTENED_BYTES = 4L << 20;

    /** Times that it may outgrow what was left of it; so an entry is written anew a few times at most. */
    private static final int MOST_GROWTH = 4;

    private final Path file;
    private final JournalLock lock;
    private final boolean synced;
    private final Unwritten unwritten = new Unwritten();
    private FileChannel channel;
    private long writtenBytes;
    private long shortenAboveBytes = LEAST_SHORTENED_BYTES;

    private Journal(Path file, JournalLock lock, boolean synced, FileChannel channel, long writtenBytes) {
        this.file = file;
        this.lock = lock;
        this.synced = synced;
        this.channel = channel;
        this.writtenBytes = writtenBytes;
    }

    /** Opens the file, or makes it, for this process alone; what it holds goes to {@code recovered}, oldest first. */
    public static Journal open(Path file, Consumer<JournalEntry> recovered) throws IOException {
        return open(file, recovered, true);
    }

    /** The same, without waiting for the disk at each entry. */
    public static Journal openUnsynced(Path file, Consumer<JournalEntry> recovered) throws IOException {
        return open(file, recovered, false);
    }

    private static Journal open(Path file, Consumer<JournalEntry> recovered, boolean synced) throws IOException {
        PrivateFiles.folderOf(file);
        JournalLock lock = JournalLock.of(file);
        FileChannel channel = null;
        try {
            channel = PrivateFiles.open(file);
            JournalLock.take(channel, file);
            long good = recover(channel, file, recovered);
            channel.truncate(good);
            channel.position(good);
            return new Journal(file, lock, synced, channel, good);
        } catch (IOException e) {
            if (channel != null) {
                channel.close();
            }
            lock.close();
            throw e;
        }
    }

    /**
     * Entry by entry, for a file may be larger than the heap, and through the channel that holds the lock: closing any
     * other on the same file would give the lock back. Returns where the last whole line ends.
     */
    private static long recover(FileChannel channel, Path file, Consumer<JournalEntry> recovered) throws IOException {
        InputStream in = new BufferedInputStream(Channels.newInputStream(channel), 1 << 16);
        ByteArrayOutputStream line = new ByteArrayOutputStream();
        long start = 0;
        for (int next = in.read(); next >= 0; next = in.read()) {
            if (next != '\n') {
                line.write(next);
                continue;
            }
            try {
                recovered.accept(EntryLine.parse(line.toString(StandardCharsets.UTF_8)));
            } catch (DamagedLineException e) {
                throw new IOException(
                        "journal " + file + " holds a damaged line at byte " + start + ": " + e.getMessage()
                                + ". What ran on this node can't be told from it. Maybe end the node's workers, move"
                                + " the file away, start the agent, and fence the node?",
                        e);
            }
            start += line.size() + 1;
            line.reset();
        }
        return start;
    }

    /**
     * On disk on return, unless unsynced. An acknowledgement leaves with the next entry of another kind: an agent that
     * lost one says that end again and is told again that it is known.
     */
    public void append(JournalEntry entry) throws IOException {
        unwritten.line(entry);
        if (!(entry instanceof JournalEntry.Acknowledged) || unwritten.size() > MOST_UNWRITTEN) {
            writtenBytes += write(channel, unwritten.take());
            if (synced) {
                channel.force(false);
            }
        }
    }

    private static long write(FileChannel channel, ByteBuffer buffer) throws IOException {
        long written = 0;
        while (buffer.hasRemaining()) {
            written += channel.write(buffer);
        }
        return written;
    }

    /** Whether it has grown far beyond what it needs to hold. */
    public boolean mayBeShortened() {
        return writtenBytes > shortenAboveBytes;
    }

    /**
     * Puts a new file that says only this in the place of the old one. What was appended must be in it. A machine that
     * fails in between has the one or the other; where it can't be written the old one stays in use.
     */
    public void shorten(List<JournalEntry> testimony) throws IOException {
        // Also if it fails: a full disk is not asked again at once.
        shortenAboveBytes = writtenBytes * 2;
        FileChannel next = PrivateFiles.begin(replacement());
        try {
            JournalLock.take(next, file);
            Unwritten lines = new Unwritten();
            long bytes = 0;
            for (JournalEntry entry : testimony) {
                lines.line(entry);
                if (lines.size() > MOST_UNWRITTEN) {
                    bytes += write(next, lines.take());
                }
            }
            bytes += write(next, lines.take());
            next.force(true);
            PrivateFiles.replace(replacement(), file);
            writtenBytes = bytes;
        } catch (IOException e) {
            next.close();
            throw e;
        }
        unwritten.reset();
        shortenAboveBytes = Math.max(LEAST_SHORTENED_BYTES, writtenBytes * MOST_GROWTH);
        FileChannel old = channel;
        channel = next;
        old.close();
    }

    private Path replacement() {
        return file.resolveSibling(file.getFileName() + ".next");
    }

    /** Size of the file; what is still to be written is not in it. */
    public long bytes() {
        return writtenBytes;
    }

    @Override
    public void close() throws IOException {
        try (lock;
                FileChannel last = channel) {
            if (unwritten.size() > 0) {
                write(last, unwritten.take());
                if (synced) {
                    last.force(false);
                }
            }
        }
    }

    /** Lines that are still to be written. */
    private static final class Unwritten extends ByteArrayOutputStream {
        void line(JournalEntry entry) {
            writeBytes(EntryLine.of(entry).getBytes(StandardCharsets.UTF_8));
            write('\n');
        }

        /** All of them; good until the next line comes. */
        ByteBuffer take() {
            ByteBuffer lines = ByteBuffer.wrap(buf, 0, count);
            reset();
            return lines;
        }
    }
}

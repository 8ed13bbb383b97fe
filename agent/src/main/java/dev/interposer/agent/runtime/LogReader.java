package dev.interposer.agent.runtime;

import dev.interposer.proto.agent.v1.LogPosition;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.NoSuchFileException;
import org.jspecify.annotations.Nullable;

/** Reads a log along its files, once each byte that is still there. Of one thread. */
public final class LogReader implements AutoCloseable {
    private final LogFiles files;
    private long number;
    private long offsetBytes;
    private @Nullable FileChannel file;

    LogReader(LogFiles files, LogPosition from) throws IOException {
        this.files = files;
        open(from.getFile(), from.getOffsetBytes());
    }

    /** Behind what was read last. */
    public LogPosition position() {
        return LogFiles.position(number, offsetBytes);
    }

    /** Count of bytes read; 0 when nothing more is there now. */
    public int read(byte[] block) throws IOException {
        while (true) {
            int length = readHere(block);
            if (length > 0) {
                return length;
            }
            long next = files.after(number);
            if (next < 0) {
                return 0;
            }
            // Between the look at this file and that for the next one, more may have come into this one; no more will.
            length = readHere(block);
            if (length > 0) {
                return length;
            }
            open(next, 0);
        }
    }

    @Override
    public void close() throws IOException {
        if (file != null) {
            file.close();
            file = null;
        }
    }

    private int readHere(byte[] block) throws IOException {
        int length = file == null ? -1 : file.read(ByteBuffer.wrap(block));
        offsetBytes += Math.max(0, length);
        return length;
    }

    private void open(long next, long from) throws IOException {
        close();
        number = next;
        offsetBytes = from;
        try {
            file = FileChannel.open(files.file(next)).position(from);
        } catch (NoSuchFileException e) {
            // Removed since we looked for it, or not begun yet: what comes after it is read next.
            offsetBytes = 0;
        }
    }
}

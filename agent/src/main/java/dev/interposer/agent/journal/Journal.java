package dev.interposer.agent.journal;

import com.google.protobuf.InvalidProtocolBufferException;
import dev.interposer.agent.reconcile.JournalEntry;
import dev.interposer.proto.agent.v1.WorkerAssignment;
import dev.interposer.proto.agent.v1.WorkerKey;
import dev.interposer.proto.agent.v1.WorkerStatus;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.channels.OverlappingFileLockException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.zip.CRC32;

/**
 * What an agent began and what ended, appended and synced, one line an entry.
 *
 * <p>Form of a line, fields separated by a space:
 *
 * <pre>
 * START  job gang attempt worker epoch devices assignment crc
 * END    job gang attempt worker cause exitCode status crc
 * ACK    job gang attempt worker crc
 * SEEN   epoch incarnation revision crc
 * </pre>
 *
 * {@code devices} are names separated by commas, {@code -} for none; {@code assignment} and {@code status} are the
 * messages of agent.v1 in Base64; {@code crc} is the CRC-32 of the line before it, in hexadecimal. A last line that
 * was cut short is dropped. Nothing is ever removed: the file is the agent's own testimony of what it ran.
 *
 * <p>An unsynced one survives its process and not its machine: for simulated nodes, whose workers end with the process.
 */
public final class Journal implements AutoCloseable {
    private static final int MOST_UNWRITTEN = 8192;

    private final FileChannel channel;
    private final boolean synced;
    private final Unwritten unwritten = new Unwritten();
    private long writtenBytes;

    private Journal(FileChannel channel, boolean synced, long writtenBytes) {
        this.channel = channel;
        this.synced = synced;
        this.writtenBytes = writtenBytes;
    }

    /** Opens the file, or makes it, for this process alone; what it holds goes to {@code recovered}. */
    public static Journal open(Path file, List<JournalEntry> recovered) throws IOException {
        return open(file, recovered, true);
    }

    /** The same, without waiting for the disk at each entry. */
    public static Journal openUnsynced(Path file, List<JournalEntry> recovered) throws IOException {
        return open(file, recovered, false);
    }

    private static Journal open(Path file, List<JournalEntry> recovered, boolean synced) throws IOException {
        PrivateFiles.folderOf(file);
        FileChannel channel = PrivateFiles.open(file);
        try {
            lock(channel, file);
            long good = recover(channel, file, recovered);
            channel.truncate(good);
            channel.position(good);
            return new Journal(channel, synced, good);
        } catch (IOException e) {
            channel.close();
            throw e;
        }
    }

    /**
     * One process speaks for a node: two that append to one journal cut each other's lines, and each would start what
     * the other has begun. The operating system takes the lock back when its holder dies, however it dies.
     */
    private static void lock(FileChannel channel, Path file) throws IOException {
        boolean taken;
        try {
            taken = channel.tryLock() == null;
        } catch (OverlappingFileLockException e) {
            taken = true;
        }
        if (taken) {
            throw new IOException(
                    "journal " + file + " is in use: another agent speaks for this node. Maybe end that one first?");
        }
    }

    /** Reads through the channel that holds the lock: closing any other on the same file would give the lock back. */
    private static long recover(FileChannel channel, Path file, List<JournalEntry> recovered) throws IOException {
        byte[] bytes = Channels.newInputStream(channel).readAllBytes();
        int start = 0;
        for (int at = 0; at < bytes.length; at++) {
            if (bytes[at] == '\n') {
                String line = new String(bytes, start, at - start, StandardCharsets.UTF_8);
                recovered.add(parse(file, line));
                start = at + 1;
            }
        }
        return start;
    }

    /**
     * On disk on return, unless unsynced. An acknowledgement leaves with the next entry of another kind: an agent that
     * lost one says that end again and is told again that it is known.
     */
    public void append(JournalEntry entry) throws IOException {
        unwritten.line(format(entry));
        if (!(entry instanceof JournalEntry.Acknowledged) || unwritten.size() > MOST_UNWRITTEN) {
            write();
        }
    }

    private void write() throws IOException {
        ByteBuffer buffer = unwritten.take();
        while (buffer.hasRemaining()) {
            writtenBytes += channel.write(buffer);
        }
        if (synced) {
            channel.force(false);
        }
    }

    /** Size of the file; what is still to be written is not in it. */
    public long bytes() {
        return writtenBytes;
    }

    @Override
    public void close() throws IOException {
        try (channel) {
            if (unwritten.size() > 0) {
                write();
            }
        }
    }

    /** Lines that are still to be written, each with its CRC. */
    private static final class Unwritten extends ByteArrayOutputStream {
        private final CRC32 crc = new CRC32();

        void line(String body) {
            byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
            crc.reset();
            crc.update(bytes);
            writeBytes(bytes);
            write(' ');
            writeBytes(Long.toHexString(crc.getValue()).getBytes(StandardCharsets.US_ASCII));
            write('\n');
        }

        /** All of them; good until the next line comes. */
        ByteBuffer take() {
            ByteBuffer lines = ByteBuffer.wrap(buf, 0, count);
            reset();
            return lines;
        }
    }

    /** A line without its CRC. */
    private static String format(JournalEntry entry) {
        return switch (entry) {
            case JournalEntry.Starting starting -> {
                WorkerAssignment assignment = starting.assignment();
                String devices = String.join(",", assignment.getDeviceNamesList());
                yield "START " + key(assignment.getKey()) + " " + starting.epoch() + " "
                        + (devices.isEmpty() ? "-" : devices.replace(' ', '_')) + " "
                        + base64(assignment.toByteArray());
            }
            case JournalEntry.Ended ended ->
                "END " + key(ended.status().getKey()) + " " + ended.status().getCause() + " "
                        + ended.status().getExitCode() + " "
                        + base64(ended.status().toByteArray());
            case JournalEntry.Acknowledged acknowledged -> "ACK " + key(acknowledged.key());
            case JournalEntry.Seen seen -> "SEEN " + seen.epoch() + " " + seen.incarnation() + " " + seen.revision();
        };
    }

    private static JournalEntry parse(Path file, String line) throws IOException {
        int end = line.lastIndexOf(' ');
        if (end < 0 || !crc(line.substring(0, end)).equals(line.substring(end + 1))) {
            throw new IOException("journal " + file + " holds a damaged line: " + line);
        }
        List<String> words = new ArrayList<>(List.of(line.substring(0, end).split(" ", -1)));
        try {
            return switch (words.getFirst()) {
                case "START" ->
                    new JournalEntry.Starting(
                            WorkerAssignment.parseFrom(Base64.getDecoder().decode(words.get(7))),
                            Long.parseLong(words.get(5)));
                case "END" ->
                    new JournalEntry.Ended(
                            WorkerStatus.parseFrom(Base64.getDecoder().decode(words.get(7))));
                case "ACK" -> new JournalEntry.Acknowledged(key(words));
                case "SEEN" ->
                    new JournalEntry.Seen(
                            Long.parseLong(words.get(1)), Long.parseLong(words.get(2)), Long.parseLong(words.get(3)));
                default -> throw new IOException("journal " + file + " holds a line of unknown kind: " + line);
            };
        } catch (InvalidProtocolBufferException | IndexOutOfBoundsException | IllegalArgumentException e) {
            throw new IOException("journal " + file + " holds a damaged line: " + line, e);
        }
    }

    private static String key(WorkerKey key) {
        return key.getJobId() + " " + key.getGang() + " " + key.getAttempt() + " " + key.getWorker();
    }

    private static WorkerKey key(List<String> words) {
        return WorkerKey.newBuilder()
                .setJobId(Long.parseLong(words.get(1)))
                .setGang(Integer.parseInt(words.get(2)))
                .setAttempt(Integer.parseInt(words.get(3)))
                .setWorker(Integer.parseInt(words.get(4)))
                .build();
    }

    private static String base64(byte[] bytes) {
        return bytes.length == 0 ? "=" : Base64.getEncoder().encodeToString(bytes);
    }

    private static String crc(String text) {
        CRC32 crc = new CRC32();
        crc.update(text.getBytes(StandardCharsets.UTF_8));
        return Long.toHexString(crc.getValue());
    }
}

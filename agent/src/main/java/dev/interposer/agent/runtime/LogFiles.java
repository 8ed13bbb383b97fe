package dev.interposer.agent.runtime;

import dev.interposer.proto.agent.v1.LogPosition;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.NavigableSet;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * The log of one worker: files {@code log.1}, {@code log.2} and so on, of which the oldest are removed.
 *
 * <p>Numbers only rise and no file is renamed or cut, so whoever reads along needs to know nothing but where it is: a
 * file is complete as soon as the next one is there. A file {@code log} is that of a worker which an older agent began.
 */
public final class LogFiles {
    private static final Pattern NAME = Pattern.compile("log(?:\\.(\\d{1,18}))?");
    private static final int BLOCK = 64 * 1024;
    private static final int MOST_BYTES_A_CHARACTER = 4;

    private final Path folder;

    public LogFiles(Path folder) {
        this.folder = folder;
    }

    /** Reads on from a place; a place whose file is gone is followed by the oldest file that is left. */
    public LogReader from(LogPosition position) throws IOException {
        return new LogReader(this, position);
    }

    /** Where the last so many lines begin; 0 lines stands for all of them. */
    public LogPosition startOfLast(int lines) throws IOException {
        if (lines == 0) {
            return LogPosition.getDefaultInstance();
        }
        int left = lines;
        boolean ends = true;
        byte[] block = new byte[BLOCK];
        for (long number : numbers().descendingSet()) {
            try (FileChannel file = FileChannel.open(file(number))) {
                for (long at = file.size(); at > 0; ) {
                    int length = (int) Math.min(BLOCK, at);
                    at -= length;
                    readFully(file, at, ByteBuffer.wrap(block, 0, length));
                    for (int index = length - 1; index >= 0; index--) {
                        // The newline that ends the last line begins no other.
                        if (block[index] == '\n' && !ends && --left == 0) {
                            return position(number, at + index + 1);
                        }
                        ends = false;
                    }
                }
            } catch (NoSuchFileException e) {
                // Removed since we looked, and all older ones with it.
                break;
            }
        }
        return LogPosition.getDefaultInstance();
    }

    /** At most so many characters from the end. */
    String lastCharacters(int most) throws IOException {
        byte[] bytes = new byte[MOST_BYTES_A_CHARACTER * most];
        int free = bytes.length;
        for (long number : numbers().descendingSet()) {
            try (FileChannel file = FileChannel.open(file(number))) {
                int length = (int) Math.min(free, file.size());
                free -= length;
                readFully(file, file.size() - length, ByteBuffer.wrap(bytes, free, length));
            } catch (NoSuchFileException e) {
                break;
            }
            if (free == 0) {
                break;
            }
        }
        String text = new String(bytes, free, bytes.length - free, StandardCharsets.UTF_8);
        return text.substring(Math.max(0, text.length() - most));
    }

    /** Whether the last words of the worker may still be on their way. */
    public boolean growing() {
        return Files.exists(folder.resolve(LogPump.OPEN));
    }

    boolean exist() throws IOException {
        return !numbers().isEmpty();
    }

    /** Number of the next file to be begun. */
    long fresh() throws IOException {
        NavigableSet<Long> numbers = numbers();
        return numbers.isEmpty() ? 1 : numbers.last() + 1;
    }

    /** The number that follows another one, or −1. */
    long after(long number) throws IOException {
        Long next = numbers().higher(number);
        return next == null ? -1 : next;
    }

    Path file(long number) {
        return folder.resolve(number == 0 ? "log" : "log." + number);
    }

    static LogPosition position(long file, long offsetBytes) {
        return LogPosition.newBuilder()
                .setFile(file)
                .setOffsetBytes(offsetBytes)
                .build();
    }

    private NavigableSet<Long> numbers() throws IOException {
        NavigableSet<Long> numbers = new TreeSet<>();
        try (Stream<Path> files = Files.list(folder)) {
            files.forEach(file -> {
                Matcher name = NAME.matcher(file.getFileName().toString());
                if (name.matches()) {
                    numbers.add(name.group(1) == null ? 0 : Long.parseLong(name.group(1)));
                }
            });
        } catch (NoSuchFileException e) {
            // Nothing was written yet.
        }
        return numbers;
    }

    private static void readFully(FileChannel file, long from, ByteBuffer into) throws IOException {
        long at = from;
        while (into.hasRemaining()) {
            int length = file.read(into, at);
            if (length < 0) {
                throw new IOException("a log became shorter while it was read");
            }
            at += length;
        }
    }
}

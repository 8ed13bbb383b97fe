package dev.interposer.agent.runtime;

import dev.interposer.proto.agent.v1.Progress;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What a worker writes of its progress: lines {@code tokens 123456} or {@code samples 512}, of which the last counts.
 *
 * <p>The file is the worker's, who may be hostile: links are not followed, what is no file can't make the reader wait,
 * and of a long file only the end is read.
 */
final class ProgressFile {
    /** In the worker's own folder. */
    static final String NAME = "interposer-progress";

    private static final int MOST_READ_BYTES = 4096;
    private static final Pattern LINE = Pattern.compile("([a-z]{1,16}) +(\\d{1,19})");

    private ProgressFile() {}

    /** What the file says now; without a unit and a refusal when it says nothing yet. */
    static Progress read(Path file) {
        // A pipe that is opened for both ends waits for nobody, and a read at a place of it fails at once.
        try (FileChannel channel =
                FileChannel.open(file, StandardOpenOption.READ, StandardOpenOption.WRITE, LinkOption.NOFOLLOW_LINKS)) {
            long size = channel.size();
            int length = (int) Math.min(MOST_READ_BYTES, size);
            ByteBuffer bytes = ByteBuffer.allocate(Math.max(1, length));
            int read = channel.read(bytes, size - length);
            String text = new String(bytes.array(), 0, Math.max(0, read), StandardCharsets.ISO_8859_1);
            return lastLine(text, length < size);
        } catch (NoSuchFileException e) {
            return Progress.getDefaultInstance();
        } catch (IOException e) {
            return refused("the file " + NAME + " can't be read: it must be a plain file, not a link or a pipe");
        }
    }

    /** A line that is not ended yet is still being written. */
    private static Progress lastLine(String text, boolean cut) {
        int end = text.lastIndexOf('\n');
        if (end < 0) {
            return cut ? refused("the last line is longer than a line of progress is") : Progress.getDefaultInstance();
        }
        return of(text.substring(text.lastIndexOf('\n', end - 1) + 1, end).strip());
    }

    private static Progress of(String line) {
        Matcher parts = LINE.matcher(line);
        if (!parts.matches()) {
            return refused("the last line is no unit and whole number; write \"tokens 123456\" or \"samples 512\"");
        }
        String unit = parts.group(1);
        if (!unit.equals("tokens") && !unit.equals("samples")) {
            return refused("unit \"" + unit + "\" is not comparable between devices; count tokens or samples");
        }
        try {
            return Progress.newBuilder()
                    .setUnit(unit)
                    .setDone(Long.parseLong(parts.group(2)))
                    .build();
        } catch (NumberFormatException e) {
            return refused(unit + " " + parts.group(2) + " is beyond " + Long.MAX_VALUE);
        }
    }

    private static Progress refused(String why) {
        return Progress.newBuilder().setRefusal(why).build();
    }
}

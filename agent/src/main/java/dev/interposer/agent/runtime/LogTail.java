package dev.interposer.agent.runtime;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;

/** The end of a log file, without reading what comes before. */
public final class LogTail {
    private static final int BLOCK = 64 * 1024;

    private LogTail() {}

    /** At most so many characters from the end. */
    static String lastCharacters(Path file, int most) throws IOException {
        try (RandomAccessFile log = new RandomAccessFile(file.toFile(), "r")) {
            long from = Math.max(0, log.length() - 4L * most);
            log.seek(from);
            byte[] bytes = new byte[(int) (log.length() - from)];
            log.readFully(bytes);
            String text = new String(bytes, StandardCharsets.UTF_8);
            return text.substring(Math.max(0, text.length() - most));
        }
    }

    /** Where the last so many lines begin; 0 lines stands for all of them. */
    public static long startOfLast(Path file, int lines) throws IOException {
        if (lines == 0) {
            return 0;
        }
        try (RandomAccessFile log = new RandomAccessFile(file.toFile(), "r")) {
            long end = log.length();
            int left = lines;
            byte[] block = new byte[BLOCK];
            long at = end;
            while (at > 0) {
                int length = (int) Math.min(BLOCK, at);
                at -= length;
                log.seek(at);
                log.readFully(block, 0, length);
                for (int index = length - 1; index >= 0; index--) {
                    // The newline that ends the last line begins no other.
                    if (block[index] == '\n' && at + index != end - 1 && --left == 0) {
                        return at + index + 1;
                    }
                }
            }
            return 0;
        }
    }
}

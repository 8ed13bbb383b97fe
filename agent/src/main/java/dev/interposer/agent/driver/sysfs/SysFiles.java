package dev.interposer.agent.driver.sysfs;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Reads the files of sysfs, where a file is a value, may vanish while it is read, and may be of any size. */
public final class SysFiles {
    private static final int MOST_BYTES = 64 * 1024;
    private static final int MOST_ENTRIES = 4096;
    private static final Pattern DIGITS = Pattern.compile("\\d+");

    private SysFiles() {}

    /** The value without what surrounds it. */
    public static String text(Path file) throws IOException {
        try (InputStream stream = Files.newInputStream(file)) {
            return new String(stream.readNBytes(MOST_BYTES), StandardCharsets.UTF_8)
                    .replace("\0", "")
                    .strip();
        }
    }

    /** The value, or null where there is none to read. */
    public static @Nullable String textOrNull(Path file) {
        try {
            return text(file);
        } catch (IOException e) {
            return null;
        }
    }

    /** A whole number, decimal or with 0x before it, or {@code absent} where there is none. */
    public static long number(Path file, long absent) {
        String text = textOrNull(file);
        return text == null ? absent : number(text, absent);
    }

    public static long number(String text, long absent) {
        try {
            return Long.decode(text.matches("0+\\d+") ? text.replaceFirst("^0+", "") : text);
        } catch (NumberFormatException e) {
            return absent;
        }
    }

    /** What a folder holds, by name, numbers in their own order: {@code card2} before {@code card10}. */
    public static List<Path> entries(Path folder) {
        return matching(folder, "*");
    }

    /** The files below a folder that a pattern names; {@code *} stands for any part of one name. */
    public static List<Path> glob(Path folder, String pattern) {
        List<Path> found = List.of(folder);
        for (String part : pattern.split("/", -1)) {
            List<Path> next = new ArrayList<>();
            for (Path at : found) {
                if (part.contains("*")) {
                    next.addAll(matching(at, part));
                } else if (Files.exists(at.resolve(part))) {
                    next.add(at.resolve(part));
                }
            }
            found = next;
        }
        return found;
    }

    private static List<Path> matching(Path folder, String pattern) {
        Pattern names = Pattern.compile("\\Q" + pattern.replace("*", "\\E.*\\Q") + "\\E");
        List<Path> found = new ArrayList<>();
        try (DirectoryStream<Path> stream = Files.newDirectoryStream(
                folder, entry -> names.matcher(entry.getFileName().toString()).matches())) {
            for (Path entry : stream) {
                if (found.size() == MOST_ENTRIES) {
                    break;
                }
                found.add(entry);
            }
        } catch (IOException | java.nio.file.DirectoryIteratorException e) {
            return List.of();
        }
        found.sort(Comparator.comparing(SysFiles::sortKey));
        return found;
    }

    private static String sortKey(Path entry) {
        return DIGITS.matcher(entry.getFileName().toString())
                .replaceAll(digits -> "0".repeat(Math.max(0, 20 - digits.group().length())) + digits.group());
    }
}

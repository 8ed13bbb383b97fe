package dev.interposer.agent.runtime;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * Which process a worker is, as its shell wrote it down beside its exit code: its number, when it began, and since
 * which start of the machine that counts. An older agent's shell wrote the number alone, in a file that is still
 * written, for an agent that is older again.
 */
record ProcessRecord(long pid, long startTicks, String boot) {
    private static final Path BOOT = Path.of("/proc/sys/kernel/random/boot_id");

    static Path file(Path exitFile) {
        return Path.of(exitFile + ".process");
    }

    static Path numberFile(Path exitFile) {
        return Path.of(exitFile + ".pid");
    }

    /** Null if nothing was written. */
    static @Nullable ProcessRecord read(Path exitFile) throws IOException {
        try {
            String[] words = Files.readString(file(exitFile)).strip().split(" ", -1);
            if (words.length != 3) {
                throw new IOException(file(exitFile) + " is not written whole");
            }
            return new ProcessRecord(Long.parseLong(words[0]), Long.parseLong(words[1]), words[2]);
        } catch (NoSuchFileException e) {
            return number(exitFile);
        } catch (NumberFormatException e) {
            throw new IOException(file(exitFile) + " does not hold numbers", e);
        }
    }

    private static @Nullable ProcessRecord number(Path exitFile) throws IOException {
        try {
            String number = Files.readString(numberFile(exitFile)).strip();
            return new ProcessRecord(Long.parseLong(number), 0, "");
        } catch (NoSuchFileException e) {
            return null;
        } catch (NumberFormatException e) {
            throw new IOException(numberFile(exitFile) + " does not hold a number", e);
        }
    }

    /** The process, if it still is there and the same one; of an older record its environment has to say so. */
    @Nullable
    ProcessEntry living(Path exitFile, ProcessTable table, Environments environments) throws IOException {
        ProcessEntry entry = ofThisBoot() ? table.of(pid) : null;
        if (entry == null || entry.gone()) {
            return null;
        }
        boolean same = startTicks > 0 ? entry.startTicks() == startTicks : environments.names(entry, exitFile);
        return same ? entry : null;
    }

    /** Where to look for what is left of it when it is gone; nothing outlives the machine. */
    Remains.Session session() throws IOException {
        return ofThisBoot() ? new Remains.Session(pid, startTicks, false) : Remains.Session.UNKNOWN;
    }

    private boolean ofThisBoot() throws IOException {
        return boot.isEmpty() || boot.equals(Files.readString(BOOT).strip());
    }
}

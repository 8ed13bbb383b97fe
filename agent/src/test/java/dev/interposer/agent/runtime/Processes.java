package dev.interposer.agent.runtime;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;

/** What runs on this machine. */
final class Processes {
    private Processes() {}

    /** One that is dead and not yet collected by its parent holds nothing any more. */
    static boolean run(long pid) throws IOException {
        Path stat = Path.of("/proc", Long.toString(pid), "stat");
        try {
            return !Files.readString(stat).matches("(?s).*\\) [ZX] .*");
        } catch (NoSuchFileException e) {
            return false;
        }
    }
}

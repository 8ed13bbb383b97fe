package dev.interposer.agent.runtime;

import dev.interposer.agent.config.ConfigException;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The programs of the system that stand between an agent and its workers. They are found by the agent's own path, of
 * which relative entries are left out: what runs with the agent's rights is nothing that a job may have put somewhere.
 */
final class Programs {
    private static final String USUAL = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";
    private static final List<String> NEEDED = List.of("sh", "setsid", "cat", "dd", "mv", "rm", "sleep", "wc");

    private final String path;

    Programs(@Nullable String path) {
        List<String> absolute = new ArrayList<>();
        for (String entry : (path == null ? USUAL : path).split(File.pathSeparator, -1)) {
            if (entry.startsWith("/")) {
                absolute.add(entry);
            }
        }
        this.path = absolute.isEmpty() ? USUAL : String.join(File.pathSeparator, absolute);
    }

    /** Those of this machine. */
    static Programs own() {
        return new Programs(System.getenv("PATH"));
    }

    /** Folders in which they are looked for. */
    String path() {
        return path;
    }

    /** Where one is. */
    String find(String program) throws IOException {
        for (String entry : path.split(File.pathSeparator, -1)) {
            Path file = Path.of(entry, program);
            if (Files.isRegularFile(file) && Files.isExecutable(file)) {
                return file.toString();
            }
        }
        throw new IOException("program (" + program + ") is in no folder of the agent's PATH (" + path
                + "), and workers can't run without it. Maybe install "
                + (program.startsWith("set") ? "util-linux" : "coreutils") + "?");
    }

    /** Refuses a machine on which no worker could run. */
    void require(@Nullable WorkerUser user) throws ConfigException {
        try {
            for (String program : NEEDED) {
                find(program);
            }
            if (user != null) {
                find("setpriv");
            }
        } catch (IOException e) {
            throw new ConfigException(String.valueOf(e.getMessage()));
        }
    }
}

package dev.interposer.agent.runtime;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;

/**
 * When a leader was last heard, in whole seconds of the machine's uptime, in a file that outlives the agent.
 *
 * <p>Not synced: what reads it does not outlive the machine either.
 */
final class LeaseFile {
    private static final Path UPTIME = Path.of("/proc/uptime");
    private static final long LEAST_MILLIS = 500;

    private final Path file;
    private long writtenMillis = -LEAST_MILLIS;

    LeaseFile(Path file) {
        this.file = file.toAbsolutePath();
    }

    Path path() {
        return file;
    }

    /** Writes at most twice a second; where there is no uptime to read, nothing. */
    void touch() {
        try {
            long now = uptimeMillis();
            if (now < 0 || now - writtenMillis < LEAST_MILLIS) {
                return;
            }
            Path fresh = file.resolveSibling(file.getFileName() + ".tmp");
            Files.createDirectories(file.getParent());
            Files.writeString(fresh, now / 1000 + "\n");
            Files.move(fresh, file, StandardCopyOption.ATOMIC_MOVE);
            writtenMillis = now;
        } catch (IOException e) {
            // The lease then runs out early, which is the safe side.
            System.getLogger(LeaseFile.class.getName())
                    .log(System.Logger.Level.WARNING, "the lease file " + file + " can't be written", e);
        }
    }

    /** 0 when nothing was ever written since the machine started. */
    long millisSinceTouch() {
        try {
            if (!Files.exists(file)) {
                return 0;
            }
            long heard = Long.parseLong(Files.readString(file).strip()) * 1000;
            return Math.max(0, uptimeMillis() - heard);
        } catch (IOException | NumberFormatException e) {
            return 0;
        }
    }

    private static long uptimeMillis() throws IOException {
        if (!Files.exists(UPTIME)) {
            return -1;
        }
        String text = Files.readString(UPTIME);
        String[] parts = text.substring(0, text.indexOf(' ')).split("\\.", -1);
        return Long.parseLong(parts[0]) * 1000 + Long.parseLong(parts[1]) * 10;
    }
}

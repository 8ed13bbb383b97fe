package dev.interposer.agent.runtime;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** That of Linux, below {@code /proc}; empty where there is none. */
final class KernelTable implements ProcessTable {
    private static final Path PROC = Path.of("/proc");

    @Override
    public List<ProcessEntry> all() {
        List<ProcessEntry> all = new ArrayList<>();
        try (DirectoryStream<Path> entries = Files.newDirectoryStream(PROC, "[0-9]*")) {
            for (Path entry : entries) {
                ProcessEntry found = read(entry);
                if (found != null) {
                    all.add(found);
                }
            }
        } catch (IOException | DirectoryIteratorException e) {
            System.getLogger(KernelTable.class.getName())
                    .log(System.Logger.Level.WARNING, "the processes of this machine can't be listed", e);
        }
        return all;
    }

    @Override
    public @Nullable ProcessEntry of(long pid) {
        return read(PROC.resolve(Long.toString(pid)));
    }

    private static @Nullable ProcessEntry read(Path process) {
        try {
            // A name may be of any bytes.
            return ProcessEntry.parse(Files.readString(process.resolve("stat"), StandardCharsets.ISO_8859_1));
        } catch (IOException e) {
            return null;
        }
    }

    @Override
    public void kill(ProcessEntry entry) {
        ProcessHandle.of(entry.pid()).ifPresent(handle -> {
            ProcessEntry now = of(entry.pid());
            // The handle keeps to the process that it was made of.
            if (now != null && now.startTicks() == entry.startTicks()) {
                handle.destroyForcibly();
            }
        });
    }
}

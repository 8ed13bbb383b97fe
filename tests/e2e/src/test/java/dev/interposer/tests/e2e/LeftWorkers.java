package dev.interposer.tests.e2e;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Workers outlive their agents on purpose; those of a test must not outlive the test. */
final class LeftWorkers {
    private LeftWorkers() {}

    /** Ends whatever runs in a folder below this one, hard. */
    static void end(Path folder) throws IOException {
        Path real = folder.toRealPath();
        ProcessHandle.allProcesses()
                .filter(process -> process.pid() != ProcessHandle.current().pid())
                .filter(process -> runsIn(process, real))
                .forEach(ProcessHandle::destroyForcibly);
    }

    private static boolean runsIn(ProcessHandle process, Path folder) {
        try {
            return Files.readSymbolicLink(Path.of("/proc", Long.toString(process.pid()), "cwd"))
                    .startsWith(folder);
        } catch (IOException e) {
            // It ended meanwhile, or is another user's.
            return false;
        }
    }
}

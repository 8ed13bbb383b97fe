package dev.interposer.agent.link;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Tells one run of the machine from the next. */
final class BootId {
    private static final Path KERNEL = Path.of("/proc/sys/kernel/random/boot_id");

    private BootId() {}

    static String read() {
        try {
            return Files.readString(KERNEL).strip();
        } catch (IOException e) {
            // Where the kernel does not say, the time of the first process is as good.
            return ProcessHandle.of(1)
                    .flatMap(process -> process.info().startInstant())
                    .map(Object::toString)
                    .orElse("unknown");
        }
    }
}

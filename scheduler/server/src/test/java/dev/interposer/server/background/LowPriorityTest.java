package dev.interposer.server.background;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;

/** What the operating system says of threads, as it is found under /proc. */
@EnabledOnOs(OS.LINUX)
class LowPriorityTest {
    /** Place of the nice value behind the name. */
    private static final int NICE = 17;

    @Test
    void aThreadInTheBackgroundComesLaterAndNobodyElse() throws Exception {
        int before = nice(Path.of("/proc/thread-self"));
        CompletableFuture<Integer> there = new CompletableFuture<>();
        Thread thread = LowPriority.daemon("in-the-back", () -> there.complete(nice(Path.of("/proc/thread-self"))));
        thread.start();
        assertThat(there.get()).isEqualTo(10);
        assertThat(nice(Path.of("/proc/thread-self"))).isEqualTo(before);
    }

    @Test
    void compilersComeLater() throws IOException {
        LowPriority.compilers();
        List<Integer> compilers = new ArrayList<>();
        try (var threads = Files.list(Path.of("/proc/self/task"))) {
            for (Path thread : (Iterable<Path>) threads::iterator) {
                compilerNice(thread).ifPresent(compilers::add);
            }
        }
        assertThat(compilers).isNotEmpty().containsOnly(5);
    }

    /** Of a compiler that still runs: they come and go. */
    private static Optional<Integer> compilerNice(Path thread) {
        try {
            boolean compiler = Files.readString(thread.resolve("comm")).matches("C[12] .*\n");
            return compiler ? Optional.of(nice(thread)) : Optional.empty();
        } catch (IOException | UncheckedIOException e) {
            return Optional.empty();
        }
    }

    private static int nice(Path thread) {
        try {
            String stat = Files.readString(thread.resolve("stat"));
            return Integer.parseInt(stat.substring(stat.lastIndexOf(')')).split(" ", -1)[NICE]);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}

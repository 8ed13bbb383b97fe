package dev.interposer.tests.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assumptions;

/** A library in C that answers as NVIDIA's does, with chips that are what a test has written beside it. */
final class ChipLibrary {
    private final Path library;
    private final Map<String, String> state = new LinkedHashMap<>();

    private ChipLibrary(Path library) {
        this.library = library;
    }

    /** Skips the test where there is no C compiler; where everything is to be tested that is an error. */
    static void assumeCompiler() {
        Assumptions.assumeTrue(System.getenv("CI") != null || hasCompiler(), "no C compiler (cc)");
    }

    private static boolean hasCompiler() {
        return Stream.of(System.getenv().getOrDefault("PATH", "").split(File.pathSeparator, -1))
                .anyMatch(folder -> Files.isExecutable(Path.of(folder, "cc")));
    }

    /** In a folder, with so many H100. */
    static ChipLibrary in(Path folder, int chips) throws IOException, InterruptedException {
        Files.createDirectories(folder);
        Path library = folder.resolve("libnvidia-ml.so.1");
        Path source = Installation.root().resolve("agent/src/test/c/nvml_fake.c");
        Process compiler = new ProcessBuilder(
                        "cc", "-shared", "-fPIC", "-o", library.toString(), source.toString(), "-ldl")
                .redirectErrorStream(true)
                .start();
        String said = new String(compiler.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(compiler.waitFor()).as(said).isZero();
        ChipLibrary made = new ChipLibrary(library);
        made.state.putAll(Map.of(
                "driver", "550.90.07",
                "count", Integer.toString(chips),
                "*.name", "NVIDIA H100 80GB HBM3",
                "*.memory", Long.toString(81559L << 20),
                "*.used", Long.toString(5L << 30),
                "*.temperature", "34",
                "*.processes", "",
                "*.eventTypes", "0x30f"));
        for (int chip = 0; chip < chips; chip++) {
            made.state.put(chip + ".uuid", uuid(chip));
            made.state.put(chip + ".pci", "0000:1" + chip + ":00");
        }
        made.write();
        return made;
    }

    static String uuid(int chip) {
        return "GPU-5d3a1f60-0000-4000-8000-00000000000" + chip;
    }

    Path path() {
        return library;
    }

    /** Takes effect with {@link #write}. */
    ChipLibrary put(String key, String value) {
        state.put(key, value);
        return this;
    }

    /** A call sees all of a change or nothing. */
    void write() throws IOException {
        StringBuilder text = new StringBuilder();
        state.forEach((key, value) -> text.append(key).append(' ').append(value).append('\n'));
        Path next = Files.writeString(library.resolveSibling("state.next"), text);
        Files.move(next, library.resolveSibling(library.getFileName() + ".state"), StandardCopyOption.ATOMIC_MOVE);
    }

    /** A node's file with one node that has these chips. */
    Path nodesFile(Path file, String node) throws IOException {
        return Files.writeString(file, "nodes:\n" + entry(node));
    }

    /** Of a node that has these chips, in a node's file. */
    String entry(String node) {
        return """
                - name: %s
                  capacity: {cpu: 16, memory: 64Gi}
                  drivers: [{nvml: {library: %s}}]
                """.formatted(node, library);
    }
}

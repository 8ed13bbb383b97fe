package dev.interposer.tests.arch;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/** The Java sources of the project, as files. */
final class SourceTree {
    private static final List<String> ROOTS = List.of("proto", "scheduler", "agent", "tests");

    private SourceTree() {}

    /** Root of the project: the nearest folder above that holds the Maven wrapper. */
    static Path root() {
        Path folder = Path.of("").toAbsolutePath();
        while (folder != null && !Files.exists(folder.resolve("mvnw"))) {
            folder = folder.getParent();
        }
        if (folder == null) {
            throw new IllegalStateException("no folder above " + Path.of("").toAbsolutePath() + " holds mvnw");
        }
        return folder;
    }

    static List<Path> all() {
        return ROOTS.stream().flatMap(SourceTree::javaFiles).sorted().toList();
    }

    static List<Path> production() {
        return all().stream()
                .filter(path -> path.toString().contains("/src/main/java/"))
                .toList();
    }

    /** Every contract: those that others speak with us, and what the ledger stores. */
    static List<Path> contracts() {
        return files("proto", ".proto").sorted().toList();
    }

    /** The contracts that others speak with us. */
    static List<Path> publicContracts() {
        return contracts().stream()
                .filter(path -> !path.toString().contains("/ledger/"))
                .toList();
    }

    static List<String> lines(Path file) {
        try {
            return Files.readAllLines(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static Stream<Path> javaFiles(String folder) {
        return files(folder, ".java");
    }

    private static Stream<Path> files(String folder, String suffix) {
        try (Stream<Path> found = Files.walk(root().resolve(folder))) {
            return found
                    .filter(path -> path.toString().endsWith(suffix))
                    .filter(path -> !path.toString().contains("/target/"))
                    .toList()
                    .stream();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}

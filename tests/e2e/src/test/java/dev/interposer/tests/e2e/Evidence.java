package dev.interposer.tests.e2e;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/**
 * What workers that are real processes say themselves. Each makes a folder of its name, which nobody else may have
 * made, and holds a lock on its rank in its job and one on each of its devices. The operating system takes a lock back
 * when the last process of its worker is gone, however that one ended; whoever finds one held says so.
 */
final class Evidence {
    /** A share of a device goes beside other shares, never beside the whole. */
    private static final String SCRIPT = """
            cd "${0%/*}" || exit 1
            me="$INTERPOSER_JOB-$INTERPOSER_ATTEMPT-$RANK"
            mkdir "$me" || echo "$me began twice" >> overlaps
            hold() {
              exec {lock}>> "locks/$2"
              # One that was killed is gone a moment before its locks are.
              flock "$1" -w 0.3 "$lock" || echo "$me found $2 held" >> overlaps
            }
            hold -x "$INTERPOSER_JOB-$RANK"
            how=-x
            if [ "$INTERPOSER_SHARE_MILLI" -lt 1000 ]; then how=-s; fi
            for device in ${INTERPOSER_DEVICES//,/ }; do hold $how "$device"; done
            "$@"
            """;

    private final Path folder;

    private Evidence(Path folder) {
        this.folder = folder;
    }

    static Evidence in(Path folder) throws IOException {
        Files.createDirectories(folder.resolve("locks"));
        Files.writeString(folder.resolve("worker.sh"), SCRIPT);
        return new Evidence(folder);
    }

    Path folder() {
        return folder;
    }

    /** The command of a worker that leaves its marks, then runs the given one in the folder of the marks. */
    String[] command(String... work) {
        List<String> words =
                new ArrayList<>(List.of("bash", folder.resolve("worker.sh").toString()));
        words.addAll(List.of(work));
        return words.toArray(String[]::new);
    }

    /** {@code job-attempt-rank} of each worker that began. */
    List<String> begun() throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            return files.filter(Files::isDirectory)
                    .map(file -> file.getFileName().toString())
                    .filter(name -> !name.equals("locks"))
                    .toList();
        }
    }

    /** Of workers that saw another in their place, in their words. */
    List<String> overlaps() throws IOException {
        Path said = folder.resolve("overlaps");
        return Files.exists(said) ? Files.readAllLines(said) : List.of();
    }
}

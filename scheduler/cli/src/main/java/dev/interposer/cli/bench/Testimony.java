package dev.interposer.cli.bench;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;

/** What the agents' own journals say of the workers that they began. */
final class Testimony {
    private static final int ATTEMPT_BITS = 8;
    private static final int WORKER_BITS = 12;

    private final long[] begun;

    private Testimony(long[] begun) {
        this.begun = begun;
    }

    static Testimony read(Path agents) throws IOException {
        try (Stream<Path> files = Files.walk(agents)) {
            long[] begun = files.filter(file -> file.getFileName().toString().equals("journal"))
                    .flatMap(file -> lines(file).stream())
                    .filter(line -> line.startsWith("START "))
                    .mapToLong(Testimony::key)
                    .toArray();
            Arrays.sort(begun);
            return new Testimony(begun);
        }
    }

    private static List<String> lines(Path file) {
        try {
            return Files.readAllLines(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The form of a line is {@code START job gang attempt worker …}; the jobs of a run have one gang. */
    private static long key(String line) {
        String[] words = line.split(" ", 6);
        return (Long.parseLong(words[1]) << ATTEMPT_BITS | Long.parseLong(words[3])) << WORKER_BITS
                | Long.parseLong(words[4]);
    }

    /** Whether the first worker of the first attempt of a job was begun. */
    boolean began(long jobId) {
        return Arrays.binarySearch(begun, (jobId << ATTEMPT_BITS | 1) << WORKER_BITS) >= 0;
    }

    /** Workers that were begun more than once. */
    int doubled() {
        int doubled = 0;
        for (int at = 1; at < begun.length; at++) {
            doubled += begun[at] == begun[at - 1] ? 1 : 0;
        }
        return doubled;
    }

    int size() {
        return begun.length;
    }
}

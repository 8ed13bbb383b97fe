package dev.interposer.agent.runtime;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/** The cgroup of one worker. */
final class WorkerCgroup {
    private static final Logger LOG = System.getLogger(WorkerCgroup.class.getName());
    private static final long PERIOD_MICROS = 100_000;
    /** The kernel takes no smaller quota. */
    private static final long LEAST_QUOTA_MICROS = 1_000;

    private static final long MOST_PAUSE_MILLIS = 1_000;
    private static final int TRIES = 20;

    private final Path folder;

    WorkerCgroup(Path folder) {
        this.folder = folder;
    }

    /** Where a process writes its number to be in the group. */
    Path processes() {
        return folder.resolve("cgroup.procs");
    }

    void make(Map<String, Long> requests, List<String> controllers, long mostProcesses) throws IOException {
        Files.createDirectories(folder);
        long memoryBytes = requests.getOrDefault("memory", 0L);
        if (controllers.contains("memory")) {
            // One process of a gang's worker alone is of no use: all of them go, and the worker's end says why.
            write("memory.oom.group", "1");
            if (memoryBytes > 0) {
                write("memory.max", Long.toString(memoryBytes));
                if (Files.exists(folder.resolve("memory.swap.max"))) {
                    write("memory.swap.max", "0");
                }
            }
        }
        long cpuMilli = requests.getOrDefault("cpu", 0L);
        if (controllers.contains("cpu") && cpuMilli > 0) {
            long quotaMicros = Math.max(LEAST_QUOTA_MICROS, cpuMilli * PERIOD_MICROS / 1000);
            write("cpu.max", quotaMicros + " " + PERIOD_MICROS);
        }
        if (controllers.contains("pids")) {
            write("pids.max", Long.toString(mostProcesses));
        }
    }

    /** Whether the kernel killed it, or a part of it, for memory: its own or the machine's. */
    boolean killedForMemory() {
        return count("memory.events", "oom_kill") > 0;
    }

    /** Whether it was killed because it reached its own bound; a machine that has none left counts as a kill alone. */
    boolean ranOutOfMemory() {
        return killedForMemory() && count("memory.events", "oom") > 0 && bounded();
    }

    private boolean bounded() {
        try {
            return !Files.readString(folder.resolve("memory.max")).strip().equals("max");
        } catch (IOException e) {
            return false;
        }
    }

    /** Everything in it, at once and whatever it did to hide. */
    void kill() {
        try {
            if (Files.exists(folder.resolve("cgroup.kill"))) {
                write("cgroup.kill", "1");
            } else {
                killEach();
            }
        } catch (NoSuchFileException e) {
            LOG.log(Level.DEBUG, "cgroup " + folder + " is gone", e);
        } catch (IOException e) {
            LOG.log(Level.WARNING, "cgroup " + folder + " can't be killed", e);
        }
    }

    /** A kernel before 5.14 kills no group. Who is born meanwhile is found by whoever asks again. */
    private void killEach() throws IOException {
        for (Path group : groups()) {
            for (String number : Files.readAllLines(group.resolve("cgroup.procs"))) {
                if (number.matches("[1-9]\\d{0,9}")) {
                    ProcessHandle.of(Long.parseLong(number)).ifPresent(ProcessHandle::destroyForcibly);
                }
            }
        }
    }

    /** It and what a worker made below, the innermost first. */
    private List<Path> groups() throws IOException {
        try (Stream<Path> groups = Files.walk(folder)) {
            return groups.filter(Files::isDirectory)
                    .sorted(Comparator.reverseOrder())
                    .toList();
        } catch (UncheckedIOException e) {
            throw e.getCause();
        }
    }

    /** Kills what is left and returns when nothing is; what hangs in a driver holds its device for just as long. */
    void end() {
        try {
            long pause = 5;
            while (count("cgroup.events", "populated") > 0) {
                kill();
                TimeUnit.MILLISECONDS.sleep(pause);
                pause = Math.min(2 * pause, MOST_PAUSE_MILLIS);
            }
            remove();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** The kernel may need a moment between the last process and the removal. */
    private void remove() throws InterruptedException {
        for (int left = TRIES; left > 0; left--) {
            try {
                // The kernel's files go with their folder.
                for (Path group : groups()) {
                    Files.delete(group);
                }
                return;
            } catch (NoSuchFileException e) {
                return;
            } catch (DirectoryNotEmptyException e) {
                LOG.log(Level.DEBUG, "cgroup " + folder + " has files of its own", e);
                return;
            } catch (IOException e) {
                LOG.log(left == 1 ? Level.WARNING : Level.DEBUG, "cgroup " + folder + " can't be removed", e);
                TimeUnit.MILLISECONDS.sleep(25);
            }
        }
    }

    private void write(String file, String value) throws IOException {
        Files.writeString(folder.resolve(file), value);
    }

    /** Of a file of lines "name count"; 0 where there is no such file or line. */
    private long count(String file, String name) {
        try {
            for (String line : Files.readAllLines(folder.resolve(file))) {
                if (line.startsWith(name + " ")) {
                    return Long.parseLong(line.substring(name.length() + 1).strip());
                }
            }
        } catch (IOException e) {
            LOG.log(Level.DEBUG, "cgroup " + folder + " says nothing", e);
        }
        return 0;
    }
}

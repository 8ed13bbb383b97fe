package dev.interposer.agent.runtime;

import dev.interposer.agent.runtime.ProcessEntry.Identity;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/**
 * Which worker the environment of a process names, by the exit file that stands there.
 *
 * <p>To read an environment takes a lock of the process's memory, and whoever hangs in a driver may hold that for ever.
 * So each is read by a thread that may be lost, at most once as long as it hangs, and what it said is remembered: a
 * process is the same as long as its number and the moment of its start are.
 */
final class Environments {
    /** The variable that tells a process of a worker from any other. */
    static final String MARK = "INTERPOSER_EXIT_FILE";

    /** Reads what the kernel shows of an environment; a test's own may hang. */
    interface Source {
        byte[] read(ProcessEntry process) throws IOException;
    }

    private static final Logger LOG = System.getLogger(Environments.class.getName());
    private static final long DEADLINE_MILLIS = 1_000;
    private static final int MOST_HANGING = 32;
    private static final int MOST_KNOWN = 8_192;

    private final Source source;
    private final long deadlineMillis;
    private final ExecutorService readers = Executors.newCachedThreadPool(
            Thread.ofPlatform().daemon().name("environments-", 0).factory());
    private final Semaphore free = new Semaphore(MOST_HANGING);
    private final Set<Identity> hanging = ConcurrentHashMap.newKeySet();
    private final Map<Identity, String> known = Collections.synchronizedMap(new Remembered());

    private static final class Remembered extends LinkedHashMap<Identity, String> {
        private static final long serialVersionUID = 1;

        @Override
        protected boolean removeEldestEntry(Map.Entry<Identity, String> eldest) {
            return size() > MOST_KNOWN;
        }
    }

    Environments() {
        this(Environments::shown, DEADLINE_MILLIS);
    }

    Environments(Source source, long deadlineMillis) {
        this.source = source;
        this.deadlineMillis = deadlineMillis;
    }

    /** Whether it is a process of the worker with this exit file; false also where that can't be told. */
    boolean names(ProcessEntry process, Path exitFile) {
        return exitFile.toString().equals(exitFile(process));
    }

    /** Empty if it belongs to no worker; null if that can't be told, as of one that hangs or is about to be gone. */
    @Nullable
    String exitFile(ProcessEntry process) {
        Identity identity = process.identity();
        String before = known.get(identity);
        if (before != null) {
            return before;
        }
        // One of no session that is seen from here is the kernel's own, or began outside.
        if (process.session() == 0) {
            return "";
        }
        if (!free.tryAcquire()) {
            return null;
        }
        if (!hanging.add(identity)) {
            free.release();
            return null;
        }
        return ask(process);
    }

    private @Nullable String ask(ProcessEntry process) {
        Future<@Nullable String> answer = readers.submit(() -> {
            try {
                String said = marked(source.read(process));
                if (said != null) {
                    known.put(process.identity(), said);
                }
                return said;
            } finally {
                hanging.remove(process.identity());
                free.release();
            }
        });
        try {
            return answer.get(deadlineMillis, TimeUnit.MILLISECONDS);
        } catch (TimeoutException e) {
            LOG.log(
                    Level.WARNING,
                    "process {0} does not show its environment for {1} ms and is taken for nobody''s",
                    Long.toString(process.pid()),
                    Long.toString(deadlineMillis));
            return null;
        } catch (ExecutionException e) {
            return null;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return null;
        }
    }

    /** Null of an environment that is gone, or not there yet: then nothing is to be remembered. */
    private static @Nullable String marked(byte[] environment) {
        if (environment.length == 0) {
            return null;
        }
        for (String entry : new String(environment, StandardCharsets.UTF_8).split("\0", -1)) {
            if (entry.startsWith(MARK + "=")) {
                return entry.substring(MARK.length() + 1);
            }
        }
        return "";
    }

    /** Of a process whose first thread has ended, what another one shows. */
    private static byte[] shown(ProcessEntry process) throws IOException {
        Path folder = Path.of("/proc", Long.toString(process.pid()));
        byte[] first = shown(folder);
        if (first.length > 0 || process.threads() <= 1) {
            return first;
        }
        try (DirectoryStream<Path> threads = Files.newDirectoryStream(folder.resolve("task"))) {
            for (Path thread : threads) {
                byte[] other = shown(thread);
                if (other.length > 0) {
                    return other;
                }
            }
        } catch (UncheckedIOException e) {
            throw e.getCause();
        }
        return first;
    }

    private static byte[] shown(Path folder) {
        try {
            return Files.readAllBytes(folder.resolve("environ"));
        } catch (IOException e) {
            return new byte[0];
        }
    }
}

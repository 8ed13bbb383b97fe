package dev.interposer.agent.runtime;

import static org.assertj.core.api.Assertions.assertThat;

import dev.interposer.agent.runtime.Remains.Session;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Processes as the kernel's table would show them, and one real one. */
@Timeout(60)
class RemainsTest {
    private static final Path EXIT = Path.of("/state/workers/1-0-1-0/exit");
    private static final long LEADER = 500;
    private static final long BEGAN = 1_000;

    private final Table table = new Table();
    private final Map<Long, String> environments = new HashMap<>();
    private final AtomicInteger asked = new AtomicInteger();

    /** Killed, but still in its driver: it has no memory and so no environment any more, and still the device. */
    @Test
    void aProcessThatHangsInADriverHoldsTheEndAlthoughItShowsNoEnvironment() throws Exception {
        table.put(new ProcessEntry(501, 'D', LEADER, 1, BEGAN + 5));
        Thread ends = ends(remains(true), true);
        assertThat(ends.join(Duration.ofMillis(300))).as("the end is told").isFalse();
        assertThat(table.killed).contains(501L);
        table.put(new ProcessEntry(501, 'Z', LEADER, 1, BEGAN + 5));
        assertThat(ends.join(Duration.ofSeconds(10))).isTrue();
        assertThat(asked).as("processes asked for their environment").hasValue(0);
    }

    @Test
    void oneWhoseFirstThreadHasEndedIsNotGone() {
        table.put(new ProcessEntry(501, 'Z', LEADER, 2, BEGAN + 5));
        assertThat(remains(true).left(false)).extracting(ProcessEntry::pid).containsExactly(501L);
        table.put(new ProcessEntry(501, 'Z', LEADER, 1, BEGAN + 5));
        assertThat(remains(true).left(false)).isEmpty();
    }

    @Test
    void oneThatLeftTheSessionIsFoundByItsEnvironmentAndStaysFoundWithoutIt() {
        ProcessEntry left = new ProcessEntry(600, 'S', 600, 1, BEGAN + 9);
        table.put(left);
        environments.put(600L, "A=1\0INTERPOSER_EXIT_FILE=" + EXIT + "\0");
        Remains remains = remains(true);
        assertThat(remains.left(false)).isEmpty();
        assertThat(remains.left(true)).containsExactly(left);
        environments.remove(600L);
        table.put(new ProcessEntry(600, 'D', 600, 1, BEGAN + 9));
        assertThat(remains.left(true)).hasSize(1);
    }

    @Test
    void nobodyElseIsFoundAndWhoIsOlderIsNotEvenAsked() {
        table.put(new ProcessEntry(7, 'S', 7, 1, BEGAN - 1));
        table.put(new ProcessEntry(700, 'S', 700, 1, BEGAN + 1));
        table.put(new ProcessEntry(701, 'S', 700, 1, BEGAN + 1));
        environments.put(700L, "INTERPOSER_EXIT_FILE=" + EXIT + "er\0");
        environments.put(701L, "NOT_INTERPOSER_EXIT_FILE=" + EXIT + "\0");
        Remains remains = remains(true);
        assertThat(remains.left(true)).isEmpty();
        assertThat(remains.left(true)).isEmpty();
        assertThat(asked).as("each of the younger once").hasValue(2);
    }

    /** Long after its end, when no agent ran: another session may have its number. */
    @Test
    void aSessionThatHasTheNumberOfAnEndedOneIsNotTakenForIt() {
        table.put(new ProcessEntry(LEADER, 'S', LEADER, 1, BEGAN + 700));
        table.put(new ProcessEntry(501, 'D', LEADER, 1, BEGAN + 701));
        assertThat(remains(true).left(false)).isEmpty();

        table.remove(LEADER);
        environments.put(501L, "HOME=/\0");
        assertThat(remains(false).left(false))
                .as("its leader has ended as well")
                .isEmpty();
    }

    @Test
    void aRealProcessOfWhichOneThreadIsLeftIsSeenAndSaysWhoseItIs() throws Exception {
        ProcessBuilder command = new ProcessBuilder("setsid", "python3", "-c", """
                import ctypes, threading, time
                threading.Thread(target=lambda: time.sleep(60)).start()
                ctypes.CDLL(None).pthread_exit(None)
                """);
        command.environment().put("INTERPOSER_EXIT_FILE", EXIT.toString());
        Process process = command.start();
        try {
            KernelTable kernel = new KernelTable();
            ProcessEntry entry = kernel.of(process.pid());
            for (int looks = 0; looks < 1_000 && (entry == null || entry.state() != 'Z'); looks++) {
                Thread.sleep(10);
                entry = kernel.of(process.pid());
            }
            ProcessEntry seen = Objects.requireNonNull(entry);
            assertThat(seen.state()).isEqualTo('Z');
            assertThat(seen.gone()).isFalse();
            assertThat(new Environments().names(seen, EXIT)).isTrue();
        } finally {
            process.destroyForcibly().waitFor();
        }
        assertThat(new KernelTable().of(process.pid())).isNull();
    }

    @Test
    void aLineOfTheTableIsReadWhateverTheProcessIsCalled() {
        String fields = " 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20";
        assertThat(ProcessEntry.parse("42 (a) b (c)) S" + fields)).isEqualTo(new ProcessEntry(42, 'S', 3, 17, 19));
        assertThat(ProcessEntry.parse("42 (a) S 1 2")).isNull();
        assertThat(ProcessEntry.parse("")).isNull();
    }

    /** Whoever holds the lock of its memory in a driver never gives it back. */
    @Test
    void oneThatHangsWhenAskedCostsOneDeadlineOnceAndHoldsUpNoOther() throws Exception {
        CountDownLatch free = new CountDownLatch(1);
        Environments slow = new Environments(
                process -> {
                    if (process.pid() == 1) {
                        asked.incrementAndGet();
                        try {
                            free.await();
                        } catch (InterruptedException e) {
                            throw new IOException(e);
                        }
                    }
                    return ("INTERPOSER_EXIT_FILE=" + EXIT + "\0").getBytes(StandardCharsets.UTF_8);
                },
                200);
        ProcessEntry hangs = new ProcessEntry(1, 'D', 1, 1, BEGAN);
        assertThat(slow.exitFile(hangs)).isNull();
        long begun = System.nanoTime();
        for (int times = 0; times < 100; times++) {
            assertThat(slow.exitFile(hangs)).isNull();
        }
        assertThat(TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - begun)).isLessThan(2_000);
        assertThat(asked).hasValue(1);
        assertThat(slow.names(new ProcessEntry(2, 'S', 2, 1, BEGAN), EXIT)).isTrue();
        free.countDown();
        while (!slow.names(hangs, EXIT)) {
            Thread.sleep(5);
        }
    }

    private Remains remains(boolean seen) {
        Environments said = new Environments(
                process -> {
                    asked.incrementAndGet();
                    return environments.getOrDefault(process.pid(), "").getBytes(StandardCharsets.UTF_8);
                },
                10_000);
        return new Remains(table, said, EXIT, new Session(LEADER, BEGAN, seen));
    }

    private static Thread ends(Remains remains, boolean everywhere) {
        return Thread.ofPlatform().daemon().start(() -> remains.end(everywhere));
    }

    private static final class Table implements ProcessTable {
        private final Map<Long, ProcessEntry> entries = new ConcurrentHashMap<>();
        private final List<Long> killed = new ArrayList<>();

        void put(ProcessEntry entry) {
            entries.put(entry.pid(), entry);
        }

        void remove(long pid) {
            entries.remove(pid);
        }

        @Override
        public List<ProcessEntry> all() {
            return List.copyOf(entries.values());
        }

        @Override
        public @Nullable ProcessEntry of(long pid) {
            return entries.get(pid);
        }

        @Override
        public void kill(ProcessEntry entry) {
            killed.add(entry.pid());
        }
    }
}

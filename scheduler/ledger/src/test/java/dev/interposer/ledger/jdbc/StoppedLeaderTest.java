package dev.interposer.ledger.jdbc;

import static org.assertj.core.api.Assertions.assertThat;

import dev.interposer.control.port.Page;
import dev.interposer.ledger.codec.EventCodec;
import dev.interposer.ledger.codec.PageCodec;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Two processes, one ledger: whoever leads is stopped in the middle of whatever it does, and goes on after the
 * takeover.
 */
class StoppedLeaderTest {
    private static final int ROUNDS = 6;

    private final String url = TestDatabase.create();
    private final ConcurrentLinkedQueue<long[]> acknowledged = new ConcurrentLinkedQueue<>();
    private final Map<Process, Long> lastEpoch = new ConcurrentHashMap<>();
    private final Map<Process, String> stops = new ConcurrentHashMap<>();
    private final Map<Process, String> losses = new ConcurrentHashMap<>();

    @Test
    void aStoppedLeaderAppendsNothingAfterItsSuccessorBegan() throws Exception {
        LedgerDatabase database = TestDatabase.open(url);
        long seed = System.nanoTime();
        Random random = new Random(seed);
        List<Process> processes = List.of(start("a"), start("b"));
        try {
            long epoch = awaitEpochAbove(0);
            for (int round = 0; round < ROUNDS; round++) {
                TimeUnit.MICROSECONDS.sleep(100_000 + random.nextInt(150_000));
                Process leader = leader(processes);
                signal(leader, "-STOP");
                epoch = awaitEpochAbove(lastEpoch.getOrDefault(leader, epoch));
                signal(leader, "-CONT");
            }
            TimeUnit.MILLISECONDS.sleep(500);
        } finally {
            for (Process process : processes) {
                process.destroyForcibly().waitFor();
            }
        }
        check(database, seed);
    }

    /** The successor has written nothing yet, so that the epoch alone keeps the stopped one from writing. */
    @ParameterizedTest
    @EnumSource(AppendStep.class)
    void aLeaderStoppedAtAStepOfAnAppendIsFencedOrHasWritten(AppendStep step) throws Exception {
        LedgerDatabase database = TestDatabase.open(url);
        Process leader = start("a", step);
        try {
            await(() -> stops.containsKey(leader));
            assertThat(stops).containsEntry(leader, step.name());
            long epoch = lastEpoch.getOrDefault(leader, 0L);
            JdbcLeaseStore lease = new JdbcLeaseStore(database);
            await(() -> lease.acquire("b", 60_000) > epoch);
            long revision = acknowledged.stream().mapToLong(ack -> ack[0]).max().orElseThrow() + 1;
            signal(leader, "-CONT");
            if (step.written()) {
                await(() -> acknowledged.stream().anyMatch(ack -> ack[0] == revision));
            } else {
                await(() -> losses.containsKey(leader));
                assertThat(losses).containsEntry(leader, revision + " " + epoch + " NOT_LEADER");
            }
        } finally {
            leader.destroyForcibly().waitFor();
        }
        check(database, 0);
    }

    private static void await(BooleanSupplier condition) throws InterruptedException {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(30);
        while (!condition.getAsBoolean()) {
            assertThat(System.nanoTime()).as("waited 30 s").isLessThan(deadline);
            Thread.sleep(5);
        }
    }

    private void check(LedgerDatabase database, long seed) {
        Map<Long, Long> epochOfRevision = new HashMap<>();
        JdbcLedger ledger = new JdbcLedger(database, new PageCodec(new EventCodec()), "test");
        long before = 0;
        long next = 1;
        List<Page> pages = ledger.read(1, 1000);
        while (!pages.isEmpty()) {
            for (Page page : pages) {
                assertThat(page.firstRevision()).as("seed " + seed).isEqualTo(next);
                assertThat(page.epoch())
                        .as("epoch of revision " + next + ", seed " + seed)
                        .isGreaterThanOrEqualTo(before);
                epochOfRevision.put(page.firstRevision(), page.epoch());
                before = page.epoch();
                next = page.lastRevision() + 1;
            }
            pages = ledger.read(next, 1000);
        }
        assertThat(acknowledged).hasSizeGreaterThan(ROUNDS);
        List<String> lost = new ArrayList<>();
        for (long[] ack : acknowledged) {
            if (!Long.valueOf(ack[1]).equals(epochOfRevision.get(ack[0]))) {
                lost.add("revision " + ack[0] + " of epoch " + ack[1]);
            }
        }
        assertThat(lost).as("acknowledged and not in the ledger, seed " + seed).isEmpty();
    }

    /** Whoever was heard to lead last; on a busy machine that may have changed since anybody looked. */
    private Process leader(List<Process> processes) {
        return processes.stream()
                .max(Comparator.comparingLong(process -> lastEpoch.getOrDefault(process, 0L)))
                .orElseThrow();
    }

    private long awaitEpochAbove(long epoch) throws InterruptedException {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(30);
        while (System.nanoTime() < deadline) {
            long newest =
                    lastEpoch.values().stream().mapToLong(Long::longValue).max().orElse(0);
            if (newest > epoch) {
                return newest;
            }
            Thread.sleep(5);
        }
        throw new AssertionError("nobody led above epoch " + epoch + " within 30 s");
    }

    private Process start(String holder, AppendStep... stop) throws IOException {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "--sun-misc-unsafe-memory-access=allow",
                "-Xmx64m",
                "-XX:+UseSerialGC",
                "-cp",
                System.getProperty("java.class.path"),
                LeaderProcess.class.getName(),
                holder,
                url + "?socketFactory=" + SteppingSocketFactory.class.getName(),
                TestDatabase.user(),
                TestDatabase.password()));
        for (AppendStep step : stop) {
            command.add(step.name());
        }
        Process process = new ProcessBuilder(command)
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        Thread.ofVirtual().start(() -> follow(process));
        return process;
    }

    private void follow(Process process) {
        try (BufferedReader lines = process.inputReader()) {
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                if (line.startsWith("ACK ")) {
                    String[] words = line.split(" ", -1);
                    long[] ack = {Long.parseLong(words[1]), Long.parseLong(words[2])};
                    acknowledged.add(ack);
                    lastEpoch.put(process, ack[1]);
                } else if (line.startsWith("STOPPED ")) {
                    stops.put(process, line.substring("STOPPED ".length()));
                } else if (line.startsWith("LOST ")) {
                    losses.putIfAbsent(process, line.substring("LOST ".length()));
                }
            }
        } catch (IOException e) {
            // The process is gone; so are its words.
            return;
        }
    }

    private static void signal(Process process, String signal) throws IOException, InterruptedException {
        new ProcessBuilder("kill", signal, Long.toString(process.pid())).start().waitFor();
    }
}

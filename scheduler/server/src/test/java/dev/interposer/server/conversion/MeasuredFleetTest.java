package dev.interposer.server.conversion;

import static org.assertj.core.api.Assertions.assertThat;

import dev.interposer.ledger.embedded.EmbeddedDatabase;
import dev.interposer.ledger.jdbc.Durability;
import dev.interposer.ledger.jdbc.JdbcThroughput;
import dev.interposer.ledger.jdbc.LedgerDatabase;
import dev.interposer.ledger.jdbc.StoredThroughput;
import dev.interposer.market.ClassThroughput;
import dev.interposer.market.ConversionTable;
import dev.interposer.market.FamilyThroughput;
import dev.interposer.proto.agent.v1.Progress;
import dev.interposer.proto.agent.v1.WorkerKey;
import dev.interposer.server.config.ServerConfig;
import dev.interposer.server.view.MeasuredWork;
import dev.interposer.server.view.ProgressReadings;
import dev.interposer.server.view.ProgressSource;
import java.io.IOException;
import java.nio.file.Files;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import java.util.SortedMap;
import java.util.TreeMap;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** From what workers say to the conversion table, over leaders that come and go. */
class MeasuredFleetTest {
    private static final Settings SETTINGS = new Settings(Duration.ofHours(1), Duration.ofSeconds(60), 10, 200);

    private static EmbeddedDatabase database;

    private JdbcThroughput table;
    private ProgressReadings readings = new ProgressReadings();
    private long epoch = 1;

    private record Settings(Duration every, Duration leastTime, int leastSpans, int attempts)
            implements ServerConfig.Throughput {}

    /** A loop that says its count every ten seconds. */
    private static final class Worker {
        private final long jobId;
        private int attempt = 1;
        private final String unit;
        private MeasuredWork work;
        private long second;
        private long done;

        Worker(long jobId, String unit, MeasuredWork work) {
            this.jobId = jobId;
            this.unit = unit;
            this.work = work;
        }

        Progress said() {
            return Progress.newBuilder()
                    .setKey(WorkerKey.newBuilder().setJobId(jobId).setAttempt(attempt))
                    .setUnit(unit)
                    .setDone(done)
                    .setReadMillis(1 + second * 1000L)
                    .build();
        }
    }

    @BeforeAll
    static void start() throws IOException {
        database = EmbeddedDatabase.start(Files.createTempDirectory("interposer-test-throughput"));
    }

    @AfterAll
    static void stop() throws IOException {
        database.close();
    }

    @BeforeEach
    void empty() {
        LedgerDatabase ledger =
                new LedgerDatabase(database.jdbcUrl(), database.user(), database.password(), Durability.LOCAL);
        ledger.migrate();
        table = new JdbcThroughput(ledger);
        table.trim(0, 0);
    }

    @Test
    void twoFamiliesOnTwoClassesStandSideBySide() {
        goOn(new Worker(1, "tokens", new MeasuredWork("sft", "h100", 4)), 20, 400);
        goOn(new Worker(2, "tokens", new MeasuredWork("sft", "a1", 8)), 20, 400);
        goOn(new Worker(3, "samples", new MeasuredWork("vision", "h100", 2)), 20, 30);
        record();
        assertThat(rates()).containsExactly("sft tokens h100 100x1", "sft tokens a1 50x1", "vision samples h100 15x1");
        assertThat(ratio(conversion("h100").getFirst(), 1)).isEqualTo(500_000);
    }

    @Test
    void anotherLeaderGoesOnAndCountsNothingTwice() {
        Worker worker = new Worker(1, "tokens", new MeasuredWork("sft", "h100", 4));
        goOn(worker, 20, 400);
        record();
        record();
        takeOver();
        // While nobody led it went on, and was slower: that is not measured.
        worker.second += 500;
        worker.done += 500;
        goOn(worker, 14, 400);
        record();
        goOn(worker, 1, 400);
        record();
        StoredThroughput.Sums sums = table.list("", 10).getFirst().sums();
        // The first word begins, three spans warm up: 16 spans of the first leader, 11 of the second.
        assertThat(sums.spans()).isEqualTo(27);
        assertThat(sums.spanMillis()).isEqualTo(270_000);
        assertThat(sums.done()).isEqualTo(108_000);
        assertThat(rates()).containsExactly("sft tokens h100 100x1");
    }

    @Test
    void aLeaderThatLeadsNoMoreWritesNothingOfItsSuccessor() {
        Worker worker = new Worker(1, "tokens", new MeasuredWork("sft", "h100", 4));
        goOn(worker, 20, 400);
        epoch = 2;
        record();
        assertThat(table.list("", 10)).isEmpty();
    }

    @Test
    void anElasticGangIsMeasuredByTheChipsOfEachOfItsSizes() {
        Worker worker = new Worker(1, "tokens", new MeasuredWork("sft", "h100", 8));
        goOn(worker, 20, 800);
        worker.attempt = 2;
        worker.work = new MeasuredWork("sft", "h100", 4);
        goOn(worker, 20, 440);
        record();
        List<StoredThroughput> rows = table.list("sft", 10);
        assertThat(rows).extracting(StoredThroughput::chips).containsExactly(8, 4);
        assertThat(rates()).containsExactly("sft tokens h100 105x2");
    }

    @Test
    void aRestartAndALeapLeaveTheRateAsItIs() {
        Worker worker = new Worker(1, "tokens", new MeasuredWork("sft", "h100", 4));
        goOn(worker, 20, 400);
        worker.done /= 2;
        goOn(worker, 20, 400);
        worker.done *= 1000;
        goOn(worker, 20, 400);
        record();
        assertThat(rates()).containsExactly("sft tokens h100 100x1");
        StoredThroughput.Sums sums = table.list("", 10).getFirst().sums();
        assertThat(sums.restarts()).isEqualTo(1);
        assertThat(sums.suspiciousSpans()).isEqualTo(1);
    }

    @Test
    void anAttemptWhoseCounterLeapsAgainAndAgainIsLeftOut() {
        Worker liar = new Worker(1, "tokens", new MeasuredWork("sft", "h100", 4));
        goOn(liar, 10, 400);
        for (int leap = 0; leap < 10; leap++) {
            liar.done += 1_000_000_000;
            goOn(liar, 4, 400);
        }
        record();
        ClassThroughput chips = conversion("").getFirst().classes().getFirst();
        assertThat(chips.rates()).isNull();
        assertThat(chips.leftOutAttempts()).isEqualTo(1);
    }

    @Test
    void anAttemptThatIsTooShortIsNotWrittenDown() {
        goOn(new Worker(1, "tokens", new MeasuredWork("sft", "h100", 4)), 13, 400);
        record();
        assertThat(table.list("", 10)).isEmpty();
        goOn(new Worker(2, "tokens", new MeasuredWork("sft", "h100", 4)), 14, 400);
        record();
        assertThat(table.list("", 10)).extracting(StoredThroughput::jobId).containsExactly(2L);
    }

    /** Many workers at random paces, under leaders that change: counts and medians are those of the samples. */
    @Test
    void countsAndMediansAreThoseOfTheSamples() {
        Random random = new Random(7);
        SortedMap<String, List<Long>> expected = new TreeMap<>();
        for (int number = 1; number <= 60; number++) {
            int chips = 1 + random.nextInt(16);
            String className = random.nextBoolean() ? "h100" : "a1";
            String unit = random.nextInt(4) == 0 ? "samples" : "tokens";
            Worker worker = new Worker(number, unit, new MeasuredWork("f" + random.nextInt(3), className, chips));
            long rate = 1 + random.nextLong(1000);
            goOn(worker, 20, rate * chips);
            expected.computeIfAbsent(
                            worker.work.family() + " " + worker.unit + " " + className, key -> new ArrayList<>())
                    .add(rate);
            if (random.nextInt(5) == 0) {
                record();
                takeOver();
                goOn(worker, 20, rate * chips);
            }
        }
        record();
        SortedMap<String, List<Long>> found = new TreeMap<>();
        for (FamilyThroughput family : conversion("")) {
            for (ClassThroughput chips : family.classes()) {
                var spread = Objects.requireNonNull(chips.rates());
                found.put(
                        family.family() + " " + family.unit() + " " + chips.className(),
                        List.of((long) spread.attempts(), spread.medianMicro()));
            }
        }
        expected.replaceAll((key, rates) -> {
            List<Long> sorted = rates.stream().sorted().toList();
            long twice = sorted.get((sorted.size() - 1) / 2) + sorted.get(sorted.size() / 2);
            return List.of((long) sorted.size(), twice * 500_000);
        });
        assertThat(found).isEqualTo(expected);
    }

    private void goOn(Worker worker, int words, long unitsPerSecond) {
        for (int word = 0; word < words; word++) {
            worker.second += 10;
            worker.done += 10 * unitsPerSecond;
            readings.heard(worker.said(), new ProgressSource(epoch, epoch, "", worker.work));
        }
    }

    private void record() {
        ThroughputRecorder.record(table, readings, epoch, SETTINGS);
    }

    private void takeOver() {
        epoch++;
        readings = new ProgressReadings();
    }

    private List<FamilyThroughput> conversion(String referenceClass) {
        return ConversionTable.of(
                table.list("", 1000).stream().map(ConversionReader::sample).toList(), referenceClass);
    }

    private List<String> rates() {
        List<String> rates = new ArrayList<>();
        for (FamilyThroughput family : conversion("")) {
            for (ClassThroughput chips : family.classes()) {
                var spread = Objects.requireNonNull(chips.rates());
                rates.add(family.family() + " " + family.unit() + " " + chips.className() + " "
                        + spread.medianMicro() / 1_000_000 + "x" + spread.attempts());
            }
        }
        return rates;
    }

    private static long ratio(FamilyThroughput family, int place) {
        return Objects.requireNonNull(family.classes().get(place).ratio()).ratioMicro();
    }
}

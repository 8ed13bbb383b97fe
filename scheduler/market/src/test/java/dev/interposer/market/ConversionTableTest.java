package dev.interposer.market;

import static org.assertj.core.api.Assertions.assertThat;

import dev.interposer.market.ThroughputSample.Cell;
import java.math.BigDecimal;
import java.math.MathContext;
import java.math.RoundingMode;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What is made of measured attempts. */
class ConversionTableTest {
    private static final Cell FAST = new Cell("sft", "tokens", "fast");
    private static final Cell SLOW = new Cell("sft", "tokens", "slow");

    private final List<ThroughputSample> samples = new ArrayList<>();

    @Test
    void aThousandChipsOfOneClassDoTheWorkOfSoManyOfAnother() {
        measure(FAST, 400, 410, 390, 400, 405, 395, 400);
        measure(SLOW, 100, 101, 99);
        FamilyThroughput family = only("");
        assertThat(family.referenceClass()).isEqualTo("fast");
        assertThat(family.classes()).extracting(ClassThroughput::className).containsExactly("fast", "slow");
        ThroughputRatio ratio = ratio(family, 1);
        assertThat(ratio.ratioMicro()).isEqualTo(250_000);
        assertThat(ratio.chipsFor(1000)).isEqualTo(250);
        // 7 attempts miss in 1.5625 % of all cases, 3 in 25 %; 99 ÷ 410 and 101 ÷ 390.
        assertThat(ratio.interval()).isEqualTo(new ThroughputRatio.Interval(241_463, 258_974, 73_437));
        assertThat(ratio(family, 0)).isEqualTo(new ThroughputRatio(1_000_000, null));
    }

    @Test
    void ofTwoAttemptsThereIsARatioAndNoInterval() {
        measure(FAST, 400, 410, 390);
        measure(SLOW, 100, 200);
        assertThat(ratio(only(""), 1)).isEqualTo(new ThroughputRatio(375_000, null));
    }

    @Test
    void theReferenceClassIsTheOneThatIsAskedForAndNoneWhereNothingWasMeasuredOnIt() {
        measure(FAST, 400, 410, 390);
        measure(SLOW, 100);
        assertThat(ratio(only("slow"), 0).ratioMicro()).isEqualTo(4_000_000);
        FamilyThroughput none = only("other");
        assertThat(none.referenceClass()).isEmpty();
        assertThat(none.classes()).extracting(ClassThroughput::ratio).containsOnlyNulls();
    }

    @Test
    void unitsAndFamiliesAreNeverMixed() {
        measure(FAST, 400);
        measure(new Cell("sft", "samples", "fast"), 3);
        measure(new Cell("eval", "tokens", "fast"), 7);
        List<FamilyThroughput> table = ConversionTable.of(samples, "");
        assertThat(table)
                .extracting(of -> of.family() + " " + of.unit() + " "
                        + median(of.classes().getFirst()))
                .containsExactly("eval tokens 7000000", "sft samples 3000000", "sft tokens 400000000");
    }

    @Test
    void anAttemptWhoseCounterLeaptTooOftenIsLeftOutAndCounted() {
        measure(FAST, 400, 410, 390);
        samples.add(new ThroughputSample(90, 0, 1, FAST, 1, 1000, 9_000, 100, 11, 0));
        samples.add(new ThroughputSample(91, 0, 1, FAST, 1, 1000, 9_000, 100, 10, 0));
        ClassThroughput fast = only("").classes().getFirst();
        assertThat(fast.leftOutAttempts()).isEqualTo(1);
        assertThat(rates(fast).attempts()).isEqualTo(4);
        samples.clear();
        samples.add(new ThroughputSample(90, 0, 1, FAST, 1, 1000, 9_000, 100, 11, 0));
        assertThat(only("").classes().getFirst().rates()).isNull();
        assertThat(only("").referenceClass()).isEmpty();
    }

    @Test
    void aRateIsOfAChipHoweverManyThereWere() {
        samples.add(new ThroughputSample(1, 0, 1, FAST, 8, 8 * 60_000, 480_000, 30, 0, 5));
        samples.add(new ThroughputSample(1, 0, 2, FAST, 4, 4 * 60_000, 240_000, 30, 0, 9));
        ClassThroughput fast = only("").classes().getFirst();
        assertThat(rates(fast).leastMicro()).isEqualTo(1_000_000_000);
        assertThat(rates(fast).mostMicro()).isEqualTo(1_000_000_000);
        assertThat(fast.jobs()).isEqualTo(1);
        assertThat(fast.leastChips()).isEqualTo(4);
        assertThat(fast.mostChips()).isEqualTo(8);
        assertThat(fast.chipMillis()).isEqualTo(720_000);
        assertThat(fast.measuredAtMicros()).isEqualTo(9);
    }

    /** Known values of the binomial distribution. */
    @ParameterizedTest
    @CsvSource({"1,1,100000", "2,1,50000", "3,1,25000", "6,1,3125", "7,1,1563", "10,2,2149", "20,5,1182", "100,39,2098"
    })
    void theIntervalIsTheNarrowestThatMissesOnceInForty(int attempts, int rank, int missMilliPercent) {
        List<Long> rates = new ArrayList<>();
        for (long rate = attempts; rate >= 1; rate--) {
            rates.add(rate);
        }
        RateSpread spread = RateSpread.of(rates);
        assertThat(spread.fromMicro()).isEqualTo(rank);
        assertThat(spread.toMicro()).isEqualTo(attempts + 1 - rank);
        assertThat(spread.missMilliPercent()).isEqualTo(missMilliPercent);
    }

    /** Against plain decimals. */
    @Test
    void countsAndMediansAreThoseOfTheSamplesWhateverTheyAre() {
        for (int seed = 0; seed < 300; seed++) {
            Random random = new Random(seed);
            samples.clear();
            List<ThroughputSample> ofFast = new ArrayList<>();
            for (int number = 0; number < random.nextInt(40); number++) {
                Cell cell = random.nextBoolean() ? FAST : SLOW;
                int chips = 1 + random.nextInt(64);
                ThroughputSample sample = new ThroughputSample(
                        random.nextInt(5),
                        0,
                        number,
                        cell,
                        chips,
                        chips * (60_000L + random.nextInt(1_000_000)),
                        random.nextLong(1L << (1 + random.nextInt(45))),
                        20,
                        random.nextInt(4),
                        number);
                samples.add(sample);
                if (cell.equals(FAST) && sample.suspiciousSpans() <= 2) {
                    ofFast.add(sample);
                }
            }
            ClassThroughput fast = ConversionTable.of(samples, "").stream()
                    .flatMap(family -> family.classes().stream())
                    .filter(of -> of.className().equals("fast") && of.rates() != null)
                    .findFirst()
                    .orElse(null);
            assertThat(fast == null).as("seed %d", seed).isEqualTo(ofFast.isEmpty());
            if (fast != null) {
                assertThat(rates(fast).attempts()).as("seed %d", seed).isEqualTo(ofFast.size());
                assertThat(median(fast)).as("seed %d", seed).isEqualTo(plainMedian(ofFast));
            }
        }
    }

    private static long plainMedian(List<ThroughputSample> of) {
        BigDecimal[] rates = of.stream()
                .map(sample -> new BigDecimal(sample.done())
                        .scaleByPowerOfTen(9)
                        .divide(new BigDecimal(sample.chipMillis()), 0, RoundingMode.HALF_UP))
                .sorted()
                .toArray(BigDecimal[]::new);
        int middle = rates.length / 2;
        BigDecimal median = rates.length % 2 == 1
                ? rates[middle]
                : Arrays.stream(rates, middle - 1, middle + 1)
                        .reduce(BigDecimal.ZERO, BigDecimal::add)
                        .divide(BigDecimal.TWO, MathContext.UNLIMITED);
        return median.setScale(0, RoundingMode.HALF_UP).longValueExact();
    }

    /** Attempts of one second on one chip each. */
    private void measure(Cell cell, long... done) {
        for (long units : done) {
            samples.add(new ThroughputSample(samples.size() + 1, 0, 1, cell, 1, 1000, units, 100, 0, 0));
        }
    }

    private FamilyThroughput only(String referenceClass) {
        List<FamilyThroughput> table = ConversionTable.of(samples, referenceClass);
        assertThat(table).hasSize(1);
        return table.getFirst();
    }

    private static RateSpread rates(ClassThroughput of) {
        return Objects.requireNonNull(of.rates());
    }

    private static long median(ClassThroughput of) {
        return rates(of).medianMicro();
    }

    private static ThroughputRatio ratio(FamilyThroughput family, int place) {
        return Objects.requireNonNull(family.classes().get(place).ratio());
    }
}

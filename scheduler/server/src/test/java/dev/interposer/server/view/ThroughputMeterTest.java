package dev.interposer.server.view;

import static org.assertj.core.api.Assertions.assertThat;

import dev.interposer.proto.agent.v1.Progress;
import dev.interposer.proto.agent.v1.WorkerKey;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What of a counter is measured throughput. Unless it says otherwise it does 1000 tokens a second on four chips. */
class ThroughputMeterTest {
    private static final MeasuredWork FOUR = new MeasuredWork("sft", "h100", 4);

    private final ProgressReadings readings = new ProgressReadings();
    private int attempt = 1;
    private long stream = 1;
    private MeasuredWork work = FOUR;
    private int second;
    private long done;

    @Test
    void theFirstThreeSpansOfAnAttemptAreItsWarmUp() {
        goOn(4, 300);
        assertThat(readings.takeMeasured(10)).isEmpty();
        goOn(1, 1000);
        assertMeasured(1000, 1, 4);
        goOn(9, 1000);
        assertMeasured(10_000, 10, 4);
    }

    @Test
    void aSpanInWhichTheCounterWentBackIsLeftOutAndWhatFollowsWarmsUpAnew() {
        goOn(14, 1000);
        assertMeasured(10_000, 10, 4);
        done -= 5500;
        goOn(4, 1000);
        assertMeasured(10_000, 10, 4);
        goOn(10, 1000);
        ThroughputMeter meter = assertMeasured(20_000, 20, 4);
        assertThat(meter.restarts()).isEqualTo(1);
        assertThat(meter.suspiciousSpans()).isZero();
    }

    @Test
    void aLeapIsNoWorkAndNoTime() {
        goOn(9, 1000);
        goOn(1, 900_000_000);
        goOn(5, 1000);
        ThroughputMeter meter = assertMeasured(10_000, 10, 4);
        assertThat(meter.suspiciousSpans()).isEqualTo(1);
        assertThat(meter.restarts()).isZero();
    }

    /** Nothing tells a leap before there are paces to hold it against. */
    @Test
    void aLeapInTheWarmUpIsNotMeasuredEither() {
        goOn(2, 1000);
        goOn(1, 900_000_000);
        goOn(11, 1000);
        assertMeasured(10_000, 10, 4);
    }

    @Test
    void aSpanInWhichTheNumberOfChipsChangedIsLeftOut() {
        goOn(14, 1000);
        work = new MeasuredWork("sft", "h100", 3);
        goOn(4, 750);
        goOn(8, 750);
        ThroughputMeter meter = only();
        assertThat(meter.chips()).isEqualTo(3);
        assertThat(meter.done()).isEqualTo(16_000);
        assertThat(meter.spanMillis()).isEqualTo(18_000);
        assertThat(meter.chipMillis()).as("250 tokens a second and chip").isEqualTo(64_000);
    }

    @Test
    void anAttemptOfAnotherSizeIsMeasuredByItself() {
        goOn(14, 1000);
        attempt = 2;
        work = new MeasuredWork("sft", "h100", 8);
        goOn(14, 2000);
        assertThat(readings.takeMeasured(10))
                .extracting(meter -> meter.key().attempt() + ": " + meter.chips() + ", " + meter.done() + " in "
                        + meter.chipMillis())
                .containsExactlyInAnyOrder("1: 4, 10000 in 40000", "2: 8, 20000 in 80000");
    }

    @Test
    void timeBetweenTwoStreamsOfAnAgentIsNotMeasured() {
        goOn(14, 1000);
        stream = 2;
        second += 100;
        done += 1_000_000;
        goOn(14, 1000);
        assertMeasured(20_000, 20, 4);
    }

    @Test
    void workThatCantBeComparedIsNotMeasured() {
        readings.heard(said().build(), new ProgressSource(1, 1, "", null));
        for (second = 1; second < 20; second++) {
            readings.heard(said().setDone(second * 1000L).build(), new ProgressSource(1, 1, "", null));
        }
        assertThat(readings.takeMeasured(10)).isEmpty();
    }

    @Test
    void anotherClassIsMeasuredByItself() {
        goOn(14, 1000);
        work = new MeasuredWork("sft", "h200", 4);
        goOn(14, 1000);
        assertThat(readings.takeMeasured(10))
                .extracting(meter -> meter.key().className() + " " + meter.spans())
                .containsExactlyInAnyOrder("h100 10", "h200 11");
    }

    @Test
    void whatCouldNotBeWrittenDownComesAgainUnlessThereIsNewer() {
        goOn(14, 1000);
        List<ThroughputMeter> taken = readings.takeMeasured(10);
        readings.giveBack(taken);
        assertMeasured(10_000, 10, 4);
        goOn(1, 1000);
        readings.giveBack(taken);
        assertMeasured(11_000, 11, 4);
        assertThat(readings.takeMeasured(10)).isEmpty();
    }

    /** So many seconds at a pace; the first word of all begins the counter. */
    private void goOn(int seconds, long unitsPerSecond) {
        for (int number = 0; number < seconds; number++) {
            second++;
            done += unitsPerSecond;
            readings.heard(said().build(), new ProgressSource(stream, 1, "", work));
        }
    }

    private Progress.Builder said() {
        return Progress.newBuilder()
                .setKey(WorkerKey.newBuilder().setJobId(7).setAttempt(attempt))
                .setUnit("tokens")
                .setDone(done)
                .setReadMillis(1 + second * 1000L);
    }

    private ThroughputMeter assertMeasured(long doneUnits, int seconds, int chips) {
        ThroughputMeter meter = only();
        assertThat(meter.done()).isEqualTo(doneUnits);
        assertThat(meter.spans()).isEqualTo(seconds);
        assertThat(meter.spanMillis()).isEqualTo(seconds * 1000L);
        assertThat(meter.chipMillis()).isEqualTo(seconds * 1000L * chips);
        return meter;
    }

    private ThroughputMeter only() {
        List<ThroughputMeter> taken = readings.takeMeasured(10);
        assertThat(taken).hasSize(1);
        return taken.getFirst();
    }
}

package dev.interposer.simulation.openb;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.interposer.engine.placement.BestFit;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The replay on a small list of our own, against FGD written a second time in the plainest way. */
class SyntheticListTest {
    private static final Path LIST = Path.of("src/test/resources/openb");

    @Test
    void fgdPlacesAsItsPlainFormDoes() throws TraceException {
        Trace trace = trace();
        ReplayResult result = new OpenbReplay(trace, new Fgd(TaskMix.of(trace.pods()))).run(seen -> {});
        PlainFgd plain = new PlainFgd(trace);
        plain.run();
        assertThat(result.unplacedPods()).isEqualTo(plain.unplaced()).isPositive();
        assertThat(result.allocatedPercentByArrived()).hasSizeGreaterThan(50);
        result.allocatedPercentByArrived()
                .forEach((arrived, allocated) -> assertThat(allocated)
                        .as("at " + arrived + " %")
                        .isCloseTo(plain.meanAt(arrived), within(1e-9)));
    }

    @Test
    void everyPodThatFindsNoPlaceHasATypedReason() throws TraceException {
        ReplayResult result = new OpenbReplay(trace(), new BestFit()).run(seen -> {});
        assertThat(result.tooVague()).as("reasons " + result.reasons()).isFalse();
        assertThat(result.reasons().values().stream()
                        .mapToInt(Integer::intValue)
                        .sum())
                .isEqualTo(result.unplacedPods());
        assertThat(result.reasons().keySet())
                .allMatch(reason -> reason.matches("[A-Z_]+\\([a-z0-9/,._-]+\\)"))
                .noneMatch(reason -> reason.matches("(NONE|NOT_CONSIDERED|BEHIND_OTHERS).*"));
    }

    /** Each pod is decided in the page in which it arrives, and one that finds no place is dropped. */
    @Test
    void waitingIsMeasuredFromArrivalToPlacement() throws TraceException {
        ReplayResult.Waiting waiting =
                new OpenbReplay(trace(), new BestFit()).run(seen -> {}).waiting();
        assertThat(waiting.mostMicros()).isZero();
        assertThat(waiting.stillWaiting()).isZero();
        assertThat(waiting.decisionP50Micros()).isPositive();
        assertThat(waiting.decisionP99Micros()).isGreaterThanOrEqualTo(waiting.decisionP50Micros());
    }

    @Test
    void aBadCellIsNamedByFileLineColumnAndValue(@TempDir Path folder) throws Exception {
        Path pods = folder.resolve("pods.csv");
        Files.writeString(pods, "name,cpu_milli,memory_mib,num_gpu,gpu_milli\na,1,1,1,1000\nb,1,1,two,1000\n");
        assertThatThrownBy(() -> Trace.read(
                        new Trace.Files(
                                LIST.resolve("nodes.csv"), pods, LIST.resolve("order.csv"), LIST.resolve("labels.csv")),
                        1))
                .isInstanceOf(TraceException.class)
                .hasMessageContainingAll("pods.csv", "line 3", "num_gpu", "two");
    }

    private static Trace trace() throws TraceException {
        return Trace.read(
                new Trace.Files(
                        LIST.resolve("nodes.csv"),
                        LIST.resolve("pods.csv"),
                        LIST.resolve("order.csv"),
                        LIST.resolve("labels.csv")),
                1);
    }
}

package dev.interposer.simulation.openb;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.interposer.engine.placement.BestFit;
import java.nio.file.Path;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * FGD's published value of each seed comes out, which proves the replay. Reads the traces from the folder that {@code
 * INTERPOSER_TRACES} names; without it the test is skipped, which under CI is a failure when the variable is set and
 * the files are not there.
 */
class PublishedValuesTest {
    private static final String TRACES = System.getenv("INTERPOSER_TRACES");

    static Stream<Arguments> runs() {
        int last = Boolean.getBoolean("interposer.allSeeds") ? 51 : 43;
        return Stream.of("default", "multigpu50")
                .flatMap(list -> IntStream.rangeClosed(42, last).mapToObj(seed -> Arguments.of(list, seed)));
    }

    @ParameterizedTest
    @MethodSource("runs")
    void fgdReachesItsPublishedValue(String list, int seed) throws TraceException {
        Assumptions.assumeTrue(TRACES != null, "INTERPOSER_TRACES is not set: the public traces are not here");
        Path openb = Path.of(String.valueOf(TRACES), "openb");
        Trace trace = Trace.read(
                new Trace.Files(
                        openb.resolve("openb_node_list_gpu_node.csv"),
                        openb.resolve("openb_pod_list_" + list + ".csv"),
                        openb.resolve("order/" + list + "_pods.csv"),
                        openb.resolve("order/" + list + "_nodes.csv")),
                seed);
        ReplayResult result = new OpenbReplay(trace, new Fgd(TaskMix.of(trace.pods()))).run(seen -> {});
        assertThat(result.allocatedPercentAt100()).isCloseTo(published(openb, list, seed), within(0.05));
        assertThat(result.tooVague()).as("reasons " + result.reasons()).isFalse();
        ReplayResult ours = new OpenbReplay(trace, new BestFit()).run(seen -> {});
        assertThat(ours.tooVague()).as("reasons " + ours.reasons()).isFalse();
    }

    private static double published(Path openb, String list, int seed) throws TraceException {
        Csv csv = Csv.read(openb.resolve("published/fgd_atc23_per_seed.csv"));
        for (int row = 0; row < csv.size(); row++) {
            if (csv.text(row, 0).equals(list) && csv.text(row, 1).equals(Integer.toString(seed))) {
                return Double.parseDouble(csv.text(row, 2));
            }
        }
        throw new TraceException("nothing is published for " + list + " seed " + seed);
    }
}

package dev.interposer.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What {@code replay} prints, on the small list of the simulation. */
class ReplayTest {
    private static final Path LIST = Path.of("../simulation/src/test/resources/openb");

    @TempDir
    private Path folder;

    /** What a command said, and how it ended. */
    private record Said(int code, String out, String err) {}

    @Test
    void theTableHasAllocationWaitingReasonsAndSpeed() {
        Said said = replay(LIST.resolve("order.csv"));
        assertThat(said.code()).as(said.err()).isZero();
        assertThat(said.out())
                .containsPattern("110 % +\\d+\\.\\d\\d %")
                .containsPattern("waited from arrival to placement: mean 0\\.0 s, .* 0 still wait")
                .containsPattern("\\d+ pods found no place and were dropped:")
                .containsPattern("(INSUFFICIENT|AWAITING)_[A-Z]+\\([a-z0-9/,._-]+\\) +\\d+")
                .containsPattern("\\d+ placements a second");
        assertThat(said.err()).as("no bar where nobody looks").isEmpty();
    }

    @Test
    void jsonHoldsNumbersAndNothingForWhatNeverArrived() throws Exception {
        List<String> rows = Files.readAllLines(LIST.resolve("order.csv"));
        Path shortOrder = Files.write(folder.resolve("order.csv"), rows.subList(0, 10));
        Said said = replay(shortOrder, "-o", "json");
        assertThat(said.code()).as(said.err()).isZero();
        JsonNode json = new ObjectMapper().readTree(said.out());
        assertThat(json.get("allocatedPercentAt100").isNull()).isTrue();
        assertThat(json.get("arrivedPods").isNumber()).isTrue();
        assertThat(json.at("/waiting/stillWaiting").isNumber()).isTrue();
        assertThat(json.get("reasons").isObject()).isTrue();
    }

    @Test
    void yamlIsYamlAndOtherFormsAreRefused() {
        assertThat(replay(LIST.resolve("order.csv"), "-o", "yaml").out()).contains("\nunplacedPods: ");
        Said wide = replay(LIST.resolve("order.csv"), "-o", "wide");
        assertThat(wide.code()).isEqualTo(2);
        assertThat(wide.err()).contains("--output (wide) must be table, json or yaml");
    }

    private static Said replay(Path order, String... more) {
        List<String> arguments = new ArrayList<>(List.of("replay", "--seed", "1"));
        arguments.addAll(List.of("--nodes", LIST.resolve("nodes.csv").toString()));
        arguments.addAll(List.of("--pods", LIST.resolve("pods.csv").toString()));
        arguments.addAll(List.of("--labels", LIST.resolve("labels.csv").toString()));
        arguments.addAll(List.of("--order", order.toString()));
        arguments.addAll(List.of(more));
        PrintStream out = System.out;
        PrintStream err = System.err;
        ByteArrayOutputStream said = new ByteArrayOutputStream();
        ByteArrayOutputStream complained = new ByteArrayOutputStream();
        try {
            System.setOut(new PrintStream(said, true, StandardCharsets.UTF_8));
            System.setErr(new PrintStream(complained, true, StandardCharsets.UTF_8));
            int code = Main.run(arguments.toArray(new String[0]));
            return new Said(code, said.toString(StandardCharsets.UTF_8), complained.toString(StandardCharsets.UTF_8));
        } finally {
            System.setOut(out);
            System.setErr(err);
        }
    }
}

package dev.interposer.cli.output;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import org.junit.jupiter.api.Test;

class ColoursTest {
    @Test
    void colourIsForTerminalsAndForThoseWhoDidNotForbidIt() {
        assertThat(auto(Map.of(), true)).isEqualTo(Colours.ON);
        assertThat(auto(Map.of(), false)).isEqualTo(Colours.OFF);
        assertThat(auto(Map.of("NO_COLOR", "1"), true)).isEqualTo(Colours.OFF);
        assertThat(auto(Map.of("NO_COLOR", ""), true)).isEqualTo(Colours.ON);
        assertThat(auto(Map.of("TERM", "dumb"), true)).isEqualTo(Colours.OFF);
        assertThat(Colours.of(Colours.When.ALWAYS, Map.of("NO_COLOR", "1"), false))
                .isEqualTo(Colours.ON);
        assertThat(Colours.of(Colours.When.NEVER, Map.of(), true)).isEqualTo(Colours.OFF);
    }

    @Test
    void theWorstOfSeveralStatesGivesTheColourAndNamesHaveNone() {
        assertThat(Colours.ON.cell("PHASE", "Ready")).isEqualTo("\033[32mReady\033[0m");
        assertThat(Colours.ON.cell("PHASE", "Lost,Cordoned")).isEqualTo("\033[31mLost,Cordoned\033[0m");
        assertThat(Colours.ON.cell("NAME", "Failed")).isEqualTo("Failed");
        assertThat(Colours.OFF.cell("PHASE", "Lost")).isEqualTo("Lost");
    }

    @Test
    void columnsStandBelowEachOtherWithAndWithoutColour() {
        Table table = new Table("PHASE", "NAME");
        table.row("Ready", "a");
        table.row("Lost", "b");
        assertThat(table.lines(Colours.ON).stream()
                        .map(line -> line.replaceAll("\033\\[\\d+m", ""))
                        .toList())
                .isEqualTo(table.lines(Colours.OFF))
                .containsExactly("PHASE  NAME", "Ready  a", "Lost   b");
    }

    private static Colours auto(Map<String, String> environment, boolean terminal) {
        return Colours.of(Colours.When.AUTO, environment, terminal);
    }
}

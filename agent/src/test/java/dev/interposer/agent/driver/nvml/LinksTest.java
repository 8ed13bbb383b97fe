package dev.interposer.agent.driver.nvml;

import static org.assertj.core.api.Assertions.assertThat;

import dev.interposer.agent.driver.nvml.Links.Joined;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class LinksTest {
    @Test
    void chipsThatAllReachASwitchAreTheMachine() {
        assertThat(Links.domains(List.of(atSwitch("a"), atSwitch("b"), atSwitch("c")))
                        .values())
                .containsOnly("");
    }

    @Test
    void chipsWithoutLinksShareTheMachineAndNothingElse() {
        assertThat(Links.domains(List.of(joined("a"), joined("b"))).values()).containsOnly("");
    }

    @Test
    void aChainOfLinksIsOneIsland() {
        assertThat(Links.domains(List.of(joined("a", "c"), joined("b"), joined("c", "a", "d"), joined("d", "c"))))
                .isEqualTo(Map.of("a", "nvlink-a", "b", "nvlink-b", "c", "nvlink-a", "d", "nvlink-a"));
    }

    @Test
    void bridgedPairsAreIslands() {
        assertThat(Links.domains(List.of(joined("a", "b"), joined("b", "a"), joined("c", "d"), joined("d", "c"))))
                .isEqualTo(Map.of("a", "nvlink-a", "b", "nvlink-a", "c", "nvlink-c", "d", "nvlink-c"));
    }

    @Test
    void aSwitchThatDoesNotSayThatItIsOneJoinsToo() {
        assertThat(Links.domains(List.of(joined("a", "x"), joined("b", "x", "y"), joined("c", "y"), joined("d", "z"))))
                .isEqualTo(Map.of("a", "nvlink-a", "b", "nvlink-a", "c", "nvlink-a", "d", "nvlink-d"));
    }

    @Test
    void aChipThatLostItsSwitchIsAlone() {
        assertThat(Links.domains(List.of(joined("a"), atSwitch("b"), atSwitch("c"))))
                .isEqualTo(Map.of("a", "nvlink-a", "b", "nvlink-b", "c", "nvlink-b"));
    }

    @Test
    void aFabricOverMachinesNamesItself() {
        assertThat(Links.domains(List.of(
                        new Joined("a", "pci-a", true, List.of(), "nvlink-f.1"),
                        new Joined("b", "pci-b", true, List.of(), "nvlink-f.2"))))
                .isEqualTo(Map.of("a", "nvlink-f.1", "b", "nvlink-f.2"));
    }

    private static Joined atSwitch(String name) {
        return new Joined(name, "pci-" + name, true, List.of(), "");
    }

    private static Joined joined(String name, String... peers) {
        return new Joined(
                name,
                "pci-" + name,
                false,
                List.of(peers).stream().map(peer -> "pci-" + peer).toList(),
                "");
    }
}

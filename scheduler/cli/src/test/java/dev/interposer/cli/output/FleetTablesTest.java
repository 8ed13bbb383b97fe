package dev.interposer.cli.output;

import static org.assertj.core.api.Assertions.assertThat;

import dev.interposer.proto.fleet.v1.AcceleratorClass;
import dev.interposer.proto.fleet.v1.ClassCount;
import dev.interposer.proto.fleet.v1.Device;
import dev.interposer.proto.fleet.v1.Node;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What a person reads of nodes that others own and of devices that others use. */
class FleetTablesTest {
    private static final Node THEIRS = Node.newBuilder()
            .setName("c/theirs")
            .setPhase("Ready")
            .setObserved(true)
            .setCordoned(true)
            .addClasses(ClassCount.newBuilder()
                    .setClassName("chip")
                    .setInstalled(8)
                    .setHealthy(8)
                    .setForeign(3))
            .build();

    @Test
    void aNodeOfOthersIsCalledSoWithWhatTheyUseOfIt() {
        assertThat(print(FleetTables.nodes(List.of(THEIRS), false)))
                .containsPattern("FOREIGN +WORKERS")
                .containsPattern("c/theirs +Ready,Observed,Cordoned +chip +0/8 +3 +0");
        assertThat(print(FleetTables.nodes(List.of(THEIRS), true))).containsPattern("chip +0/8 +3 +0");
    }

    @Test
    void nobodyIsToldToUncordonIt() {
        StringWriter out = new StringWriter();
        FleetDescriptions.node(THEIRS, List.of(), List.of(), page(out));
        assertThat(out.toString())
                .contains("another scheduler owns it: nothing is placed there")
                .doesNotContain("uncordon");
        FleetDescriptions.node(THEIRS.toBuilder().setObserved(false).build(), List.of(), List.of(), page(out));
        assertThat(out.toString()).contains("uncordon");
    }

    @Test
    void whoUsesADeviceIsNamed() {
        Device.Builder device = Device.newBuilder()
                .setName("GPU-1")
                .setNode("c/n")
                .setClassName("chip")
                .setHealth("Healthy");
        assertThat(foreign(device)).isEmpty();
        assertThat(foreign(device.setForeignProcesses(1))).isEqualTo("1 process of nobody");
        assertThat(foreign(device.setForeign("batch/other-0"))).isEqualTo("batch/other-0, 1 process of nobody");
        assertThat(print(FleetTables.devices(
                        List.of(device.setForeignProcesses(0).build()), false)))
                .containsPattern("Healthy +- +- +batch/other-0");
    }

    @Test
    void classesSayWhatOthersUseAndOwn() {
        AcceleratorClass chip = AcceleratorClass.newBuilder()
                .setName("chip")
                .setSupplierName("maker")
                .setInstalled(20)
                .setHealthy(19)
                .setAllocated(5)
                .setForeign(3)
                .setObserved(8)
                .build();
        assertThat(print(FleetTables.classes(List.of(chip)))).containsPattern("chip +maker +- +20 +19 +5 +3 +8");
    }

    private static String foreign(Device.Builder device) {
        return FleetTables.foreign(device.build());
    }

    private static Page page(StringWriter out) {
        return new Page(new PrintWriter(out, true), Colours.OFF, false);
    }

    private static String print(Table table) {
        StringWriter out = new StringWriter();
        try (PrintWriter writer = new PrintWriter(out)) {
            table.print(writer);
        }
        return out.toString();
    }
}

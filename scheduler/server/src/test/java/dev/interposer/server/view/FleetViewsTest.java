package dev.interposer.server.view;

import static org.assertj.core.api.Assertions.assertThat;

import dev.interposer.engine.state.NodeState;
import dev.interposer.proto.fleet.v1.AcceleratorClass;
import dev.interposer.proto.fleet.v1.ClassCount;
import dev.interposer.proto.fleet.v1.Device;
import dev.interposer.proto.fleet.v1.Node;
import dev.interposer.server.view.FleetViews.DeviceCount;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What people and programs see of nodes that others own and of devices that others use. */
class FleetViewsTest {
    private final Situation at = new Situation();

    @Test
    void foreignUseIsCountedAndNamed() {
        at.node("n", "r1", 8).gang("team", 1, 4);
        at.used("n", 2);
        NodeState node = at.node("n");
        assertThat(FleetViews.node(node).getClassesList())
                .containsExactly(ClassCount.newBuilder()
                        .setClassName("chip")
                        .setInstalled(8)
                        .setHealthy(8)
                        .setAllocated(4)
                        .setForeign(2)
                        .build());
        List<Device> devices = FleetViews.devices(node, new DeviceReadings());
        assertThat(devices.stream().map(Device::getForeign))
                .containsExactly("batch/other-0", "batch/other-1", "", "", "", "", "", "");
        assertThat(devices.getFirst().getJobsList())
                .as("what ran there goes on")
                .hasSize(1);
        assertThat(FleetViews.count(node)).isEqualTo(new DeviceCount(8, 4, 2));
        assertThat(FleetViews.suppliers(at.state).getFirst().getForeign()).isEqualTo(2);
    }

    @Test
    void aNodeThatIsOnlyLookedAtIsInstalledAndToldApart() {
        at.node("n", "r1", 8).node("theirs", "r1", 4).observed("theirs");
        assertThat(FleetViews.node(at.node("theirs"))).satisfies(node -> {
            assertThat(node.getObserved()).isTrue();
            assertThat(node.getPhase()).isEqualTo("Ready");
            assertThat(node.getCordoned()).isFalse();
        });
        assertThat(FleetViews.node(at.node("n")).getObserved()).isFalse();
        AcceleratorClass chip = FleetViews.classes(at.state).getFirst();
        assertThat(chip.getInstalled()).isEqualTo(12);
        assertThat(chip.getObserved()).isEqualTo(4);
        assertThat(chip.getForeign()).isZero();
        assertThat(Node.getDefaultInstance().getObserved()).isFalse();
    }
}

package dev.interposer.control.core;

import static org.assertj.core.api.Assertions.assertThat;

import dev.interposer.control.command.Command;
import dev.interposer.engine.event.FleetEvent;
import dev.interposer.engine.model.Actor;
import dev.interposer.engine.model.Device;
import dev.interposer.engine.model.DeviceReport;
import dev.interposer.engine.model.DeviceReport.DraIdentity;
import dev.interposer.engine.model.GangPhase;
import dev.interposer.engine.model.Health;
import dev.interposer.engine.model.NodeInfo;
import dev.interposer.engine.model.NodeReport;
import dev.interposer.engine.state.NodeState;
import dev.interposer.engine.state.Snapshot;
import dev.interposer.engine.state.State;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** Failures on some nodes keep new work off others that run the same version of a driver or of firmware. */
class SliceCordonTest {
    private static final String BAD = "570.1";
    private static final String GOOD = "565.9";

    private final Scene scene = new Scene();

    /** Four nodes with the bad version and six with the good one, of two devices each. */
    SliceCordonTest() {
        IntStream.rangeClosed(1, 4).forEach(node -> report("c/b" + node, BAD));
        IntStream.rangeClosed(1, 6).forEach(node -> report("c/g" + node, GOOD));
    }

    @Test
    void aVersionThatFailsOnThreeNodesTakesNoNewWork() {
        fail("c/b1", "c/b2");
        assertThat(cordoned()).isEmpty();
        fail("c/b3");
        assertThat(cordoned()).containsExactly("c/b1", "c/b2", "c/b3", "c/b4");
        assertThat(scene.node("c/b4").cordonReason())
                .isEqualTo("devices of a1 with driverVersion 570.1 failed on 3 nodes within 60 min");
    }

    @Test
    void whatRunsThereGoesOn() {
        report("c/big", BAD, 8);
        scene.run("train", Jobs.gang().devices(8).training());
        scene.startAll(scene.job("train"));
        fail("c/b1", "c/b2", "c/b3");
        assertThat(scene.node("c/big").cordoned()).isTrue();
        assertThat(scene.gang("train").phase()).isEqualTo(GangPhase.RUNNING);
    }

    @Test
    void oneNodeThatLosesAllItsDevicesIsOneNode() {
        fail("c/b1", "c/b2");
        health("c/b1", "d1", Health.FAILED);
        health("c/b2", "d1", Health.FAILED);
        assertThat(cordoned()).isEmpty();
    }

    /** It is what people read; the failure is the same. */
    @Test
    void anotherCauseOfTheSameFailureIsTakenInAndIsNoOtherFailure() {
        fail("c/b1", "c/b2");
        scene.pass(3_601);
        cause("c/b1", "gone for an hour");
        cause("c/b2", "gone for an hour");
        assertThat(scene.node("c/b1").devices().iterator().next().report().healthCause())
                .isEqualTo("gone for an hour");
        fail("c/b3");
        assertThat(cordoned()).isEmpty();
    }

    private void cause(String node, String cause) {
        scene.send(new Command.ChangeDeviceHealth(Actor.agent(node), node, "d0", Health.FAILED, cause));
    }

    @Test
    void failuresFurtherApartThanTheWindowHaveNothingInCommon() {
        fail("c/b1", "c/b2");
        scene.pass(3_601);
        fail("c/b3");
        assertThat(cordoned()).isEmpty();
    }

    @Test
    void devicesThatRecoveredDoNotCount() {
        fail("c/b1", "c/b2");
        health("c/b1", "d0", Health.HEALTHY);
        fail("c/b3");
        assertThat(cordoned()).isEmpty();
    }

    @Test
    void ofAVersionThatMostHaveOnlyTheNodesThatFailedAreCordoned() {
        fail("c/g1", "c/g2", "c/g3");
        assertThat(cordoned()).containsExactly("c/g1", "c/g2", "c/g3");
        assertThat(scene.node("c/g1").cordonReason()).endsWith("6 of 10 nodes of the class have it");
        report("c/g7", GOOD);
        assertThat(scene.node("c/g7").cordoned()).isFalse();
    }

    /** Others run the version too; what it does there is known here, and the node is theirs to cordon. */
    @Test
    void aNodeThatIsOnlyLookedAtIsAWitnessAndNeverCordoned() {
        observe("c/b3");
        fail("c/b1", "c/b2", "c/b3");
        assertThat(cordoned()).containsExactly("c/b1", "c/b2", "c/b4");
    }

    @Test
    void mostIsMostOfTheNodesThatAreThereForWork() {
        observe("c/g1", "c/g2", "c/g3", "c/g4");
        fail("c/b1", "c/b2", "c/b3");
        assertThat(cordoned()).containsExactly("c/b1", "c/b2", "c/b3");
        assertThat(scene.node("c/b1").cordonReason()).endsWith("4 of 6 nodes of the class have it");
    }

    private void observe(String... nodes) {
        for (String name : nodes) {
            NodeState node = scene.node(name);
            NodeReport report = new NodeReport(
                    node.info().observedOnly(true),
                    node.devices().stream().map(Device::report).toList());
            scene.send(new Command.ReportInventory(Actor.agent(name), report));
        }
    }

    @Test
    void aNodeThatComesWithTheVersionIsCordonedAndLetInWithAnother() {
        fail("c/b1", "c/b2", "c/b3");
        report("c/late", BAD);
        assertThat(scene.node("c/late").cordoned()).isTrue();
        report("c/late", GOOD);
        assertThat(scene.node("c/late").cordoned()).isFalse();
        assertThat(scene.node("c/late").cordonReason()).isEmpty();
        report("c/g1", BAD);
        assertThat(scene.node("c/g1").cordoned()).isTrue();
    }

    /** As one whose driver does not answer in time after an agent's start without memory. */
    @Test
    void aNodeThatListsNoDeviceHasNotSaidThatItHasAnotherVersion() {
        fail("c/b1", "c/b2", "c/b3");
        report("c/b4", BAD, 0);
        assertThat(scene.node("c/b4").cordoned()).isTrue();
        report("c/b4", "");
        assertThat(scene.node("c/b4").cordoned()).isTrue();
        report("c/b4", BAD);
        assertThat(scene.node("c/b4").cordoned()).isTrue();
        report("c/b4", GOOD);
        assertThat(scene.node("c/b4").cordoned()).isFalse();
    }

    @Test
    void anOperatorsWordStandsUntilOneMoreNodeFails() {
        fail("c/b1", "c/b2", "c/b3");
        scene.send(new Command.CordonNode(Scene.USER, "c/b4", false));
        scene.pass(10);
        // Another report is no other failure, and no node that comes.
        report("c/b4", BAD, 3);
        health("c/b1", "d1", Health.SUSPECT);
        health("c/b4", "d1", Health.SUSPECT);
        assertThat(scene.node("c/b4").cordoned()).isFalse();
        scene.send(new Command.CordonNode(Scene.USER, "c/b1", false));
        health("c/b1", "d1", Health.HEALTHY);
        assertThat(scene.node("c/b1").cordoned()).isFalse();
        fail("c/b4");
        assertThat(scene.node("c/b4").cordoned()).isTrue();
    }

    @Test
    void aNodeThatAnOperatorCordonedStaysSoWhateverItComesWith() {
        scene.send(new Command.CordonNode(Scene.USER, "c/b4", true));
        fail("c/b1", "c/b2", "c/b3");
        assertThat(scene.node("c/b4").cordonReason()).isEmpty();
        report("c/b4", GOOD);
        assertThat(scene.node("c/b4").cordoned()).isTrue();
    }

    @Test
    void aNewLeaderGoesOnCountingAndASnapshotKnowsTheReason() {
        fail("c/b1", "c/b2");
        scene.restart();
        assertThat(cordoned()).isEmpty();
        fail("c/b3");
        scene.restart();
        report("c/late", BAD);
        assertThat(cordoned()).containsExactly("c/b1", "c/b2", "c/b3", "c/b4", "c/late");
        State again = new State();
        Snapshot.of(scene.state()).forEach(again::apply);
        assertThat(Snapshot.of(again)).isEqualTo(Snapshot.of(scene.state()));
        assertThat(scene.events(FleetEvent.SliceCordoned.class)).hasSize(5);
    }

    @Test
    void itCanBeTurnedOff() {
        SlicePolicy standard = SlicePolicy.DEFAULT;
        Scene quiet = new Scene(ControlSettings.DEFAULT.with(
                new SlicePolicy(standard.attributes(), 0, standard.windowMicros(), standard.mostPercent())));
        for (int node = 1; node <= 9; node++) {
            report(quiet, "c/n" + node, node < 5 ? BAD : GOOD, 2);
        }
        for (int node = 1; node < 5; node++) {
            quiet.send(new Command.ChangeDeviceHealth(
                    Actor.agent("c/n" + node), "c/n" + node, "d0", Health.FAILED, "XID 79"));
        }
        assertThat(quiet.events(FleetEvent.SliceCordoned.class)).isEmpty();
    }

    private List<String> cordoned() {
        return scene.state().nodes().all().stream()
                .filter(node -> node.cordoned())
                .map(node -> node.name())
                .toList();
    }

    private void fail(String... nodes) {
        for (String node : nodes) {
            health(node, "d0", Health.FAILED);
        }
    }

    private void health(String node, String device, Health health) {
        scene.send(new Command.ChangeDeviceHealth(
                Actor.agent(node), node, device, health, health == Health.HEALTHY ? "" : "XID 79"));
    }

    private void report(String node, String version) {
        report(node, version, 2);
    }

    private void report(String node, String version, int devices) {
        report(scene, node, version, devices);
    }

    private static void report(Scene scene, String node, String version, int devices) {
        List<DeviceReport> reports = IntStream.range(0, devices)
                .mapToObj(index -> new DeviceReport(
                        "d" + index,
                        "",
                        "",
                        0,
                        Map.of("model", "a1", "driverVersion", version),
                        "",
                        DraIdentity.NONE,
                        Health.HEALTHY,
                        ""))
                .toList();
        NodeInfo info = new NodeInfo(node, "boot", "test", Map.of(), Map.of("cpu", 64_000L));
        scene.send(new Command.AgentHello(
                Actor.agent(node), new NodeReport(info, reports), List.of(), scene.incarnation(), 0, 0));
    }
}

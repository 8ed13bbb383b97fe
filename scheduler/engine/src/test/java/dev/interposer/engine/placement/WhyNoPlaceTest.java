package dev.interposer.engine.placement;

import static org.assertj.core.api.Assertions.assertThat;

import dev.interposer.engine.model.AcceleratorClass.Partition;
import dev.interposer.engine.model.AcceleratorRequest;
import dev.interposer.engine.model.Container;
import dev.interposer.engine.model.Reason;
import dev.interposer.engine.model.ReasonCode;
import dev.interposer.engine.model.Role;
import dev.interposer.engine.model.TopologyRequest;
import dev.interposer.engine.model.WorkerCount;
import dev.interposer.engine.state.GangState;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** What a gang is told that finds no place, where that is neither one worker nor all devices of the fleet. */
class WhyNoPlaceTest {
    private static final String CHIP = "chip";
    private static final TopologyRequest RACK = new TopologyRequest("rack", "", 0, "");

    private final Scene scene = new Scene();

    @Test
    void sharesNeedNoDeviceEach() {
        scene.chip(CHIP).node("n", "b/r", CHIP, 1);
        scene.gang(1, Scene.devices(CHIP, 1), TopologyRequest.ANYWHERE);
        GangState gang = scene.gang(4, AcceleratorRequest.share(CHIP, 250), TopologyRequest.ANYWHERE);
        assertReason(
                gang,
                ReasonCode.INSUFFICIENT_DEVICES,
                Map.of("part", "0.25", "needed", "4", "free", "0", "domain", "c", "missing", "4"));
    }

    @Test
    void partitionsAreCountedWhereTheyHaveRoom() {
        Partition small = new Partition("1g", 10, 1, List.of(0, 1, 2, 3, 4, 5, 6));
        Partition whole = new Partition("7g", 80, 8, List.of(0));
        scene.chip(CHIP, "", List.of(small, whole)).node("n", "b/r", CHIP, 2);
        scene.gang(1, Scene.devices(CHIP, 1), TopologyRequest.ANYWHERE);
        GangState gang = scene.gang(8, Scene.partition(CHIP, "1g"), TopologyRequest.ANYWHERE);
        assertReason(
                gang,
                ReasonCode.INSUFFICIENT_DEVICES,
                Map.of("part", "1g", "needed", "8", "free", "7", "missing", "1"));
    }

    @Test
    void aWorkerLargerThanAnyNodeIsToldSo() {
        scene.chip(CHIP).node("a", "b/r", CHIP, 4).node("n", "b/r", CHIP, 8);
        GangState gang = scene.gang(1, Scene.devices(CHIP, 10), TopologyRequest.ANYWHERE);
        assertReason(
                gang,
                ReasonCode.WORKER_EXCEEDS_NODES,
                Map.of("resource", "devices", "largest", "8", "domain", "c/n", "missing", "2"));
    }

    @Test
    void groupsAreToldHowManyOfThemFindTheirPlaceAndWhatIsNearest() {
        scene.chip(CHIP);
        for (String node : List.of("a", "b", "c")) {
            scene.node("1" + node, "b/r1", CHIP, 1);
        }
        for (String node : List.of("a", "b", "c", "d", "e")) {
            scene.node("2" + node, "b/r2", CHIP, 1);
        }
        TopologyRequest groups = new TopologyRequest("", "", 2, "rack");
        GangState gang = scene.gang(8, Scene.devices(CHIP, 1), groups);
        assertReason(
                gang,
                ReasonCode.TOPOLOGY,
                Map.of("level", "rack", "groupSize", "2", "placeable", "6", "best", "1", "missing", "2"));
    }

    @Test
    void severalRolesAreCountedTogetherInTheirDomain() {
        scene.chip(CHIP).node("a", "b/r1", CHIP, 8).node("b", "b/r2", CHIP, 4);
        GangState gang = scene.gang(List.of(role("leader", 1, 4), role("worker", 2, 4)), RACK);
        assertReason(
                gang,
                ReasonCode.TOPOLOGY,
                Map.of("level", "rack", "needed", "3", "best", "2", "domain", "c/b/r1", "missing", "1"));
    }

    @Test
    void rolesThatFitOneByOneLackDevicesTogether() {
        scene.chip(CHIP).node("a", "b/r1", CHIP, 6).node("b", "b/r2", CHIP, 6);
        GangState gang = scene.gang(List.of(role("leader", 1, 4), role("worker", 2, 4)), TopologyRequest.ANYWHERE);
        assertReason(
                gang,
                ReasonCode.FRAGMENTED_DEVICES,
                Map.of("perWorker", "4", "workers", "3", "placeable", "2", "missing", "1"));
    }

    @Test
    void rolesWithoutDevicesLackAResourceTogether() {
        scene.chip(CHIP).node("n", "b/r", CHIP, 1);
        GangState gang = scene.gang(List.of(host("leader", 40_000), host("worker", 50_000)), TopologyRequest.ANYWHERE);
        assertReason(
                gang,
                ReasonCode.INSUFFICIENT_RESOURCE,
                Map.of("resource", "cpu", "needed", "2", "placeable", "1", "domain", "c/n", "missing", "1"));
        assertThat(scene.why(gang).parameters()).doesNotContainKey("class");
    }

    private static Role role(String name, int workers, int devices) {
        return Scene.role(name, WorkerCount.of(workers), Scene.devices(CHIP, devices));
    }

    private static Role host(String name, long cpuMilli) {
        Map<String, Long> requests = Map.of("cpu", cpuMilli);
        return new Role(name, WorkerCount.of(1), AcceleratorRequest.NONE, requests, Container.of("image", "run"));
    }

    private void assertReason(GangState gang, ReasonCode code, Map<String, String> facts) {
        assertThat(Scene.placed(gang)).isFalse();
        Reason reason = scene.why(gang);
        assertThat(reason.code()).as(reason.toString()).isEqualTo(code);
        assertThat(reason.parameters()).containsAllEntriesOf(facts);
    }
}

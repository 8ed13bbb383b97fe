package dev.interposer.engine.placement;

import static dev.interposer.engine.placement.Scene.devices;
import static dev.interposer.engine.placement.Scene.placed;
import static dev.interposer.engine.placement.Scene.role;
import static org.assertj.core.api.Assertions.assertThat;

import dev.interposer.engine.model.AcceleratorRequest;
import dev.interposer.engine.model.TopologyRequest;
import dev.interposer.engine.model.WorkerCount;
import dev.interposer.engine.state.GangState;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Where the workers of one gang lie, relative to each other. */
class TopologyTest {
    private static final TopologyRequest IN_BLOCK = new TopologyRequest("block", "", 0, "");
    private static final TopologyRequest PAIRS_IN_RACKS = new TopologyRequest("block", "", 2, "rack");

    @Test
    void neighboursInRankAreNeighboursInTopology() {
        Scene scene = new Scene().chip("h");
        for (int node = 0; node < 6; node++) {
            scene.node("n" + node, node % 2 == 0 ? "b1/r1" : "b1/r2", "h", 8);
        }
        GangState gang = scene.gang(6, devices("h", 8), IN_BLOCK);
        assertThat(scene.racks(gang)).containsExactly("r1", "r1", "r1", "r2", "r2", "r2");
    }

    @Test
    void aGangStaysInsideItsRequiredDomain() {
        Scene scene = new Scene()
                .chip("h")
                .node("a", "b1/r1", "h", 8)
                .node("b", "b2/r1", "h", 8)
                .node("c", "b2/r2", "h", 8);
        assertThat(scene.where(scene.gang(2, devices("h", 8), IN_BLOCK), "site/block"))
                .containsExactly("b2", "b2");
        assertThat(placed(scene.gang(2, devices("h", 8), IN_BLOCK))).isFalse();
    }

    @Test
    void racksOfOneNameInTwoBlocksAreTwoRacks() {
        Scene scene = new Scene().chip("h").node("a", "b1/r1", "h", 8).node("b", "b2/r1", "h", 8);
        TopologyRequest inRack = new TopologyRequest("rack", "", 0, "");
        assertThat(placed(scene.gang(2, devices("h", 8), inRack))).isFalse();
    }

    @Test
    void thePreferredLevelIsTriedFirstAndNotInsistedUpon() {
        Scene scene = new Scene()
                .chip("h")
                .node("a", "b1/r1", "h", 8)
                .node("b", "b1/r2", "h", 8)
                .node("c", "b1/r2", "h", 8);
        TopologyRequest preferred = new TopologyRequest("block", "rack", 0, "");
        GangState first = scene.gang(2, devices("h", 8), preferred);
        assertThat(scene.racks(first)).containsExactly("r2", "r2");
        scene.end(first);
        scene.gang(1, devices("h", 8), new TopologyRequest("", "", 0, ""));
        assertThat(placed(scene.gang(2, devices("h", 8), preferred))).isTrue();
    }

    @Test
    void everyGroupLiesInsideOneDomain() {
        Scene scene = new Scene()
                .chip("h")
                .node("a", "b1/r1", "h", 8)
                .node("b", "b1/r2", "h", 8)
                .node("c", "b1/r1", "h", 8)
                .node("d", "b1/r3", "h", 8)
                .node("e", "b1/r2", "h", 8);
        GangState gang = scene.gang(4, devices("h", 8), PAIRS_IN_RACKS);
        assertThat(scene.racks(gang)).containsExactly("r1", "r1", "r2", "r2");
    }

    @Test
    void groupsWithoutADomainOfTheirOwnSizeWait() {
        Scene scene = new Scene()
                .chip("h")
                .node("a", "b1/r1", "h", 8)
                .node("b", "b1/r1", "h", 8)
                .node("c", "b1/r2", "h", 8)
                .node("d", "b1/r3", "h", 8);
        assertThat(placed(scene.gang(4, devices("h", 8), PAIRS_IN_RACKS))).isFalse();
        assertThat(placed(scene.gang(4, devices("h", 8), IN_BLOCK))).isTrue();
    }

    @Test
    void anElasticGangGrowsByWholeGroups() {
        Scene scene = new Scene()
                .chip("h")
                .node("a", "b1/r1", "h", 8)
                .node("b", "b1/r1", "h", 8)
                .node("c", "b1/r2", "h", 8)
                .node("d", "b1/r2", "h", 8)
                .node("e", "b1/r3", "h", 8);
        GangState gang = scene.gang(new WorkerCount(2, 8, 2), devices("h", 8), PAIRS_IN_RACKS);
        assertThat(scene.racks(gang)).containsExactly("r1", "r1", "r2", "r2");
    }

    @Test
    void aGroupMayCrossRoles() {
        Scene scene = new Scene()
                .chip("h")
                .node("a", "b1/r1", "h", 4)
                .node("b", "b1/r2", "h", 4)
                .node("c", "b1/r2", "h", 4);
        GangState gang = scene.gang(
                List.of(
                        role("leader", WorkerCount.of(1), devices("h", 4)),
                        role("worker", WorkerCount.of(1), devices("h", 4))),
                PAIRS_IN_RACKS);
        assertThat(scene.racks(gang)).containsExactly("r2", "r2");
    }

    @Test
    void aLevelIsTakenWhole() {
        Scene scene = new Scene()
                .chip("tpu", "rack", List.of())
                .node("a", "b1/r1", "tpu", 4)
                .node("b", "b1/r1", "tpu", 4)
                .node("c", "b1/r2", "tpu", 4)
                .node("d", "b1/r2", "tpu", 4);
        GangState first = scene.gang(1, devices("tpu", 4), TopologyRequest.ANYWHERE);
        GangState second = scene.gang(1, devices("tpu", 4), TopologyRequest.ANYWHERE);
        GangState third = scene.gang(1, devices("tpu", 4), TopologyRequest.ANYWHERE);
        assertThat(scene.racks(first)).doesNotContainAnyElementsOf(scene.racks(second));
        assertThat(placed(third)).isFalse();
        scene.end(first);
        assertThat(placed(third)).isTrue();
    }

    @Test
    void aGangThatTakesLevelsWholeMayTakeSeveral() {
        Scene scene = new Scene()
                .chip("tpu", "rack", List.of())
                .node("a", "b1/r1", "tpu", 4)
                .node("b", "b1/r2", "tpu", 4)
                .node("c", "b1/r1", "tpu", 4)
                .node("d", "b1/r2", "tpu", 4)
                .node("e", "b1/r3", "tpu", 4);
        GangState gang = scene.gang(4, devices("tpu", 4), IN_BLOCK);
        assertThat(scene.racks(gang)).containsExactly("r1", "r1", "r2", "r2");
        assertThat(scene.racks(scene.gang(1, devices("tpu", 1), TopologyRequest.ANYWHERE)))
                .containsExactly("r3");
    }

    @Test
    void aDomainWithWorkOnACordonedNodeIsNotFree() {
        Scene scene = new Scene()
                .chip("tpu", "rack", List.of())
                .node("a", "b1/r1", "tpu", 4)
                .node("b", "b1/r1", "tpu", 4);
        GangState first = scene.gang(1, devices("tpu", 4), TopologyRequest.ANYWHERE);
        scene.cordon(scene.nodes(first).getFirst());
        assertThat(placed(scene.gang(1, devices("tpu", 4), TopologyRequest.ANYWHERE)))
                .isFalse();
    }

    @Test
    void workWithoutDevicesStaysOffLevelsThatAreTakenWhole() {
        Scene scene = new Scene().chip("tpu", "rack", List.of()).chip("h").node("a", "b1/r1", "tpu", 4);
        GangState bare = scene.gang(1, AcceleratorRequest.NONE, TopologyRequest.ANYWHERE);
        assertThat(placed(bare)).isFalse();
        scene.node("b", "b1/r2", "h", 1);
        scene.gang(1, AcceleratorRequest.NONE, TopologyRequest.ANYWHERE);
        assertThat(scene.nodes(bare)).containsExactly("b");
    }
}

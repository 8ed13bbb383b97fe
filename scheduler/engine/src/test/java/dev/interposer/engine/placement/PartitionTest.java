package dev.interposer.engine.placement;

import static dev.interposer.engine.placement.Scene.devices;
import static dev.interposer.engine.placement.Scene.partition;
import static dev.interposer.engine.placement.Scene.placed;
import static org.assertj.core.api.Assertions.assertThat;

import dev.interposer.engine.model.AcceleratorClass.Partition;
import dev.interposer.engine.model.AcceleratorRequest;
import dev.interposer.engine.model.TopologyRequest;
import dev.interposer.engine.state.GangState;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** Parts of a device: split by the scheduler, or by an agent before. */
class PartitionTest {
    /** As NVIDIA prints them for an H100 with 80 GB. */
    private static final List<Partition> H100 = List.of(
            new Partition("1g.10gb", 10L << 30, 1, List.of(0, 1, 2, 3, 4, 5, 6)),
            new Partition("1g.20gb", 20L << 30, 2, List.of(0, 2, 4, 6)),
            new Partition("2g.20gb", 20L << 30, 2, List.of(0, 2, 4)),
            new Partition("3g.40gb", 40L << 30, 4, List.of(0, 4)),
            new Partition("4g.40gb", 40L << 30, 4, List.of(0)),
            new Partition("7g.80gb", 80L << 30, 8, List.of(0)));

    private static Scene oneNode(int chips) {
        return new Scene().chip("h", "", H100).node("a", "b1/r1", "h", chips);
    }

    private static GangState part(Scene scene, String name) {
        return scene.gang(1, partition("h", name), TopologyRequest.ANYWHERE);
    }

    private static int start(GangState gang) {
        return gang.workers().getFirst().placement().start();
    }

    @Test
    void sevenSmallPartsFillOneChip() {
        Scene scene = oneNode(1);
        List<GangState> parts =
                IntStream.range(0, 8).mapToObj(n -> part(scene, "1g.10gb")).toList();
        assertThat(parts.subList(0, 7)).allMatch(Scene::placed);
        assertThat(parts.subList(0, 7).stream().map(PartitionTest::start))
                .containsExactlyInAnyOrder(0, 1, 2, 3, 4, 5, 6);
        assertThat(placed(parts.get(7))).isFalse();
        scene.end(parts.get(3));
        assertThat(start(parts.get(7))).isEqualTo(start(parts.get(3)));
    }

    @Test
    void aPartStartsWhereTheMostRoomIsLeft() {
        Scene scene = oneNode(1);
        assertThat(start(part(scene, "1g.10gb"))).isEqualTo(6);
        assertThat(start(part(scene, "4g.40gb"))).isZero();
        assertThat(placed(part(scene, "3g.40gb"))).isFalse();
        assertThat(start(part(scene, "2g.20gb"))).isEqualTo(4);
    }

    @Test
    void aPartStartsOnlyWhereItsVendorAllows() {
        Scene scene = oneNode(1);
        GangState first = part(scene, "3g.40gb");
        GangState second = part(scene, "3g.40gb");
        assertThat(List.of(start(first), start(second))).containsExactlyInAnyOrder(0, 4);
        GangState four = part(scene, "4g.40gb");
        assertThat(placed(four)).isFalse();
        scene.end(start(first) == 4 ? first : second);
        assertThat(placed(four)).isFalse();
    }

    @Test
    void aChipIsWholeOrSharedOrSplit() {
        Scene scene = oneNode(1);
        GangState part = part(scene, "1g.10gb");
        GangState whole = scene.gang(1, devices("h", 1), TopologyRequest.ANYWHERE);
        GangState share = scene.gang(1, AcceleratorRequest.share("h", 250), TopologyRequest.ANYWHERE);
        assertThat(List.of(placed(whole), placed(share))).containsExactly(false, false);
        scene.end(part);
        assertThat(placed(whole)).isTrue();
        scene.end(whole);
        assertThat(placed(share)).isTrue();
        assertThat(placed(part(scene, "1g.10gb"))).isFalse();
    }

    @Test
    void wholeChipsAreKeptWhole() {
        Scene scene = oneNode(2).node("b", "b1/r1", "h", 1);
        List<GangState> parts =
                IntStream.range(0, 3).mapToObj(n -> part(scene, "2g.20gb")).toList();
        assertThat(parts.stream()
                        .flatMap(gang -> scene.deviceNames(gang).stream())
                        .distinct())
                .containsExactly("b-0");
        assertThat(placed(scene.gang(1, devices("h", 2), TopologyRequest.ANYWHERE)))
                .isTrue();
    }

    @Test
    void whatAnAgentSplitServesThatPartAndNothingElse() {
        Scene scene = new Scene().chip("h", "", H100);
        scene.node(
                "a",
                "b1/r1",
                List.of(
                        scene.whole("gpu0", "h"),
                        scene.partOf("gpu0", "3g.40gb", "h"),
                        scene.partOf("gpu0", "4g.40gb", "h")));
        assertThat(placed(scene.gang(1, devices("h", 1), TopologyRequest.ANYWHERE)))
                .isFalse();
        assertThat(placed(scene.gang(1, AcceleratorRequest.share("h", 100), TopologyRequest.ANYWHERE)))
                .isFalse();
        assertThat(placed(part(scene, "1g.10gb"))).isFalse();
        GangState part = part(scene, "3g.40gb");
        assertThat(part.className()).isEqualTo("h");
        assertThat(start(part)).isZero();
        assertThat(placed(part(scene, "3g.40gb"))).isFalse();
    }

    @Test
    void partsThatAreThereAreTakenBeforeAChipIsSplit() {
        Scene scene = new Scene().chip("h", "", H100);
        scene.node("a", "b1/r1", List.of(scene.whole("gpu0", "h")));
        scene.node("b", "b1/r1", List.of(scene.partOf("gpu1", "3g.40gb", "h")));
        assertThat(scene.nodes(part(scene, "3g.40gb"))).containsExactly("b");
        assertThat(scene.nodes(part(scene, "3g.40gb"))).containsExactly("a");
    }

    @Test
    void aTableThatWasNeverCheckedHasNoPlaceBeyondTheLastSlice() {
        Scene scene = new Scene()
                .chip(
                        "h",
                        "",
                        List.of(new Partition("odd", 0, 4, List.of(6, 0)), new Partition("huge", 0, 40, List.of(0))))
                .node("a", "b1/r1", "h", 1);
        assertThat(start(part(scene, "odd"))).isZero();
        assertThat(placed(part(scene, "odd"))).isFalse();
        assertThat(placed(part(scene, "huge"))).isFalse();
    }

    @Test
    void aClassWithoutSuchAPartHasNoPlace() {
        assertThat(placed(part(oneNode(1), "5g.50gb"))).isFalse();
    }
}

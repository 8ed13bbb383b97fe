package dev.interposer.engine.placement;

import static dev.interposer.engine.placement.Scene.devices;
import static org.assertj.core.api.Assertions.assertThat;

import dev.interposer.engine.model.InferenceSpec;
import dev.interposer.engine.model.TopologyRequest;
import dev.interposer.engine.state.GangState;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** How evenly the replicas of one job lie. */
class SpreadTest {
    private static final InferenceSpec.Spread EVEN = new InferenceSpec.Spread("block", 1);

    private static Scene threeBlocks() {
        return new Scene()
                .chip("h")
                .node("a", "b1/r1", "h", 8)
                .node("b", "b2/r1", "h", 8)
                .node("c", "b3/r1", "h", 8);
    }

    @Test
    void withoutARuleReplicasAreCrowdedTogether() {
        Scene scene = threeBlocks();
        assertThat(scene.byBlock(scene.replicas(6, devices("h", 1)))).isEqualTo(Map.of("b1", 6));
    }

    @Test
    void replicasDifferByNoMoreThanTheSkew() {
        Scene scene = threeBlocks();
        assertThat(scene.byBlock(scene.replicas(6, devices("h", 1), EVEN)))
                .isEqualTo(Map.of("b1", 2, "b2", 2, "b3", 2));
        Scene looser = threeBlocks();
        assertThat(looser.byBlock(looser.replicas(6, devices("h", 1), new InferenceSpec.Spread("block", 3))))
                .isEqualTo(Map.of("b1", 3, "b2", 3));
    }

    @Test
    void aFullDomainIsWaitedFor() {
        Scene scene = threeBlocks();
        GangState other = scene.gang(1, devices("h", 8), TopologyRequest.ANYWHERE);
        List<GangState> replicas = scene.replicas(6, devices("h", 1), EVEN);
        assertThat(scene.byBlock(replicas)).isEqualTo(Map.of("b2", 1, "b3", 1));
        scene.end(other);
        assertThat(replicas).allMatch(Scene::placed);
    }

    @Test
    void aDomainThatCouldNeverHoldAReplicaIsNot() {
        Scene scene = threeBlocks().node("d", "b4/r1", "h", 1);
        List<GangState> replicas = scene.replicas(4, devices("h", 2), EVEN);
        assertThat(replicas).allMatch(Scene::placed);
        Scene cordoned = threeBlocks().cordon("c");
        assertThat(cordoned.byBlock(cordoned.replicas(4, devices("h", 2), EVEN)))
                .isEqualTo(Map.of("b1", 2, "b2", 2));
    }
}

package dev.interposer.market;

import static org.assertj.core.api.Assertions.assertThat;

import dev.interposer.engine.model.WorkerCount;
import dev.interposer.engine.state.NodeState;
import dev.interposer.market.FleetImage.JobImage;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A copy of the fleet that was used is as good as a new one, over random fleets, work and losses. */
class RehearsalTest {
    private static final List<String> CLASSES = List.of("n1", "s1", "t1");

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8})
    void aUsedCopyPlacesWhatANewOneDoes(long seed) {
        Random random = new Random(seed);
        FleetImage image = FleetImage.of(scene(random, 3).state);
        List<JobImage> work = image.jobs();
        AtomicLong steps = new AtomicLong();
        Rehearsal used = new Rehearsal(image, steps::incrementAndGet);
        for (int run = 0; run < 12; run++) {
            Map<Integer, BitSet> lost = run % 3 == 2 ? Map.of() : losses(random, image);
            boolean still = random.nextBoolean();
            assertThat(used.placed(work, lost, still).toArray(long[][]::new))
                    .as("seed " + seed + ", run " + run + ", still " + still + ", lost " + lost)
                    .isDeepEqualTo(new Rehearsal(image, () -> {})
                            .placed(work, lost, still)
                            .toArray(long[][]::new));
        }
        assertThat(steps.get()).as("it may rest between any two events").isGreaterThan(12L * work.size());
    }

    static FleetScene scene(Random random, int priorities) {
        FleetScene scene = new FleetScene().suppliers("north", "south", "third").queue("queue");
        scene.chip("n1", "north", 1000).chip("s1", "south", 800).chip("t1", "third", 600);
        for (int index = 0; index < 12; index++) {
            String className = CLASSES.get(random.nextInt(CLASSES.size()));
            NodeState node = scene.node("node-" + index, className, 4);
            int used = 0;
            while (used < 4 && random.nextInt(5) > 0) {
                int devices = 1 + random.nextInt(Math.min(2, 4 - used));
                int workers = 1 + random.nextInt((4 - used) / devices);
                WorkerCount count = random.nextBoolean() ? new WorkerCount(1, workers, 1) : WorkerCount.of(workers);
                int priority = random.nextInt(priorities) * 100;
                String other = CLASSES.get(random.nextInt(CLASSES.size()));
                scene.startOn(
                        random.nextBoolean() || other.equals(className)
                                ? scene.train(priority, 0, FleetScene.profile(className, count, devices, ""))
                                : scene.train(
                                        priority,
                                        0,
                                        FleetScene.profile(className, count, devices, "f"),
                                        FleetScene.profile(other, count, devices, "f")),
                        used,
                        Collections.nCopies(workers, node).toArray(NodeState[]::new));
                used += devices * workers;
            }
        }
        return scene;
    }

    private static Map<Integer, BitSet> losses(Random random, FleetImage image) {
        Map<Integer, BitSet> lost = new HashMap<>();
        for (int place = 0; place < image.nodes().size(); place++) {
            if (random.nextInt(3) == 0) {
                BitSet devices = new BitSet();
                devices.set(0, 1 + random.nextInt(4));
                lost.put(place, devices);
            }
        }
        return lost;
    }

    @Test
    void whatWasSickBeforeIsSickAfterwards() {
        FleetScene scene = new FleetScene().suppliers("north").queue("queue").chip("n1", "north", 1000);
        NodeState node = scene.node("sick", "n1", 2);
        scene.start(scene.train(0, 0, FleetScene.profile("n1", 1, 1, "")), node, 0);
        scene.start(scene.train(0, 0, FleetScene.profile("n1", 1, 1, "")), node, 1);
        scene.fail(node, 1);
        FleetImage image = FleetImage.of(scene.state);
        Rehearsal rehearsal = new Rehearsal(image, () -> {});
        BitSet both = new BitSet();
        both.set(0, 2);
        rehearsal.placed(image.jobs(), Map.of(0, both), false);
        List<Boolean> placed = new ArrayList<>();
        rehearsal.placed(image.jobs(), Map.of(), false).forEach(gangs -> placed.add(gangs[0] > 0));
        assertThat(placed).containsExactlyInAnyOrder(true, false);
    }
}

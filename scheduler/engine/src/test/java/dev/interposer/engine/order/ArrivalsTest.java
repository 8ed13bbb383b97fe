package dev.interposer.engine.order;

import static org.assertj.core.api.Assertions.assertThat;

import dev.interposer.engine.event.JobEvent;
import dev.interposer.engine.model.AcceleratorRequest;
import dev.interposer.engine.model.Container;
import dev.interposer.engine.model.InferenceSpec;
import dev.interposer.engine.model.JobKind;
import dev.interposer.engine.model.JobSpec;
import dev.interposer.engine.model.Profile;
import dev.interposer.engine.model.Role;
import dev.interposer.engine.model.TopologyRequest;
import dev.interposer.engine.model.WorkerCount;
import dev.interposer.engine.state.GangState;
import dev.interposer.engine.state.JobState;
import dev.interposer.engine.state.State;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.TreeSet;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ArrivalsTest {
    private static final int JOBS = 60;
    private static final int REPLICAS = 3;

    /** Against a tree: most come at the end and leave at the front, some in between. */
    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5})
    void areInTheOrderOfATree(long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        List<GangState> gangs = gangs();
        TreeSet<GangState> tree = new TreeSet<>(
                Comparator.comparingLong((GangState gang) -> gang.job().id()).thenComparingInt(GangState::index));
        Arrivals arrivals = new Arrivals();
        int newest = 0;
        for (int step = 0; step < 5_000; step++) {
            GangState any = gangs.get(random.nextInt(gangs.size()));
            // Grows and shrinks in turns, so that the ring does both with its front anywhere.
            boolean grows = step / 500 % 2 == 0;
            if (random.nextInt(10) < (grows ? 6 : 2)) {
                GangState next = gangs.get(newest++ % gangs.size());
                assertThat(arrivals.add(next)).isEqualTo(tree.add(next));
            } else if (random.nextInt(10) < 2) {
                assertThat(arrivals.add(any)).isEqualTo(tree.add(any));
            } else if (random.nextInt(10) < 2) {
                assertThat(arrivals.remove(any)).isEqualTo(tree.remove(any));
            } else if (!tree.isEmpty()) {
                assertThat(arrivals.remove(tree.getFirst())).isTrue();
                tree.removeFirst();
            }
            List<GangState> all = new ArrayList<>();
            arrivals.forEach(all::add);
            assertThat(all).containsExactlyElementsOf(tree);
            assertThat(arrivals.ahead(any)).isEqualTo(tree.headSet(any).size());
            if (!tree.isEmpty()) {
                assertThat(arrivals.firstJobId())
                        .isEqualTo(tree.getFirst().job().id());
                assertThat(arrivals.firstIndex()).isEqualTo(tree.getFirst().index());
            }
        }
    }

    private static List<GangState> gangs() {
        State state = new State();
        Role role =
                new Role("worker", WorkerCount.of(1), AcceleratorRequest.NONE, Map.of(), Container.of("image", "run"));
        Profile profile = new Profile("only", List.of(role), TopologyRequest.ANYWHERE, "");
        JobSpec spec = new JobSpec(
                JobKind.INFERENCE,
                "research",
                "",
                "",
                false,
                0,
                null,
                List.of(profile),
                null,
                InferenceSpec.of(REPLICAS));
        state.apply(1, 1, new JobEvent.SpecStored(1, "sha", spec));
        for (int job = 0; job < JOBS; job++) {
            long id = 10L + job;
            state.apply(id, id, new JobEvent.JobSubmitted(id, "ns", "job-" + job, 1, 0, "", ""));
        }
        List<GangState> gangs = new ArrayList<>();
        for (JobState job : state.jobs().all()) {
            gangs.addAll(job.gangs());
        }
        return gangs;
    }
}

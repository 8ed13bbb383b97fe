package dev.interposer.engine.plan;

import static dev.interposer.engine.plan.Play.workers;
import static org.assertj.core.api.Assertions.assertThat;

import dev.interposer.engine.model.AcceleratorRequest;
import dev.interposer.engine.model.Container;
import dev.interposer.engine.model.Profile;
import dev.interposer.engine.model.Role;
import dev.interposer.engine.model.TopologyRequest;
import dev.interposer.engine.model.WorkerCount;
import dev.interposer.engine.state.JobState;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** A replica of several roles is one gang. */
class ReplicaRolesTest {
    private final Play play = new Play();

    @Test
    void eachReplicaHasAllItsRolesOrNone() {
        play.nodes(1).queue("team", "", 1);
        Profile profile =
                new Profile("only", List.of(role("leader", 1, 2), role("worker", 2, 2)), TopologyRequest.ANYWHERE, "");
        JobState job = play.submit(Work.of("team", 1).with(List.of(profile)).serving(2));
        play.decide();

        assertThat(job.gangs()).hasSize(2);
        assertThat(rolesOf(job, 0)).containsExactly("leader", "worker", "worker");
        assertThat(workers(job))
                .as("two devices are free, and no replica has a part")
                .isEqualTo(3);

        play.nodes(1, 1).decide();
        assertThat(rolesOf(job, 1)).containsExactly("leader", "worker", "worker");
    }

    private static List<String> rolesOf(JobState job, int replica) {
        return job.gangs().get(replica).workers().stream()
                .map(worker -> worker.role().name())
                .toList();
    }

    private static Role role(String name, int workers, int devices) {
        return new Role(
                name,
                WorkerCount.of(workers),
                AcceleratorRequest.of("chip", devices),
                Map.of(),
                Container.of("image", "run"));
    }
}

package dev.interposer.engine.plan;

import static org.assertj.core.api.Assertions.assertThat;

import dev.interposer.engine.explain.Explainer;
import dev.interposer.engine.model.AcceleratorRequest;
import dev.interposer.engine.model.Container;
import dev.interposer.engine.model.Device;
import dev.interposer.engine.model.Ids;
import dev.interposer.engine.model.Profile;
import dev.interposer.engine.model.Reason;
import dev.interposer.engine.model.ReasonCode;
import dev.interposer.engine.model.Reservation;
import dev.interposer.engine.model.ReservationCause;
import dev.interposer.engine.model.Role;
import dev.interposer.engine.model.TopologyRequest;
import dev.interposer.engine.model.WorkerCount;
import dev.interposer.engine.model.WorkerPlacement;
import dev.interposer.engine.state.JobState;
import dev.interposer.engine.state.NodeState;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** What is told of a place that is kept, on devices of which none is in use. */
class KeptReasonTest {
    private final Play play = new Play();

    @Test
    void aResourceThatOthersHaveIsNamed() {
        JobState waits = behind(40_000);

        Reason reason = kept(waits);

        assertThat(reason.code()).isEqualTo(ReasonCode.AWAITING_EVICTION);
        assertThat(reason.parameters())
                .containsAllEntriesOf(
                        Map.of("class", "chip", "domain", "c/n0", "resource", "cpu", "missing", "1", "workers", "1"));
    }

    @Test
    void whereNothingIsInTheWayThePlaceIsToldAndNoAmount() {
        JobState waits = behind(10_000);

        Reason reason = kept(waits);

        assertThat(reason.parameters()).containsEntry("domain", "c/n0").doesNotContainKeys("missing", "resource");
    }

    /** It wants the last device of a node on whose first one somebody runs; the node has 64 cpu. */
    private JobState behind(long cpuMilli) {
        play.nodes(1).queue("team", "", 1);
        play.submit(asking(cpuMilli));
        play.decide();
        return play.submit(asking(cpuMilli));
    }

    private Reason kept(JobState waits) {
        NodeState node = play.state.nodes().all().iterator().next();
        long last =
                List.copyOf(node.devices()).stream().mapToLong(Device::id).max().orElseThrow();
        WorkerPlacement place = new WorkerPlacement(0, node.id(), Ids.of(1, at -> last));
        Reservation kept =
                new Reservation(0, "chip", List.of(place), Reservation.UNKNOWN, 0, ReservationCause.PREEMPTION);
        return Explainer.kept(waits.gangs().getFirst(), kept, play.state);
    }

    private static Work asking(long cpuMilli) {
        Role role = new Role(
                "worker",
                WorkerCount.of(1),
                AcceleratorRequest.of("chip", 1),
                Map.of("cpu", cpuMilli),
                Container.of("image", "run"));
        return Work.of("team", 1).with(List.of(new Profile("only", List.of(role), TopologyRequest.ANYWHERE, "")));
    }
}

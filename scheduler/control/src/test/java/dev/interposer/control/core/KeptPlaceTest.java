package dev.interposer.control.core;

import static org.assertj.core.api.Assertions.assertThat;

import dev.interposer.engine.event.JobEvent;
import dev.interposer.engine.model.EndCause;
import dev.interposer.engine.model.GangPhase;
import dev.interposer.engine.model.Reservation;
import java.util.Objects;
import org.junit.jupiter.api.Test;

/** A place that is kept does not depend on one node. */
class KeptPlaceTest {
    private final Scene scene = new Scene();

    @Test
    void whoseNodeIsLostIsMadeAnewElsewhereAndUsed() {
        scene.hello("c/n1", 4);
        scene.hello("c/n2", 4);
        scene.run("one", Jobs.gang().devices(3).training());
        scene.startAll(scene.job("one"));
        scene.run("two", Jobs.gang().devices(3).training());
        scene.startAll(scene.job("two"));
        scene.run("waits", Jobs.gang().devices(4).training());
        scene.pass(2);
        String lost = nodeOf(kept());
        scene.silent(lost);
        scene.pass(3);
        assertThat(scene.events(JobEvent.ReservationDropped.class)).isNotEmpty();
        String other = nodeOf(kept());
        assertThat(other).isNotEqualTo(lost);
        String runsThere = scene.worker("one", 0).nodeId() == scene.node(other).id() ? "one" : "two";
        scene.end(scene.worker(runsThere, 0), EndCause.COMPLETED, 0);
        scene.pass(1);
        assertThat(scene.gang("waits").phase()).isEqualTo(GangPhase.ASSIGNED);
        assertThat(scene.worker("waits", 0).nodeId())
                .isEqualTo(scene.node(other).id());
    }

    private Reservation kept() {
        return Objects.requireNonNull(scene.gang("waits").reservation());
    }

    private String nodeOf(Reservation place) {
        long id = place.workers().getFirst().nodeId();
        return Objects.requireNonNull(scene.state().nodes().find(id)).name();
    }
}

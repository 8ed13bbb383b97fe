package dev.interposer.control.core;

import static org.assertj.core.api.Assertions.assertThat;

import dev.interposer.control.command.Command;
import dev.interposer.control.command.ErrorCode;
import dev.interposer.engine.event.FleetEvent;
import dev.interposer.engine.event.JobEvent;
import dev.interposer.engine.model.EndCause;
import dev.interposer.engine.model.GangPhase;
import dev.interposer.engine.model.StopCause;
import dev.interposer.engine.state.Snapshot;
import dev.interposer.engine.state.State;
import dev.interposer.engine.state.WorkerState;
import org.junit.jupiter.api.Test;

/** An operator empties a node. */
class DrainedNodeTest {
    private final Scene scene = new Scene();

    @Test
    void workLeavesFreeOfChargeAndStartsElsewhere() {
        scene.hello("c/n1", 4);
        scene.run("train", Jobs.gang().devices(4).training());
        scene.startAll(scene.job("train"));
        scene.hello("c/n2", 4);
        scene.send(new Command.DrainNode(Scene.USER, "c/n1", null));
        scene.pass(2);
        assertThat(scene.events(JobEvent.GangStopping.class))
                .extracting(JobEvent.GangStopping::cause)
                .containsExactly(StopCause.DRAINED);
        assertThat(scene.node("c/n1").drained()).isFalse();
        WorkerState worker = scene.worker("train", 0);
        scene.end(worker, EndCause.RELEASED, 143);
        scene.pass(1);
        assertThat(scene.gang("train").phase()).isEqualTo(GangPhase.ASSIGNED);
        assertThat(scene.gang("train").failures()).isZero();
        assertThat(scene.worker("train", 0).nodeId())
                .isEqualTo(scene.node("c/n2").id());
        assertThat(scene.node("c/n1").drained()).isTrue();
        assertThat(scene.node("c/n1").schedulable()).isFalse();
    }

    @Test
    void aNewLeaderAndASnapshotKnowOfIt() {
        scene.hello("c/n1", 4);
        scene.run("train", Jobs.gang().devices(4).training());
        scene.startAll(scene.job("train"));
        scene.send(new Command.DrainNode(Scene.USER, "c/n1", 7L));
        scene.restart();
        assertThat(scene.node("c/n1").drainGraceSeconds()).isEqualTo(7);
        scene.pass(2);
        assertThat(scene.events(JobEvent.GangStopping.class))
                .extracting(JobEvent.GangStopping::graceSeconds)
                .containsExactly(7L);
        State again = new State();
        Snapshot.of(scene.state()).forEach(again::apply);
        assertThat(Snapshot.of(again)).isEqualTo(Snapshot.of(scene.state()));
    }

    @Test
    void aLiftedCordonEndsItAndACordonDoesNot() {
        scene.hello("c/n1", 4);
        scene.send(new Command.DrainNode(Scene.USER, "c/n1", null));
        scene.send(new Command.CordonNode(Scene.USER, "c/n1", true));
        assertThat(scene.node("c/n1").draining()).isTrue();
        scene.send(new Command.CordonNode(Scene.USER, "c/n1", false));
        assertThat(scene.node("c/n1").draining()).isFalse();
        assertThat(scene.node("c/n1").schedulable()).isTrue();
    }

    @Test
    void whatIsAskedForTwiceIsOneEventAndNonsenseIsRefused() {
        scene.hello("c/n1", 4);
        scene.send(new Command.DrainNode(Scene.USER, "c/n1", 5L));
        scene.send(new Command.DrainNode(Scene.USER, "c/n1", 5L));
        assertThat(scene.events(FleetEvent.NodeDraining.class)).hasSize(1);
        assertThat(Scene.code(scene.send(new Command.DrainNode(Scene.USER, "c/none", 5L))))
                .isEqualTo(ErrorCode.NOT_FOUND);
        assertThat(Scene.code(scene.send(new Command.DrainNode(Scene.USER, "c/n1", -1L))))
                .isEqualTo(ErrorCode.INVALID);
        assertThat(Scene.code(scene.send(new Command.DrainNode(Scene.USER, "c/n1", 1_000_000L))))
                .isEqualTo(ErrorCode.INVALID);
    }
}

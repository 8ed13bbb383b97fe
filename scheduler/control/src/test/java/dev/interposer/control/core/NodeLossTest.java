package dev.interposer.control.core;

import static org.assertj.core.api.Assertions.assertThat;

import dev.interposer.control.agents.NodeOrders;
import dev.interposer.control.agents.Order;
import dev.interposer.control.command.Command;
import dev.interposer.control.command.ErrorCode;
import dev.interposer.control.command.ReportedWorker;
import dev.interposer.engine.model.Actor;
import dev.interposer.engine.model.EndCause;
import dev.interposer.engine.model.FailurePolicy.OnNodeLost;
import dev.interposer.engine.model.GangPhase;
import dev.interposer.engine.model.Health;
import dev.interposer.engine.model.NodePhase;
import dev.interposer.engine.model.WorkerKey;
import dev.interposer.engine.state.JobState;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Silent nodes, fences, returns, and ledgers that are older than the agents' memory. */
class NodeLossTest {
    private final Scene scene = new Scene();

    private ReportedWorker runningWithDevice(WorkerKey key, String device) {
        return new ReportedWorker(key, true, EndCause.UNKNOWN, 0, "", List.of(device), "", "", 0);
    }

    @Test
    void workOnALostNodeStaysBoundUntilAFence() {
        scene.hello("c/n1", 1);
        scene.startAll(scene.run("train", Jobs.gang().training()));
        scene.hello("c/n2", 1);
        scene.silent("c/n1");
        scene.pass(86_000);
        assertThat(scene.gang("train").phase()).isEqualTo(GangPhase.RUNNING);
        assertThat(scene.node("c/n1").phase()).isEqualTo(NodePhase.LOST);

        scene.send(new Command.FenceNode(Scene.USER, "c/n1", "power off"));

        assertThat(scene.node("c/n1").phase()).isEqualTo(NodePhase.FENCED);
        assertThat(scene.gang("train").attempt()).isEqualTo(2);
        assertThat(scene.worker("train", 0).nodeId())
                .isEqualTo(scene.node("c/n2").id());
        assertThat(scene.gang("train").failures()).isZero();
    }

    @Test
    void aNodeThatIsInTouchCannotBeFenced() {
        scene.hello("c/n1", 1);

        assertThat(Scene.code(scene.send(new Command.FenceNode(Scene.USER, "c/n1", "hope"))))
                .isEqualTo(ErrorCode.CONFLICT);
    }

    @Test
    void aGangWithOneWorkerOnAFencedNodeStopsEverywhereBeforeItStartsAgain() {
        scene.hello("c/n1", 1);
        scene.hello("c/n2", 1);
        scene.startAll(scene.run("train", Jobs.gang().workers(2).training()));
        scene.hello("c/n3", 2);
        scene.silent("c/n1");
        scene.send(new Command.FenceNode(Scene.USER, "c/n1", "power off"));
        assertThat(scene.gang("train").phase()).isEqualTo(GangPhase.STOPPING);
        assertThat(scene.ordersFor("c/n2").getLast()).isInstanceOf(Order.Release.class);

        scene.gang("train").workers().stream()
                .filter(worker -> !worker.ended())
                .toList()
                .forEach(worker -> scene.end(worker, EndCause.RELEASED, 0));

        assertThat(scene.gang("train").attempt()).isEqualTo(2);
    }

    @Test
    void aLostNodeThatReturnsGoesOnWithItsWork() {
        scene.hello("c/n1", 1);
        scene.startAll(scene.run("train", Jobs.gang().training()));
        scene.silent("c/n1");
        scene.hello("c/n1", 1, ReportedWorker.running(scene.worker("train", 0).key()));

        assertThat(scene.node("c/n1").phase()).isEqualTo(NodePhase.READY);
        assertThat(scene.gang("train").attempt()).isEqualTo(1);
        assertThat(scene.gang("train").phase()).isEqualTo(GangPhase.RUNNING);
    }

    @Test
    void replaceAfterTimeoutPlacesAgainAtOnceAndHoldsWhatStillRunsOnReturn() {
        scene.hello("c/n1", 1);
        scene.startAll(scene.run(
                "train",
                Jobs.gang().onNodeLost(OnNodeLost.REPLACE_AFTER_TIMEOUT, 0).training()));
        scene.hello("c/n2", 1);
        WorkerKey old = scene.worker("train", 0).key();
        scene.silent("c/n1");
        assertThat(scene.worker("train", 0).nodeId())
                .isEqualTo(scene.node("c/n2").id());

        scene.run("next", Jobs.gang().training());
        scene.hello("c/n1", 1, runningWithDevice(old, "d0"));
        assertThat(scene.job("next").gangs().getFirst().phase())
                .as("the device is still in use")
                .isEqualTo(GangPhase.WAITING);
        assertThat(scene.ordersFor("c/n1").getLast()).isEqualTo(new Order.Release(old, 30));

        scene.send(
                new Command.ReportWorker(Actor.agent("c/n1"), "c/n1", ReportedWorker.ended(old, EndCause.RELEASED, 0)));
        assertThat(scene.job("next").gangs().getFirst().phase()).isEqualTo(GangPhase.ASSIGNED);
    }

    @Test
    void selfFenceWaitsForTheLeaseAndAMargin() {
        scene.hello("c/n1", 1);
        scene.startAll(scene.run(
                "train", Jobs.gang().onNodeLost(OnNodeLost.SELF_FENCE, 60).training()));
        scene.hello("c/n2", 1);
        scene.silent("c/n1");
        scene.pass(69);
        assertThat(scene.gang("train").attempt()).isEqualTo(1);
        scene.pass(2);

        assertThat(scene.gang("train").attempt()).isEqualTo(2);
    }

    /** The new leader's clock may be ahead of the old one's: the agent has not waited for as long as it seems. */
    @Test
    void aTakeoverLetsTheLeaseCountAnew() {
        scene.hello("c/n1", 1);
        scene.startAll(scene.run(
                "train", Jobs.gang().onNodeLost(OnNodeLost.SELF_FENCE, 60).training()));
        scene.silent("c/n1");
        scene.pass(5);
        scene.restart();
        scene.pass(600);
        assertThat(scene.worker("train", 0).ended()).isFalse();
        scene.pass(69);
        assertThat(scene.worker("train", 0).ended()).isFalse();
        scene.pass(2);

        assertThat(scene.gang("train").liveWorkers()).isZero();
    }

    @Test
    void aLeaseOfAnEarlierLossDoesNotEndWorkOfALaterOne() {
        scene.hello("c/n1", 1);
        scene.startAll(scene.run(
                "train", Jobs.gang().onNodeLost(OnNodeLost.SELF_FENCE, 60).training()));
        scene.silent("c/n1");
        scene.pass(40);
        scene.hello("c/n1", 1, ReportedWorker.running(scene.worker("train", 0).key()));
        scene.silent("c/n1");
        scene.pass(50);
        assertThat(scene.worker("train", 0).ended()).isFalse();
        scene.pass(25);

        assertThat(scene.gang("train").liveWorkers()).isZero();
    }

    @Test
    void eachJobHasItsOwnLease() {
        scene.hello("c/n1", 2);
        scene.run("short", Jobs.gang().onNodeLost(OnNodeLost.SELF_FENCE, 10).training());
        scene.run("long", Jobs.gang().onNodeLost(OnNodeLost.SELF_FENCE, 600).training());
        scene.silent("c/n1");
        scene.pass(30);

        assertThat(scene.gang("short").liveWorkers()).isZero();
        assertThat(scene.gang("long").liveWorkers()).isEqualTo(1);
    }

    @Test
    void aRunningWorkerThatItsAgentDoesNotKnowHasEnded() {
        scene.hello("c/n1", 1);
        scene.startAll(scene.run("train", Jobs.gang().retries(0).training()));
        scene.hello("c/n1", 1);

        assertThat(scene.gang("train").phase()).isEqualTo(GangPhase.BACKOFF);
        assertThat(scene.gang("train").failures()).isZero();
    }

    @Test
    void anAssignedWorkerIsOrderedAgainWhenItsAgentSaysHello() {
        scene.hello("c/n1", 1);
        JobState job = scene.run("train", Jobs.gang().training());
        scene.hello("c/n1", 1);

        assertThat(job.gangs().getFirst().phase()).isEqualTo(GangPhase.ASSIGNED);
        NodeOrders welcome = scene.welcomes.getLast();
        assertThat(welcome.full()).isTrue();
        assertThat(welcome.orders()).singleElement().isInstanceOf(Order.Assign.class);
    }

    @Test
    void aDeviceThatVanishesUnderWorkIsNotGivenTwiceWhenItReturns() {
        scene.hello("c/n1", 1);
        scene.startAll(scene.run("train", Jobs.gang().training()));
        scene.send(new Command.ReportInventory(Actor.agent("c/n1"), Scene.report("c/n1", "boot", "a1", 0)));
        assertThat(scene.node("c/n1").devices())
                .singleElement()
                .satisfies(device -> assertThat(device.report().health()).isEqualTo(Health.FAILED));
        scene.send(new Command.ReportInventory(Actor.agent("c/n1"), Scene.report("c/n1", "boot", "a1", 1)));
        scene.run("next", Jobs.gang().training());

        assertThat(scene.gang("next").phase()).isEqualTo(GangPhase.WAITING);
        scene.end(scene.worker("train", 0), EndCause.RELEASED, 0);
        assertThat(scene.node("c/n1").workers()).hasSize(1);
    }

    @Test
    void aFencedNodeWithoutWorkersCanBeRemoved() {
        scene.hello("c/n1", 1);
        assertThat(Scene.code(scene.send(new Command.RemoveNode(Scene.USER, "c/n1"))))
                .isEqualTo(ErrorCode.CONFLICT);
        scene.silent("c/n1");
        scene.send(new Command.FenceNode(Scene.USER, "c/n1", "sold"));
        scene.send(new Command.RemoveNode(Scene.USER, "c/n1"));

        assertThat(scene.state().nodes().find("c/n1")).isNull();
    }

    @Test
    void aCordonedNodeTakesNoNewWork() {
        scene.hello("c/n1", 1);
        scene.send(new Command.CordonNode(Scene.USER, "c/n1", true));
        scene.run("train", Jobs.gang().training());
        assertThat(scene.gang("train").phase()).isEqualTo(GangPhase.WAITING);
        scene.send(new Command.CordonNode(Scene.USER, "c/n1", false));

        assertThat(scene.gang("train").phase()).isEqualTo(GangPhase.ASSIGNED);
    }
}

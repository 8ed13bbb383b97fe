package dev.interposer.control.core;

import static org.assertj.core.api.Assertions.assertThat;

import dev.interposer.control.agents.Order;
import dev.interposer.control.command.Command;
import dev.interposer.control.command.ReportedWorker;
import dev.interposer.engine.event.FleetEvent;
import dev.interposer.engine.event.JobEvent;
import dev.interposer.engine.model.Actor;
import dev.interposer.engine.model.EndCause;
import dev.interposer.engine.model.GangPhase;
import dev.interposer.engine.model.JobPhase;
import dev.interposer.engine.model.WorkerKey;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The ledger is an old backup, and agents know better. */
class RestoredBackupTest {
    private static final long LATER = 1_000_000;

    private final Scene scene = new Scene();

    @BeforeEach
    void twoNodes() {
        scene.hello("c/n1", 1);
        scene.hello("c/n2", 1);
    }

    /** An agent that has obeyed an earlier leader of the same incarnation, up to a revision. */
    private void hello(String node, long epoch, long revision, ReportedWorker... workers) {
        helloOf(1, node, epoch, revision, workers);
    }

    private void helloOf(long incarnation, String node, long epoch, long revision, ReportedWorker... workers) {
        scene.send(new Command.AgentHello(
                Actor.agent(node),
                Scene.report(node, "boot", "a1", 1),
                List.of(workers),
                incarnation,
                epoch,
                revision));
    }

    private static ReportedWorker runs(WorkerKey key, int worldSize) {
        return new ReportedWorker(key, true, EndCause.UNKNOWN, 0, "", List.of("d0"), "p", "worker", worldSize);
    }

    private void resume() {
        scene.send(new Command.ResumePlacement(Scene.USER));
    }

    @Test
    void anAgentThatHasSeenMoreThanTheLedgerHaltsPlacementAndKeepsItsWork() {
        WorkerKey unknown = new WorkerKey(700, 0, 1, 0);
        hello("c/n1", 1, LATER, runs(unknown, 1));
        hello("c/n2", 1, LATER);
        scene.run("train", Jobs.gang().training());

        assertThat(scene.incarnation())
                .as("one new incarnation for one restore")
                .isEqualTo(2);
        assertThat(scene.state().settings().placementHalted()).contains("backup");
        assertThat(scene.gang("train").phase()).isEqualTo(GangPhase.WAITING);
        assertThat(scene.node("c/n1").holds()).hasSize(1);
        assertThat(scene.welcomes.getLast().holdUnknown()).isTrue();
        assertThat(scene.ordersFor("c/n1")).as("nothing is killed").isEmpty();
        assertThat(scene.job("train").id()).as("no id comes twice").isGreaterThan(1L << 40);
    }

    @Test
    void anAgentThatObeysTheNewIncarnationDoesNotBeginAnother() {
        hello("c/n1", 1, LATER);
        resume();
        hello("c/n1", 1, LATER);
        helloOf(2, "c/n1", 1, scene.state().revision());

        assertThat(scene.incarnation()).isEqualTo(2);
        assertThat(scene.state().settings().placementHalted()).isEmpty();
    }

    /** The restored ledger grows; an agent that comes late has seen less than there is now, of another life. */
    @Test
    void aLedgerThatHasGrownAgainIsStillRecognised() {
        scene.hello("c/n3", 1);
        long seen = scene.state().revision() + 3;
        scene.restart();
        for (int job = 0; job < 10; job++) {
            scene.run("new-" + job, Jobs.gang().devices(4).training());
        }
        assertThat(scene.state().revision()).isGreaterThan(seen);
        hello("c/n3", 0, seen);

        assertThat(scene.incarnation()).isEqualTo(2);
    }

    @Test
    void anAgentThatHasHeardALaterLeaderThanAnyOfThisLedger() {
        hello("c/n1", 9, 3);
        assertThat(scene.incarnation()).isEqualTo(2);
    }

    @Test
    void anAgentThatComesBackAfterATakeoverIsBelieved() {
        scene.hello("c/n1", 1);
        hello("c/n1", 1, scene.state().revision());
        scene.restart();
        hello("c/n1", 0, scene.state().revision());
        assertThat(scene.incarnation()).isEqualTo(1);
    }

    @Test
    void whatTheLedgerCallsWaitingAndRunsIsTakenOver() {
        scene.send(new Command.CordonNode(Scene.USER, "c/n1", true));
        scene.send(new Command.CordonNode(Scene.USER, "c/n2", true));
        long id = scene.run("train", Jobs.gang().workers(2).training()).id();
        hello("c/n1", 1, LATER, runs(new WorkerKey(id, 0, 3, 1), 2));
        assertThat(scene.gang("train").phase()).as("half of it").isEqualTo(GangPhase.WAITING);
        hello("c/n2", 1, LATER, runs(new WorkerKey(id, 0, 3, 0), 2));

        assertThat(scene.gang("train").phase()).isEqualTo(GangPhase.RUNNING);
        assertThat(scene.gang("train").attempt()).isEqualTo(3);
        assertThat(scene.worker("train", 0).nodeId())
                .isEqualTo(scene.node("c/n2").id());
        assertThat(scene.node("c/n1").holds()).isEmpty();
        resume();
        assertThat(scene.ordersFor("c/n1")).as("nothing is killed").noneMatch(order -> order instanceof Order.Release);
        scene.end(scene.worker("train", 0), EndCause.COMPLETED, 0);
        scene.end(scene.worker("train", 1), EndCause.COMPLETED, 0);
        assertThat(scene.job("train").phase()).isEqualTo(JobPhase.SUCCEEDED);
    }

    /** Attempt 1 was running when the backup was made; it failed since, and attempt 2 runs elsewhere. */
    @Test
    void aLaterAttemptOfWhatTheLedgerCallsRunningIsTakenOver() {
        long id = scene.run("train", Jobs.gang().training()).id();
        scene.startAll(scene.job("train"));
        boolean onFirst =
                scene.worker("train", 0).nodeId() == scene.node("c/n1").id();
        String there = onFirst ? "c/n1" : "c/n2";
        String elsewhere = onFirst ? "c/n2" : "c/n1";
        hello(elsewhere, 1, LATER, runs(new WorkerKey(id, 0, 2, 0), 1));
        assertThat(scene.gang("train").attempt()).isEqualTo(1);
        hello(there, 1, LATER);
        resume();

        assertThat(scene.gang("train").attempt()).isEqualTo(2);
        assertThat(scene.gang("train").phase()).isEqualTo(GangPhase.RUNNING);
        assertThat(scene.events(FleetEvent.HoldReleased.class)).hasSize(1);
    }

    /** Of three workers one runs on a node that is back, two on one that stays away. */
    @Test
    void aGangOfWhichAPartIsMissingIsStartedAgainOnceItsRestHasStopped() {
        scene.hello("c/n3", 3);
        scene.send(new Command.CordonNode(Scene.USER, "c/n3", true));
        long id = scene.run("train", Jobs.gang().workers(3).training()).id();
        WorkerKey middle = new WorkerKey(id, 0, 4, 1);
        hello("c/n1", 1, LATER, runs(middle, 3));
        scene.send(new Command.CordonNode(Scene.USER, "c/n3", false));
        resume();

        assertThat(scene.ordersFor("c/n1")).containsExactly(new Order.Release(middle, 30));
        scene.pass(20);
        assertThat(scene.gang("train").phase()).as("its rest still runs").isEqualTo(GangPhase.STOPPING);
        assertThat(scene.gang("train").attempt()).isEqualTo(4);
        scene.restart();
        helloOf(2, "c/n1", 1, scene.state().revision(), runs(middle, 3));
        assertThat(scene.welcomes.getLast().orders()).containsExactly(new Order.Release(middle, 30));
        scene.end(scene.worker("train", 1), EndCause.RELEASED, 143);
        assertThat(scene.gang("train").phase()).isEqualTo(GangPhase.ASSIGNED);
        assertThat(scene.gang("train").attempt()).isGreaterThan(1 << 16);
        assertThat(scene.gang("train").failures()).isZero();
        assertThat(scene.gang("train").avoidedNodes().size()).isZero();
    }

    @Test
    void aPartThatComesBackAfterPlacementIsResumedIsWaitedForToo() {
        scene.hello("c/n3", 1);
        scene.send(new Command.CordonNode(Scene.USER, "c/n1", true));
        long id = scene.run("train", Jobs.gang().workers(3).training()).id();
        hello("c/n2", 1, LATER);
        resume();
        assertThat(scene.gang("train").phase()).isEqualTo(GangPhase.WAITING);
        WorkerKey part = new WorkerKey(id, 0, 1, 0);
        hello("c/n1", 1, LATER, runs(part, 3));
        scene.send(new Command.CordonNode(Scene.USER, "c/n1", false));
        scene.hello("c/n4", 1);

        assertThat(scene.gang("train").phase()).isEqualTo(GangPhase.STOPPING);
        scene.end(scene.worker("train", 0), EndCause.RELEASED, 143);
        assertThat(scene.gang("train").phase()).isEqualTo(GangPhase.ASSIGNED);
    }

    @Test
    void aPartThatEndsWellIsNoEndOfItsGang() {
        long id = scene.run("train", Jobs.gang().workers(3).training()).id();
        hello("c/n1", 1, LATER, runs(new WorkerKey(id, 0, 1, 0), 3));
        resume();
        scene.end(scene.worker("train", 0), EndCause.COMPLETED, 0);
        assertThat(scene.job("train").ended()).isFalse();
        assertThat(scene.gang("train").phase()).isEqualTo(GangPhase.WAITING);
    }

    @Test
    void aWholeGangThatComesBackLateGoesOnIfItWasNotStartedAgain() {
        scene.send(new Command.CordonNode(Scene.USER, "c/n1", true));
        scene.send(new Command.CordonNode(Scene.USER, "c/n2", true));
        long id = scene.run("train", Jobs.gang().training()).id();
        hello("c/n2", 1, LATER);
        resume();
        hello("c/n1", 1, LATER, runs(new WorkerKey(id, 0, 1, 0), 1));
        assertThat(scene.gang("train").phase()).isEqualTo(GangPhase.RUNNING);
        assertThat(scene.ordersFor("c/n1")).noneMatch(order -> order instanceof Order.Release);
    }

    /** The word that it is off is the operator's, as for any other attempt. */
    @Test
    void aPartOnANodeThatIsFencedIsOver() {
        scene.hello("c/n3", 2);
        scene.send(new Command.CordonNode(Scene.USER, "c/n2", true));
        scene.send(new Command.CordonNode(Scene.USER, "c/n3", true));
        long id = scene.run("train", Jobs.gang().workers(2).training()).id();
        hello("c/n1", 1, LATER, runs(new WorkerKey(id, 0, 1, 0), 2));
        scene.send(new Command.CordonNode(Scene.USER, "c/n3", false));
        resume();
        scene.silent("c/n1");
        assertThat(scene.gang("train").phase()).isEqualTo(GangPhase.STOPPING);
        scene.send(new Command.FenceNode(Scene.USER, "c/n1", "power is off"));
        assertThat(scene.gang("train").phase()).isEqualTo(GangPhase.ASSIGNED);
    }

    @Test
    void noAttemptOfTheLostPartComesAgain() {
        hello("c/n1", 1, LATER);
        scene.run("train", Jobs.gang().training());
        resume();
        assertThat(scene.gang("train").attempt()).isEqualTo((1 << 16) + 1);
    }

    /** Work of a lost job that had the next id runs, and its agent has not been heard yet. */
    @Test
    void noIdOfTheLostPartComesAgainBeforeAnybodySaysSo() {
        long next = scene.state().settings().nextId();
        scene.restartAfterVacancy();
        for (int job = 0; job < 3; job++) {
            scene.run("train-" + job, Jobs.gang().training());
        }
        hello("c/n1", 1, LATER, runs(new WorkerKey(next + 1, 0, 1, 0), 1));
        resume();

        assertThat(scene.job("train-0").id()).isGreaterThan(next + (1 << 20));
        assertThat(scene.node("c/n1").holds()).as("it is nobody else's").hasSize(1);
        assertThat(scene.ordersFor("c/n1")).isEmpty();
    }

    @Test
    void whatNobodyKnowsGoesOnAfterPlacementIsResumed() {
        WorkerKey unknown = new WorkerKey(700, 0, 1, 0);
        hello("c/n1", 1, LATER, runs(unknown, 1));
        scene.run("train", Jobs.gang().training());
        resume();

        assertThat(scene.gang("train").phase()).isEqualTo(GangPhase.ASSIGNED);
        assertThat(scene.worker("train", 0).nodeId())
                .isEqualTo(scene.node("c/n2").id());
        assertThat(scene.ordersFor("c/n1"))
                .as("its job is lost, its work is not")
                .isEmpty();
        helloOf(2, "c/n1", 1, scene.state().revision(), runs(unknown, 1));
        assertThat(scene.welcomes.getLast().holdUnknown()).isTrue();
        assertThat(scene.welcomes.getLast().orders()).isEmpty();
    }

    /** Nobody led for long: what waits in the ledger may run. */
    @Test
    void aLeaderWithoutAPredecessorHearsEveryNodeBeforeItPlaces() {
        scene.send(new Command.CordonNode(Scene.USER, "c/n1", true));
        scene.send(new Command.CordonNode(Scene.USER, "c/n2", true));
        scene.run("train", Jobs.gang().training());
        scene.restartAfterVacancy();
        scene.send(new Command.CordonNode(Scene.USER, "c/n1", false));
        scene.send(new Command.CordonNode(Scene.USER, "c/n2", false));
        hello("c/n2", 0, 0);
        assertThat(scene.gang("train").phase()).as("c/n1 says nothing").isEqualTo(GangPhase.WAITING);
        scene.silent("c/n1");
        assertThat(scene.gang("train").phase()).isEqualTo(GangPhase.ASSIGNED);
        assertThat(scene.events(JobEvent.GangAssigned.class)).hasSize(1);
    }

    /** The first one is followed before it has heard all. */
    @Test
    void thatNodesAreAwaitedOutlivesTheLeader() {
        scene.send(new Command.CordonNode(Scene.USER, "c/n1", true));
        scene.send(new Command.CordonNode(Scene.USER, "c/n2", true));
        scene.run("train", Jobs.gang().training());
        scene.restartAfterVacancy();
        scene.settle();
        long next = scene.state().settings().nextId();
        hello("c/n1", 0, 0);
        scene.restart();
        scene.send(new Command.CordonNode(Scene.USER, "c/n1", false));
        scene.send(new Command.CordonNode(Scene.USER, "c/n2", false));
        hello("c/n2", 0, 0);

        assertThat(scene.gang("train").phase())
                .as("c/n1 has not told this leader")
                .isEqualTo(GangPhase.WAITING);
        hello("c/n1", 0, 0);
        assertThat(scene.gang("train").phase()).isEqualTo(GangPhase.ASSIGNED);
        assertThat(scene.state().settings().nextId()).as("ids are skipped once").isEqualTo(next);
        scene.restart();
        assertThat(scene.run("next", Jobs.gang().training()).gangs().getFirst().phase())
                .as("nobody is awaited any more")
                .isEqualTo(GangPhase.ASSIGNED);
    }
}

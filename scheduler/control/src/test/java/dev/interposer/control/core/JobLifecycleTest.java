package dev.interposer.control.core;

import static org.assertj.core.api.Assertions.assertThat;

import dev.interposer.control.agents.Order;
import dev.interposer.control.command.Command;
import dev.interposer.control.command.ErrorCode;
import dev.interposer.control.command.Outcome;
import dev.interposer.control.command.ReportedWorker;
import dev.interposer.engine.event.JobEvent;
import dev.interposer.engine.model.Actor;
import dev.interposer.engine.model.EndCause;
import dev.interposer.engine.model.GangPhase;
import dev.interposer.engine.model.Health;
import dev.interposer.engine.model.JobPhase;
import dev.interposer.engine.model.JobSpec;
import dev.interposer.engine.model.ReasonCode;
import dev.interposer.engine.model.StopCause;
import dev.interposer.engine.model.WorkerKey;
import dev.interposer.engine.state.JobState;
import org.junit.jupiter.api.Test;

/** From submission to the end, one rule each. */
class JobLifecycleTest {
    private final Scene scene = new Scene();

    @Test
    void aJobWhoseWorkersAllEndWellSucceeds() {
        scene.hello("c/n1", 2);
        JobState job = scene.run("train", Jobs.gang().workers(2).training());
        assertThat(job.phase()).isEqualTo(JobPhase.STARTING);
        scene.startAll(job);
        assertThat(job.phase()).isEqualTo(JobPhase.RUNNING);

        scene.end(scene.worker("train", 0), EndCause.COMPLETED, 0);
        assertThat(job.phase()).as("one of two is done").isEqualTo(JobPhase.RUNNING);
        scene.end(scene.worker("train", 1), EndCause.COMPLETED, 0);

        assertThat(job.phase()).isEqualTo(JobPhase.SUCCEEDED);
        assertThat(scene.node("c/n1").workers()).isEmpty();
    }

    @Test
    void anAssignmentIsOrderedFromTheAgentWithItsDevices() {
        scene.hello("c/n1", 2);
        scene.run("train", Jobs.gang().devices(2).training());

        assertThat(scene.ordersFor("c/n1")).singleElement().isInstanceOfSatisfying(Order.Assign.class, assign -> {
            assertThat(assign.deviceNames()).containsExactly("d0", "d1");
            assertThat(assign.key().attempt()).isEqualTo(1);
        });
    }

    @Test
    void aRepeatedRequestIdGetsTheSameJob() {
        JobSpec spec = Jobs.gang().training();
        Command.SubmitJob submit = new Command.SubmitJob(Scene.USER, Scene.requestId(99), "llm", "once", spec);
        Outcome first = scene.send(submit);
        Outcome second = scene.send(submit);

        assertThat(first)
                .isInstanceOfSatisfying(
                        Outcome.Accepted.class,
                        accepted -> assertThat(accepted.repeated()).isFalse());
        assertThat(second).isInstanceOfSatisfying(Outcome.Accepted.class, accepted -> {
            assertThat(accepted.repeated()).isTrue();
            assertThat(accepted.id()).isEqualTo(((Outcome.Accepted) first).id());
        });
        assertThat(scene.events(JobEvent.JobSubmitted.class)).hasSize(1);
    }

    @Test
    void aRepeatedRequestIdIsKnownToTheNextLeaderToo() {
        Command.SubmitJob submit = new Command.SubmitJob(
                Scene.USER, Scene.requestId(99), "llm", "once", Jobs.gang().training());
        scene.send(submit);
        scene.restart();

        assertThat(scene.send(submit))
                .isInstanceOfSatisfying(
                        Outcome.Accepted.class,
                        accepted -> assertThat(accepted.repeated()).isTrue());
    }

    @Test
    void aRequestIdWithAnotherSpecIsRefused() {
        scene.send(new Command.SubmitJob(
                Scene.USER, Scene.requestId(99), "llm", "once", Jobs.gang().training()));

        Outcome other = scene.send(new Command.SubmitJob(
                Scene.USER,
                Scene.requestId(99),
                "llm",
                "once",
                Jobs.gang().workers(2).training()));

        assertThat(Scene.code(other)).isEqualTo(ErrorCode.ALREADY_EXISTS);
    }

    @Test
    void aRequestIdIsForgottenAfterAnHour() {
        JobSpec spec = Jobs.gang().training();
        scene.send(new Command.SubmitJob(Scene.USER, Scene.requestId(99), "llm", "once", spec));
        scene.cancel("once");
        scene.pass(2 * 3600);
        scene.submit("other", spec);

        assertThat(scene.state().jobs().requests().find(Scene.requestId(99))).isNull();
    }

    @Test
    void ofTooManyRequestIdsTheOldestAreForgotten() {
        Scene small = new Scene(Scene.within(100, 10, 20, 1L << 30));
        for (int number = 100; number < 150; number++) {
            small.send(new Command.SubmitJob(
                    Scene.USER,
                    Scene.requestId(number),
                    "llm",
                    "job-" + number,
                    Jobs.gang().training()));
            small.pass(1);
        }
        assertThat(small.state().jobs().requests().size()).isBetween(17, 20);
        assertThat(small.state().jobs().requests().find(Scene.requestId(100))).isNull();
        assertThat(small.state().jobs().requests().find(Scene.requestId(149))).isNotNull();
    }

    @Test
    void aNameIsTakenWhileItsJobLives() {
        JobSpec spec = Jobs.gang().training();
        scene.run("train", spec);
        assertThat(Scene.code(scene.submit("train", spec))).isEqualTo(ErrorCode.ALREADY_EXISTS);

        scene.cancel("train");
        assertThat(scene.submit("train", spec)).isInstanceOf(Outcome.Accepted.class);
    }

    @Test
    void equalSpecsAreStoredOnce() {
        scene.run("one", Jobs.gang().training());
        scene.run("two", Jobs.gang().training());

        assertThat(scene.events(JobEvent.SpecStored.class)).hasSize(1);
    }

    @Test
    void aWaitingJobIsCancelledAtOnce() {
        scene.run("train", Jobs.gang().training());
        scene.cancel("train");

        assertThat(scene.job("train").phase()).isEqualTo(JobPhase.CANCELLED);
    }

    @Test
    void aRunningJobHoldsItsDevicesUntilItsAgentConfirmsTheEnd() {
        scene.hello("c/n1", 1);
        JobState job = scene.run("train", Jobs.gang().training());
        scene.startAll(job);
        scene.run("next", Jobs.gang().training());
        scene.cancel("train");

        assertThat(job.phase()).isEqualTo(JobPhase.STOPPING);
        assertThat(scene.ordersFor("c/n1").getLast()).isInstanceOf(Order.Release.class);
        assertThat(scene.job("next").phase()).isEqualTo(JobPhase.WAITING);

        scene.end(scene.worker("train", 0), EndCause.RELEASED, 0);
        assertThat(job.phase()).isEqualTo(JobPhase.CANCELLED);
        assertThat(scene.job("next").phase()).isEqualTo(JobPhase.STARTING);
    }

    @Test
    void cancellingTwiceIsSaidToBeRepeated() {
        scene.run("train", Jobs.gang().training());
        scene.cancel("train");

        assertThat(scene.send(new Command.CancelJob(Scene.USER, "llm/train", 0)))
                .isInstanceOfSatisfying(
                        Outcome.Accepted.class,
                        accepted -> assertThat(accepted.repeated()).isTrue());
    }

    @Test
    void aFailedWorkerTakesItsGangDownAndTheGangComesBackAfterAPause() {
        scene.hello("c/n1", 2);
        JobState job = scene.run("train", Jobs.gang().workers(2).training());
        scene.startAll(job);
        scene.end(scene.worker("train", 0), EndCause.EXIT_CODE, 1);
        assertThat(scene.gang("train").phase()).isEqualTo(GangPhase.STOPPING);
        assertThat(scene.gang("train").stopCause()).isEqualTo(StopCause.WORKER_FAILED);

        scene.end(scene.worker("train", 1), EndCause.RELEASED, 0);
        assertThat(scene.gang("train").phase()).isEqualTo(GangPhase.BACKOFF);
        assertThat(scene.gang("train").failures()).isEqualTo(1);

        scene.pass(4);
        assertThat(scene.gang("train").phase()).isEqualTo(GangPhase.BACKOFF);
        scene.pass(2);
        assertThat(scene.gang("train").phase()).isEqualTo(GangPhase.ASSIGNED);
        assertThat(scene.gang("train").attempt()).isEqualTo(2);
    }

    /** An agent that ends and takes its workers with it says nothing of the work. */
    @Test
    void aWorkerThatItsAgentTookAlongIsNoFailureAndComesBackWithoutAPause() {
        scene.hello("c/n1", 1);
        scene.startAll(scene.run("train", Jobs.gang().training()));
        scene.end(scene.worker("train", 0), EndCause.RELEASED, 137);
        assertThat(scene.gang("train").failures()).isZero();
        assertThat(scene.gang("train").attempt()).isEqualTo(2);
    }

    @Test
    void aPauseThatWasBegunEndsUnderTheNextLeader() {
        scene.hello("c/n1", 1);
        scene.startAll(scene.run("train", Jobs.gang().training()));
        scene.end(scene.worker("train", 0), EndCause.EXIT_CODE, 1);
        scene.restart();
        scene.pass(6);

        assertThat(scene.gang("train").attempt()).isEqualTo(2);
    }

    @Test
    void pausesDoubleUpToTheirCap() {
        scene.hello("c/n1", 1);
        scene.run("train", Jobs.gang().retries(100).training());
        for (long pause : new long[] {5, 10, 20, 40, 80, 160, 300, 300}) {
            scene.end(scene.worker("train", 0), EndCause.EXIT_CODE, 1);
            long notBefore = scene.gang("train").notBeforeMicros();
            assertThat((notBefore - scene.state().atMicros()) / Scene.SECOND).isEqualTo(pause);
            scene.pass(pause + 1);
        }
    }

    @Test
    void aJobFailsWhenNoRetryIsLeft() {
        scene.hello("c/n1", 1);
        scene.run("train", Jobs.gang().retries(1).training());
        scene.end(scene.worker("train", 0), EndCause.EXIT_CODE, 3);
        scene.pass(6);
        scene.end(scene.worker("train", 0), EndCause.EXIT_CODE, 3);

        JobState job = scene.job("train");
        assertThat(job.phase()).isEqualTo(JobPhase.FAILED);
        assertThat(job.reason().code()).isEqualTo(ReasonCode.BACKOFF_LIMIT_EXCEEDED);
        assertThat(job.reason().parameters()).containsEntry("limit", "1").containsEntry("exitCode", "3");
    }

    @Test
    void aFatalExitCodeFailsTheJobAtOnce() {
        scene.hello("c/n1", 2);
        scene.startAll(scene.run("train", Jobs.gang().workers(2).retries(9, 42).training()));
        scene.end(scene.worker("train", 1), EndCause.EXIT_CODE, 42);
        scene.end(scene.worker("train", 0), EndCause.RELEASED, 0);

        assertThat(scene.job("train").phase()).isEqualTo(JobPhase.FAILED);
        assertThat(scene.job("train").reason().code()).isEqualTo(ReasonCode.FATAL_EXIT_CODE);
    }

    @Test
    void faultsOfDevicesAreFree() {
        scene.hello("c/n1", 1);
        scene.run("train", Jobs.gang().retries(0).training());
        for (int attempt = 1; attempt <= 3; attempt++) {
            scene.end(scene.worker("train", 0), EndCause.DEVICE_FAULT, 1);
            scene.pass(10);
            assertThat(scene.gang("train").attempt()).isEqualTo(attempt + 1);
        }
        assertThat(scene.gang("train").failures()).isZero();
    }

    @Test
    void workOnAFailedDeviceIsStoppedAndGoesElsewhereWithoutBlame() {
        scene.hello("c/n1", 1);
        scene.startAll(scene.run("train", Jobs.gang().retries(0).training()));
        scene.hello("c/n2", 1);
        scene.send(new Command.ChangeDeviceHealth(Actor.agent("c/n1"), "c/n1", "d0", Health.FAILED, "xid 79"));
        assertThat(scene.gang("train").stopCause()).isEqualTo(StopCause.DEVICE_FAILED);

        // Killed, it may well leave with an exit code of its own.
        scene.end(scene.worker("train", 0), EndCause.EXIT_CODE, 143);

        assertThat(scene.gang("train").failures()).isZero();
        assertThat(scene.worker("train", 0).nodeId())
                .isEqualTo(scene.node("c/n2").id());
    }

    @Test
    void aReportThatComesTwiceChangesNothing() {
        scene.hello("c/n1", 1);
        JobState job = scene.run("train", Jobs.gang().training());
        WorkerKey key = scene.worker("train", 0).key();
        scene.startAll(job);
        scene.end(scene.worker("train", 0), EndCause.COMPLETED, 0);
        int events = scene.ledger.size();

        scene.send(new Command.ReportWorker(
                Actor.agent("c/n1"), "c/n1", ReportedWorker.ended(key, EndCause.COMPLETED, 0)));
        scene.send(new Command.ReportWorker(Actor.agent("c/n1"), "c/n1", ReportedWorker.running(key)));

        assertThat(scene.ledger).hasSize(events);
    }

    @Test
    void anEndOfAnOldAttemptDoesNotEndTheNewOne() {
        scene.hello("c/n1", 1);
        scene.run("train", Jobs.gang().training());
        WorkerKey old = scene.worker("train", 0).key();
        scene.end(scene.worker("train", 0), EndCause.EXIT_CODE, 1);
        scene.pass(6);

        scene.send(new Command.ReportWorker(
                Actor.agent("c/n1"), "c/n1", ReportedWorker.ended(old, EndCause.EXIT_CODE, 1)));

        assertThat(scene.gang("train").attempt()).isEqualTo(2);
        assertThat(scene.gang("train").liveWorkers()).isEqualTo(1);
    }

    @Test
    void anotherNodesWordOnAWorkerCountsForNothing() {
        scene.hello("c/n1", 1);
        scene.run("train", Jobs.gang().training());
        scene.hello("c/n2", 1);

        scene.send(new Command.ReportWorker(
                Actor.agent("c/n2"),
                "c/n2",
                ReportedWorker.ended(scene.worker("train", 0).key(), EndCause.COMPLETED, 0)));

        assertThat(scene.worker("train", 0).ended()).isFalse();
    }

    @Test
    void aReplicaThatExitsIsStartedAgainEvenWhenItExitsWell() {
        scene.hello("c/n1", 2);
        JobState job = scene.run("serve", Jobs.gang().inference(2));
        scene.end(job.gangs().get(1).workers().getFirst(), EndCause.COMPLETED, 0);
        assertThat(job.ended()).isFalse();
        scene.pass(6);

        assertThat(job.gangs().get(0).attempt()).isEqualTo(1);
        assertThat(job.gangs().get(1).attempt()).isEqualTo(2);
        assertThat(job.gangs().get(1).phase()).isEqualTo(GangPhase.ASSIGNED);
    }

    @Test
    void aReplicaThatServedForLongPausesAsAfterItsFirstFailure() {
        scene.hello("c/n1", 1);
        scene.run("serve", Jobs.gang().inference(1));
        for (int failure = 0; failure < 3; failure++) {
            scene.end(scene.worker("serve", 0), EndCause.EXIT_CODE, 1);
            scene.pass(301);
        }
        assertThat(scene.gang("serve").failures()).isEqualTo(3);
        scene.pass(3600);
        scene.end(scene.worker("serve", 0), EndCause.EXIT_CODE, 1);

        assertThat(scene.gang("serve").failures()).isEqualTo(1);
    }

    @Test
    void aJobIsStoppedAtItsDeadline() {
        scene.hello("c/n1", 1);
        scene.startAll(scene.run("train", Jobs.gang().deadline(60).training()));
        scene.pass(59);
        assertThat(scene.job("train").phase()).isEqualTo(JobPhase.RUNNING);
        scene.pass(2);
        assertThat(scene.job("train").phase()).isEqualTo(JobPhase.STOPPING);
        scene.end(scene.worker("train", 0), EndCause.RELEASED, 0);

        assertThat(scene.job("train").phase()).isEqualTo(JobPhase.FAILED);
        assertThat(scene.job("train").reason().code()).isEqualTo(ReasonCode.DEADLINE_EXCEEDED);
    }

    @Test
    void anEndedJobIsForgottenAfterADay() {
        scene.run("train", Jobs.gang().training());
        scene.cancel("train");
        scene.pass(86_399);
        assertThat(scene.state().jobs().all()).hasSize(1);
        scene.pass(2);

        assertThat(scene.state().jobs().all()).isEmpty();
        assertThat(scene.state().jobs().specs().all()).isEmpty();
    }

    @Test
    void ofTooManyEndedJobsTheOldestLeave() {
        ControlSettings few = Scene.within(10, 2, 10, 1L << 30);
        Scene small = new Scene(few);
        for (String name : new String[] {"a", "b", "c"}) {
            small.run(name, Jobs.gang().training());
            small.cancel(name);
            small.pass(1);
        }

        assertThat(small.state().jobs().all()).extracting(JobState::name).containsExactly("b", "c");
    }

    @Test
    void moreWaitingGangsThanTheBoundAreRefused() {
        ControlSettings few = Scene.within(2, 2, 10, 1L << 30);
        Scene small = new Scene(few);
        small.run("a", Jobs.gang().training());

        assertThat(Scene.code(small.submit("b", Jobs.gang().inference(2)))).isEqualTo(ErrorCode.RESOURCE_EXHAUSTED);
    }

    @Test
    void specsThatDifferAreRefusedOnceTheyTakeTooMuchAndAgainTakenWhenSomeAreGone() {
        long one = Footprints.of(Jobs.gang().deadline(1000).training());
        Scene small = new Scene(Scene.within(1_000_000, 100_000, 1_000_000, 2 * one));
        small.run("a", Jobs.gang().deadline(1000).training());
        small.run("b", Jobs.gang().deadline(1001).training());

        Outcome third = small.submit("c", Jobs.gang().deadline(1002).training());
        assertThat(Scene.code(third)).isEqualTo(ErrorCode.RESOURCE_EXHAUSTED);
        assertThat(third.toString()).contains("of " + 2 * one + " bytes");
        // A spec that is there already costs nothing.
        small.run("d", Jobs.gang().deadline(1001).training());

        small.cancel("a");
        small.pass(86_401);
        assertThat(small.state().jobs().specs().bytes()).isEqualTo(one);
        small.run("c", Jobs.gang().deadline(1002).training());
        assertThat(small.state().jobs().specs().bytes()).isEqualTo(2 * one);
    }
}

package dev.interposer.control.core;

import static org.assertj.core.api.Assertions.assertThat;

import dev.interposer.control.command.Command;
import dev.interposer.control.command.ErrorCode;
import dev.interposer.control.command.JobSize;
import dev.interposer.control.command.Outcome;
import dev.interposer.control.command.ReportedWorker;
import dev.interposer.engine.event.JobEvent;
import dev.interposer.engine.model.EndCause;
import dev.interposer.engine.model.GangPhase;
import dev.interposer.engine.model.InferenceSpec;
import dev.interposer.engine.model.JobPhase;
import dev.interposer.engine.model.JobSpec;
import dev.interposer.engine.model.ReasonCode;
import dev.interposer.engine.model.StopCause;
import dev.interposer.engine.model.Tier;
import dev.interposer.engine.placement.Spread;
import dev.interposer.engine.state.GangState;
import dev.interposer.engine.state.JobState;
import dev.interposer.engine.state.WorkerState;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;

/** A live job gets another size. */
class ScalingTest {
    private final Scene scene = new Scene();

    @Test
    void fewerReplicasLetThoseGoThatWaitAndThenTheNewest() {
        scene.hello("c/n1", 2);
        JobState job = scene.run("chat", Jobs.gang().inference(3));
        assertThat(phases(job)).containsExactly(GangPhase.ASSIGNED, GangPhase.ASSIGNED, GangPhase.WAITING);
        startAll(job);

        accepted(scene.scale("chat", replicas(2)));
        assertThat(phases(job)).containsExactly(GangPhase.RUNNING, GangPhase.RUNNING, GangPhase.ENDED);
        assertThat(job.gangs().get(2).lastReason().code()).isEqualTo(ReasonCode.SCALED_DOWN);

        // The first comes anew, so that the second is the older one.
        scene.end(job.gangs().getFirst().workers().getFirst(), EndCause.NODE_LOST, 0);
        scene.pass(60);
        startAll(job);
        accepted(scene.scale("chat", replicas(1)));
        assertThat(phases(job)).containsExactly(GangPhase.STOPPING, GangPhase.RUNNING, GangPhase.ENDED);
        assertThat(job.gangs().getFirst().stopCause()).isEqualTo(StopCause.SCALED_DOWN);
        assertThat(job.phase()).as("who leaves is not the job").isEqualTo(JobPhase.RUNNING);

        release(job.gangs().getFirst());
        assertThat(phases(job)).containsExactly(GangPhase.ENDED, GangPhase.RUNNING, GangPhase.ENDED);
        assertThat(job.spec().gangs()).isEqualTo(1);
        assertThat(job.ended()).isFalse();
    }

    @Test
    void moreReplicasComeBackInTheOldPlacesWithAttemptsThatGoOn() {
        scene.hello("c/n1", 4);
        JobState job = scene.run("chat", Jobs.gang().inference(2));
        accepted(scene.scale("chat", replicas(1)));
        release(job.gangs().get(1));

        accepted(scene.scale("chat", replicas(3)));
        assertThat(phases(job)).containsExactly(GangPhase.ASSIGNED, GangPhase.ASSIGNED, GangPhase.ASSIGNED);
        assertThat(job.gangs()).extracting(GangState::attempt).containsExactly(1, 2, 1);
    }

    @Test
    void aReplicaThatIsBeingStoppedStaysWhenTheJobGrowsAgain() {
        scene.hello("c/n1", 2);
        JobState job = scene.run("chat", Jobs.gang().inference(2));
        accepted(scene.scale("chat", replicas(1)));
        accepted(scene.scale("chat", replicas(2)));
        assertThat(phases(job)).containsExactly(GangPhase.ASSIGNED, GangPhase.STOPPING);

        release(job.gangs().get(1));
        assertThat(phases(job)).containsExactly(GangPhase.ASSIGNED, GangPhase.ASSIGNED);
        assertThat(job.gangs()).hasSize(2);
    }

    @Test
    void aReplicaThatLeftInItsPauseDoesNotComeBackByItself() {
        scene.hello("c/n1", 2);
        JobState job = scene.run("chat", Jobs.gang().inference(2));
        startAll(job);
        scene.end(job.gangs().get(1).workers().getFirst(), EndCause.EXIT_CODE, 1);
        assertThat(phases(job)).containsExactly(GangPhase.RUNNING, GangPhase.BACKOFF);

        accepted(scene.scale("chat", replicas(1)));
        scene.pass(1000);
        assertThat(phases(job)).containsExactly(GangPhase.RUNNING, GangPhase.ENDED);
    }

    @Test
    void aRepeatedRequestIsDoneOnce() {
        scene.run("chat", Jobs.gang().inference(1));
        Command.ScaleJob first = new Command.ScaleJob(Scene.USER, Scene.requestId(77), "llm/chat", 0, replicas(4));
        assertThat(accepted(scene.send(first)).repeated()).isFalse();
        accepted(scene.scale("chat", replicas(2)));
        scene.restart();

        assertThat(accepted(scene.send(first)).repeated()).isTrue();
        assertThat(scene.job("chat").spec().gangs()).isEqualTo(2);
        // Also of one that found the job so already.
        Command.ScaleJob same = new Command.ScaleJob(Scene.USER, Scene.requestId(78), "llm/chat", 0, replicas(2));
        scene.send(same);
        assertThat(accepted(scene.send(same)).repeated()).isTrue();
    }

    @Test
    void aSubmissionIsRecognisedAfterItsJobWasScaled() {
        Command.SubmitJob submit = new Command.SubmitJob(
                Scene.USER, Scene.requestId(99), "llm", "chat", Jobs.gang().inference(2));
        Outcome.Accepted first = accepted(scene.send(submit));
        accepted(scene.scale("chat", replicas(5)));

        assertThat(accepted(scene.send(submit)).id()).isEqualTo(first.id());
        assertThat(scene.job("chat").spec().gangs()).isEqualTo(5);
        Command.ScaleJob stolen = new Command.ScaleJob(Scene.USER, submit.requestId(), "llm/chat", 0, replicas(3));
        assertThat(Scene.code(scene.send(stolen))).isEqualTo(ErrorCode.ALREADY_EXISTS);
    }

    @Test
    void whatCanNotBeIsRefusedWithItsFieldAndValue() {
        scene.hello("c/n1", 1);
        scene.run("chat", Jobs.gang().inference(1));
        scene.run("train", Jobs.gang().workers(2).training());
        refused(ErrorCode.INVALID, "spec.replicas (0): must be between 1 and", scene.scale("chat", replicas(0)));
        refused(ErrorCode.INVALID, "spec.replicas (-1)", scene.scale("chat", replicas(-1)));
        refused(ErrorCode.INVALID, "spec.replicas (5000)", scene.scale("chat", replicas(5000)));
        refused(ErrorCode.INVALID, "replicas (2): a training job has none", scene.scale("train", replicas(2)));
        refused(ErrorCode.INVALID, "workers (1..2): those of a replica", scene.scale("chat", workers(1, 2)));
        refused(ErrorCode.INVALID, ".workers", scene.scale("train", workers(3, 2)));
        refused(
                ErrorCode.INVALID,
                "roleName (leader): must be one of [worker]",
                scene.scale("train", new JobSize.Workers("p", "leader", 1, 2)));
        refused(ErrorCode.NOT_FOUND, "no job llm/nobody", scene.scale("nobody", replicas(2)));
        scene.cancel("chat");
        refused(ErrorCode.CONFLICT, "takes no other size", scene.scale("chat", replicas(2)));
        assertThat(scene.events(JobEvent.JobScaled.class)).isEmpty();
    }

    @Test
    void whoSaidBoundsForItsReplicasKeepsThem() {
        JobSpec spec = Jobs.gang().inference(3);
        InferenceSpec.Scaling bounds = new InferenceSpec.Scaling(false, 2, 4, 0, "", "", 0, 0);
        InferenceSpec bounded = new InferenceSpec(3, bounds, 1, 30, 1, 0, List.of(), 0, Tier.DESIGNER, 0, 0, 0);
        scene.run("chat", spec.resized(spec.profiles(), bounded));
        refused(ErrorCode.INVALID, "spec.replicas (5): must be between 2 and 4", scene.scale("chat", replicas(5)));
        refused(ErrorCode.INVALID, "spec.replicas (1): must be between 2 and 4", scene.scale("chat", replicas(1)));
        accepted(scene.scale("chat", replicas(4)));
    }

    @Test
    void anElasticGangOutsideOfItsNewBoundsStartsAgainWithinThem() {
        scene.hello("c/n1", 8);
        JobState job = scene.run("train", Jobs.gang().elastic(2, 6).training());
        scene.startAll(job);
        assertThat(scene.gang("train").workers()).hasSize(6);
        accepted(scene.scale("train", workers(1, 6)));
        assertThat(scene.gang("train").phase()).as("within them it goes on").isEqualTo(GangPhase.RUNNING);

        accepted(scene.scale("train", workers(1, 3)));
        assertThat(scene.gang("train").stopCause()).isEqualTo(StopCause.RESIZED);
        release(scene.gang("train"));
        assertThat(scene.gang("train").workers()).hasSize(3);
        assertThat(scene.gang("train").failures()).isZero();

        scene.startAll(job);
        accepted(scene.scale("train", workers(1, 5)));
        scene.pass(60);
        assertThat(scene.gang("train").stopCause())
                .as("nobody waits for what is free")
                .isEqualTo(StopCause.RESIZED);
        release(scene.gang("train"));
        assertThat(scene.gang("train").workers()).hasSize(5);
    }

    @Test
    void aRigidGangTakesAnotherSizeBeforeItStartsAndNeverAfter() {
        JobState job = scene.run("train", Jobs.gang().workers(4).training());
        scene.hello("c/n1", 2);
        assertThat(scene.gang("train").phase()).isEqualTo(GangPhase.WAITING);
        accepted(scene.scale("train", workers(2, 2)));
        assertThat(scene.gang("train").workers()).hasSize(2);
        scene.startAll(job);

        refused(ErrorCode.CONFLICT, "is not elastic", scene.scale("train", workers(1, 1)));
        accepted(scene.scale("train", workers(2, 2)));
        assertThat(scene.gang("train").phase()).isEqualTo(GangPhase.RUNNING);
    }

    @Test
    void aManifestThatDiffersInItsSizeAloneScales() {
        scene.run("chat", Jobs.gang().inference(2));
        accepted(scene.scale("chat", new JobSize.Of(Jobs.gang().inference(3))));
        assertThat(scene.job("chat").gangs()).hasSize(3);
        refused(
                ErrorCode.ALREADY_EXISTS,
                "differs in more than its size",
                scene.scale("chat", new JobSize.Of(Jobs.gang().devices(2).inference(3))));
    }

    @Test
    void whatIsScaledIsReadBackAndEndsWithItsJob() {
        scene.hello("c/n1", 4);
        scene.run("chat", Jobs.gang().inference(3));
        accepted(scene.scale("chat", replicas(1)));
        scene.restart();
        JobState job = scene.job("chat");
        assertThat(phases(job)).containsExactly(GangPhase.ASSIGNED, GangPhase.STOPPING, GangPhase.STOPPING);
        assertThat(job.gangs()).extracting(GangState::leaving).containsExactly(false, true, true);

        scene.cancel("chat");
        List.copyOf(job.gangs()).forEach(this::release);
        assertThat(job.phase()).isEqualTo(JobPhase.CANCELLED);
        assertThat(scene.node("c/n1").workers()).isEmpty();
    }

    /** One may be down at once, and the one that leaves is not down: nobody waits for it. */
    @Test
    void aReplicaThatLeavesTakesNothingOfTheDisruptionBudget() {
        for (int node = 1; node <= 3; node++) {
            scene.hello("c/n" + node, 1);
        }
        JobState job = scene.run("chat", serving(3, 1, List.of(), 0));
        startAll(job);
        accepted(scene.scale("chat", replicas(2)));
        assertThat(phases(job)).containsExactly(GangPhase.RUNNING, GangPhase.RUNNING, GangPhase.STOPPING);
        String first = Objects.requireNonNull(scene.state()
                        .nodes()
                        .find(job.gangs().getFirst().workers().getFirst().nodeId()))
                .name();

        scene.send(new Command.DrainNode(Scene.USER, first, null));
        scene.pass(60);
        assertThat(job.gangs().getFirst().stopCause()).isEqualTo(StopCause.DRAINED);
    }

    @Test
    void aReplicaThatLeavesIsNoneThatOthersAreSpreadFrom() {
        scene.hello("c/n1", 3);
        JobState job = scene.run("chat", serving(3, 1, List.of(new InferenceSpec.Spread("node", 3)), 0));
        assertThat(Objects.requireNonNull(Spread.of(job.gangs().getFirst()))
                        .others()
                        .size())
                .isEqualTo(2);
        accepted(scene.scale("chat", replicas(2)));
        assertThat(Objects.requireNonNull(Spread.of(job.gangs().getFirst()))
                        .others()
                        .size())
                .isEqualTo(1);
    }

    /** Half of the replicas must outlive any one supplier, and there is but one. */
    @Test
    void shareOfASupplierIsThatOfTheReplicasWantedNow() {
        scene.hello("c/n1", 4);
        JobState job = scene.run("chat", serving(2, 1, List.of(), 50));
        assertThat(phases(job)).containsExactly(GangPhase.ASSIGNED, GangPhase.WAITING);
        accepted(scene.scale("chat", replicas(4)));
        assertThat(phases(job))
                .containsExactly(GangPhase.ASSIGNED, GangPhase.ASSIGNED, GangPhase.WAITING, GangPhase.WAITING);

        accepted(scene.scale("chat", replicas(2)));
        scene.end(job.gangs().get(1).workers().getFirst(), EndCause.RELEASED, 0);
        scene.pass(1000);
        assertThat(phases(job))
                .containsExactly(GangPhase.ASSIGNED, GangPhase.WAITING, GangPhase.ENDED, GangPhase.ENDED);
    }

    private static JobSpec serving(int replicas, int maxUnavailable, List<InferenceSpec.Spread> spread, int coverage) {
        JobSpec spec = Jobs.gang().inference(replicas);
        return spec.resized(
                spec.profiles(),
                new InferenceSpec(replicas, null, maxUnavailable, 30, 1, 0, spread, 0, Tier.DESIGNER, coverage, 0, 0));
    }

    private void startAll(JobState job) {
        for (GangState gang : job.gangs()) {
            List.copyOf(gang.workers()).forEach(worker -> scene.say(worker, ReportedWorker.running(worker.key())));
        }
    }

    private void release(GangState gang) {
        for (WorkerState worker : List.copyOf(gang.workers())) {
            scene.end(worker, EndCause.RELEASED, 0);
        }
    }

    private static List<GangPhase> phases(JobState job) {
        return job.gangs().stream().map(GangState::phase).toList();
    }

    private static JobSize replicas(int number) {
        return new JobSize.Replicas(number);
    }

    private static JobSize workers(int min, int max) {
        return new JobSize.Workers("", "", min, max);
    }

    private static Outcome.Accepted accepted(Outcome outcome) {
        assertThat(outcome).isInstanceOf(Outcome.Accepted.class);
        return (Outcome.Accepted) outcome;
    }

    private static void refused(ErrorCode code, String words, Outcome outcome) {
        assertThat(Scene.code(outcome)).isEqualTo(code);
        assertThat(((Outcome.Rejected) outcome).rejection().message()).contains(words);
    }
}

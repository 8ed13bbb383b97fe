package dev.interposer.engine.sourcing;

import static dev.interposer.engine.sourcing.SupplyScene.NONE;
import static dev.interposer.engine.sourcing.SupplyScene.cap;
import static dev.interposer.engine.sourcing.SupplyScene.fleetPolicy;
import static org.assertj.core.api.Assertions.assertThat;

import dev.interposer.engine.event.SettingEvent;
import dev.interposer.engine.model.AcceleratorRequest;
import dev.interposer.engine.model.InferenceSpec;
import dev.interposer.engine.model.ReasonCode;
import dev.interposer.engine.model.SourcingPolicy.Enforcement;
import dev.interposer.engine.model.SourcingPolicy.SourcingRule;
import dev.interposer.engine.model.Tier;
import dev.interposer.engine.model.WorkerCount;
import dev.interposer.engine.plan.Scheduler;
import dev.interposer.engine.state.GangState;
import dev.interposer.engine.state.JobState;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** What the scheduler makes of the rules. Eight chips of "north", the cheaper ones, and eight of "south". */
class SourcingInDecisionsTest {
    private final SupplyScene scene = new SupplyScene()
            .suppliers("north", "south")
            .queue("queue", "")
            .chip("n1", "north", 1000)
            .chip("s1", "south", 1000);
    private final Scheduler scheduler;

    SourcingInDecisionsTest() {
        scene.node("north-a", "n1", 4);
        scene.node("north-b", "n1", 4);
        scene.node("south-a", "s1", 4);
        scene.node("south-b", "s1", 4);
        scene.apply(new SettingEvent.PricesPublished(1, Map.of("n1", 1000L, "s1", 1100L)));
        scheduler = Scheduler.following(scene.state);
    }

    private void decide() {
        scheduler.decide(1000, scene::apply);
    }

    private JobState portable(int devices) {
        return scene.train(
                "queue", Map.of(), AcceleratorRequest.of("n1", devices), AcceleratorRequest.of("s1", devices));
    }

    private static String classOf(JobState job) {
        return job.gangs().getFirst().className();
    }

    @Test
    void aCapSendsPortableWorkToTheOtherSupplier() {
        scene.policy(fleetPolicy(cap(Tier.DESIGNER, "north", 25)));
        JobState first = portable(4);
        JobState second = portable(4);
        decide();
        assertThat(List.of(classOf(first), classOf(second))).containsExactly("n1", "s1");
    }

    @Test
    void workThatWaitsForACapIsToldSoAndStartsWhenThereIsRoomUnderIt() {
        scene.policy(fleetPolicy(cap(Tier.DESIGNER, "north", 25)));
        JobState first = scene.train("queue", Map.of(), AcceleratorRequest.of("n1", 4));
        JobState second = scene.train("queue", Map.of(), AcceleratorRequest.of("n1", 4));
        decide();
        GangState waits = second.gangs().getFirst();
        assertThat(waits.eligible()).isTrue();
        assertThat(scheduler.explain(waits).reason().code()).isEqualTo(ReasonCode.SOURCING_CAP);
        assertThat(scheduler.explain(waits).reason().parameters()).containsEntry("wouldBe", "50.0");
        scene.end(first.gangs().getFirst());
        decide();
        assertThat(classOf(second)).isEqualTo("n1");
    }

    @Test
    void roomUnderACapThatAnotherClassOfTheSupplierMadeWakesTheWork() {
        scene.chip("n2", "north", 1000);
        scene.node("north-c", "n2", 4);
        scene.policy(fleetPolicy(cap(Tier.DESIGNER, "north", 20)));
        JobState first = scene.train("queue", Map.of(), AcceleratorRequest.of("n2", 4));
        JobState second = scene.train("queue", Map.of(), AcceleratorRequest.of("n1", 4));
        decide();
        assertThat(List.of(classOf(first), classOf(second))).containsExactly("n2", "");
        scene.end(first.gangs().getFirst());
        decide();
        assertThat(classOf(second)).isEqualTo("n1");
    }

    @Test
    void aSoftTargetIsAPriceThatMayBeOutbid() {
        scene.policy(fleetPolicy(new SourcingRule(Tier.DESIGNER, "north", NONE, 0, NONE, Enforcement.SOFT)));
        // A tenth dearer elsewhere: two of sixteen chips above the target are worth an eighth.
        JobState two = portable(2);
        decide();
        assertThat(classOf(two)).isEqualTo("s1");
        JobState one = portable(1);
        decide();
        assertThat(classOf(one)).isEqualTo("n1");
    }

    @Test
    void anElasticGangStartsAsLargeAsTheCapAllows() {
        scene.policy(fleetPolicy(cap(Tier.DESIGNER, "north", 40)));
        JobState job = scene.elastic("n1", 2, new WorkerCount(1, 4, 1));
        decide();
        assertThat(job.gangs().getFirst().liveWorkers())
                .as("6 of 16 chips, where 6.4 are allowed and 8 are free")
                .isEqualTo(3);
    }

    @Test
    void anElasticGangStaysOnItsStepsUnderACap() {
        scene.policy(fleetPolicy(cap(Tier.DESIGNER, "north", 30)));
        JobState job = scene.elastic("n1", 1, new WorkerCount(1, 7, 2));
        decide();
        assertThat(job.gangs().getFirst().liveWorkers()).isEqualTo(3);
    }

    @Test
    void replicasSpreadOverSuppliersAsTheJobAsks() {
        InferenceSpec inference = new InferenceSpec(4, null, 1, 30, 1, 0, List.of(), 2, Tier.DESIGNER, 50, 0, 0);
        JobState job = scene.serve(inference, "n1", "s1");
        decide();
        assertThat(job.gangs()).extracting(GangState::className).containsExactly("n1", "n1", "s1", "s1");
    }

    @Test
    void aReplicaThatWouldBreakTheSpreadWaits() {
        InferenceSpec inference = new InferenceSpec(3, null, 1, 30, 1, 0, List.of(), 2, Tier.DESIGNER, 0, 0, 0);
        JobState job = scene.serve(inference, "n1");
        decide();
        assertThat(job.gangs()).extracting(GangState::className).containsExactly("n1", "n1", "");
        assertThat(scheduler.explain(job.gangs().get(2)).reason().code()).isEqualTo(ReasonCode.SOURCING_SUPPLIERS);
    }
}

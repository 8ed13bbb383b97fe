package dev.interposer.agent.reconcile;

import static org.assertj.core.api.Assertions.assertThat;

import dev.interposer.proto.agent.v1.DesiredState;
import dev.interposer.proto.agent.v1.ServerMessage;
import dev.interposer.proto.agent.v1.WorkerAssignment;
import dev.interposer.proto.agent.v1.WorkerKey;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Whom an agent obeys when leaders change and when a backup is restored. */
class IncarnationTest {
    private final Reconciler reconciler = new Reconciler();

    private List<Action> assign(long incarnation, long epoch, long revision, long job) {
        WorkerAssignment assignment = WorkerAssignment.newBuilder()
                .setKey(WorkerKey.newBuilder().setJobId(job).setAttempt(1))
                .build();
        return reconciler.received(
                ServerMessage.newBuilder()
                        .setIncarnation(incarnation)
                        .setEpoch(epoch)
                        .setRevision(revision)
                        .setDesiredState(DesiredState.newBuilder().addAssignments(assignment))
                        .build(),
                0);
    }

    @Test
    void aLeaderOfAnEarlierEpochIsNotObeyed() {
        assign(1, 5, 100, 1);

        assertThat(assign(1, 4, 101, 2)).isEmpty();
    }

    @Test
    void aNewIncarnationIsObeyedThoughItsEpochIsEarlier() {
        assign(1, 5, 100, 1);

        assertThat(assign(2, 3, 40, 2)).anyMatch(action -> action instanceof Action.Start);
        assertThat(reconciler.revision()).isEqualTo(40);
        assertThat(reconciler.highestEpoch()).isEqualTo(3);
        assertThat(assign(1, 6, 200, 3)).as("the old incarnation is over").isEmpty();
    }
}

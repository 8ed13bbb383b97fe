package dev.interposer.agent.reconcile;

import static org.assertj.core.api.Assertions.assertThat;

import dev.interposer.proto.agent.v1.ServerMessage;
import dev.interposer.proto.agent.v1.StatusAck;
import dev.interposer.proto.agent.v1.WorkerAssignment;
import dev.interposer.proto.agent.v1.WorkerKey;
import dev.interposer.proto.agent.v1.WorkerState;
import dev.interposer.proto.agent.v1.WorkerStatus;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Acknowledgements ride on whatever the scheduler says next. */
class AcknowledgedTest {
    private final Reconciler reconciler = new Reconciler();

    private static WorkerKey key(long job) {
        return WorkerKey.newBuilder().setJobId(job).setAttempt(1).build();
    }

    private static ServerMessage.Builder message(long epoch) {
        return ServerMessage.newBuilder().setIncarnation(1).setEpoch(epoch);
    }

    private static StatusAck ack(WorkerKey key) {
        return StatusAck.newBuilder()
                .setKey(key)
                .setState(WorkerState.WORKER_STATE_ENDED)
                .build();
    }

    private static ServerMessage assignment(WorkerKey key) {
        return message(2).setAssign(WorkerAssignment.newBuilder().setKey(key)).build();
    }

    private void runs(WorkerKey key) {
        reconciler.received(assignment(key), 0);
        reconciler.started(key);
        reconciler.exited(WorkerStatus.newBuilder()
                .setKey(key)
                .setState(WorkerState.WORKER_STATE_ENDED)
                .build());
    }

    @Test
    void endsAreForgottenWithTheNextOrderAndWithASignOfLife() {
        runs(key(1));
        runs(key(2));
        runs(key(3));

        List<Action> actions = reconciler.received(
                assignment(key(4)).toBuilder()
                        .addAcknowledged(ack(key(1)))
                        .addAcknowledged(ack(key(2)))
                        .build(),
                0);
        assertThat(actions)
                .startsWith(
                        new Action.Note(new JournalEntry.Acknowledged(key(1))),
                        new Action.Note(new JournalEntry.Acknowledged(key(2))))
                .filteredOn(Action.Start.class::isInstance)
                .hasSize(1);

        reconciler.received(message(2).addAcknowledged(ack(key(3))).build(), 0);
        assertThat(reconciler.statuses()).extracting(WorkerStatus::getKey).containsExactly(key(4));
    }

    @Test
    void aLeaderOfBeforeAcknowledgesNothing() {
        runs(key(1));

        reconciler.received(message(1).addAcknowledged(ack(key(1))).build(), 0);

        assertThat(reconciler.statuses()).extracting(WorkerStatus::getKey).containsExactly(key(1));
    }

    @Test
    void aWorkerThatLivesIsNotForgotten() {
        reconciler.received(assignment(key(1)), 0);

        reconciler.received(message(2).addAcknowledged(ack(key(1))).build(), 0);

        assertThat(reconciler.unsettled()).hasSize(1);
    }
}

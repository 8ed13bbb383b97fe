package dev.interposer.agent.reconcile;

import static org.assertj.core.api.Assertions.assertThat;

import dev.interposer.proto.agent.v1.DesiredState;
import dev.interposer.proto.agent.v1.EndCause;
import dev.interposer.proto.agent.v1.ServerMessage;
import dev.interposer.proto.agent.v1.WorkerAssignment;
import dev.interposer.proto.agent.v1.WorkerKey;
import dev.interposer.proto.agent.v1.WorkerState;
import dev.interposer.proto.agent.v1.WorkerStatus;
import java.util.List;
import org.junit.jupiter.api.Test;

/** An agent that takes its workers with it. */
class StoppingTest {
    private static final WorkerKey KEY =
            WorkerKey.newBuilder().setJobId(1).setAttempt(1).build();

    @Test
    void whatTheAgentItselfStoppedIsNoFailureOfTheWork() {
        Reconciler reconciler = new Reconciler();
        reconciler.received(
                ServerMessage.newBuilder()
                        .setIncarnation(1)
                        .setEpoch(1)
                        .setDesiredState(DesiredState.newBuilder()
                                .addAssignments(WorkerAssignment.newBuilder().setKey(KEY)))
                        .build(),
                0);
        reconciler.started(KEY);

        assertThat(reconciler.stopAll()).containsExactly(new Action.Kill(KEY));
        assertThat(reconciler.unsettled()).hasSize(1);
        List<Action> actions = reconciler.exited(WorkerStatus.newBuilder()
                .setKey(KEY)
                .setState(WorkerState.WORKER_STATE_ENDED)
                .setCause(EndCause.END_CAUSE_EXIT_CODE)
                .setExitCode(137)
                .build());

        assertThat(actions)
                .filteredOn(Action.Note.class::isInstance)
                .extracting(action -> ((JournalEntry.Ended) ((Action.Note) action).entry())
                        .status()
                        .getCause())
                .containsExactly(EndCause.END_CAUSE_RELEASED);
        assertThat(reconciler.unsettled()).isEmpty();
    }
}

package dev.interposer.agent.reconcile;

import static dev.interposer.agent.reconcile.Journaled.note;
import static dev.interposer.agent.reconcile.Journaled.recovered;
import static org.assertj.core.api.Assertions.assertThat;

import dev.interposer.proto.agent.v1.DesiredState;
import dev.interposer.proto.agent.v1.EndCause;
import dev.interposer.proto.agent.v1.ServerMessage;
import dev.interposer.proto.agent.v1.WorkerAssignment;
import dev.interposer.proto.agent.v1.WorkerKey;
import dev.interposer.proto.agent.v1.WorkerRelease;
import dev.interposer.proto.agent.v1.WorkerState;
import dev.interposer.proto.agent.v1.WorkerStatus;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What a worker that was asked to stop ends with says nothing of its work, whoever asked and whoever hears of it. */
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

        assertThat(reconciler.stopAll(7))
                .containsExactly(new Action.Note(new JournalEntry.Stopping(KEY, 7)), new Action.Kill(KEY));
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

    /** It saved its work and ended with code 0 while no agent was there: its job has not succeeded. */
    @Test
    void whatWasAskedToStopByAnEarlierAgentIsReleasedToo() {
        List<JournalEntry> journal = new ArrayList<>();
        Reconciler first = new Reconciler();
        note(first.received(assign(), 0), journal);
        first.started(KEY);
        note(first.received(release(30), 1_000), journal);
        for (List<JournalEntry> past : List.of(journal, recovered(journal).testimony())) {
            Reconciler next = recovered(past);
            List<Action> actions = next.exited(WorkerStatus.newBuilder()
                    .setKey(KEY)
                    .setState(WorkerState.WORKER_STATE_ENDED)
                    .setCause(EndCause.END_CAUSE_COMPLETED)
                    .build());
            assertThat(actions)
                    .filteredOn(Action.Report.class::isInstance)
                    .extracting(action -> ((Action.Report) action).status().getCause())
                    .containsExactly(EndCause.END_CAUSE_RELEASED);
        }
    }

    /** The earlier agent may have died between its note and the signal; the grace is not begun anew. */
    @Test
    void oneThatIsStillThereIsAskedAgainAndKilledWhenItsGraceIsOver() {
        List<JournalEntry> journal = new ArrayList<>();
        Reconciler first = new Reconciler();
        note(first.received(assign(), 0), journal);
        first.started(KEY);
        note(first.received(release(30), 1_000), journal);
        Reconciler next = recovered(journal);
        next.countLeasesFrom(20_000);
        assertThat(next.resumed()).containsExactly(new Action.Terminate(KEY));
        assertThat(next.started(KEY)).as("it is not running again").isEmpty();
        assertThat(next.received(release(30), 25_000)).as("asked once").isEmpty();
        assertThat(next.tick(30_999)).isEmpty();
        assertThat(next.tick(31_000)).containsExactly(new Action.Kill(KEY));
        assertThat(next.tick(40_000)).isEmpty();
    }

    private static ServerMessage assign() {
        return ServerMessage.newBuilder()
                .setIncarnation(1)
                .setEpoch(1)
                .setAssign(WorkerAssignment.newBuilder().setKey(KEY))
                .build();
    }

    private static ServerMessage release(long graceSeconds) {
        return ServerMessage.newBuilder()
                .setIncarnation(1)
                .setEpoch(1)
                .setRelease(WorkerRelease.newBuilder().setKey(KEY).setGraceSeconds(graceSeconds))
                .build();
    }
}

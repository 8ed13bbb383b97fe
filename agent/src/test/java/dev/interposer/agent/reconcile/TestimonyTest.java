package dev.interposer.agent.reconcile;

import static dev.interposer.agent.reconcile.Journaled.note;
import static dev.interposer.agent.reconcile.Journaled.recovered;
import static org.assertj.core.api.Assertions.assertThat;

import dev.interposer.proto.agent.v1.EndCause;
import dev.interposer.proto.agent.v1.ServerMessage;
import dev.interposer.proto.agent.v1.StatusAck;
import dev.interposer.proto.agent.v1.WorkerAssignment;
import dev.interposer.proto.agent.v1.WorkerKey;
import dev.interposer.proto.agent.v1.WorkerRelease;
import dev.interposer.proto.agent.v1.WorkerState;
import dev.interposer.proto.agent.v1.WorkerStatus;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

/** Whoever reads a shortened journal knows what whoever read the long one knew. */
class TestimonyTest {
    private static final int LIVES = 200;
    private static final int STEPS = 60;

    @Test
    void aShortenedPastSaysTheSameToEveryOrder() {
        for (long seed = 0; seed < LIVES; seed++) {
            Random random = new Random(seed);
            List<JournalEntry> journal = new ArrayList<>();
            Reconciler lived = new Reconciler();
            for (int step = 0; step < STEPS; step++) {
                note(step(lived, random), journal);
            }
            Reconciler read = recovered(journal);
            Reconciler shortened = recovered(read.testimony());
            assertThat(answers(shortened)).as("seed %d", seed).isEqualTo(answers(read));
        }
    }

    @Test
    void anAttemptIsNotBegunAgainAfterTheJournalWasShortened() {
        Reconciler node = new Reconciler();
        node.received(assign(key(1, 1)), 0);
        node.exited(ended(key(1, 1)));
        node.received(acknowledge(key(1, 1)), 0);
        Reconciler next = recovered(node.testimony());

        assertThat(next.received(assign(key(1, 1)), 0)).noneMatch(Action.Start.class::isInstance);
        assertThat(next.received(assign(key(1, 2)), 0)).anyMatch(Action.Start.class::isInstance);
    }

    @Test
    void whatIsRememberedIsBoundedAndTheOldestGoesFirst() {
        Reconciler node = new Reconciler();
        for (int job = 1; job <= Reconciler.MOST_BEGUN + 5; job++) {
            node.recover(new JournalEntry.Begun(key(job, 1)));
        }
        node.recover(new JournalEntry.Begun(key(6, 2)));
        node.recover(new JournalEntry.Begun(key(Reconciler.MOST_BEGUN + 6, 1)));

        assertThat(node.testimony())
                .hasSize(Reconciler.MOST_BEGUN + 1)
                .contains(new JournalEntry.Begun(key(6, 2)))
                .doesNotContain(new JournalEntry.Begun(key(7, 1)));
    }

    private static List<Action> step(Reconciler node, Random random) {
        WorkerKey key = key(1 + random.nextInt(6), 1 + random.nextInt(4));
        return switch (random.nextInt(5)) {
            case 0, 1 -> node.received(assign(key), 0);
            case 2 -> node.exited(ended(key));
            case 3 -> node.received(acknowledge(key), 0);
            default ->
                node.received(
                        message(to -> to.setRelease(WorkerRelease.newBuilder().setKey(key))), 0);
        };
    }

    /** What it says to each order that there could be, as a copy that reads the journal anew for each. */
    private static List<String> answers(Reconciler node) {
        List<String> answers = new ArrayList<>();
        answers.add(node.statuses() + " " + node.unsettled() + " " + node.counts());
        answers.add(node.highestEpoch() + " " + node.incarnation() + " " + node.revision());
        List<JournalEntry> past = node.testimony();
        for (int job = 1; job <= 6; job++) {
            for (int attempt = 1; attempt <= 5; attempt++) {
                answers.add("" + recovered(past).received(assign(key(job, attempt)), 0));
            }
        }
        return answers;
    }

    private static WorkerKey key(int job, int attempt) {
        return WorkerKey.newBuilder().setJobId(job).setAttempt(attempt).build();
    }

    private static ServerMessage assign(WorkerKey key) {
        return message(to -> to.setAssign(WorkerAssignment.newBuilder().setKey(key)));
    }

    private static ServerMessage acknowledge(WorkerKey key) {
        return message(
                to -> to.setStatusAck(StatusAck.newBuilder().setKey(key).setState(WorkerState.WORKER_STATE_ENDED)));
    }

    private static ServerMessage message(Consumer<ServerMessage.Builder> body) {
        ServerMessage.Builder message =
                ServerMessage.newBuilder().setEpoch(3).setIncarnation(1).setRevision(9);
        body.accept(message);
        return message.build();
    }

    private static WorkerStatus ended(WorkerKey key) {
        return WorkerStatus.newBuilder()
                .setKey(key)
                .setState(WorkerState.WORKER_STATE_ENDED)
                .setCause(EndCause.END_CAUSE_EXIT_CODE)
                .setExitCode(key.getAttempt())
                .build();
    }
}

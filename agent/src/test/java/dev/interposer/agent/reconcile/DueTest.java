package dev.interposer.agent.reconcile;

import static org.assertj.core.api.Assertions.assertThat;

import dev.interposer.proto.agent.v1.ServerMessage;
import dev.interposer.proto.agent.v1.WorkerAssignment;
import dev.interposer.proto.agent.v1.WorkerKey;
import dev.interposer.proto.agent.v1.WorkerRelease;
import org.junit.jupiter.api.Test;

/** Leases and graces that run out. */
class DueTest {
    private static final WorkerKey LEASED = key(1);
    private static final WorkerKey OTHER = key(2);

    private final Reconciler reconciler = new Reconciler();

    private static WorkerKey key(long job) {
        return WorkerKey.newBuilder().setJobId(job).setAttempt(1).build();
    }

    private void hear(long millis, ServerMessage.Builder message) {
        reconciler.received(message.setIncarnation(1).setEpoch(1).build(), millis);
    }

    private void assign(long millis, WorkerKey key, long leaseSeconds) {
        hear(
                millis,
                ServerMessage.newBuilder()
                        .setAssign(WorkerAssignment.newBuilder().setKey(key).setSelfFenceSeconds(leaseSeconds)));
        reconciler.started(key);
    }

    /** What is written before it is killed, so that a next agent knows that its end says nothing of its work. */
    private static Action stopped(WorkerKey key, long millis) {
        return new Action.Note(new JournalEntry.Stopping(key, millis));
    }

    @Test
    void aLeaseRunsFromWhenALeaderWasHeardLast() {
        assign(0, LEASED, 5);
        assign(0, OTHER, 0);
        assertThat(reconciler.tick(4_999)).isEmpty();
        hear(5_000, ServerMessage.newBuilder());
        assertThat(reconciler.tick(5_001)).isEmpty();
        assertThat(reconciler.tick(9_999)).isEmpty();
        assertThat(reconciler.tick(10_000)).containsExactly(stopped(LEASED, 10_000), new Action.Kill(LEASED));
        assertThat(reconciler.tick(20_000)).as("once").isEmpty();
    }

    @Test
    void aLeaseThatComesLaterIsNotLookedForTooLate() {
        assign(0, OTHER, 0);
        assertThat(reconciler.tick(1_000)).isEmpty();
        assign(2_000, LEASED, 5);
        assertThat(reconciler.tick(6_999)).isEmpty();
        assertThat(reconciler.tick(7_000)).containsExactly(stopped(LEASED, 7_000), new Action.Kill(LEASED));
    }

    @Test
    void aGraceRunsOutOnce() {
        assign(0, OTHER, 0);
        assertThat(reconciler.tick(1_000)).isEmpty();
        hear(
                2_000,
                ServerMessage.newBuilder()
                        .setRelease(WorkerRelease.newBuilder().setKey(OTHER).setGraceSeconds(3)));
        assertThat(reconciler.tick(4_999)).isEmpty();
        assertThat(reconciler.tick(5_000)).containsExactly(new Action.Kill(OTHER));
        assertThat(reconciler.tick(6_000)).isEmpty();
    }

    @Test
    void onlyWhatLivesAndHasALeaseCountsOne() {
        assertThat(reconciler.countsLease()).isFalse();
        assign(0, OTHER, 0);
        assertThat(reconciler.countsLease()).isFalse();
        assign(0, LEASED, 5);
        assertThat(reconciler.countsLease()).isTrue();
        reconciler.tick(5_000);
        assertThat(reconciler.countsLease()).as("it is being stopped").isFalse();
    }

    @Test
    void aLeaseOfBeforeARestartCountsFromWhatTheEarlierProcessHeard() {
        WorkerAssignment assignment = WorkerAssignment.newBuilder()
                .setKey(LEASED)
                .setSelfFenceSeconds(5)
                .build();
        reconciler.countLeasesFrom(-3_000);
        reconciler.recover(new JournalEntry.Starting(assignment, 1));
        assertThat(reconciler.tick(1_999)).isEmpty();
        assertThat(reconciler.tick(2_000)).containsExactly(stopped(LEASED, 2_000), new Action.Kill(LEASED));
    }
}

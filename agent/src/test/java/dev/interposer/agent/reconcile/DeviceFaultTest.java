package dev.interposer.agent.reconcile;

import static org.assertj.core.api.Assertions.assertThat;

import dev.interposer.proto.agent.v1.EndCause;
import dev.interposer.proto.agent.v1.ServerMessage;
import dev.interposer.proto.agent.v1.WorkerAssignment;
import dev.interposer.proto.agent.v1.WorkerKey;
import dev.interposer.proto.agent.v1.WorkerRelease;
import dev.interposer.proto.agent.v1.WorkerState;
import dev.interposer.proto.agent.v1.WorkerStatus;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Whom the end of a worker is blamed on when a device of it failed. */
class DeviceFaultTest {
    private static final WorkerKey KEY =
            WorkerKey.newBuilder().setJobId(1).setAttempt(1).build();

    private final Reconciler reconciler = new Reconciler();

    @BeforeEach
    void aWorkerRunsOnTwoDevices() {
        reconciler.received(
                message()
                        .setAssign(WorkerAssignment.newBuilder()
                                .setKey(KEY)
                                .addDeviceNames("d0")
                                .addDeviceNames("d1"))
                        .build(),
                0);
        reconciler.started(KEY);
    }

    @Test
    void aBadEndAfterADeviceOfItFailedIsTheDevices() {
        reconciler.deviceFailed("d1", "XID 79");
        WorkerStatus said = end(EndCause.END_CAUSE_EXIT_CODE);
        assertThat(said.getCause()).isEqualTo(EndCause.END_CAUSE_DEVICE_FAULT);
        assertThat(said.getMessage()).isEqualTo("device d1 failed: XID 79\nlast words");
        assertThat(said.getExitCode()).isEqualTo(1);
    }

    @Test
    void oneThatWasFoundAfterARestartOfTheAgentLikewise() {
        reconciler.deviceFailed("d0", "GONE");
        assertThat(end(EndCause.END_CAUSE_UNKNOWN).getCause()).isEqualTo(EndCause.END_CAUSE_DEVICE_FAULT);
    }

    @Test
    void aDeviceOfSomebodyElseIsNoExcuse() {
        reconciler.deviceFailed("d2", "XID 79");
        assertThat(end(EndCause.END_CAUSE_EXIT_CODE).getCause()).isEqualTo(EndCause.END_CAUSE_EXIT_CODE);
    }

    @Test
    void aDeviceIsInUseUntilTheWorkerThatHasItHasEnded() {
        assertThat(reconciler.uses("d1")).isTrue();
        assertThat(reconciler.uses("d2")).isFalse();
        end(EndCause.END_CAUSE_COMPLETED);
        assertThat(reconciler.uses("d1")).isFalse();
    }

    @Test
    void aDeviceThatIsWellAgainIsNoExcuse() {
        reconciler.deviceFailed("d1", "too hot");
        reconciler.deviceFailed("d1", "");
        assertThat(end(EndCause.END_CAUSE_EXIT_CODE).getCause()).isEqualTo(EndCause.END_CAUSE_EXIT_CODE);
    }

    @Test
    void whatEndedWellOrForMemoryOrByWishStaysWhatItWas() {
        reconciler.deviceFailed("d1", "XID 79");
        for (EndCause cause : new EndCause[] {
            EndCause.END_CAUSE_COMPLETED, EndCause.END_CAUSE_OUT_OF_MEMORY, EndCause.END_CAUSE_START_FAILED
        }) {
            Reconciler fresh = new Reconciler();
            fresh.received(
                    message()
                            .setAssign(WorkerAssignment.newBuilder().setKey(KEY).addDeviceNames("d1"))
                            .build(),
                    0);
            fresh.deviceFailed("d1", "XID 79");
            assertThat(end(fresh, cause).getCause()).isEqualTo(cause);
        }
        reconciler.received(
                message().setRelease(WorkerRelease.newBuilder().setKey(KEY)).build(), 0);
        assertThat(end(EndCause.END_CAUSE_EXIT_CODE).getCause()).isEqualTo(EndCause.END_CAUSE_RELEASED);
    }

    private WorkerStatus end(EndCause cause) {
        return end(reconciler, cause);
    }

    private static WorkerStatus end(Reconciler reconciler, EndCause cause) {
        WorkerStatus status = WorkerStatus.newBuilder()
                .setKey(KEY)
                .setState(WorkerState.WORKER_STATE_ENDED)
                .setCause(cause)
                .setExitCode(1)
                .setMessage("last words")
                .build();
        return reconciler.exited(status).stream()
                .filter(Action.Report.class::isInstance)
                .map(action -> ((Action.Report) action).status())
                .findFirst()
                .orElseThrow();
    }

    private static ServerMessage.Builder message() {
        return ServerMessage.newBuilder().setEpoch(1).setIncarnation(1).setRevision(1);
    }
}

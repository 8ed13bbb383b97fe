package dev.interposer.agent.runtime;

import static org.assertj.core.api.Assertions.assertThat;

import dev.interposer.agent.config.NodeConfig;
import dev.interposer.agent.config.WorkerOptions;
import dev.interposer.agent.driver.SimulatedDriver;
import dev.interposer.proto.agent.v1.EndCause;
import dev.interposer.proto.agent.v1.WorkerAssignment;
import dev.interposer.proto.agent.v1.WorkerKey;
import dev.interposer.proto.agent.v1.WorkerStatus;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Real processes. */
class ProcessRuntimeTest {
    @TempDir
    private Path folder;

    private final BlockingQueue<WorkerKey> started = new LinkedBlockingQueue<>();
    private final BlockingQueue<WorkerStatus> exited = new LinkedBlockingQueue<>();
    private final List<ProcessRuntime> runtimes = new ArrayList<>();
    private int jobs;

    private static final NodeConfig NODE = new NodeConfig(
            "c/n",
            Map.of(),
            Map.of(),
            new NodeConfig.SimulatedDevices(4, "chip", "maker", 0, "CHIPS", ""),
            List.of(),
            0);

    private final WorkerRuntime.Listener listener = new WorkerRuntime.Listener() {
        @Override
        public void started(WorkerKey key) {
            started.add(key);
        }

        @Override
        public void exited(WorkerStatus status) {
            exited.add(status);
        }
    };

    @AfterEach
    void killWhatIsLeft() {
        runtimes.forEach(runtime -> runtime.forEachLive(runtime::kill));
    }

    @Test
    void aWorkerSeesItsDevicesAndItsPlaceInTheGang() throws Exception {
        WorkerAssignment assignment = assignment("echo $INTERPOSER_DEVICES $CHIPS $RANK/$WORLD_SIZE in $INTERPOSER_JOB")
                .addDeviceNames("n-0")
                .addDeviceNames("n-3")
                .setJobName("train")
                .setWorldSize(4)
                .build();
        WorkerStatus status = runToEnd(assignment);
        assertThat(status.getCause()).isEqualTo(EndCause.END_CAUSE_COMPLETED);
        assertThat(status.getMessage()).isEqualTo("n-0,n-3 0,3 2/4 in train\n");
    }

    @Test
    void progressIsReadFromAWorkerOfRankZeroAlsoByTheNextAgent() throws Exception {
        WorkerAssignment.Builder assignment =
                assignment("echo tokens 4096 >> $INTERPOSER_PROGRESS_FILE; exec sleep 60");
        assignment.getKeyBuilder().setWorker(0);
        ProcessRuntime first = runtime();
        first.start(assignment.build(), listener);
        await(() -> first.progress().stream().anyMatch(progress -> progress.getDone() == 4096));
        ProcessRuntime next = runtime();
        next.adopt(assignment.build(), listener);
        assertThat(next.progress()).isEqualTo(first.progress()).hasSize(1);
    }

    @Test
    void theEndOfTheLogIsToldWithTheExitCode() throws Exception {
        WorkerStatus status =
                runToEnd(assignment("i=0; while [ $i -lt 3000 ]; do echo line $i; i=$((i+1)); done; exit 9")
                        .build());
        assertThat(status.getExitCode()).isEqualTo(9);
        assertThat(status.getCause()).isEqualTo(EndCause.END_CAUSE_EXIT_CODE);
        assertThat(status.getMessage()).hasSize(4096).endsWith("line 2999\n");
    }

    @Test
    void whatACommandLeavesBehindIsKilledWithIt() throws Exception {
        WorkerStatus status = runToEnd(assignment("sleep 300 & echo $!").build());
        long left = Long.parseLong(status.getMessage().strip());
        await(() -> ProcessHandle.of(left).filter(ProcessHandle::isAlive).isEmpty());
    }

    /** Its chips go to others as soon as the end is told, so nothing may hold them then. */
    @Test
    void whatLeftTheGroupIsGoneBeforeTheEndIsTold() throws Exception {
        WorkerStatus status =
                runToEnd(assignment("setsid sleep 300 & echo $!; sleep 0.3").build());
        long left = Long.parseLong(status.getMessage().strip());
        assertThat(Processes.run(left)).isFalse();
    }

    @Test
    void whatLeftTheGroupOfAWorkerThatIsKilledIsGoneToo() throws Exception {
        ProcessRuntime runtime = runtime();
        runtime.start(assignment("setsid sleep 300 & echo $! > left; wait").build(), listener);
        Path file = folder.resolve("1-0-1-2/work/left");
        await(() -> Files.exists(file) && file.toFile().length() > 1);
        runtime.forEachLive(runtime::kill);
        assertThat(exited.poll(10, TimeUnit.SECONDS)).isNotNull();
        long left = Long.parseLong(Files.readString(file).strip());
        assertThat(Processes.run(left)).isFalse();
    }

    @Test
    void theNextAgentAdoptsAWorkerAndLearnsItsExitCode() throws Exception {
        WorkerAssignment assignment =
                assignment("while [ ! -e go ]; do sleep 0.05; done; exit 7").build();
        runtime().start(assignment, listener);
        assertThat(started.poll(10, TimeUnit.SECONDS)).isEqualTo(assignment.getKey());
        await(() -> Files.exists(home(assignment).resolve("exit.pid")));

        ProcessRuntime next = runtime();
        next.adopt(assignment, listener);
        assertThat(started.poll(10, TimeUnit.SECONDS)).isEqualTo(assignment.getKey());
        Files.createFile(home(assignment).resolve("work/go"));
        assertExitOfBoth(7);
    }

    /** Both runtimes live in this test, and both tell of the end. */
    private void assertExitOfBoth(int code) throws InterruptedException {
        for (int runtime = 0; runtime < 2; runtime++) {
            WorkerStatus status = exited.poll(10, TimeUnit.SECONDS);
            assertThat(status).isNotNull();
            assertThat(status.getExitCode()).isEqualTo(code);
        }
    }

    @Test
    void aWorkerThatEndedWithoutAnAgentIsReportedByTheNext() throws Exception {
        WorkerAssignment assignment = assignment("exit 5").build();
        runToEnd(assignment);
        runtime().adopt(assignment, listener);
        WorkerStatus status = exited.poll(10, TimeUnit.SECONDS);
        assertThat(status).isNotNull();
        assertThat(status.getExitCode()).isEqualTo(5);
    }

    @Test
    void aWorkerOfWhichNothingIsLeftEndedForUnknownReasons() throws Exception {
        runtime().adopt(assignment("true").build(), listener);
        WorkerStatus status = exited.poll(10, TimeUnit.SECONDS);
        assertThat(status).isNotNull();
        assertThat(status.getCause()).isEqualTo(EndCause.END_CAUSE_UNKNOWN);
    }

    /** The number may belong to somebody else by now. */
    @Test
    void anotherProcessOfTheSameNumberIsNotAdopted() throws Exception {
        WorkerAssignment assignment = assignment("true").build();
        Files.createDirectories(home(assignment));
        Files.writeString(
                home(assignment).resolve("exit.pid"), ProcessHandle.current().pid() + "\n");
        runtime().adopt(assignment, listener);
        WorkerStatus status = exited.poll(10, TimeUnit.SECONDS);
        assertThat(status).isNotNull();
        assertThat(status.getCause()).isEqualTo(EndCause.END_CAUSE_UNKNOWN);
        assertThat(started).isEmpty();
    }

    @Test
    void aLeaseEndsAWorkerWithoutAnyAgent() throws Exception {
        ProcessRuntime runtime = runtime();
        runtime.leaderHeard();
        WorkerAssignment assignment = assignment("trap '' TERM; sleep 300 & sleep 300; sleep 300")
                .setSelfFenceSeconds(3)
                .build();
        long begun = System.nanoTime();
        WorkerStatus status = runToEnd(assignment);
        assertThat(status.getExitCode()).isEqualTo(128 + 9);
        assertThat(TimeUnit.NANOSECONDS.toSeconds(System.nanoTime() - begun)).isBetween(1L, 8L);
    }

    @Test
    void theSignalOfItsJobAsksAWorkerToSave() throws Exception {
        WorkerAssignment assignment = assignment(
                        "trap 'echo saved; exit 0' USR1; echo ready; while :; do sleep 0.1; done")
                .setCheckpointSignal("SIGUSR1")
                .build();
        ProcessRuntime runtime = runtime();
        runtime.start(assignment, listener);
        Path log = home(assignment).resolve("log.1");
        await(() -> log.toFile().length() > 0);
        runtime.terminate(assignment.getKey());
        WorkerStatus status = exited.poll(20, TimeUnit.SECONDS);
        assertThat(status).isNotNull();
        // What its shell says of the sleep that the signal ended stands between.
        assertThat(status.getMessage()).startsWith("ready\n").endsWith("saved\n");
        assertThat(status.getExitCode()).isZero();
    }

    @Test
    void aLeaseIsRenewedByALeader() throws Exception {
        ProcessRuntime runtime = runtime();
        runtime.leaderHeard();
        runtime.start(assignment("sleep 300").setSelfFenceSeconds(3).build(), listener);
        for (int beat = 0; beat < 12; beat++) {
            Thread.sleep(500);
            runtime.leaderHeard();
        }
        assertThat(exited).isEmpty();
        assertThat(runtime.millisSinceLeader()).isBetween(0L, 2000L);
        runtime.forEachLive(runtime::kill);
        assertThat(exited.poll(10, TimeUnit.SECONDS)).isNotNull();
    }

    private WorkerStatus runToEnd(WorkerAssignment assignment) throws InterruptedException {
        runtime().start(assignment, listener);
        WorkerStatus status = exited.poll(20, TimeUnit.SECONDS);
        assertThat(status).isNotNull();
        started.clear();
        return status;
    }

    private ProcessRuntime runtime() {
        ProcessRuntime runtime =
                new ProcessRuntime(folder, new SimulatedDriver(NODE), WorkerOptions.DEFAULT, Confinement.NONE);
        runtimes.add(runtime);
        return runtime;
    }

    private WorkerAssignment.Builder assignment(String script) {
        WorkerAssignment.Builder assignment = WorkerAssignment.newBuilder()
                .setKey(WorkerKey.newBuilder().setJobId(++jobs).setAttempt(1).setWorker(2));
        assignment.getContainerBuilder().addCommand("sh").addCommand("-c").addCommand(script);
        return assignment;
    }

    private Path home(WorkerAssignment assignment) {
        return folder.resolve(assignment.getKey().getJobId() + "-0-1-2");
    }

    private static void await(BooleanSupplier condition) throws InterruptedException {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(10);
        while (!condition.getAsBoolean()) {
            assertThat(System.nanoTime()).as("waited 10 s").isLessThan(deadline);
            Thread.sleep(20);
        }
    }
}

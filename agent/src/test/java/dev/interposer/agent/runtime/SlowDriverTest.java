package dev.interposer.agent.runtime;

import static org.assertj.core.api.Assertions.assertThat;

import dev.interposer.agent.config.WorkerOptions;
import dev.interposer.agent.driver.Driver;
import dev.interposer.agent.driver.DriverException;
import dev.interposer.agent.driver.Reading;
import dev.interposer.agent.driver.Signal;
import dev.interposer.proto.agent.v1.Device;
import dev.interposer.proto.agent.v1.EndCause;
import dev.interposer.proto.agent.v1.WorkerAssignment;
import dev.interposer.proto.agent.v1.WorkerKey;
import dev.interposer.proto.agent.v1.WorkerStatus;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Devices take their time to be made ready. */
@Timeout(60)
class SlowDriverTest {
    @TempDir
    private Path folder;

    private final Slow driver = new Slow();
    private final BlockingQueue<String> told = new LinkedBlockingQueue<>();
    private final WorkerRuntime.Listener listener = new WorkerRuntime.Listener() {
        @Override
        public void started(WorkerKey key) {
            told.add("started " + key.getJobId());
        }

        @Override
        public void exited(WorkerStatus status) {
            ended.add(status);
            told.add("exited " + status.getKey().getJobId());
        }
    };
    private final BlockingQueue<WorkerStatus> ended = new LinkedBlockingQueue<>();

    @Test
    void aStopThatComesBeforeTheDevicesAreReadyWins() throws Exception {
        ProcessRuntime runtime = new ProcessRuntime(folder, driver, WorkerOptions.DEFAULT, Confinement.NONE);
        WorkerAssignment assignment = assignment(1, "touch " + folder.resolve("ran"), "d0");
        runtime.start(assignment, listener);
        assertThat(driver.asked.poll(10, TimeUnit.SECONDS)).isEqualTo("prepare 1");
        runtime.terminate(assignment.getKey());
        assertThat(told.poll(200, TimeUnit.MILLISECONDS))
                .as("its devices are not given to others while they are made ready")
                .isNull();
        driver.ready.countDown();

        assertThat(told.poll(10, TimeUnit.SECONDS)).isEqualTo("exited 1");
        assertThat(ended.take().getCause()).isEqualTo(EndCause.END_CAUSE_RELEASED);
        assertThat(driver.asked.poll()).isEqualTo("unprepare 1");
        assertThat(Files.exists(folder.resolve("ran"))).isFalse();
    }

    @Test
    void workThatNeedsNoDevicesDoesNotWaitForThem() throws Exception {
        ProcessRuntime runtime = new ProcessRuntime(folder, driver, WorkerOptions.DEFAULT, Confinement.NONE);
        runtime.start(assignment(1, "true", "d0"), listener);
        assertThat(driver.asked.poll(10, TimeUnit.SECONDS)).isEqualTo("prepare 1");
        runtime.start(assignment(2, "true"), listener);

        assertThat(told.poll(10, TimeUnit.SECONDS)).isEqualTo("started 2");
        assertThat(told.poll(10, TimeUnit.SECONDS)).isEqualTo("exited 2");
        driver.ready.countDown();
        assertThat(told.poll(10, TimeUnit.SECONDS)).isEqualTo("started 1");
        assertThat(told.poll(10, TimeUnit.SECONDS)).isEqualTo("exited 1");
    }

    @Test
    void aDriverThatRefusesOrFailsIsTheReasonOfTheEnd() throws Exception {
        driver.ready.countDown();
        driver.refusal = "chip d0 is taken";
        new ProcessRuntime(folder, driver, WorkerOptions.DEFAULT, Confinement.NONE)
                .start(assignment(1, "true", "d0"), listener);
        WorkerStatus status = ended.poll(10, TimeUnit.SECONDS);
        assertThat(status).isNotNull();
        assertThat(status.getCause()).isEqualTo(EndCause.END_CAUSE_START_FAILED);
        assertThat(status.getMessage()).contains("its devices can't be made ready: chip d0 is taken");
    }

    private static WorkerAssignment assignment(long job, String script, String... devices) {
        WorkerAssignment.Builder assignment = WorkerAssignment.newBuilder()
                .setKey(WorkerKey.newBuilder().setJobId(job).setAttempt(1))
                .addAllDeviceNames(List.of(devices));
        assignment.getContainerBuilder().addCommand("sh").addCommand("-c").addCommand(script);
        return assignment.build();
    }

    private static final class Slow implements Driver {
        private final CountDownLatch ready = new CountDownLatch(1);
        private final BlockingQueue<String> asked = new LinkedBlockingQueue<>();
        private String refusal = "";

        @Override
        public String name() {
            return "slow";
        }

        @Override
        public List<Device> devices() {
            return List.of();
        }

        @Override
        public Reading read(String device) {
            return Reading.NONE;
        }

        @Override
        public void listen(Consumer<Signal> signals) {
            // Nothing happens.
        }

        @Override
        public Map<String, String> prepare(WorkerAssignment assignment) throws DriverException {
            asked.add("prepare " + assignment.getKey().getJobId());
            try {
                ready.await();
            } catch (InterruptedException e) {
                throw new DriverException("interrupted", e);
            }
            if (!refusal.isEmpty()) {
                throw new DriverException(refusal);
            }
            return Map.of();
        }

        @Override
        public void unprepare(WorkerAssignment assignment) {
            asked.add("unprepare " + assignment.getKey().getJobId());
        }
    }
}

package dev.interposer.agent.runtime;

import static org.assertj.core.api.Assertions.assertThat;

import dev.interposer.proto.agent.v1.WorkerAssignment;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Orders to a real process, on a machine that does not always carry them out. */
@Timeout(60)
class LiveWorkerTest {
    private final KernelTable kernel = new KernelTable();
    private final AtomicInteger politely = new AtomicInteger();
    private final AtomicInteger hardly = new AtomicInteger();
    private final CountDownLatch hung = new CountDownLatch(1);
    private volatile int failures;
    private volatile boolean hangs;
    private @Nullable Process process;

    @AfterEach
    void end() {
        hung.countDown();
        if (process != null) {
            process.destroyForcibly();
        }
    }

    /** No program to send it, or no further process to be had: that is no reason to take the worker its grace. */
    @Test
    void aPoliteSignalThatCannotBeBroughtIsTriedAgainAndNeverBecomesAHardOne() throws Exception {
        failures = 5;
        LiveWorker worker = begun();
        worker.signal(Order.TERMINATE);
        assertThat(itsProcess().waitFor()).isEqualTo(128 + 15);
        assertThat(politely).hasValue(6);
        assertThat(hardly).hasValue(0);
    }

    @Test
    void aHardSignalIsTriedUntilItsProcessIsGone() throws Exception {
        failures = 3;
        LiveWorker worker = begun();
        worker.signal(Order.KILL);
        assertThat(itsProcess().waitFor()).isEqualTo(128 + 9);
        assertThat(hardly).hasValueGreaterThanOrEqualTo(4);
    }

    @Test
    void whoGivesAnOrderWaitsForNothingAndAHardOneOvertakesAPoliteOneThatHangs() throws Exception {
        hangs = true;
        LiveWorker worker = begun();
        long begun = System.nanoTime();
        worker.signal(Order.TERMINATE);
        worker.signal(Order.KILL);
        assertThat(TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - begun)).isLessThan(2_000);
        assertThat(itsProcess().waitFor()).isEqualTo(128 + 9);
    }

    /** A disk that hangs holds up the making of a process, and whoever asks must not hang with it. */
    @Test
    void nobodyWaitsForAProcessThatIsBeingMadeAndAnOrderReachesItThen() throws Exception {
        CountDownLatch makes = new CountDownLatch(1);
        CountDownLatch disk = new CountDownLatch(1);
        LiveWorker worker = worker();
        Thread starts = Thread.ofPlatform().start(() -> {
            try {
                worker.begin(() -> {
                    makes.countDown();
                    await(disk);
                    process = sleep();
                    return process;
                });
            } catch (IOException e) {
                throw new AssertionError(e);
            }
        });
        makes.await();
        Thread asks = Thread.ofPlatform().daemon().start(() -> {
            worker.signal(Order.TERMINATE);
            worker.lives();
            worker.session();
        });
        assertThat(asks.join(Duration.ofSeconds(5))).as("whoever asks is back").isTrue();
        assertThat(worker.lives()).isTrue();
        disk.countDown();
        starts.join();
        assertThat(itsProcess().waitFor()).isEqualTo(128 + 9);
    }

    @Test
    void whatWasAskedToEndBeforeDoesNotBegin() throws Exception {
        LiveWorker worker = worker();
        worker.signal(Order.TERMINATE);
        assertThat(worker.begin(LiveWorkerTest::sleep)).isNull();
        assertThat(worker.lives()).isFalse();
    }

    @Test
    void theShellBringsThePoliteSignalToAllOfAGroup() throws Exception {
        LiveWorker worker = new LiveWorker(
                WorkerAssignment.getDefaultInstance(), Path.of("w"), kernel, Messenger.shell(Programs.own()));
        process = worker.begin(() -> new ProcessBuilder(
                        "setsid", "sh", "-c", "trap '' TERM; (trap - TERM; echo ready; sleep 60); exit 6")
                .start());
        try (BufferedReader said = itsProcess().inputReader()) {
            assertThat(said.readLine()).isEqualTo("ready");
            worker.signal(Order.TERMINATE);
            assertThat(itsProcess().waitFor()).isEqualTo(6);
        }
    }

    private LiveWorker begun() throws IOException {
        LiveWorker worker = worker();
        process = worker.begin(LiveWorkerTest::sleep);
        return worker;
    }

    private Process itsProcess() {
        return Objects.requireNonNull(process, "begin first");
    }

    private static Process sleep() throws IOException {
        return new ProcessBuilder("sleep", "60").start();
    }

    private LiveWorker worker() {
        return new LiveWorker(WorkerAssignment.getDefaultInstance(), Path.of("w"), new Reluctant(), (signal, group) -> {
            if (hangs) {
                await(hung);
            }
            if (politely.incrementAndGet() <= failures) {
                throw new IOException("error=2, No such file or directory");
            }
            ProcessHandle.of(group).ifPresent(ProcessHandle::destroy);
        });
    }

    private static void await(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** The kernel's, that kills only when it was asked often enough. */
    private final class Reluctant implements ProcessTable {
        @Override
        public List<ProcessEntry> all() {
            return kernel.all();
        }

        @Override
        public @Nullable ProcessEntry of(long pid) {
            return kernel.of(pid);
        }

        @Override
        public void kill(ProcessEntry entry) {
            if (hardly.incrementAndGet() > failures) {
                kernel.kill(entry);
            }
        }
    }
}

package dev.interposer.agent.watch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.interposer.agent.driver.DriverException;
import dev.interposer.proto.agent.v1.WorkerAssignment;
import dev.interposer.proto.agent.v1.WorkerKey;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Drivers that can't clear up when a worker ends, and those that are asked by many at once. */
class PreparationsTest {
    private final FakeDriver one = new FakeDriver("one", "a", "b");
    private final FakeDriver two = new FakeDriver("two", "x");
    private final Owners owners = new Owners();
    private final Preparations preparations = new Preparations(owners, Duration.ofMillis(500));

    @BeforeEach
    void bothHaveAnswered() {
        owners.expect(List.of(one, two));
        owners.answered(one, FakeDriver.of("a", "b"));
        owners.answered(two, FakeDriver.of("x"));
    }

    @Test
    void whatCouldNotBeClearedUpIsClearedUpWhenTheDriverAnswers() throws Exception {
        one.refusesToClearUp("the plugin is away");
        assertThatThrownBy(() -> preparations.unprepare(worker(1, "a", "x")))
                .isInstanceOf(DriverException.class)
                .hasMessageContaining("it is tried again: the plugin is away");
        // The other had its part all the same.
        assertThat(two.clearedUp).containsExactly("1[x]");
        preparations.answered(one);
        Thread.sleep(100);
        assertThat(one.clearedUp).isEmpty();

        one.refusesToClearUp(null);
        preparations.answered(two);
        preparations.answered(one);
        await(() -> one.clearedUp.equals(List.of("1[a]")));
        preparations.answered(one);
        Thread.sleep(100);
        assertThat(one.clearedUp).containsExactly("1[a]");
        assertThat(two.clearedUp).containsExactly("1[x]");
    }

    @Test
    void aDeviceThatIsGoneIsClearedUpByTheDriverThatHadIt() throws Exception {
        owners.answered(one, FakeDriver.of("b"));
        assertThatThrownBy(() -> preparations.prepare(worker(1, "a"))).hasMessageContaining("device a is not there");
        preparations.unprepare(worker(1, "a", "b"));
        assertThat(one.clearedUp).containsExactly("1[a, b]");
    }

    @Test
    void aWorkerThatEndedWhileNoAgentRanIsClearedUpWhenItsDriverAnswersFirst() throws Exception {
        Owners fresh = new Owners();
        fresh.expect(List.of(one));
        Preparations ofNextAgent = new Preparations(fresh, Duration.ofMillis(50));
        assertThatThrownBy(() -> ofNextAgent.unprepare(worker(1, "a"))).hasMessageContaining("it is tried again");
        fresh.answered(one, FakeDriver.of("a"));
        ofNextAgent.answered(one);
        await(() -> one.clearedUp.equals(List.of("1[a]")));
    }

    @Test
    void whatIsOwedOnADeviceComesBeforeTheNextWorkerThere() throws Exception {
        one.refusesToClearUp("busy");
        assertThatThrownBy(() -> preparations.unprepare(worker(1, "a"))).hasMessageContaining("busy");
        // Nobody may keep a device from work by refusing to clear up: the driver decides.
        assertThat(preparations.prepare(worker(2, "a"))).containsEntry("SEEN_BY_one", "a");
        one.refusesToClearUp(null);
        preparations.prepare(worker(3, "b"));
        assertThat(one.clearedUp).isEmpty();
        preparations.prepare(worker(4, "a"));
        assertThat(one.clearedUp).containsExactly("1[a]");
    }

    @Test
    void aDriverIsAskedForOneWorkerAtATime() throws Exception {
        one.hangsAtPreparing();
        CompletableFuture<Void> first = preparing(worker(1, "a"));
        await(() -> one.preparing.get() == 1);
        CompletableFuture<Void> second = preparing(worker(2, "b"));
        preparations.prepare(worker(3, "x"));
        assertThatThrownBy(() -> second.get(100, TimeUnit.MILLISECONDS)).isInstanceOf(TimeoutException.class);
        assertThat(one.preparing.get()).isEqualTo(1);
        // One that hangs must not keep the others waiting for good.
        assertThatThrownBy(() -> second.get(5, TimeUnit.SECONDS))
                .hasStackTraceContaining("driver one has been busy with another worker");
        one.answers();
        first.get(5, TimeUnit.SECONDS);
        preparations.prepare(worker(4, "b"));
    }

    private CompletableFuture<Void> preparing(WorkerAssignment work) {
        return CompletableFuture.runAsync(
                () -> {
                    try {
                        preparations.prepare(work);
                    } catch (DriverException e) {
                        throw new IllegalStateException(e);
                    }
                },
                task -> Thread.ofVirtual().start(task));
    }

    private static WorkerAssignment worker(int number, String... devices) {
        return WorkerAssignment.newBuilder()
                .setKey(WorkerKey.newBuilder().setJobId(7).setWorker(number))
                .addAllDeviceNames(List.of(devices))
                .build();
    }

    private static void await(BooleanSupplier condition) throws InterruptedException {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(10);
        while (!condition.getAsBoolean()) {
            assertThat(System.nanoTime()).as("waited 10 s").isLessThan(deadline);
            Thread.sleep(10);
        }
    }
}

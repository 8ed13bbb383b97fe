package dev.interposer.agent.runtime;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class LoopTest {
    private static final long PATIENCE_MILLIS = 20_000;

    private final Loop loop = new Loop();

    @AfterEach
    void close() {
        loop.close(() -> {}, PATIENCE_MILLIS);
    }

    /** A wake-up that is missed would cost a second each time, and this test its patience. */
    @Test
    void aLoopThatSleepsIsWokenByEachTask() throws InterruptedException {
        long begun = System.nanoTime();
        for (int round = 0; round < 2_000; round++) {
            CountDownLatch ran = new CountDownLatch(1);
            loop.execute(ran::countDown);
            assertThat(ran.await(PATIENCE_MILLIS, TimeUnit.MILLISECONDS)).isTrue();
        }
        assertThat(TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - begun)).isLessThan(PATIENCE_MILLIS);
    }

    @Test
    void tasksOfOneThreadRunInTheirOrderAndAFailureEndsNoOther() throws InterruptedException {
        List<Integer> ran = new ArrayList<>();
        CountDownLatch done = new CountDownLatch(1);
        for (int task = 0; task < 5_000; task++) {
            int number = task;
            loop.execute(() -> {
                ran.add(number);
                if (number % 7 == 0) {
                    throw new IllegalStateException("a task that fails, on purpose");
                }
            });
        }
        loop.execute(done::countDown);
        assertThat(done.await(PATIENCE_MILLIS, TimeUnit.MILLISECONDS)).isTrue();
        assertThat(ran).hasSize(5_000).isSorted();
    }

    /** Such as when the jar was replaced: the agent would look alive and do nothing. */
    @Test
    void anErrorOfTheMachineEndsTheAgentWhateverRanIntoIt() throws Exception {
        for (Consumer<Loop> way :
                List.<Consumer<Loop>>of(each -> each.execute(this::fail), each -> each.after(1, this::fail))) {
            CompletableFuture<Throwable> ended = new CompletableFuture<>();
            Loop failing = new Loop((_, cause) -> ended.complete(cause));
            way.accept(failing);
            assertThat(ended.get(PATIENCE_MILLIS, TimeUnit.MILLISECONDS)).isInstanceOf(NoClassDefFoundError.class);
        }
    }

    @Test
    void aQuestionThatRunsIntoAnErrorIsAnsweredAllTheSame() throws Exception {
        CompletableFuture<Throwable> ended = new CompletableFuture<>();
        Loop failing = new Loop((_, cause) -> ended.complete(cause));
        assertThat(failing.ask(() -> {
                    fail();
                    return "";
                }))
                .failsWithin(Duration.ofMillis(PATIENCE_MILLIS))
                .withThrowableThat()
                .withCauseInstanceOf(NoClassDefFoundError.class);
        assertThat(ended.get(PATIENCE_MILLIS, TimeUnit.MILLISECONDS)).isInstanceOf(NoClassDefFoundError.class);
    }

    private void fail() {
        throw new NoClassDefFoundError("on purpose");
    }

    @Test
    void timersFireInTheirOrderAndNotWhenCalledOff() throws InterruptedException {
        List<String> fired = new ArrayList<>();
        CountDownLatch done = new CountDownLatch(1);
        AtomicInteger ticks = new AtomicInteger();
        loop.after(150, done::countDown);
        loop.after(60, () -> fired.add("second"));
        loop.after(20, () -> fired.add("first"));
        loop.after(40, () -> fired.add("never")).cancel();
        Loop.Scheduled ticking = loop.every(5, ticks::incrementAndGet);
        assertThat(done.await(PATIENCE_MILLIS, TimeUnit.MILLISECONDS)).isTrue();
        ticking.cancel();
        assertThat(fired).containsExactly("first", "second");
        assertThat(ticks.get()).isBetween(2, 40);
    }

    @Test
    void theLastTaskRunsAndNothingAfterIt() {
        List<String> ran = new ArrayList<>();
        loop.close(() -> ran.add("last"), PATIENCE_MILLIS);
        loop.execute(() -> ran.add("too late"));
        assertThat(ran).containsExactly("last");
    }
}

package dev.interposer.control.core;

import static org.assertj.core.api.Assertions.assertThat;

import dev.interposer.control.command.Command;
import dev.interposer.control.command.ErrorCode;
import dev.interposer.control.command.Outcome;
import dev.interposer.engine.event.Entry;
import dev.interposer.engine.model.AcceleratorClass;
import dev.interposer.engine.model.Actor;
import dev.interposer.engine.model.JobQueue;
import dev.interposer.engine.model.Supplier;
import dev.interposer.engine.plan.Scheduler;
import dev.interposer.engine.state.State;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The durable gate: what may leave the process, and when. */
class PipelineTest {
    private static final PipelineBounds BOUNDS = new PipelineBounds(4, 3, 64 * 1024, 2);
    private static final long NOW = 5_000_000;

    private final State state = new State();
    private final Pipeline pipeline = new Pipeline(
            new Controller(
                    state,
                    Scheduler.following(state),
                    ControlSettings.DEFAULT,
                    spec -> Integer.toHexString(spec.hashCode())),
            7,
            BOUNDS);
    private final List<Outcome> outcomes = new ArrayList<>();
    private int requests;

    @BeforeEach
    void objects() {
        offer(new Command.ApplyObjects(
                Scene.USER,
                List.of(Supplier.of("acme")),
                List.of(AcceleratorClass.of("a1", "acme")),
                List.of(JobQueue.of("research"))));
        step();
        pipeline.committed();
        outcomes.clear();
    }

    private void offer(Command command) {
        pipeline.offer(new Ticket(command, outcomes::add));
    }

    private void offerJob() {
        requests++;
        offer(new Command.SubmitJob(
                Scene.USER,
                Scene.requestId(requests),
                "llm",
                "job-" + requests,
                Jobs.gang().training()));
    }

    private SealedPage step() {
        return Objects.requireNonNull(pipeline.step(NOW));
    }

    @Test
    void noAnswerLeavesBeforeItsPageIsDurable() {
        offerJob();
        step();
        assertThat(outcomes).isEmpty();

        pipeline.committed();
        assertThat(outcomes).hasSize(1);
    }

    @Test
    void theNextPageFormsWhileOneIsWritten() {
        offerJob();
        SealedPage first = step();
        offerJob();
        SealedPage second = step();

        assertThat(second.page().firstRevision()).isEqualTo(first.page().lastRevision() + 1);
        assertThat(second.page().atMicros()).isGreaterThan(first.page().atMicros());
        assertThat(second.page().epoch()).isEqualTo(7);
    }

    @Test
    void noMorePagesFormThanTheBoundOfUncommittedOnes() {
        for (int page = 0; page < 3; page++) {
            offerJob();
            pipeline.step(NOW);
        }

        assertThat(pipeline.pagesInFlight()).isEqualTo(2);
        assertThat(pipeline.queued()).isEqualTo(1);
    }

    @Test
    void beyondTheQueueSubmissionsAreRefusedAndAgentsAreHeard() {
        for (int command = 0; command < 5; command++) {
            offerJob();
        }
        assertThat(outcomes)
                .singleElement()
                .satisfies(outcome -> assertThat(Scene.code(outcome)).isEqualTo(ErrorCode.RESOURCE_EXHAUSTED));

        offer(new Command.ReportInventory(Actor.agent("c/n1"), Scene.report("c/n1", "b", "a1", 1)));
        assertThat(pipeline.queued()).isEqualTo(5);
    }

    @Test
    void agentsTooAreRefusedInTheEnd() {
        for (int command = 0; command < 17; command++) {
            offer(new Command.ReportInventory(Actor.agent("c/n1"), Scene.report("c/n1", "b", "a1", 1)));
        }

        assertThat(pipeline.queued()).isEqualTo(16);
        assertThat(outcomes).hasSize(1);
    }

    @Test
    void aFailedWriteTellsEverybodyThatTheOutcomeIsUnknown() {
        offerJob();
        step();
        offerJob();
        step();
        offerJob();
        pipeline.fail("the connection broke");
        offerJob();

        assertThat(outcomes)
                .hasSize(4)
                .allSatisfy(outcome -> assertThat(Scene.code(outcome)).isEqualTo(ErrorCode.UNAVAILABLE));
        assertThat(pipeline.step(NOW)).isNull();
    }

    @Test
    void anAnswerThatNeedsNoEventWaitsForThePageItRestsOn() {
        offerJob();
        step();
        offer(new Command.SubmitJob(
                Scene.USER, Scene.requestId(1), "llm", "job-1", Jobs.gang().training()));
        assertThat(pipeline.step(NOW)).isNull();
        assertThat(outcomes).as("the first submission is not durable").isEmpty();

        pipeline.committed();
        assertThat(outcomes).hasSize(2);
    }

    @Test
    void anAnswerThatNeedsNoEventLeavesAtOnceWhenAllIsDurable() {
        offer(new Command.CancelJob(Scene.USER, "llm/none", 0));
        assertThat(pipeline.step(NOW)).isNull();

        assertThat(outcomes)
                .singleElement()
                .satisfies(outcome -> assertThat(Scene.code(outcome)).isEqualTo(ErrorCode.NOT_FOUND));
    }

    @Test
    void aPageTakesNoMoreCommandsThanItsBound() {
        for (int command = 0; command < 4; command++) {
            offerJob();
        }
        step();

        assertThat(pipeline.queued()).isEqualTo(1);
    }

    @Test
    void timeNeverGoesBack() {
        offerJob();
        long first = step().page().atMicros();
        offerJob();
        long second =
                Objects.requireNonNull(pipeline.step(NOW - 1_000_000)).page().atMicros();

        assertThat(second).isGreaterThan(first);
    }

    @Test
    void aClassThatMatchesAWholeFleetIsTakenInOverManyPages() {
        for (int node = 0; node < 12; node++) {
            String name = "c/n" + node;
            offer(new Command.ReportInventory(Actor.agent(name), Scene.report(name, "b", "b1", 100)));
            step();
            pipeline.committed();
        }
        offer(new Command.ApplyObjects(Scene.USER, List.of(), List.of(AcceleratorClass.of("b1", "acme")), List.of()));
        List<SealedPage> pages = new ArrayList<>();
        for (SealedPage page = pipeline.step(NOW); page != null; page = pipeline.step(NOW)) {
            pages.add(page);
            pipeline.committed();
        }

        assertThat(pages)
                .hasSizeGreaterThan(2)
                .allSatisfy(page -> assertThat(weight(page)).isLessThan(2 * BOUNDS.weight()));
        assertThat(state.nodes().all())
                .allSatisfy(node -> assertThat(node.devices())
                        .allSatisfy(device -> assertThat(device.className()).isEqualTo("b1")));
    }

    private static long weight(SealedPage page) {
        return page.page().entries().stream()
                .map(Entry::event)
                .mapToLong(Weights::of)
                .sum();
    }
}

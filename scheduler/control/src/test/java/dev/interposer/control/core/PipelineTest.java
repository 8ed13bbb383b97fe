package dev.interposer.control.core;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.interposer.control.command.Command;
import dev.interposer.control.command.ErrorCode;
import dev.interposer.control.command.Outcome;
import dev.interposer.engine.event.Entry;
import dev.interposer.engine.model.AcceleratorClass;
import dev.interposer.engine.model.Actor;
import dev.interposer.engine.model.JobQueue;
import dev.interposer.engine.model.JobSpec;
import dev.interposer.engine.model.Supplier;
import dev.interposer.engine.plan.Scheduler;
import dev.interposer.engine.state.GangState;
import dev.interposer.engine.state.State;
import dev.interposer.engine.state.StateObserver;
import java.lang.reflect.Proxy;
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
    private final RefusedCommands refused = new RefusedCommands();
    private final Pipeline pipeline = pipeline(state);
    private final List<Outcome> outcomes = new ArrayList<>();
    private int requests;

    private Pipeline pipeline(State over) {
        Controller controller =
                new Controller(over, Scheduler.following(over), ControlSettings.DEFAULT, PipelineTest::digest);
        return new Pipeline(controller, 7, BOUNDS, refused);
    }

    private static String digest(JobSpec spec) {
        if (spec.queueName().equals("undigestible")) {
            throw new IllegalStateException("no digest");
        }
        return Integer.toHexString(spec.hashCode());
    }

    @BeforeEach
    void objects() {
        offer(new Command.ApplyObjects(
                Scene.USER,
                List.of(Supplier.of("acme")),
                List.of(AcceleratorClass.of("a1", "acme")),
                List.of(JobQueue.of("research"), JobQueue.of("undigestible"))));
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
        for (int node = 0; node < 24; node++) {
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

    @Test
    void aCommandThatFailsIsRefusedAloneAndTheOthersGoOn() {
        offerJob();
        offer(submit(90, "good"));
        offer(submit(91, "undigestible"));
        offerJob();
        step();
        pipeline.committed();

        assertThat(outcomes).extracting(Scene::code).containsExactly(null, null, ErrorCode.INTERNAL);
        assertThat(pipeline.takeFailures())
                .singleElement()
                .satisfies(failure -> assertThat(failure.cause()).hasMessage("no digest"));
        assertThat(pipeline.takeFailures()).isEmpty();
        step();
        pipeline.committed();
        assertThat(outcomes).hasSize(4);
    }

    @Test
    void aCommandThatFailsHalfWayTakesTheHeadAndIsNotLetNearTheNext() {
        failOn("job-2");
        offerJob();
        offerJob();
        offerJob();
        assertThatThrownBy(() -> pipeline.step(NOW)).isInstanceOf(IllegalStateException.class);
        pipeline.fail("an internal error");
        assertThat(outcomes)
                .as("the one that failed, the one before it in its page, the one that waited")
                .extracting(Scene::code)
                .containsExactly(ErrorCode.INTERNAL, ErrorCode.UNAVAILABLE, ErrorCode.UNAVAILABLE);

        outcomes.clear();
        Pipeline next = pipeline(new State());
        next.offer(new Ticket(submit(2, "job-2"), outcomes::add));
        assertThat(outcomes).extracting(Scene::code).containsExactly(ErrorCode.INTERNAL);
        assertThat(next.queued()).isZero();
    }

    @Test
    void aCommandThatNeedsMoreThanAPageIsRefused() {
        offer(new Command.SubmitJob(
                Scene.USER, Scene.requestId(1), "llm", "wide", Jobs.gang().inference(4096)));
        step();
        pipeline.committed();
        outcomes.clear();

        offer(new Command.CancelJob(Actor.user("a".repeat(40), "test"), "llm/wide", 0));
        assertThatThrownBy(() -> pipeline.step(NOW)).hasMessageContaining("CancelJob needs");
        assertThat(outcomes).extracting(Scene::code).containsExactly(ErrorCode.INVALID);
    }

    private static Command.SubmitJob submit(int request, String name) {
        return new Command.SubmitJob(
                Scene.USER,
                Scene.requestId(request),
                "llm",
                name,
                Jobs.gang()
                        .queue(name.equals("undigestible") ? "undigestible" : "research")
                        .training());
    }

    /** What a programming error in the fold of an event looks like. */
    private void failOn(String job) {
        state.observe((StateObserver) Proxy.newProxyInstance(
                StateObserver.class.getClassLoader(), new Class<?>[] {StateObserver.class}, (self, method, told) -> {
                    if (method.getName().equals("gangWaiting")
                            && ((GangState) told[0]).job().name().equals(job)) {
                        throw new IllegalStateException("planted");
                    }
                    return null;
                }));
    }

    private static long weight(SealedPage page) {
        return page.page().entries().stream()
                .map(Entry::event)
                .mapToLong(Weights::of)
                .sum();
    }
}

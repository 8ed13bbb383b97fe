package dev.interposer.ledger.codec;

import static org.assertj.core.api.Assertions.assertThat;

import dev.interposer.control.command.Command;
import dev.interposer.control.command.Outcome;
import dev.interposer.control.core.ControlSettings;
import dev.interposer.control.core.Controller;
import dev.interposer.control.core.Pipeline;
import dev.interposer.control.core.PipelineBounds;
import dev.interposer.control.core.SealedPage;
import dev.interposer.control.core.Ticket;
import dev.interposer.control.core.Weights;
import dev.interposer.control.port.Page;
import dev.interposer.engine.event.Entry;
import dev.interposer.engine.event.Event;
import dev.interposer.engine.model.AcceleratorRequest;
import dev.interposer.engine.model.Actor;
import dev.interposer.engine.model.Container;
import dev.interposer.engine.model.JobKind;
import dev.interposer.engine.model.JobQueue;
import dev.interposer.engine.model.JobSpec;
import dev.interposer.engine.model.Profile;
import dev.interposer.engine.model.Role;
import dev.interposer.engine.model.TopologyRequest;
import dev.interposer.engine.model.TrainingSpec;
import dev.interposer.engine.model.WorkerCount;
import dev.interposer.engine.plan.Scheduler;
import dev.interposer.engine.state.State;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What control takes an event to weigh is never less than what the codec makes of it. */
class WeightsTest {
    private static final int PAGE = 32;

    private final EventCodec events = new EventCodec();
    private final PageCodec codec = new PageCodec(events);

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8})
    void noKindOfEventIsTakenForLighterThanItIs(long seed) {
        RandomRecords random = new RandomRecords(new SplittableRandom(seed));
        Actor nobody = Actor.user("", "");
        for (Class<?> kind : RandomRecords.kindsOfEvent()) {
            for (int round = 0; round < 20; round++) {
                Event event = (Event) random.make(kind);
                Page page = new Page(1, 1, 1, List.of(new Entry(1, 1, nobody, event)));
                int bytes = codec.encode(page).length;
                assertThat(Weights.of(event) + PAGE)
                        .as(kind.getSimpleName() + ", seed " + seed)
                        .isGreaterThanOrEqualTo(bytes)
                        .isLessThan(2L * bytes + 200);
            }
        }
    }

    @Test
    void jobsFullOfChineseCharactersFitIntoTheirPages() {
        State state = new State();
        Controller controller =
                new Controller(state, Scheduler.following(state), ControlSettings.DEFAULT, new Digests(events));
        Pipeline pipeline = new Pipeline(controller, 1, PipelineBounds.DEFAULT);
        List<Outcome> outcomes = new ArrayList<>();
        Actor ann = Actor.user("ann", "grpc");
        Command queue = new Command.ApplyObjects(ann, List.of(), List.of(), List.of(JobQueue.of("queue")));
        pipeline.offer(new Ticket(queue, outcome -> {}));
        for (int job = 0; job < 40; job++) {
            UUID request = new UUID(0x7000, 0x8000_0000_0000_0000L | job);
            JobSpec spec = job("漢".repeat(21_000) + job);
            pipeline.offer(new Ticket(
                    new Command.SubmitJob(ann, request.toString(), "ns", "job-" + job, spec), outcomes::add));
        }
        for (SealedPage page = pipeline.step(1); page != null; page = pipeline.step(1)) {
            assertThat(codec.encode(page.page()).length).isLessThanOrEqualTo(PageCodec.MOST_BYTES);
            pipeline.committed();
        }
        assertThat(outcomes)
                .hasSize(40)
                .allSatisfy(outcome -> assertThat(outcome).isInstanceOf(Outcome.Accepted.class));
    }

    private static JobSpec job(String word) {
        Role role = new Role(
                "worker", WorkerCount.of(1), AcceleratorRequest.NONE, Map.of(), Container.of("image", "run", word));
        Profile profile = new Profile("only", List.of(role), TopologyRequest.ANYWHERE, "");
        return new JobSpec(
                JobKind.TRAINING,
                "queue",
                "",
                "",
                false,
                0,
                null,
                List.of(profile),
                TrainingSpec.DEFAULT,
                null,
                Map.of());
    }
}

package dev.interposer.server.grpc;

import static org.assertj.core.api.Assertions.assertThat;

import dev.interposer.engine.event.Event;
import dev.interposer.engine.event.FleetEvent;
import dev.interposer.engine.event.JobEvent;
import dev.interposer.engine.event.SettingEvent;
import dev.interposer.engine.model.AcceleratorClass;
import dev.interposer.engine.model.AcceleratorRequest;
import dev.interposer.engine.model.Container;
import dev.interposer.engine.model.Device;
import dev.interposer.engine.model.DeviceReport;
import dev.interposer.engine.model.Ids;
import dev.interposer.engine.model.JobKind;
import dev.interposer.engine.model.JobQueue;
import dev.interposer.engine.model.JobSpec;
import dev.interposer.engine.model.NodeInfo;
import dev.interposer.engine.model.Profile;
import dev.interposer.engine.model.Role;
import dev.interposer.engine.model.TopologyRequest;
import dev.interposer.engine.model.TrainingSpec;
import dev.interposer.engine.model.WorkerCount;
import dev.interposer.engine.model.WorkerKey;
import dev.interposer.engine.model.WorkerPlacement;
import dev.interposer.engine.state.State;
import dev.interposer.ledger.check.Finding;
import dev.interposer.ledger.check.Finding.Kind;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** One node, on which one worker should run. */
class WorkerComparisonTest {
    private static final WorkerKey WORKER = new WorkerKey(4, 0, 1, 0);

    private final State state = new State();

    @BeforeEach
    void run() {
        apply(new SettingEvent.ClassApplied(AcceleratorClass.of("chip", "maker")));
        apply(new SettingEvent.QueueApplied(JobQueue.of("team")));
        apply(new FleetEvent.NodeReported(
                1,
                new NodeInfo("c/n", "boot", "1", Map.of(), Map.of()),
                List.of(new Device(2, "chip", "", DeviceReport.of("d0", "chip")))));
        Role role = new Role(
                "worker", WorkerCount.of(1), AcceleratorRequest.of("chip", 1), Map.of(), Container.of("image", "run"));
        Profile profile = new Profile("only", List.of(role), TopologyRequest.ANYWHERE, "");
        JobSpec spec = new JobSpec(
                JobKind.TRAINING, "team", "", "", false, 0, null, List.of(profile), TrainingSpec.DEFAULT, null);
        apply(new JobEvent.SpecStored(3, "sha", spec));
        apply(new JobEvent.JobSubmitted(WORKER.jobId(), "ns", "job", 3, 0, "", "ada"));
        WorkerPlacement place = new WorkerPlacement(0, 1, Ids.of(2), 0);
        apply(new JobEvent.GangAssigned(WORKER.jobId(), 0, 1, 0, "chip", List.of(place), 0));
    }

    @Test
    void whatRunsAsItShouldIsSound() {
        apply(new JobEvent.WorkerStarted(WORKER));
        assertThat(found(Map.of("c/n", Set.of(WORKER)))).isEmpty();
    }

    @Test
    void aWorkerWhoseProcessIsGoneIsFound() {
        assertThat(found(Map.of("c/n", Set.of()))).as("it is being started").isEmpty();
        apply(new JobEvent.WorkerStarted(WORKER));
        assertThat(found(Map.of("c/n", Set.of()))).containsExactly(Kind.WORKER_MISSING);
    }

    @Test
    void aWorkerThatNobodyExpectsIsFound() {
        WorkerKey other = new WorkerKey(9, 0, 1, 0);
        assertThat(found(Map.of("c/n", Set.of(WORKER, other)))).containsExactly(Kind.WORKER_UNKNOWN);
    }

    @Test
    void anAgentThatDoesNotAnswerIsFound() {
        assertThat(found(Map.of())).containsExactly(Kind.AGENT_SILENT);
    }

    /** The state says so itself: nothing differs. */
    @Test
    void aLostNodeIsAskedNothing() {
        apply(new FleetEvent.NodeLost(1));
        assertThat(found(Map.of())).isEmpty();
    }

    private List<Kind> found(Map<String, Set<WorkerKey>> answers) {
        return WorkerComparison.differences(state, answers).stream()
                .map(Finding::kind)
                .toList();
    }

    private void apply(Event event) {
        state.apply(state.revision() + 1, state.atMicros() + 1, event);
    }
}

package dev.interposer.ledger.check;

import static org.assertj.core.api.Assertions.assertThat;

import dev.interposer.engine.event.Event;
import dev.interposer.engine.event.FleetEvent;
import dev.interposer.engine.event.JobEvent;
import dev.interposer.engine.event.SettingEvent;
import dev.interposer.engine.model.AcceleratorClass;
import dev.interposer.engine.model.AcceleratorClass.Partition;
import dev.interposer.engine.model.AcceleratorRequest;
import dev.interposer.engine.model.Container;
import dev.interposer.engine.model.Device;
import dev.interposer.engine.model.DeviceReport;
import dev.interposer.engine.model.Ids;
import dev.interposer.engine.model.JobKind;
import dev.interposer.engine.model.JobQueue;
import dev.interposer.engine.model.JobSpec;
import dev.interposer.engine.model.NodeInfo;
import dev.interposer.engine.model.ObjectKind;
import dev.interposer.engine.model.Profile;
import dev.interposer.engine.model.Role;
import dev.interposer.engine.model.TopologyRequest;
import dev.interposer.engine.model.TrainingSpec;
import dev.interposer.engine.model.WorkerCount;
import dev.interposer.engine.model.WorkerPlacement;
import dev.interposer.engine.state.State;
import dev.interposer.ledger.check.Finding.Kind;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** States that a ledger with wrong decisions in it gives. */
class StateCheckTest {
    private static final AcceleratorRequest WHOLE = AcceleratorRequest.of("chip", 1);
    private static final AcceleratorRequest HALF = AcceleratorRequest.share("chip", 500);
    private static final AcceleratorRequest PART = new AcceleratorRequest("chip", null, 1, 1000, "3g");
    private static final long NODE = 1;
    private static final long DEVICE = 2;

    private final State state = new State();
    private long jobs = 10;

    @BeforeEach
    void fleet() {
        AcceleratorClass plain = AcceleratorClass.of("chip", "maker");
        apply(new SettingEvent.ClassApplied(new AcceleratorClass(
                "chip",
                "maker",
                "",
                plain.match(),
                0,
                List.of(),
                List.of(),
                plain.ladder(),
                "",
                List.of(new Partition("3g", 0, 4, List.of(0, 4))),
                "",
                plain.costFrom())));
        apply(new SettingEvent.QueueApplied(JobQueue.of("team")));
        apply(new FleetEvent.NodeReported(
                NODE,
                new NodeInfo("c/n", "boot", "1", Map.of(), Map.of()),
                List.of(new Device(DEVICE, "chip", "", DeviceReport.of("d0", "chip")))));
    }

    @Test
    void sharesAndPartitionsThatFitAreSound() {
        start(1, HALF, 0);
        start(1, HALF, 0);
        assertThat(found()).isEmpty();
    }

    @Test
    void partitionsBesideEachOtherAreSound() {
        start(1, PART, 0);
        start(1, PART, 4);
        assertThat(found()).isEmpty();
    }

    @Test
    void aDeviceThatIsGivenAwayTwiceIsFound() {
        start(1, WHOLE, 0);
        start(1, HALF, 0);
        assertThat(found()).containsExactly(Kind.DEVICE_TWICE);
    }

    @Test
    void partitionsOnOneSliceAreFound() {
        start(1, PART, 0);
        start(1, PART, 0);
        assertThat(found()).containsExactly(Kind.DEVICE_TWICE);
    }

    @Test
    void aDeviceThatIsSplitAndSharedIsFound() {
        start(1, PART, 0);
        start(1, HALF, 0);
        assertThat(found()).containsExactly(Kind.DEVICE_TWICE);
    }

    @Test
    void aGangThatIsNotWholeIsFound() {
        start(2, HALF, 0);
        assertThat(found()).containsExactly(Kind.GANG_NOT_WHOLE);
    }

    @Test
    void aJobOfAQueueThatIsGoneIsFound() {
        start(1, WHOLE, 0);
        apply(new SettingEvent.ObjectDeleted(ObjectKind.QUEUE, "team"));
        assertThat(found()).containsExactly(Kind.DANGLING);
    }

    private List<Kind> found() {
        List<Finding> findings = new ArrayList<>();
        new StateCheck(state).run(findings);
        return findings.stream().map(Finding::kind).toList();
    }

    /** A gang that shall have so many workers, and gets one. */
    private void start(int workers, AcceleratorRequest request, int slice) {
        Role role = new Role("worker", WorkerCount.of(workers), request, Map.of(), Container.of("image", "run"));
        JobSpec spec = new JobSpec(
                JobKind.TRAINING,
                "team",
                "",
                "",
                false,
                0,
                null,
                List.of(new Profile("only", List.of(role), TopologyRequest.ANYWHERE, "")),
                TrainingSpec.DEFAULT,
                null);
        long specId = jobs++;
        apply(new JobEvent.SpecStored(specId, "sha-" + specId, spec));
        long job = jobs++;
        apply(new JobEvent.JobSubmitted(job, "ns", "job-" + job, specId, 0, "", "ada"));
        WorkerPlacement place = new WorkerPlacement(0, NODE, Ids.of(DEVICE), slice);
        apply(new JobEvent.GangAssigned(job, 0, 1, 0, "chip", List.of(place), 0));
    }

    private void apply(Event event) {
        state.apply(state.revision() + 1, state.atMicros() + 1, event);
    }
}

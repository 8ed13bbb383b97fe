package dev.interposer.control.validate;

import static org.assertj.core.api.Assertions.assertThat;

import dev.interposer.control.command.Command;
import dev.interposer.control.command.ErrorCode;
import dev.interposer.control.command.FieldError;
import dev.interposer.control.command.Rejection;
import dev.interposer.control.core.ControlSettings;
import dev.interposer.control.core.Jobs;
import dev.interposer.control.port.DeviceExpressions;
import dev.interposer.engine.event.SettingEvent;
import dev.interposer.engine.model.AcceleratorClass;
import dev.interposer.engine.model.AcceleratorClass.Level;
import dev.interposer.engine.model.AcceleratorClass.Partition;
import dev.interposer.engine.model.AcceleratorClass.SupplierShare;
import dev.interposer.engine.model.AcceleratorClass.TierSupply;
import dev.interposer.engine.model.AcceleratorRequest;
import dev.interposer.engine.model.Actor;
import dev.interposer.engine.model.Container;
import dev.interposer.engine.model.DeviceReport;
import dev.interposer.engine.model.FailurePolicy;
import dev.interposer.engine.model.FailurePolicy.OnNodeLost;
import dev.interposer.engine.model.FailurePolicy.OnWorkerFailure;
import dev.interposer.engine.model.InferenceSpec;
import dev.interposer.engine.model.JobKind;
import dev.interposer.engine.model.JobQueue;
import dev.interposer.engine.model.JobSpec;
import dev.interposer.engine.model.NodeInfo;
import dev.interposer.engine.model.NodeReport;
import dev.interposer.engine.model.Preemption;
import dev.interposer.engine.model.Profile;
import dev.interposer.engine.model.QueueState;
import dev.interposer.engine.model.Role;
import dev.interposer.engine.model.SecretReference;
import dev.interposer.engine.model.Supplier;
import dev.interposer.engine.model.Tier;
import dev.interposer.engine.model.TopologyRequest;
import dev.interposer.engine.model.TrainingSpec;
import dev.interposer.engine.model.WorkerCount;
import dev.interposer.engine.state.State;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What may not be asked, by field. */
class ValidationTest {
    private final State state = new State();

    @BeforeEach
    void objects() {
        apply(new SettingEvent.SupplierApplied(Supplier.of("acme")));
        apply(new SettingEvent.ClassApplied(AcceleratorClass.of("a1", "acme")));
        apply(new SettingEvent.QueueApplied(JobQueue.of("research")));
        apply(new SettingEvent.QueueApplied(
                new JobQueue("closed", "", Map.of(), 1, List.of(), 0, 0, 0, QueueState.DRAIN)));
    }

    private void apply(SettingEvent event) {
        state.apply(state.revision() + 1, state.atMicros() + 1, event);
    }

    private Rejection refuse(JobSpec spec) {
        return Objects.requireNonNull(
                JobCheck.check(spec, state.settings(), ControlSettings.DEFAULT.priorities()), "was accepted");
    }

    private static List<String> paths(Rejection rejection) {
        return rejection.fields().stream().map(FieldError::path).toList();
    }

    private static JobSpec with(Profile... profiles) {
        return new JobSpec(
                JobKind.TRAINING, "research", "", "", false, 0, null, List.of(profiles), TrainingSpec.DEFAULT, null);
    }

    private static Profile profile(String name, WorkerCount workers, AcceleratorRequest request) {
        Role role = new Role("worker", workers, request, Map.of(), Container.of("image"));
        return new Profile(name, List.of(role), TopologyRequest.ANYWHERE, "");
    }

    @Test
    void aSoundJobIsAccepted() {
        assertThat(JobCheck.check(
                        Jobs.gang().workers(8).devices(8).training(),
                        state.settings(),
                        ControlSettings.DEFAULT.priorities()))
                .isNull();
    }

    @Test
    void everyViolationIsNamedAtOnceWithItsPathAndValue() {
        Profile good = profile("one", WorkerCount.of(1), AcceleratorRequest.of("a1", 1));
        Profile bad = profile("one", new WorkerCount(8, 4, 1), AcceleratorRequest.of("h100", 1));
        Rejection rejection = refuse(with(good, bad));

        assertThat(rejection.code()).isEqualTo(ErrorCode.INVALID);
        assertThat(paths(rejection))
                .containsExactlyInAnyOrder(
                        "spec.profiles[1].name",
                        "spec.profiles[1].workers.min",
                        "spec.profiles[1].accelerators.className");
        assertThat(rejection.message())
                .contains("(8)")
                .contains("Maybe swap them?")
                .contains("Maybe one of [a1]?");
    }

    @Test
    void aQueueMustExistAndAccept() {
        assertThat(refuse(Jobs.gang().queue("nope").training()).message()).contains("[closed, research]");
        assertThat(refuse(Jobs.gang().queue("closed").training()).message()).contains("accepts nothing");
    }

    @Test
    void aQueueBelowOneThatDrainsAcceptsNothingEither() {
        apply(new SettingEvent.QueueApplied(
                new JobQueue("below", "closed", Map.of(), 1, List.of(), 0, 0, 0, QueueState.OPEN)));
        assertThat(refuse(Jobs.gang().queue("below").training()).message())
                .contains("queue closed drains and accepts nothing");
    }

    @Test
    void aPriorityClassMustExist() {
        JobSpec spec = new JobSpec(
                JobKind.TRAINING,
                "research",
                "urgent",
                "",
                false,
                0,
                null,
                Jobs.gang().training().profiles(),
                TrainingSpec.DEFAULT,
                null);

        assertThat(paths(refuse(spec))).containsExactly("spec.priorityClassName");
    }

    @Test
    void whatIsNotDoneYetIsUnsupportedAndNotIgnored() {
        FailurePolicy replacing =
                new FailurePolicy(6, OnWorkerFailure.REPLACE_WORKER, List.of(), OnNodeLost.WAIT_FOR_FENCE, 0);
        TrainingSpec plain = TrainingSpec.DEFAULT;
        Preemption atCheckpoint = new Preemption(Preemption.Policy.AT_CHECKPOINT, 0, 30);
        TrainingSpec training = new TrainingSpec(
                0, null, null, atCheckpoint, plain.resizePolicy(), 0, plain.profileChange(), replacing, null);
        JobSpec spec = new JobSpec(
                JobKind.TRAINING,
                "research",
                "",
                "",
                false,
                0,
                null,
                Jobs.gang().training().profiles(),
                training,
                null);
        Rejection rejection = refuse(spec);

        assertThat(rejection.code()).isEqualTo(ErrorCode.UNSUPPORTED);
        assertThat(paths(rejection))
                .containsExactlyInAnyOrder("spec.preemption.policy", "spec.failurePolicy.onWorkerFailure");
    }

    @Test
    void aPartitionMustBeOneOfTheClass() {
        AcceleratorRequest part = new AcceleratorRequest("a1", null, 1, 1000, "3g.40gb");
        assertThat(paths(refuse(with(profile("p", WorkerCount.of(1), part)))))
                .containsExactly("spec.profiles[0].accelerators.partition");
        apply(new SettingEvent.ClassApplied(split("a1", new Partition("3g.40gb", 0, 4, List.of(0, 4)))));
        assertThat(JobCheck.check(
                        with(profile("p", WorkerCount.of(1), part)),
                        state.settings(),
                        ControlSettings.DEFAULT.priorities()))
                .isNull();
        AcceleratorRequest two = new AcceleratorRequest("a1", null, 2, 1000, "3g.40gb");
        AcceleratorRequest shared = new AcceleratorRequest("a1", null, 1, 500, "3g.40gb");
        assertThat(paths(refuse(with(profile("p", WorkerCount.of(1), two)))))
                .containsExactly("spec.profiles[0].accelerators.partition");
        assertThat(paths(refuse(with(profile("p", WorkerCount.of(1), shared)))))
                .containsExactly("spec.profiles[0].accelerators.shareMilli");
    }

    @Test
    void aClassSplitsOnlyWithinItsSlices() {
        AcceleratorClass bad = split(
                "a1",
                new Partition("x", 0, 4, List.of(0, 5)),
                new Partition("x", 0, 9, List.of(0)),
                new Partition("y", 0, 1, List.of()));
        Command.ApplyObjects apply =
                new Command.ApplyObjects(Actor.user("ada", "test"), List.of(), List.of(bad), List.of());
        assertThat(paths(Objects.requireNonNull(ObjectCheck.check(apply, state.settings(), DeviceExpressions.NONE))))
                .containsExactly(
                        "AcceleratorClass/a1.spec.partitions[0].starts",
                        "AcceleratorClass/a1.spec.partitions[1].name",
                        "AcceleratorClass/a1.spec.partitions[1].slots",
                        "AcceleratorClass/a1.spec.partitions[2].starts");
    }

    @Test
    void theLevelTakenWholeIsOnTheLadder() {
        Command.ApplyObjects apply = new Command.ApplyObjects(
                Actor.user("ada", "test"), List.of(), List.of(classOf("a1", "pod", List.of())), List.of());
        assertThat(paths(Objects.requireNonNull(ObjectCheck.check(apply, state.settings(), DeviceExpressions.NONE))))
                .containsExactly("AcceleratorClass/a1.spec.topology.wholeLevel");
    }

    @Test
    void groupsAreWholeAndInsideALevel() {
        TopologyRequest trios = new TopologyRequest("", "", 3, "node");
        assertThat(paths(refuse(inGroups(WorkerCount.of(4), trios))))
                .containsExactly("spec.profiles[0].topology.groups.size");
        assertThat(paths(refuse(inGroups(new WorkerCount(3, 9, 2), trios))))
                .containsExactly("spec.profiles[0].topology.groups.size");
        assertThat(paths(refuse(inGroups(WorkerCount.of(4), new TopologyRequest("", "", 2, "rack")))))
                .containsExactly("spec.profiles[0].topology.groups.required");
        assertThat(paths(refuse(inGroups(WorkerCount.of(4), new TopologyRequest("", "", 2, "")))))
                .containsExactly("spec.profiles[0].topology.groups.required");
        assertThat(JobCheck.check(
                        inGroups(new WorkerCount(3, 9, 3), trios),
                        state.settings(),
                        ControlSettings.DEFAULT.priorities()))
                .isNull();
        apply(new SettingEvent.ClassApplied(classOf("a1", "scaleup", List.of())));
        assertThat(paths(refuse(inGroups(WorkerCount.of(3), trios))))
                .containsExactly("spec.profiles[0].topology.groups.required");
    }

    @Test
    void replicasAreSpreadOverALevelThatThereIs() {
        assertThat(paths(refuse(spread(new InferenceSpec.Spread("rack", 1))))).containsExactly("spec.spread[0].level");
        assertThat(paths(refuse(spread(new InferenceSpec.Spread("node", 0)))))
                .containsExactly("spec.spread[0].maxSkew");
        assertThat(JobCheck.check(
                        spread(new InferenceSpec.Spread("node", 1)),
                        state.settings(),
                        ControlSettings.DEFAULT.priorities()))
                .isNull();
    }

    private static JobSpec inGroups(WorkerCount workers, TopologyRequest topology) {
        Profile plain = profile("p", workers, AcceleratorRequest.of("a1", 1));
        return with(new Profile("p", plain.roles(), topology, ""));
    }

    private static JobSpec spread(InferenceSpec.Spread rule) {
        InferenceSpec plain = InferenceSpec.of(2);
        InferenceSpec inference =
                new InferenceSpec(2, null, 1, 30, 1, 0, List.of(rule), 0, plain.sourcingTier(), 0, 0, 0);
        return new JobSpec(
                JobKind.INFERENCE,
                "research",
                "",
                "",
                false,
                0,
                null,
                List.of(profile("p", WorkerCount.of(1), AcceleratorRequest.of("a1", 1))),
                null,
                inference);
    }

    private static AcceleratorClass split(String name, Partition... partitions) {
        return classOf(name, "", List.of(partitions));
    }

    private static AcceleratorClass classOf(String name, String wholeLevel, List<Partition> partitions) {
        AcceleratorClass plain = AcceleratorClass.of(name, "acme");
        return new AcceleratorClass(
                name,
                "acme",
                "",
                plain.match(),
                0,
                List.of(),
                List.of(),
                plain.ladder(),
                wholeLevel,
                partitions,
                "",
                SecretReference.NONE);
    }

    @Test
    void absurdNumbersAreRefused() {
        assertThat(paths(refuse(Jobs.gang().workers(1_000_000).training())))
                .contains("spec.profiles[0].workers.max", "spec.profiles[0].workers");
        assertThat(paths(refuse(Jobs.gang().devices(65).training())))
                .containsExactly("spec.profiles[0].accelerators.perWorker");
        assertThat(paths(refuse(with(profile(
                        "p", WorkerCount.of(1), new AcceleratorRequest("a1", null, 0, AcceleratorRequest.WHOLE, ""))))))
                .as("a class, and none of its chips")
                .containsExactly("spec.profiles[0].accelerators.perWorker");
        assertThat(paths(refuse(Jobs.gang().deadline(-1).training()))).containsExactly("spec.activeDeadlineSeconds");
        assertThat(paths(refuse(Jobs.gang().onNodeLost(OnNodeLost.SELF_FENCE, 1).training())))
                .containsExactly("spec.failurePolicy.leaseSeconds");
        assertThat(paths(refuse(Jobs.gang().inference(0)))).containsExactly("spec.replicas");
        assertThat(paths(refuse(with(
                        Collections.nCopies(17, profile("p", WorkerCount.of(1), AcceleratorRequest.of("a1", 1)))
                                .toArray(Profile[]::new)))))
                .contains("spec.profiles");
    }

    @Test
    void aTrainingJobHasNoReplicas() {
        JobSpec spec = new JobSpec(
                JobKind.TRAINING,
                "research",
                "",
                "",
                false,
                0,
                null,
                Jobs.gang().training().profiles(),
                null,
                InferenceSpec.of(2));

        assertThat(paths(refuse(spec))).containsExactly("spec.replicas");
    }

    @Test
    void aTopologyLevelMustBeOnTheLadder() {
        assertThat(refuse(Jobs.gang().required("rack").training()).fields())
                .singleElement()
                .satisfies(field -> {
                    assertThat(field.path()).isEqualTo("spec.profiles[0].topology.required");
                    assertThat(field.message()).contains("cluster, node, scaleup");
                });
    }

    @Test
    void namesAndRequestIdsHaveAForm() {
        List<FieldError> errors = JobCheck.names("3f2b8f5e-1111-4111-8111-111111111111", "LLM", "a_b");

        assertThat(errors)
                .extracting(FieldError::path)
                .containsExactly("requestId", "metadata.namespace", "metadata.name");
    }

    @Test
    void longValuesAreShortenedInErrors() {
        FieldError error = new FieldError("spec.x", "v".repeat(5000), "is too long");

        assertThat(error.value()).hasSizeLessThan(200);
    }

    @Test
    void sharesOfATierSumToAHundred() {
        TierSupply supply = new TierSupply(Tier.FOUNDRY, false, List.of(new SupplierShare("unknown", 60)));
        AcceleratorClass chipClass = new AcceleratorClass(
                "b1",
                "acme",
                "",
                AcceleratorClass.of("b1", "acme").match(),
                0,
                List.of(),
                List.of(supply),
                List.of(new Level("rack", "")),
                "",
                List.of(),
                "",
                SecretReference.NONE);
        Command.ApplyObjects apply =
                new Command.ApplyObjects(Actor.user("ada", "test"), List.of(), List.of(chipClass), List.of());
        Rejection rejection =
                Objects.requireNonNull(ObjectCheck.check(apply, state.settings(), DeviceExpressions.NONE));

        assertThat(paths(rejection))
                .containsExactlyInAnyOrder(
                        "AcceleratorClass/b1.spec.topology.levels[0].nodeLabel",
                        "AcceleratorClass/b1.spec.supply.FOUNDRY");
    }

    @Test
    void anAgentsReportHasBoundsToo() {
        DeviceReport device = DeviceReport.of("d0", "x".repeat(900));
        NodeReport twice = new NodeReport(
                new NodeInfo("nameless", "b", "v", Map.of(), Map.of("cpu", -1L)), List.of(device, device));
        assertThat(paths(NodeCheck.check(twice).orElseThrow()))
                .containsExactly("inventory.node", "inventory.capacity.cpu", "inventory.devices[1].name");
    }
}

package dev.interposer.resources;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.interposer.control.command.Command;
import dev.interposer.control.command.FieldError;
import dev.interposer.control.core.ControlSettings;
import dev.interposer.control.port.DeviceExpressions;
import dev.interposer.control.validate.JobCheck;
import dev.interposer.control.validate.ObjectCheck;
import dev.interposer.engine.event.SettingEvent;
import dev.interposer.engine.model.AcceleratorClass;
import dev.interposer.engine.model.Actor;
import dev.interposer.engine.model.FailurePolicy;
import dev.interposer.engine.model.JobQueue;
import dev.interposer.engine.model.JobSpec;
import dev.interposer.engine.model.Profile;
import dev.interposer.engine.model.Role;
import dev.interposer.engine.model.SourcingPolicy;
import dev.interposer.engine.model.Supplier;
import dev.interposer.engine.model.SupplyOrder;
import dev.interposer.engine.model.WorkerCount;
import dev.interposer.engine.state.State;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The files of {@code examples/}: what a newcomer tries first. */
class ExamplesTest {
    private static final Path EXAMPLES = Path.of("../../examples");

    static Stream<Path> jobs() throws IOException {
        try (Stream<Path> files = Files.list(EXAMPLES)) {
            return files
                    .filter(Files::isRegularFile)
                    .filter(file -> !List.of(
                                    "suppliers.yaml",
                                    "classes.yaml",
                                    "queues.yaml",
                                    "supply.yaml",
                                    "fleet.yaml",
                                    "local.yaml")
                            .contains(file.getFileName().toString()))
                    .toList()
                    .stream();
        }
    }

    @ParameterizedTest
    @MethodSource("jobs")
    void everyJobIsSoundInAFleetOfTheExamples(Path file) throws Exception {
        State state = fleet();
        for (Manifest manifest : Manifests.parse(Files.readString(file))) {
            JobSpec spec = ((Manifest.Job) manifest).spec();
            assertThat(JobCheck.check(spec, state.settings(), ControlSettings.DEFAULT.priorities()))
                    .as(file.toString())
                    .isNull();
        }
    }

    @Test
    void aProfilesTemplateIsLaidOverTheJobs() throws Exception {
        JobSpec spec = spec("portable.yaml");
        Role a1 = spec.profiles().getFirst().roles().getFirst();
        assertThat(a1.workers()).isEqualTo(new WorkerCount(3, 6, 1));
        assertThat(a1.container().image()).isEqualTo("reg.example/llm:a1");
        assertThat(a1.container().command()).startsWith("sh", "-c");
        assertThat(a1.requests()).containsEntry("cpu", 16_000L).containsEntry("memory", 64L << 30);
        Profile large = spec.profiles().getLast();
        assertThat(large.roles().getFirst().accelerators().selector()).isNotNull();
    }

    /** As an API server does, which gives fields in the order of their names. */
    @Test
    void theOrderOfFieldsHasNoMeaning() throws Exception {
        String job = "{apiVersion: interposer.dev/v1alpha1, kind: TrainingJob, metadata: {name: a}, spec: {profiles: "
                + "[{name: a}], template: {spec: {containers: [{%s}]}}}}";
        assertThat(Manifests.parse(job.formatted("name: main, image: a, env: [{name: b, value: c}]")))
                .isEqualTo(Manifests.parse(job.formatted("image: a, env: [{value: c, name: b}], name: main")));
    }

    @Test
    void anUnknownFieldIsNamedWithWhatItMayHaveMeant() {
        assertThat(errors("replica: 3")).singleElement().satisfies(error -> {
            assertThat(error.path()).isEqualTo("spec.replica");
            assertThat(error.message()).contains("Maybe replicas?");
        });
    }

    @Test
    void everythingWrongIsNamedAtOnce() {
        assertThat(errors("suspend: perhaps\n  activeDeadlineSeconds: soon\n  profiles: {}"))
                .extracting(FieldError::path)
                .contains("spec.suspend", "spec.activeDeadlineSeconds", "spec.profiles");
    }

    @Test
    void devicesAreNeverAskedForAmongTheRequests() {
        assertThat(errors("""
                profiles: [{name: a}]
                  template: {spec: {containers: [{name: main, resources: {requests: {nvidia.com/gpu: 8}}}]}}"""))
                .extracting(FieldError::path)
                .containsExactly("spec.profiles[0].template.spec.containers.resources.requests.nvidia.com/gpu");
    }

    @Test
    void theLeaseStandsBesideTheWordThatNeedsIt() throws Exception {
        String job = "{apiVersion: interposer.dev/v1alpha1, kind: TrainingJob, metadata: {name: a}, spec: {profiles: "
                + "[{name: a}], template: {spec: {containers: [{name: main, image: a}]}}, failurePolicy: %s}}";
        List<Manifest> read = Manifests.parse(job.formatted("{onNodeLost: SelfFence, leaseSeconds: 60}"));
        assertThat(read).singleElement().satisfies(manifest -> {
            FailurePolicy policy = Objects.requireNonNull(
                            ((Manifest.Job) manifest).spec().training())
                    .failurePolicy();
            assertThat(policy.onNodeLost()).isEqualTo(FailurePolicy.OnNodeLost.SELF_FENCE);
            assertThat(policy.leaseSeconds()).isEqualTo(60);
        });
        assertThat(refused(job.formatted("{leaseSeconds: 60}"))).singleElement().satisfies(error -> {
            assertThat(error.path()).isEqualTo("spec.failurePolicy.leaseSeconds");
            assertThat(error.message()).isEqualTo("belongs to onNodeLost: SelfFence");
        });
        assertThat(refused(job.formatted("{onNodeLost: {SelfFence: {leaseSeconds: 60}}}")))
                .extracting(FieldError::path)
                .containsExactly("spec.failurePolicy.onNodeLost");
    }

    /** In the model it is a least and a most, and these nobody wrote. */
    @Test
    void aCountIsRefusedUnderTheNameThatTheUserWrote() {
        for (int count : new int[] {-1, 0, 5000}) {
            assertThat(errors("profiles: [{name: a, workers: {count: " + count + "}}]\n"
                            + "  template: {spec: {containers: [{name: main, command: [a]}]}}"))
                    .singleElement()
                    .satisfies(error -> {
                        assertThat(error.path()).isEqualTo("spec.profiles[0].workers.count");
                        assertThat(error.value()).isEqualTo(Integer.toString(count));
                    });
        }
    }

    /** As kubectl does; scripts that join files leave such lines. */
    @Test
    void emptyDocumentsAroundObjectsAreNothing() throws Exception {
        String queues = Files.readString(EXAMPLES.resolve("queues.yaml"));
        int objects = Manifests.parse(queues).size();
        assertThat(Manifests.parse(queues + "\n---\n")).hasSize(objects);
        assertThat(Manifests.parse("---\n---\n" + queues + "\n---\n# nothing\n---\n"))
                .hasSize(objects);
        assertThat(Manifests.parse("---\n" + queues + "\n...\n")).hasSize(objects);
    }

    @Test
    void aliasesThatMultiplyAreRefused() {
        StringBuilder bomb = new StringBuilder("a: &a [x, x, x, x, x, x, x, x, x]\n");
        for (char name = 'b'; name < 'z'; name++) {
            char before = (char) (name - 1);
            bomb.append(name)
                    .append(": &")
                    .append(name)
                    .append(" [")
                    .append(("*" + before + ", ").repeat(8))
                    .append('*')
                    .append(before)
                    .append("]\n");
        }
        ManifestException refused =
                catchThrowableOfType(ManifestException.class, () -> Manifests.parse(bomb.toString()));
        assertThat(refused).isNotNull();
    }

    private static List<FieldError> errors(String spec) {
        String kind = spec.startsWith("replica") ? "InferenceJob" : "TrainingJob";
        String manifest =
                "apiVersion: interposer.dev/v1alpha1\nkind: " + kind + "\nmetadata: {name: a}\nspec:\n  " + spec + "\n";
        return refused(manifest);
    }

    private static List<FieldError> refused(String manifest) {
        return catchThrowableOfType(ManifestException.class, () -> Manifests.parse(manifest))
                .rejection()
                .fields();
    }

    private static JobSpec spec(String example) throws Exception {
        return ((Manifest.Job) Manifests.parse(Files.readString(EXAMPLES.resolve(example)))
                        .getFirst())
                .spec();
    }

    private static State fleet() throws Exception {
        List<Supplier> suppliers = new ArrayList<>();
        List<AcceleratorClass> classes = new ArrayList<>();
        List<JobQueue> queues = new ArrayList<>();
        List<SupplyOrder> orders = new ArrayList<>();
        List<SourcingPolicy> policies = new ArrayList<>();
        State state = new State();
        for (String file : List.of("suppliers.yaml", "classes.yaml", "queues.yaml", "supply.yaml")) {
            for (Manifest manifest : Manifests.parse(Files.readString(EXAMPLES.resolve(file)))) {
                switch (manifest) {
                    case Manifest.Supplier supplier -> suppliers.add(supplier.supplier());
                    case Manifest.ChipClass chipClass -> classes.add(chipClass.chipClass());
                    case Manifest.Queue queue -> queues.add(queue.queue());
                    case Manifest.Order order -> orders.add(order.order());
                    case Manifest.Policy policy -> policies.add(policy.policy());
                    case Manifest.Job job -> throw new AssertionError("no job belongs into " + file);
                }
            }
        }
        assertThat(ObjectCheck.check(
                        new Command.ApplyObjects(Actor.SCHEDULER, suppliers, classes, queues, orders, policies),
                        state.settings(),
                        DeviceExpressions.NONE))
                .isNull();
        suppliers.forEach(supplier -> state.apply(1, 1, new SettingEvent.SupplierApplied(supplier)));
        classes.forEach(chipClass -> state.apply(1, 1, new SettingEvent.ClassApplied(chipClass)));
        queues.forEach(queue -> state.apply(1, 1, new SettingEvent.QueueApplied(queue)));
        return state;
    }
}

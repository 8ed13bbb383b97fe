package dev.interposer.resources;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import dev.interposer.engine.model.FailurePolicy;
import dev.interposer.engine.model.Preemption;
import dev.interposer.engine.model.QueueState;
import dev.interposer.engine.model.SourcingPolicy;
import dev.interposer.engine.model.SupplyOrder;
import dev.interposer.engine.model.TrainingSpec;
import dev.interposer.resources.v1alpha1.Condition;
import dev.interposer.resources.v1alpha1.InferenceJob;
import dev.interposer.resources.v1alpha1.JobQueue;
import dev.interposer.resources.v1alpha1.JobQueueSpec;
import dev.interposer.resources.v1alpha1.SourcingPolicySpec;
import dev.interposer.resources.v1alpha1.Supplier;
import dev.interposer.resources.v1alpha1.SupplyOrderSpec;
import dev.interposer.resources.v1alpha1.Tier;
import dev.interposer.resources.v1alpha1.TrainingJob;
import dev.interposer.resources.v1alpha1.TrainingJobSpec;
import dev.interposer.resources.v1alpha1.TrainingJobStatus;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.client.utils.KubernetesSerialization;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** The classes of the objects as a controller uses them. */
class ResourceClassesTest {
    private static final KubernetesSerialization SERIALIZATION = new KubernetesSerialization();
    private static final Map<String, Class<? extends HasMetadata>> CLASSES = Map.of(
            "TrainingJob", TrainingJob.class,
            "InferenceJob", InferenceJob.class,
            "JobQueue", JobQueue.class,
            "Supplier", Supplier.class,
            "AcceleratorClass", dev.interposer.resources.v1alpha1.AcceleratorClass.class,
            "SupplyOrder", dev.interposer.resources.v1alpha1.SupplyOrder.class,
            "SourcingPolicy", dev.interposer.resources.v1alpha1.SourcingPolicy.class);

    static Stream<Path> examples() throws IOException {
        try (Stream<Path> files = Files.walk(Path.of("../../examples"))) {
            return files.filter(file -> file.toString().endsWith(".yaml") && holdsObjects(file)).toList().stream();
        }
    }

    @ParameterizedTest
    @MethodSource("examples")
    void anObjectThatWentThroughItsClassReadsTheSame(Path file) throws Exception {
        String text = Files.readString(file);
        StringBuilder through = new StringBuilder();
        for (JsonNode document : new YAMLMapper()
                .readerFor(JsonNode.class)
                .<JsonNode>readValues(text)
                .readAll()) {
            HasMetadata object = SERIALIZATION.convertValue(
                    document, CLASSES.get(document.path("kind").asText()));
            through.append("---\n").append(SERIALIZATION.asJson(object)).append('\n');
        }
        assertThat(Manifests.parse(through.toString())).isEqualTo(Manifests.parse(text));
    }

    static Stream<Arguments> constants() {
        return Stream.of(
                Arguments.of(Tier.class, dev.interposer.engine.model.Tier.class),
                Arguments.of(JobQueueSpec.State.class, QueueState.class),
                Arguments.of(SupplyOrderSpec.State.class, SupplyOrder.OrderState.class),
                Arguments.of(SourcingPolicySpec.Basis.class, SourcingPolicy.Basis.class),
                Arguments.of(SourcingPolicySpec.Enforcement.class, SourcingPolicy.Enforcement.class),
                Arguments.of(SourcingPolicySpec.PinnedWork.class, SourcingPolicy.PinnedWork.class),
                Arguments.of(TrainingJobSpec.ProfileChange.class, TrainingSpec.ProfileChange.class),
                Arguments.of(TrainingJobSpec.Resize.ResizePolicy.class, TrainingSpec.ResizePolicy.class),
                Arguments.of(TrainingJobSpec.Preemption.PreemptionPolicy.class, Preemption.Policy.class),
                Arguments.of(
                        dev.interposer.resources.v1alpha1.FailurePolicy.OnNodeLost.class,
                        FailurePolicy.OnNodeLost.class),
                Arguments.of(
                        dev.interposer.resources.v1alpha1.FailurePolicy.OnWorkerFailure.class,
                        FailurePolicy.OnWorkerFailure.class));
    }

    @ParameterizedTest
    @MethodSource("constants")
    <A extends Enum<A>, E extends Enum<E>> void aConstantIsWrittenAsTheReaderReadsIt(Class<A> ours, Class<E> engine) {
        assertThat(Stream.of(ours.getEnumConstants()).map(Enum::name))
                .containsExactlyInAnyOrderElementsOf(
                        Stream.of(engine.getEnumConstants()).map(Enum::name).toList());
        for (A constant : ours.getEnumConstants()) {
            Problems problems = new Problems();
            String written = SERIALIZATION.convertValue(constant, String.class);
            E absent = engine.getEnumConstants()[0];
            E read = new Fields(new YAMLMapper().createObjectNode(), "", problems)
                    .constant("a", written, engine, absent);
            assertThat(read.name()).isEqualTo(constant.name());
        }
    }

    @Test
    void aStatusIsWrittenWithWhatIsKnownAlone() {
        TrainingJob job = new TrainingJob();
        job.setStatus(new TrainingJobStatus(
                3L,
                "Succeeded",
                List.of(new Condition(
                        "Complete", Condition.Status.TRUE, "Completed", null, 3L, "2026-11-29T12:00:00Z")),
                null,
                null,
                null));
        assertThat(SERIALIZATION.asJson(job.getStatus()))
                .isEqualTo("{\"observedGeneration\":3,\"phase\":\"Succeeded\",\"conditions\":[{\"type\":\"Complete\","
                        + "\"status\":\"True\",\"reason\":\"Completed\",\"observedGeneration\":3,"
                        + "\"lastTransitionTime\":\"2026-11-29T12:00:00Z\"}]}");
        assertThat(job.getSpec()).isNull();
        assertThat(job.getCRDName()).isEqualTo("trainingjobs.interposer.dev");
    }

    private static boolean holdsObjects(Path file) {
        try {
            return Files.readString(file).contains("apiVersion: " + Manifests.API_VERSION);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}

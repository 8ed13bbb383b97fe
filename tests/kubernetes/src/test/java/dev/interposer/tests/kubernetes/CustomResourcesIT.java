package dev.interposer.tests.kubernetes;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.interposer.resources.Manifest;
import dev.interposer.resources.Manifests;
import dev.interposer.resources.v1alpha1.Condition;
import dev.interposer.resources.v1alpha1.InferenceJob;
import dev.interposer.resources.v1alpha1.InferenceJobStatus;
import dev.interposer.resources.v1alpha1.TrainingJob;
import dev.interposer.resources.v1alpha1.TrainingJobStatus;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

/** Our kinds as a user of kubectl meets them, on an API server without a scheduler of ours. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class CustomResourcesIT {
    private static final String NOW = "2026-11-29T12:00:00Z";
    private static final String HELLO = "examples/hello.yaml";
    private static final String CHAT = "examples/inference.yaml";
    private static final List<String> KINDS = List.of(
            "acceleratorclasses",
            "inferencejobs",
            "jobqueues",
            "sourcingpolicies",
            "suppliers",
            "supplyorders",
            "trainingjobs");

    private @Nullable ControlPlane started;

    @BeforeAll
    void start() throws Exception {
        ControlPlane plane = new ControlPlane("custom-resources").withControllerManager();
        started = plane;
        CustomResources.install(plane);
        plane.kubectl().ok("create", "namespace", "research");
        plane.kubectl().ok("create", "namespace", "serving");
    }

    @AfterAll
    void stop() {
        if (started != null) {
            started.close();
        }
    }

    @BeforeEach
    void nothingIsLeftOver() throws Exception {
        for (String kind : KINDS) {
            kubectl().ok("delete", kind, "--all", "--all-namespaces");
        }
    }

    @Test
    void theDefinitionsAreStructuralAndTheirNamesAreTheirOwn() throws Exception {
        for (String kind : KINDS) {
            String conditions = kubectl()
                    .ok(
                            "get",
                            "crd",
                            kind + ".interposer.dev",
                            "-o",
                            "jsonpath={range .status.conditions[*]}{.type}={.status} {end}");
            assertThat(conditions)
                    .contains("NamesAccepted=True", "Established=True")
                    .doesNotContain("NonStructuralSchema");
        }
        String resources = kubectl().ok("api-resources", "--api-group=interposer.dev", "-o", "wide");
        assertThat(resources.lines().skip(1)).hasSize(KINDS.size()).allMatch(line -> line.endsWith("interposer"));
        assertThat(resources).contains(" tjob ", " ijob ", " jqueue ", " supl ", " aclass ", " sorder ", " spolicy ");
    }

    @Test
    void whatAFieldIsCanBeAsked() throws Exception {
        assertThat(oneLine(kubectl().ok("explain", "tjob")))
                .contains("A TrainingJob is a gang of workers, placed all or none, that runs until it is done.");
        assertThat(oneLine(kubectl().ok("explain", "tjob.spec.profiles.workers.step")))
                .contains("Workers by which the gang grows and shrinks, from min; 1 if absent.");
        assertThat(oneLine(kubectl().ok("explain", "tjob.spec.failurePolicy.onNodeLost")))
                .contains("ENUM: ReplaceAfterTimeout SelfFence WaitForFence", "an operator fences it");
        assertThat(oneLine(kubectl().ok("explain", "ijob.status.conditions")))
                .contains("observedGeneration <integer> Generation of the object that this was said of.");
        assertThat(oneLine(kubectl().ok("explain", "aclass.spec.supply.suppliers")))
                .contains("supplierName <string> -required- Name of the Supplier, or unknown.");
        assertThat(oneLine(kubectl().ok("explain", "jqueue.spec.quotas.lendLimit")))
                .contains("Devices of its guarantee");
    }

    /** Each field of each kind; what has no description is a list's element or a key of a free map. */
    @Test
    void noFieldIsWithoutWords() throws Exception {
        for (JsonNode definition : CustomResources.definitions()) {
            JsonNode root = definition.at("/spec/versions/0/schema/openAPIV3Schema");
            assertThat(root.path("description").asText()).isNotEmpty();
            assertWords(CustomResources.kind(definition), root);
        }
    }

    @Test
    void everyExampleIsAppliedInBothWaysAndReadBackAsItWas() throws Exception {
        List<Path> examples = CustomResources.examples();
        assertThat(examples).hasSizeGreaterThan(15);
        for (Path example : examples) {
            String file = example.toString();
            kubectl().ok("apply", "-f", file);
            assertReadBack(example);
            kubectl().ok("apply", "-f", file);
            kubectl().ok("apply", "--server-side", "--force-conflicts", "-f", file);
            assertReadBack(example);
            kubectl().ok("delete", "-f", file);
            kubectl().ok("apply", "--server-side", "-f", file);
            assertReadBack(example);
            assertThat(kubectl().ok("diff", "--server-side", "-f", file)).isEmpty();
            kubectl().ok("delete", "-f", file);
        }
    }

    @Test
    void whatIsLeftOutIsSeenAsItsDefault() throws Exception {
        apply(HELLO);
        apply(CHAT);
        assertThat(kubectl().ok("get", "tjob", "hello", "-n", "research", "-o", "yaml"))
                .contains("suspend: false", "profileChange: Never", "shareMilli: 1000")
                .doesNotContain("status:");
        assertThat(kubectl().ok("get", "ijob", "chat", "-n", "serving", "-o", "yaml"))
                .contains("suspend: false", "maxUnavailable: 0", "graceSeconds: 5");
        kubectl().apply("""
                {apiVersion: interposer.dev/v1alpha1, kind: JobQueue, metadata: {name: a}, spec: {quotas: [{limit: 8}]}}
                """);
        assertThat(kubectl().ok("get", "jqueue", "a", "-o", "jsonpath={.spec}"))
                .isEqualTo("{\"quotas\":[{\"limit\":8,\"scope\":{\"all\":true}}],\"state\":\"Open\",\"weight\":1}");
    }

    @Test
    void aListShowsWhatMattersAndAWideOneMore() throws Exception {
        apply(HELLO);
        apply(CHAT);
        apply("examples/suppliers.yaml");
        status(new TrainingJobStatus(
                1L, "Running", null, new TrainingJobStatus.Assignment("h100", "nvidia-h100-sxm", 2, 2, 1), null, null));
        assertThat(columns("tjob", "-n", "research"))
                .containsExactly("NAME", "QUEUE", "PHASE", "PROFILE", "WORKERS", "AGE");
        assertThat(kubectl().ok("get", "tjob", "-n", "research", "--no-headers"))
                .matches("hello +research +Running +h100 +2 +\\d+s\n");
        assertThat(columns("tjob", "-n", "research", "-o", "wide"))
                .endsWith("AGE", "CLASS", "ATTEMPT", "PRIORITY", "WAITING");
        assertThat(columns("ijob", "-n", "serving", "-o", "wide"))
                .containsExactly(
                        "NAME",
                        "QUEUE",
                        "PHASE",
                        "DESIRED",
                        "READY",
                        "AGE",
                        "CURRENT",
                        "PRIORITY",
                        "WAITING",
                        "SELECTOR");
        assertThat(columns("supl")).containsExactly("NAME", "FIRM", "LATE", "AGE");
        assertThat(kubectl().ok("get", "interposer", "-A", "-o", "name"))
                .contains("trainingjob.interposer.dev/hello", "inferencejob.interposer.dev/chat", "supplier.");
    }

    @Test
    void aStatusBelongsToTheSchedulerAndASpecToTheUser() throws Exception {
        apply(HELLO);
        status(new TrainingJobStatus(1L, "Waiting", null, null, null, null));
        TrainingJob job = job();
        assertThat(job.getMetadata().getGeneration()).isEqualTo(1);
        assertThat(Objects.requireNonNull(job.getStatus()).phase()).isEqualTo("Waiting");
        // A status in what a user applies changes nothing.
        kubectl()
                .ok(
                        "patch",
                        "tjob",
                        "hello",
                        "-n",
                        "research",
                        "--type=merge",
                        "-p",
                        "{\"status\":{\"phase\":\"Mine\"}}");
        assertThat(Objects.requireNonNull(job().getStatus()).phase()).isEqualTo("Waiting");
        assertThat(kubectl()
                        .refused(
                                "patch",
                                "tjob",
                                "hello",
                                "-n",
                                "research",
                                "--subresource=status",
                                "--type=merge",
                                "-p",
                                "{\"status\":{\"conditions\":[{\"type\":\"Complete\",\"status\":\"Perhaps\"}]}}"))
                .contains("status.conditions[0].status: Unsupported value: \"Perhaps\"");
    }

    @Test
    void whoWaitsForAConditionIsTold() throws Exception {
        apply(HELLO);
        String[] wait = {"wait", "--for=condition=Complete", "tjob/hello", "-n", "research", "--timeout=1s"};
        assertThat(kubectl().refused(wait)).contains("timed out");
        status(new TrainingJobStatus(
                1L,
                "Succeeded",
                List.of(new Condition(
                        "Complete", Condition.Status.TRUE, "Completed", "all workers ended well", 1L, NOW)),
                null,
                null,
                null));
        assertThat(kubectl().ok(wait)).contains("condition met");
    }

    @Test
    void replicasAreScaledWithinTheirBounds() throws Exception {
        apply(CHAT);
        kubectl().ok("scale", "ijob/chat", "-n", "serving", "--replicas=3");
        assertThat(kubectl().ok("get", "ijob", "chat", "-n", "serving", "-o", "jsonpath={.spec.replicas}"))
                .isEqualTo("3");
        InferenceJob job = plane().client()
                .resources(InferenceJob.class)
                .inNamespace("serving")
                .withName("chat")
                .get();
        job.setStatus(new InferenceJobStatus(2L, "Running", null, 3, 2, "interposer.dev/job=chat", null, null));
        plane().client().resource(job).updateStatus();
        assertThat(kubectl()
                        .ok(
                                "get",
                                "--raw",
                                "/apis/interposer.dev/v1alpha1/namespaces/serving/inferencejobs/chat/scale"))
                .contains("\"spec\":{\"replicas\":3}", "\"replicas\":3,\"selector\":\"interposer.dev/job=chat\"");
        assertThat(kubectl().refused("scale", "ijob/chat", "-n", "serving", "--replicas=0"))
                .contains("spec.replicas: Invalid value: 0");
        kubectl()
                .ok(
                        "patch",
                        "ijob",
                        "chat",
                        "-n",
                        "serving",
                        "--type=merge",
                        "-p",
                        "{\"spec\":{\"scaling\":{\"minReplicas\":2,\"maxReplicas\":4}}}");
        assertThat(kubectl().refused("scale", "ijob/chat", "-n", "serving", "--replicas=5"))
                .contains("spec.replicas", "between scaling.minReplicas and scaling.maxReplicas");
        assertThat(kubectl().refused("scale", "tjob/hello", "-n", "research", "--replicas=2"))
                .isNotEmpty();
    }

    /** By the controller that Kubernetes comes with, which knows nothing of the kind but its scale. */
    @Test
    void anAutoscalerFindsTheReplicas() throws Exception {
        apply(CHAT);
        kubectl().ok("autoscale", "ijob/chat", "-n", "serving", "--min=3", "--max=4", "--cpu=50%");
        kubectl().ok("wait", "--for=jsonpath={.spec.replicas}=3", "ijob/chat", "-n", "serving", "--timeout=60s");
        assertThat(kubectl().ok("describe", "hpa", "chat", "-n", "serving")).contains("New size: 3");
        kubectl().ok("delete", "hpa", "chat", "-n", "serving");
    }

    @Test
    void whatIsDeletedIsGone() throws Exception {
        apply(HELLO);
        kubectl().ok("delete", "tjob", "hello", "-n", "research", "--timeout=10s");
        assertThat(kubectl().ok("get", "interposer", "-A")).contains("No resources found");
    }

    private void assertReadBack(Path example) throws Exception {
        List<Manifest> written = Manifests.parse(Files.readString(example));
        String stored = kubectl().ok("get", "-f", example.toString(), "-o", "json", "--show-managed-fields");
        JsonNode objects = CustomResources.YAML.readTree(stored);
        StringBuilder documents = new StringBuilder();
        if (objects.has("items")) {
            objects.path("items")
                    .forEach(object -> documents.append("---\n").append(object).append('\n'));
        } else {
            documents.append(objects);
        }
        assertThat(Manifests.parse(documents.toString()))
                .as(example.toString())
                .containsExactlyInAnyOrderElementsOf(written);
    }

    private static void assertWords(String path, JsonNode schema) {
        schema.path("properties").properties().forEach(property -> {
            String at = path + "." + property.getKey();
            assertThat(property.getValue().path("description").asText()).as(at).matches("(?s)[A-Z].*[a-zA-Z0-9]\\.");
            assertWords(at, property.getValue());
            assertWords(at, property.getValue().path("items"));
        });
    }

    private void status(TrainingJobStatus status) throws IOException {
        TrainingJob job = job();
        job.setStatus(status);
        plane().client().resource(job).updateStatus();
    }

    private TrainingJob job() throws IOException {
        return plane().client()
                .resources(TrainingJob.class)
                .inNamespace("research")
                .withName("hello")
                .get();
    }

    private List<String> columns(String kind, String... options) throws IOException, InterruptedException {
        String[] words = new String[options.length + 2];
        words[0] = "get";
        words[1] = kind;
        System.arraycopy(options, 0, words, 2, options.length);
        return List.of(kubectl().ok(words).lines().findFirst().orElse("").split(" +"));
    }

    private void apply(String example) throws IOException, InterruptedException {
        kubectl().ok("apply", "-f", CustomResources.root().resolve(example).toString());
    }

    private static String oneLine(String text) {
        return text.replaceAll("\\s+", " ");
    }

    private Kubectl kubectl() throws IOException {
        return plane().kubectl();
    }

    private ControlPlane plane() {
        return Objects.requireNonNull(started);
    }
}

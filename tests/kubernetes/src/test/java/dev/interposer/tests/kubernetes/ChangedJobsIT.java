package dev.interposer.tests.kubernetes;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

/** What of a job may change: its size and its priority at any time, all else while it is suspended. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class ChangedJobsIT {
    private static final String TRAINING = """
            apiVersion: interposer.dev/v1alpha1
            kind: TrainingJob
            metadata: {name: a}
            spec:
              queueName: research
              template: {spec: {containers: [{name: main, image: "reg.example/a:1"}]}}
              profiles:
              - {name: p, workers: {min: 2, max: 4}, accelerators: {className: c}, topology: {required: block}}
              - name: q
                roles: [{name: leader, count: 1, accelerators: {className: d}}, {name: worker, count: 3}]
            """;
    private static final String INFERENCE = """
            apiVersion: interposer.dev/v1alpha1
            kind: InferenceJob
            metadata: {name: a}
            spec:
              queueName: serving
              replicas: 2
              template: {spec: {containers: [{name: main, image: "reg.example/a:1"}]}}
              profiles: [{name: p, accelerators: {className: c}}]
            """;
    /** A changed spec, and the field that the refusal names. */
    private static final List<List<String>> TRAINING_FIXED = List.of(
            List.of("queueName", "other"),
            List.of("workloadFamily", "a"),
            List.of("activeDeadlineSeconds", "9"),
            List.of("ttlSecondsAfterFinished", "9"),
            List.of("estimatedSeconds", "9"),
            List.of("progress", "{unit: tokens, push: {}}"),
            List.of("checkpoint", "{everySeconds: 9}"),
            List.of("preemption", "{policy: Never}"),
            List.of("resize", "{policy: AtCheckpoint}"),
            List.of("profileChange", "AtCheckpoint"),
            List.of("failurePolicy", "{backoffLimit: 2}"),
            List.of("canary", "{queueName: a}"),
            List.of("template", "{spec: {containers: [{name: main, image: 'reg.example/a:2'}]}}"),
            List.of("profiles", "[{name: p, accelerators: {className: c}}]"));

    private static final List<List<String>> INFERENCE_FIXED = List.of(
            List.of("queueName", "other"),
            List.of("workloadFamily", "a"),
            List.of("activeDeadlineSeconds", "9"),
            List.of("ttlSecondsAfterFinished", "9"),
            List.of("disruption", "{maxUnavailable: 1}"),
            List.of("rollout", "{maxSurge: 2}"),
            List.of("spread", "[{level: rack}]"),
            List.of("sourcing", "{minSuppliers: 2}"),
            List.of("service", "{port: 80}"),
            List.of("template", "{spec: {containers: [{name: main, image: 'reg.example/a:2'}]}}"),
            List.of("profiles", "[{name: p, accelerators: {className: other}}]"));

    private @Nullable ControlPlane started;

    @BeforeAll
    void start() throws Exception {
        ControlPlane plane = new ControlPlane("changed-jobs");
        started = plane;
        CustomResources.install(plane);
    }

    @AfterAll
    void stop() {
        if (started != null) {
            started.close();
        }
    }

    @BeforeEach
    void aJobOfEachKind() throws Exception {
        kubectl().ok("delete", "tjob,ijob", "--all");
        kubectl().apply(TRAINING);
        kubectl().apply(INFERENCE);
    }

    @Test
    void eachOtherFieldOfATrainingJobIsFixedAndNamed() throws Exception {
        assertFixed("tjob", "trainingjobs", TRAINING_FIXED, List.of("suspend", "priorityClassName"));
    }

    @Test
    void eachOtherFieldOfAnInferenceJobIsFixedAndNamed() throws Exception {
        assertFixed(
                "ijob",
                "inferencejobs",
                INFERENCE_FIXED,
                List.of("suspend", "priorityClassName", "replicas", "scaling"));
    }

    /** Profiles of which anything but the numbers of workers differs. */
    @Test
    void ofProfilesNothingElseChanges() throws Exception {
        String p = "{name: p, workers: {min: 2, max: 4}, accelerators: {className: c}, topology: {required: block}}";
        String q =
                "{name: q, roles: [{name: leader, count: 1, accelerators: {className: d}}, {name: worker, count: 3}]}";
        List<String> changed = List.of(
                p,
                p + ", " + q + ", {name: r}",
                p + ", " + q.replace("name: q", "name: r"),
                p.replace("className: c", "className: e") + ", " + q,
                p.replace("className: c", "className: c, perWorker: 2") + ", " + q,
                p.replace(", topology: {required: block}", "") + ", " + q,
                p.replace("required: block", "required: rack") + ", " + q,
                p.replace("topology", "checkpointFormat: dcp, topology") + ", " + q,
                p.replace("topology", "template: {spec: {}}, topology") + ", " + q,
                p + ", " + q.replace("className: d", "className: e"),
                p + ", " + q.replace("name: worker, count: 3", "name: worker, count: 3, template: {spec: {}}"),
                p + ", " + q.replace(", {name: worker, count: 3}", ""),
                p + ", " + q.replace("name: worker", "name: helper"));
        for (String profiles : changed) {
            assertThat(refused("tjob", "profiles", "[" + profiles + "]"))
                    .as(profiles)
                    .contains("spec.profiles: Forbidden: profiles can change only while suspend is true");
        }
    }

    @Test
    void sizeAndPriorityChangeAtAnyTime() throws Exception {
        patch("tjob", "priorityClassName", "high");
        patch("tjob", "profiles", """
                [{name: q, roles: [{name: worker, count: 7}, {name: leader, count: 1, accelerators: {className: d}}]},
                 {name: p, workers: {min: 1, max: 8}, topology: {required: block}, accelerators: {className: c}}]
                """);
        patch("tjob", "profiles", """
                [{name: p, workers: {count: 3}, accelerators: {className: c}, topology: {required: block}},
                 {name: q, roles: [{name: leader, count: 2, accelerators: {className: d}}, {name: worker, count: 3}]}]
                """);
        patch("ijob", "priorityClassName", "high");
        patch("ijob", "replicas", "3");
        patch("ijob", "scaling", "{minReplicas: 1, maxReplicas: 9}");
    }

    @Test
    void aSuspendedJobMayBecomeAnother() throws Exception {
        for (String kind : List.of("tjob", "ijob")) {
            patch(kind, "suspend", "true");
            patch(kind, "template", "{spec: {containers: [{name: main, image: 'reg.example/a:2'}]}}");
            patch(kind, "profiles", "[{name: other, accelerators: {className: e}}]");
            // In one step with its release, and from then on no more.
            kubectl()
                    .ok("patch", kind, "a", "--type=merge", "-p", "{\"spec\":{\"suspend\":false,\"queueName\":\"b\"}}");
            assertThat(refused(kind, "queueName", "c")).contains("spec.queueName: Forbidden");
        }
        // Not in one step with its suspension: what it was suspended with is what it ran with.
        assertThat(kubectl()
                        .refused(
                                "patch",
                                "tjob",
                                "a",
                                "--type=merge",
                                "-p",
                                "{\"spec\":{\"suspend\":true,\"queueName\":\"c\"}}"))
                .contains("spec.queueName: Forbidden");
    }

    private void assertFixed(String kind, String plural, List<List<String>> fixed, List<String> free) throws Exception {
        JsonNode properties =
                CustomResources.spec(CustomResources.definition(plural)).path("properties");
        List<String> tried = new ArrayList<>(free);
        for (List<String> change : fixed) {
            String field = change.getFirst();
            assertThat(refused(kind, field, change.getLast()))
                    .contains("spec." + field + ": Forbidden: " + field + " can change only while suspend is true");
            tried.add(field);
        }
        TreeSet<String> known = new TreeSet<>();
        properties.fieldNames().forEachRemaining(known::add);
        assertThat(tried).containsExactlyInAnyOrderElementsOf(known);
        // Taking away what is there is a change as well.
        assertThat(refused(kind, "queueName", "null")).contains("spec.queueName: Forbidden");
    }

    private void patch(String kind, String field, String value) throws IOException, InterruptedException {
        kubectl().ok("patch", kind, "a", "--type=merge", "-p", json(field, value));
    }

    private String refused(String kind, String field, String value) throws IOException, InterruptedException {
        return kubectl().refused("patch", kind, "a", "--type=merge", "-p", json(field, value));
    }

    private static String json(String field, String value) throws IOException {
        return "{\"spec\":{\"" + field + "\":" + CustomResources.YAML.readTree(value) + "}}";
    }

    private Kubectl kubectl() throws IOException {
        return Objects.requireNonNull(started).kubectl();
    }
}

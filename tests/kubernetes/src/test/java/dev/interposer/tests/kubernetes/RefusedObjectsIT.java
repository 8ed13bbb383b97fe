package dev.interposer.tests.kubernetes;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

/** What an API server refuses by the definitions alone, without a scheduler. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class RefusedObjectsIT {
    private static final String FEW = "one of each kind of bound at least";
    private static final Map<String, String> SOUND = Map.of(
            "TrainingJob", "{profiles: [{name: a}]}",
            "InferenceJob", "{profiles: [{name: a}]}",
            "JobQueue", "{}",
            "Supplier", "{tiers: [Designer]}",
            "AcceleratorClass", "{supplierName: s, match: [{attributes: {model: m}}]}",
            "SupplyOrder",
                    "{supplierName: s, className: c, deliveries: [{name: a, count: 1, promisedDate: '2027-01-15'}]}",
            "SourcingPolicy", "{rules: [{tier: Designer, supplierName: s, enforcement: Report, capPercent: 50}]}");

    private @Nullable ControlPlane started;

    @BeforeAll
    void start() throws Exception {
        ControlPlane plane = new ControlPlane("refused");
        started = plane;
        CustomResources.install(plane);
    }

    @AfterAll
    void stop() {
        if (started != null) {
            started.close();
        }
    }

    @Test
    void everyRuleRefusesWithTheFieldAndWhy() throws Exception {
        List<String> wrong = new ArrayList<>();
        List<String> said = new ArrayList<>();
        for (String line : lines()) {
            String[] parts = line.split(" \\| ", 4);
            String refusal = refusal(parts[0], laidOver(SOUND.get(parts[0]), parts[1]));
            said.add(refusal);
            if (!refusal.contains(parts[2] + ": ") || !refusal.contains(parts[3])) {
                wrong.add(line + "\n    was: " + refusal);
            }
        }
        assertThat(wrong).isEmpty();
        assertThat(rules())
                .as("each is broken by a line of the table")
                .allSatisfy(rule -> assertThat(said).anyMatch(refusal -> refusal.contains(rule)));
    }

    @Test
    void aSoundSpecIsTaken() throws Exception {
        for (Map.Entry<String, String> sound : SOUND.entrySet()) {
            assertThat(refusal(sound.getKey(), CustomResources.YAML.readTree(sound.getValue())))
                    .as(sound.getKey())
                    .isEmpty();
        }
    }

    @Test
    void everyBoundRefusesWithTheField() throws Exception {
        Map<String, Integer> counts = new TreeMap<>();
        List<String> wrong = new ArrayList<>();
        for (JsonNode definition : CustomResources.definitions()) {
            String kind = CustomResources.kind(definition);
            List<Broken> all = Broken.all(CustomResources.spec(definition));
            counts.put(kind, all.size());
            for (Broken broken : all) {
                String refusal = refusal(kind, broken.spec());
                if (!refusal.contains(broken.path() + ":")) {
                    wrong.add(kind + " " + broken.path() + " " + broken.spec() + "\n    was: " + refusal);
                }
            }
        }
        assertThat(wrong).isEmpty();
        assertThat(counts).as(FEW).allSatisfy((kind, count) -> assertThat(count).isGreaterThan(20));
    }

    @Test
    void aSupplierThatNobodyKnowsIsNoObject() throws Exception {
        Kubectl kubectl = plane().kubectl();
        String manifest = """
                apiVersion: interposer.dev/v1alpha1
                kind: Supplier
                metadata: {name: unknown}
                spec: {tiers: [Designer]}
                """;
        assertThat(kubectl.refused("apply", "-f", kubectl.file(manifest).toString()))
                .contains("metadata.name: unknown");
    }

    @Test
    void aFieldThatNobodyKnowsIsNamed() throws Exception {
        Kubectl kubectl = plane().kubectl();
        String manifest = """
                apiVersion: interposer.dev/v1alpha1
                kind: JobQueue
                metadata: {name: a}
                spec: {wieght: 3}
                """;
        assertThat(kubectl.refused("apply", "-f", kubectl.file(manifest).toString()))
                .contains("unknown field \"spec.wieght\"");
    }

    private ControlPlane plane() {
        return Objects.requireNonNull(started);
    }

    /** Empty if it is taken; nothing is stored. */
    private String refusal(String kind, JsonNode spec) throws IOException {
        KubernetesClient client = plane().client();
        GenericKubernetesResource object = new GenericKubernetesResource();
        object.setApiVersion("interposer.dev/v1alpha1");
        object.setKind(kind);
        object.setMetadata(new ObjectMetaBuilder().withName("a").build());
        if (kind.endsWith("Job")) {
            object.getMetadata().setNamespace("default");
        }
        object.setAdditionalProperty("spec", spec);
        try {
            client.resource(object).dryRun(true).create();
            return "";
        } catch (KubernetesClientException e) {
            return String.valueOf(
                    e.getStatus() == null ? e.getMessage() : e.getStatus().getMessage());
        }
    }

    private static JsonNode laidOver(@Nullable String sound, String changes) throws IOException {
        ObjectNode spec = (ObjectNode) CustomResources.YAML.readTree(sound);
        CustomResources.YAML.readTree(changes).properties().forEach(field -> {
            if (field.getValue().isNull()) {
                spec.remove(field.getKey());
            } else {
                spec.set(field.getKey(), field.getValue());
            }
        });
        return spec;
    }

    private static List<String> lines() throws IOException {
        try (InputStream in = RefusedObjectsIT.class.getResourceAsStream("/custom-resources/refused.txt")) {
            String text = new String(Objects.requireNonNull(in).readAllBytes(), StandardCharsets.UTF_8);
            return text.lines().filter(line -> !line.startsWith("#")).toList();
        }
    }

    /** What rules say, but those of changes, which have a test of their own. */
    private static List<String> rules() throws IOException {
        List<String> rules = new ArrayList<>();
        for (JsonNode definition : CustomResources.definitions()) {
            CustomResources.spec(definition)
                    .findValues("x-kubernetes-validations")
                    .forEach(all -> {
                        for (JsonNode rule : all) {
                            if (!rule.path("rule").asText().contains("oldSelf")) {
                                rules.add(rule.path("message").asText()
                                        + rule.path("messageExpression").asText());
                            }
                        }
                    });
        }
        assertThat(rules).hasSizeGreaterThan(25);
        return rules;
    }
}

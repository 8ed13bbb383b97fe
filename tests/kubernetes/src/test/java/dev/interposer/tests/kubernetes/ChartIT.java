package dev.interposer.tests.kubernetes;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.interposer.tests.e2e.Installation;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What the chart makes of values, and what values it refuses. */
class ChartIT {
    private static final String FIRST_LOOK = "postgresql";

    @ParameterizedTest
    @ValueSource(strings = {"postgresql", "manage", "guarded", "agents"})
    void whatIsRenderedIsWhatWasReviewed(String name) throws Exception {
        Command.Said said = Chart.template(Chart.values(name), "--set", "crds.install=false");
        assertThat(said.code()).as(said.text()).isZero();
        // What is random is made once, in a cluster.
        String rendered = said.text()
                .replaceAll("(token|password): [A-Za-z0-9]{43}\n", "$1: RANDOM\n")
                .replaceAll("(admin|agent) [0-9a-f]{64}\n", "$1 DIGEST\n");
        Path reviewed = Chart.cases().resolve(name + ".yaml");
        if (Boolean.getBoolean("interposer.chart.update")) {
            Files.writeString(reviewed, rendered);
        }
        assertThat(rendered)
                .as("of %s; -Dinterposer.chart.update=true writes it", reviewed)
                .isEqualTo(Files.readString(reviewed));
    }

    @ParameterizedTest
    @ValueSource(strings = {"postgresql", "manage", "guarded", "agents"})
    void noServerMayDoMoreInItsContainerThanItsWork(String name) throws Exception {
        for (JsonNode object : rendered(Chart.values(name))) {
            String kind = object.path("kind").asText();
            if (kind.equals("StatefulSet")) {
                JsonNode pod = object.at("/spec/template/spec");
                assertThat(pod.at("/securityContext/runAsNonRoot").asBoolean()).isTrue();
                assertThat(pod.at("/securityContext/runAsUser").asInt()).isPositive();
                for (JsonNode container : pod.path("containers")) {
                    JsonNode context = container.path("securityContext");
                    assertThat(context.path("readOnlyRootFilesystem").asBoolean())
                            .isTrue();
                    assertThat(context.path("allowPrivilegeEscalation").asBoolean(true))
                            .isFalse();
                    assertThat(context.at("/capabilities/drop/0").asText()).isEqualTo("ALL");
                    assertThat(container.at("/resources/limits/memory").isMissingNode())
                            .isFalse();
                }
            }
        }
    }

    @Test
    void theDefinitionsAreAPartOfTheReleaseAndStay() throws Exception {
        int definitions = 0;
        for (JsonNode object : rendered(Chart.values(FIRST_LOOK))) {
            if (object.path("kind").asText().equals("CustomResourceDefinition")) {
                definitions++;
                assertThat(object.at("/metadata/annotations/helm.sh~1resource-policy")
                                .asText())
                        .isEqualTo("keep");
            }
        }
        assertThat(definitions).isEqualTo(CustomResources.definitions().size());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "scheduler.replicas=0 | scheduler",
                "scheduler.replica=3 | replica",
                "scheduler.heap=lots | heap",
                "scheduler.antiAffinity=maybe | antiAffinity",
                "database.durability=some | durability",
                "tls.mode=plaintext | mode",
                "kubernetes.home.mode=own | mode",
                "kubernetes.home.name=Main | name",
                "kubernetes.others[0].name=east | kubeconfigSecretName",
                "agents.vendors[0].name=amd | nodeSelector",
                "serviceMonitor.enabled=true | enabled",
                "service.grpcPort=99999 | grpcPort",
                "postgresql.userId=0 | userId",
                "agent.image=mine | agent"
            })
    void aValueThatCannotBeIsRefusedByItsName(String row) throws Exception {
        String[] words = row.split(" \\| ", -1);
        Command.Said said = Chart.template(Chart.values(FIRST_LOOK), "--set", words[0]);
        assertThat(said.code()).as(said.text()).isNotZero();
        assertThat(said.text())
                .contains("values don't meet the specifications of the schema")
                .contains(words[1]);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "database.secretName=ledger | are two databases",
                "postgresql.enabled=false | there is no database",
                "database.durability=replicated | wants a synchronous standby",
                "tls.mode=files | tls.secretName",
                "tls.secretName=mine | is not used in tls.mode own",
                "kubernetes.home.objects=true | cluster main has objects=true",
                "serviceMonitor.enabled=always | networkPolicy.httpFrom lets nobody",
                "kubernetes.others[0].name=main,kubernetes.others[0].kubeconfigSecretName=k | two clusters are called",
                "agents.cluster=main,agents.vendors[0].name=x,agents.vendors[0].nodeSelector.a=b | two would speak"
            })
    void valuesThatContradictEachOtherAreRefusedWithASentence(String row) throws Exception {
        String[] words = row.split(" \\| ", -1);
        Command.Said said = Chart.template(Chart.values(FIRST_LOOK), "--set", words[0]);
        assertThat(said.code()).as(said.text()).isNotZero();
        assertThat(said.text()).contains(words[1]);
    }

    @Test
    void helmFindsNothingToComplainAbout() throws Exception {
        Path folder = Files.createDirectories(Installation.root().resolve("tests/kubernetes/target/chart"));
        Command helm = Chart.helm(folder, Path.of("/nonexistent"));
        for (String name : List.of("postgresql", "manage", "guarded", "agents")) {
            helm.ok(
                    "lint",
                    "--strict",
                    "--values",
                    Chart.values(name).toString(),
                    Chart.folder().toString());
        }
    }

    @Test
    void theSchemaKnowsEachValueAndNoOther() throws Exception {
        JsonNode values =
                CustomResources.YAML.readTree(Files.readString(Chart.folder().resolve("values.yaml")));
        JsonNode schema =
                CustomResources.YAML.readTree(Files.readString(Chart.folder().resolve("values.schema.json")));
        assertThat(differences("", values, schema)).isEmpty();
    }

    private static List<String> differences(String path, JsonNode values, JsonNode schema) {
        List<String> found = new ArrayList<>();
        if (!schema.has("properties")) {
            return found;
        }
        Set<String> names = new HashSet<>();
        schema.path("properties").fieldNames().forEachRemaining(names::add);
        values.fieldNames().forEachRemaining(names::add);
        // What Helm gives to each chart, and what every value has that is not given.
        names.remove("global");
        for (String name : names) {
            JsonNode value = values.get(name);
            JsonNode property = schema.path("properties").get(name);
            if (value == null || property == null) {
                found.add(path + "." + name);
            } else if (value.isObject() && !value.isEmpty()) {
                found.addAll(differences(path + "." + name, value, property));
            }
        }
        return found;
    }

    static List<JsonNode> rendered(Path values) throws IOException, InterruptedException {
        Command.Said said = Chart.template(values);
        assertThat(said.code()).as(said.text()).isZero();
        List<JsonNode> objects = new ArrayList<>();
        CustomResources.YAML
                .readerFor(JsonNode.class)
                .<JsonNode>readValues(said.text())
                .forEachRemaining(objects::add);
        objects.removeIf(JsonNode::isNull);
        return objects;
    }
}

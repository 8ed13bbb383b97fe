package dev.interposer.tests.kubernetes;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Definitions of another release under objects that are there. */
class UpgradedDefinitionsIT {
    private static final String CLASSES = "acceleratorclasses";
    private static final String NAME = CLASSES + ".interposer.dev";

    private @Nullable ControlPlane started;

    @BeforeEach
    void start() throws Exception {
        started = new ControlPlane("upgraded");
    }

    @AfterEach
    void stop() {
        if (started != null) {
            started.close();
        }
    }

    @Test
    void anUpgradeInPlaceKeepsTheObjectsAndKnowsTheNewFields() throws Exception {
        ObjectNode older = (ObjectNode) CustomResources.definition(CLASSES);
        ((ObjectNode) CustomResources.spec(older).path("properties")).remove("referenceMilli");
        ((ObjectNode) older.at("/spec/versions/0")).remove("additionalPrinterColumns");
        applyAndAwait(older);
        kubectl()
                .ok(
                        "apply",
                        "-f",
                        CustomResources.root().resolve("examples/classes.yaml").toString());
        String before = kubectl().ok("get", "aclass", "-o", "jsonpath={range .items[*]}{.metadata.uid}{.spec}{end}");
        String reference = "{\"spec\":{\"referenceMilli\":1500}}";
        assertThat(kubectl().ok("patch", "aclass", "amd-mi300x", "--type=merge", "-p", reference))
                .contains("unknown field", "no change");

        CustomResources.install(Objects.requireNonNull(started));
        assertThat(kubectl().ok("get", "aclass", "-o", "jsonpath={range .items[*]}{.metadata.uid}{.spec}{end}"))
                .isEqualTo(before);
        assertThat(kubectl().ok("get", "aclass")).contains("FAMILY");
        kubectl().ok("patch", "aclass", "amd-mi300x", "--type=merge", "-p", reference);
        assertThat(kubectl().ok("get", "aclass", "amd-mi300x", "-o", "jsonpath={.spec.referenceMilli}"))
                .isEqualTo("1500");
    }

    /** The plan of the decision on versions: served beside, then stored, then the old one taken away. */
    @Test
    void aVersionFollowsAnotherWithoutAWebhook() throws Exception {
        CustomResources.install(Objects.requireNonNull(started));
        kubectl()
                .ok(
                        "apply",
                        "-f",
                        CustomResources.root().resolve("examples/classes.yaml").toString());
        ObjectNode both = (ObjectNode) CustomResources.definition(CLASSES);
        ObjectNode newer = both.at("/spec/versions/0").deepCopy();
        newer.put("name", "v1beta1").put("storage", false);
        ((ArrayNode) both.at("/spec/versions")).add(newer);
        applyAndAwait(both);
        assertThat(kubectl().ok("get", CLASSES + ".v1beta1.interposer.dev", "inhouse-a1", "-o", "yaml"))
                .contains("apiVersion: interposer.dev/v1beta1", "memory: 96G");

        ((ObjectNode) both.at("/spec/versions/0")).put("storage", false);
        newer.put("storage", true);
        applyAndAwait(both);
        assertThat(stored()).isEqualTo("[\"v1alpha1\",\"v1beta1\"]");
        // Whoever still speaks the old version finds and changes the same objects.
        kubectl().ok("label", CLASSES + ".v1alpha1.interposer.dev", "inhouse-a1", "a=b");
        // Written once more, each object is stored in the new version.
        String all = kubectl().ok("get", CLASSES + ".v1beta1.interposer.dev", "-o", "json");
        kubectl().ok("replace", "-f", kubectl().file(all).toString());
        kubectl()
                .ok(
                        "patch",
                        "crd",
                        NAME,
                        "--subresource=status",
                        "--type=merge",
                        "-p",
                        "{\"status\":{\"storedVersions\":[\"v1beta1\"]}}");
        ((ArrayNode) both.at("/spec/versions")).remove(0);
        applyAndAwait(both);
        assertThat(kubectl().ok("get", "aclass", "inhouse-a1", "--show-labels")).contains("inhouse", "a=b");
    }

    private String stored() throws IOException, InterruptedException {
        return kubectl().ok("get", "crd", NAME, "-o", "jsonpath={.status.storedVersions}");
    }

    private void applyAndAwait(JsonNode definition) throws IOException, InterruptedException {
        kubectl().apply(definition.toString());
        kubectl().ok("wait", "--for=condition=Established", "--timeout=60s", "crd/" + NAME);
    }

    private Kubectl kubectl() throws IOException {
        return Objects.requireNonNull(started).kubectl();
    }
}

package dev.interposer.server.kubernetes.inventory;

import static org.assertj.core.api.Assertions.assertThat;

import dev.interposer.engine.model.DeviceReport;
import dev.interposer.engine.model.Health;
import dev.interposer.engine.model.NodeReport;
import io.fabric8.kubernetes.api.model.Node;
import io.fabric8.kubernetes.api.model.resource.v1.ResourceSlice;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the fleet is told of nodes, from objects as makers' software writes them. */
class NodeReaderTest {
    @TempDir
    private Path folder;

    private static final String H100 = """
            labels:
              nvidia.com/gpu.product: NVIDIA-H100-80GB-HBM3
              nvidia.com/gpu.memory: "81559"
              nvidia.com/gpu.clique: 7a2f.3
              site/rack: r1
            """;

    @Test
    void aDevicePluginsCountBecomesDevicesWithWhatTheLabelsSay() throws IOException {
        NodeReport report = read(facts(node(H100, "nvidia.com/gpu: \"8\"", "nvidia.com/gpu: \"8\"")));
        assertThat(report.info().name()).isEqualTo("east/n1");
        assertThat(report.info().labels()).containsEntry("site/rack", "r1");
        assertThat(report.info().address()).isEqualTo("10.0.0.7");
        assertThat(report.info().observed()).isTrue();
        assertThat(report.devices()).hasSize(8).allSatisfy(device -> {
            assertThat(device.attributes())
                    .containsEntry("vendor", "nvidia")
                    .containsEntry("productName", "NVIDIA-H100-80GB-HBM3");
            assertThat(device.memoryBytes()).isEqualTo(81559L << 20);
            assertThat(device.scaleUpDomain()).isEqualTo("7a2f.3");
            assertThat(device.health()).isEqualTo(Health.HEALTHY);
        });
    }

    @Test
    void whatThePluginDoesNotOfferIsInstalledAndTakesNothingNew() throws IOException {
        NodeReport report = read(facts(node(H100, "nvidia.com/gpu: \"8\"", "nvidia.com/gpu: \"6\"")));
        assertThat(report.devices().stream().filter(device -> device.health() == Health.SUSPECT))
                .hasSize(2)
                .allSatisfy(device -> assertThat(device.healthCause()).contains("6 of 8"));
    }

    @Test
    void whileAKubeletRestartsWhatOurPodsHaveIsStillThere() throws IOException {
        PodUse own = new PodUse("ml/own", Map.of(), Set.of("nvidia.com/gpu-1"), false);
        NodeReport report = read(new NodeFacts(node(H100, "", ""), List.of(), List.of(own), Map.of()));
        assertThat(report.devices()).hasSize(2).allMatch(device -> device.health() == Health.SUSPECT);
    }

    @Test
    void devicesOfOtherMakersAreSeenByTheSameTable() throws IOException {
        Files.writeString(folder.resolve("vendors.yaml"), """
                rows:
                - vendor: inhouse
                  resource: chips.example/a1
                  attributes: {productName: chips.example/model}
                """);
        VendorTable table = VendorTable.load(Optional.of(folder.resolve("vendors.yaml")));
        Node node = node(
                "labels: {chips.example/model: a1, amd.com/gpu.product-name: AMD_Instinct_MI300X_OAM}\n",
                "chips.example/a1: \"4\", amd.com/gpu: \"2\", habana.ai/gaudi: \"1\", google.com/tpu: \"1\"",
                "chips.example/a1: \"4\", amd.com/gpu: \"2\", habana.ai/gaudi: \"1\", google.com/tpu: \"1\"");
        NodeReport report = new NodeReader("east", table, true).read(facts(node), List.of());
        assertThat(report.devices().stream().map(device -> device.attributes().get("vendor")))
                .containsExactlyInAnyOrder("inhouse", "inhouse", "inhouse", "inhouse", "amd", "amd", "intel", "google");
        assertThat(report.info().capacity()).containsOnlyKeys("cpu", "memory", "pods");
    }

    @Test
    void foreignPodsTakeDevicesAndCapacityAndKeepThemAsTheyWere() throws IOException {
        Node node = node(H100, "nvidia.com/gpu: \"4\"", "nvidia.com/gpu: \"4\"");
        PodUse b = new PodUse("ml/b", Map.of("nvidia.com/gpu", 2L, "cpu", 16_000L), Set.of(), true);
        NodeReport first = read(new NodeFacts(node, List.of(), List.of(b), Map.of()));
        assertThat(users(first)).containsExactly("ml/b", "ml/b", "", "");
        assertThat(first.info().capacity()).containsEntry("cpu", 112_000L).containsEntry("pods", 109L);
        // An earlier name comes: it takes what is free, and b's stay b's.
        PodUse a = new PodUse("ml/a", Map.of("nvidia.com/gpu", 1L), Set.of(), true);
        NodeReport second = reader().read(new NodeFacts(node, List.of(), List.of(a, b), Map.of()), first.devices());
        assertThat(users(second)).containsExactly("ml/b", "ml/b", "ml/a", "");
    }

    @Test
    void whatThisFleetGaveAwayIsNotCountedAsForeign() throws IOException {
        Node node = node(H100, "nvidia.com/gpu: \"4\"", "nvidia.com/gpu: \"4\"");
        PodUse own = new PodUse(
                "ml/own", Map.of("nvidia.com/gpu", 2L), Set.of("nvidia.com/gpu-0", "nvidia.com/gpu-1"), false);
        PodUse other = new PodUse("ml/other", Map.of("nvidia.com/gpu", 1L), Set.of(), true);
        assertThat(users(read(new NodeFacts(node, List.of(), List.of(own, other), Map.of()))))
                .containsExactly("", "", "ml/other", "");
    }

    @Test
    void chipsOfferedSeveralTimesAreStillOneChip() throws IOException {
        String labels = H100 + "  nvidia.com/gpu.replicas: \"4\"\n";
        Node node = node(labels, "nvidia.com/gpu: \"8\"", "nvidia.com/gpu: \"8\"");
        PodUse pod = new PodUse("ml/a", Map.of("nvidia.com/gpu", 1L), Set.of(), true);
        assertThat(users(read(new NodeFacts(node, List.of(), List.of(pod), Map.of()))))
                .containsExactly("ml/a", "");
    }

    @Test
    void partsOfChipsAreDevicesWithTheNameOfThePart() throws IOException {
        NodeReport mixed = read(facts(node(H100, "nvidia.com/mig-3g.40gb: \"2\"", "nvidia.com/mig-3g.40gb: \"2\"")));
        assertThat(mixed.devices())
                .hasSize(2)
                .allMatch(device -> device.partition().equals("3g.40gb"));
        String single = "labels: {nvidia.com/gpu.product: NVIDIA-H100-80GB-HBM3-MIG-1g.10gb}\n";
        NodeReport whole = read(facts(node(single, "nvidia.com/gpu: \"7\"", "nvidia.com/gpu: \"7\"")));
        assertThat(whole.devices()).hasSize(7).allSatisfy(device -> {
            assertThat(device.partition()).isEqualTo("1g.10gb");
            assertThat(device.attributes()).containsEntry("productName", "NVIDIA-H100-80GB-HBM3");
        });
    }

    @Test
    void aDriverThatListsDevicesTakesThePlaceOfTheCount() throws IOException {
        Node node = node(H100, "nvidia.com/gpu: \"2\"", "nvidia.com/gpu: \"2\"");
        ResourceSlice slice = slice("n1", 3, 1, """
                - name: gpu-0
                  attributes: {productName: {string: NVIDIA H100 80GB HBM3}, index: {int: 0}, links: {ints: [0, 1]}}
                  capacity: {memory: {value: 80Gi}}
                - name: gpu-1
                  attributes: {productName: {string: NVIDIA H100 80GB HBM3}, index: {int: 1}}
                  taints: [{key: gpu.example/broken, effect: NoExecute}]
                """);
        ResourceSlice stale = slice("old", 2, 1, "- {name: gpu-9}\n");
        NodeReport report = read(
                new NodeFacts(node, List.of(slice, stale), List.of(), Map.of("gpu.nvidia.com/n1/gpu-0", "ml/train-0")));
        assertThat(report.devices().stream().map(DeviceReport::name))
                .containsExactly("gpu.nvidia.com/n1/gpu-0", "gpu.nvidia.com/n1/gpu-1");
        DeviceReport first = report.devices().getFirst();
        assertThat(first.attributes())
                .doesNotContainKey("gpu.nvidia.com/links")
                .containsEntry("gpu.nvidia.com/productName", "NVIDIA H100 80GB HBM3")
                .containsEntry("productName", "NVIDIA H100 80GB HBM3")
                .containsEntry("gpu.nvidia.com/index", "int:0")
                .containsEntry("capacity/gpu.nvidia.com/memory", "80Gi");
        assertThat(first.memoryBytes()).isEqualTo(80L << 30);
        assertThat(first.foreign()).isEqualTo("ml/train-0");
        assertThat(first.dra()).isEqualTo(new DeviceReport.DraIdentity("gpu.nvidia.com", "n1", "gpu-0"));
        DeviceReport tainted = report.devices().getLast();
        assertThat(tainted.health()).isEqualTo(Health.DRAINING);
        assertThat(tainted.healthCause()).isEqualTo("tainted gpu.example/broken:NoExecute");
    }

    @Test
    void ofDevicesThatShareCountersTheLargestIsTheChip() throws IOException {
        String devices = """
                - name: gpu-0-mig-1g
                  consumesCounters: [{counterSet: gpu-0, counters: {memory: {value: 10Gi}}}]
                - name: gpu-0
                  consumesCounters: [{counterSet: gpu-0, counters: {memory: {value: 80Gi}}}]
                """;
        NodeReport report =
                read(new NodeFacts(node("", "", ""), List.of(slice("n1", 1, 1, devices)), List.of(), Map.of()));
        assertThat(report.devices().stream().map(DeviceReport::name)).containsExactly("gpu.nvidia.com/n1/gpu-0");
    }

    @Test
    void aPoolOfWhichSlicesAreMissingIsInDoubt() throws IOException {
        NodeReport report = read(
                new NodeFacts(node("", "", ""), List.of(slice("n1", 1, 2, "- {name: gpu-0}\n")), List.of(), Map.of()));
        assertThat(report.devices().getFirst().health()).isEqualTo(Health.SUSPECT);
        assertThat(report.devices().getFirst().healthCause()).contains("1 of the 2 slices");
    }

    private static NodeReader reader() throws IOException {
        return new NodeReader("east", VendorTable.load(Optional.empty()), true);
    }

    private static NodeReport read(NodeFacts facts) throws IOException {
        return reader().read(facts, List.of());
    }

    private static List<String> users(NodeReport report) {
        return report.devices().stream().map(DeviceReport::foreign).toList();
    }

    private static NodeFacts facts(Node node) {
        return new NodeFacts(node, List.of(), List.of(), Map.of());
    }

    private static Node node(String labels, String capacity, String allocatable) {
        return Serialization.unmarshal("""
                apiVersion: v1
                kind: Node
                metadata:
                  name: n1
                %sstatus:
                  addresses: [{type: Hostname, address: n1}, {type: InternalIP, address: 10.0.0.7}]
                  capacity: {cpu: "128", memory: 1Ti, pods: "110", %s}
                  allocatable: {cpu: "128", memory: 1Ti, pods: "110", %s}
                """.formatted(labels.indent(2), capacity, allocatable), Node.class);
    }

    private static ResourceSlice slice(String pool, int generation, int count, String devices) {
        return Serialization.unmarshal(
                """
                apiVersion: resource.k8s.io/v1
                kind: ResourceSlice
                metadata: {name: %s-%d}
                spec:
                  driver: gpu.nvidia.com
                  nodeName: n1
                  pool: {name: n1, generation: %d, resourceSliceCount: %d}
                  devices:
                %s
                """.formatted(pool, generation, generation, count, devices.indent(2)), ResourceSlice.class);
    }
}

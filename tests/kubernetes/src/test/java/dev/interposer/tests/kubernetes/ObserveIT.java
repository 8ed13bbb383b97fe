package dev.interposer.tests.kubernetes;

import static org.assertj.core.api.Assertions.assertThat;

import dev.interposer.proto.fleet.v1.Device;
import dev.interposer.proto.fleet.v1.ListDevicesRequest;
import dev.interposer.proto.fleet.v1.ListNodesRequest;
import dev.interposer.proto.fleet.v1.Node;
import dev.interposer.proto.job.v1.GetRequest;
import dev.interposer.tests.e2e.Installation;
import dev.interposer.tests.e2e.Requests;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** A server that only looks at two clusters, as a user who may do nothing else; of a third nobody answers. */
class ObserveIT {
    private static final Map<String, String> H100 = Map.of("nvidia.com/gpu.product", "NVIDIA-H100-80GB-HBM3");
    private static ControlPlane east;
    private static ControlPlane west;
    private static Machines inEast;
    private static Installation installation;

    @BeforeAll
    static void start() throws Exception {
        east = plane("east");
        west = plane("west");
        inEast = new Machines(east.client());
        inEast.node("e1.site.example", H100, "nvidia.com/gpu", 8);
        inEast.node("e2", H100, "nvidia.com/gpu", 8);
        new Machines(west.client())
                .node("w1", Map.of("amd.com/gpu.product-name", "AMD_Instinct_MI300X_OAM"), "amd.com/gpu", 8);
        Path nobody = Files.writeString(
                east.folder().resolve("nobody.kubeconfig"),
                Files.readString(east.kubeconfig("observer")).replaceAll("127.0.0.1:\\d+", "127.0.0.1:1"));
        installation = new Installation(
                1,
                cluster("east", east.kubeconfig("observer")),
                cluster("west", west.kubeconfig("observer")),
                cluster("north", nobody),
                "-Dinterposer.kubernetes.patience=3s");
        installation.awaitLeader();
        Requests.applySamples(installation);
    }

    @AfterAll
    static void stop() {
        if (installation != null) {
            installation.close();
        }
        for (ControlPlane plane : new ControlPlane[] {east, west}) {
            if (plane != null) {
                plane.close();
            }
        }
    }

    @Test
    void whatOthersRunIsSeenAndNothingIsEverChanged() throws Exception {
        Eventually.await(() -> devices("east/e2", "nvidia-h100-sxm").size() == 8
                && devices("west/w1", "amd-mi300x").size() == 8);
        assertThat(devices("east/e1.site.example", "nvidia-h100-sxm")).hasSize(8);

        inEast.foreignPod("train-0", "e2", "nvidia.com/gpu", 3);
        Eventually.await(() -> node("east/e2").getCapacityOrDefault("cpu", 0) == 60_000);

        assertThat(foreign("east/e2")).containsExactly("default/train-0", "default/train-0", "default/train-0");

        inEast.podEnds("train-0");
        Eventually.await(() -> node("east/e2").getCapacityOrDefault("cpu", 0) == 64_000);
        assertThat(foreign("east/e2")).isEmpty();

        installation.jobs().submit(Requests.job("wants", "nvidia-h100-sxm", 1, "true"));
        Thread.sleep(1_000);
        assertThat(installation.jobs().get(request("wants")).getPhase()).isEqualTo("Waiting");
        assertThat(east.kubectl().ok("get", "pods", "-A", "-o", "name")).isEqualTo("pod/train-0\n");
    }

    private static GetRequest request(String name) {
        return GetRequest.newBuilder().setJob(Requests.reference(name)).build();
    }

    @Test
    void nodesThatFailComeBackOrAreDeletedAreFollowed() throws Exception {
        inEast.node("e3", H100, "nvidia.com/gpu", 8);
        Eventually.await(() -> phase("east/e3").equals("Ready"));
        inEast.ready("e3", false);
        Eventually.await(() -> phase("east/e3").equals("Lost"));
        inEast.ready("e3", true);
        Eventually.await(() -> phase("east/e3").equals("Ready"));
        east.client().nodes().withName("e3").delete();
        Eventually.await(() -> phase("east/e3").isEmpty());
    }

    @Test
    void aClusterThatGoesAwayTakesItsOwnNodesAlongAndNoOthers() throws Exception {
        Eventually.await(() -> phase("west/w1").equals("Ready"));
        west.kill("kube-apiserver");
        Eventually.await(() -> phase("west/w1").equals("Lost"));
        assertThat(phase("east/e2")).isEqualTo("Ready");
        inEast.node("e4", H100, "nvidia.com/gpu", 4);
        Eventually.await(() -> phase("east/e4").equals("Ready"));
        west.startApiServer();
        Eventually.await(() -> phase("west/w1").equals("Ready"));
    }

    private static ControlPlane plane(String name) throws Exception {
        ControlPlane plane = new ControlPlane(name, "observer");
        Rights.give(plane, "observer", "observe");
        return plane;
    }

    private static String cluster(String name, Path kubeconfig) {
        return "-Dinterposer.kubernetes.clusters." + name + ".kubeconfig=" + kubeconfig;
    }

    private static List<Device> devices(String node, String className) throws Exception {
        return installation
                .fleet()
                .listDevices(ListDevicesRequest.newBuilder().setNode(node).build())
                .getDevicesList()
                .stream()
                .filter(device -> device.getClassName().equals(className))
                .toList();
    }

    private static List<String> foreign(String node) throws Exception {
        return installation
                .fleet()
                .listDevices(ListDevicesRequest.newBuilder().setNode(node).build())
                .getDevicesList()
                .stream()
                .map(Device::getForeign)
                .filter(user -> !user.isEmpty())
                .toList();
    }

    private static Node node(String name) throws Exception {
        return installation.fleet().listNodes(ListNodesRequest.getDefaultInstance()).getNodesList().stream()
                .filter(node -> node.getName().equals(name))
                .findFirst()
                .orElse(Node.getDefaultInstance());
    }

    private static String phase(String name) throws Exception {
        return node(name).getPhase();
    }
}

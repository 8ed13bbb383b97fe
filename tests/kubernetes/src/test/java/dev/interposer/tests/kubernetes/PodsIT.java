package dev.interposer.tests.kubernetes;

import static dev.interposer.tests.kubernetes.Eventually.await;
import static org.assertj.core.api.Assertions.assertThat;

import dev.interposer.proto.fleet.v1.ListNodesRequest;
import dev.interposer.proto.job.v1.CancelRequest;
import dev.interposer.proto.job.v1.GetRequest;
import dev.interposer.proto.job.v1.Job;
import dev.interposer.proto.job.v1.SubmitRequest;
import dev.interposer.tests.e2e.Installation;
import dev.interposer.tests.e2e.Requests;
import io.fabric8.kubernetes.api.model.Pod;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Work as pods of a real API server, on kubelets that are ours; as a user who may do no more than is written. */
class PodsIT {
    private static final Map<String, String> H100 = Map.of("nvidia.com/gpu.product", "NVIDIA-H100-80GB-HBM3");
    private static final Map<String, String> MI300 = Map.of("amd.com/gpu.product-name", "AMD_Instinct_MI300X_OAM");
    private static final String CLASS = "nvidia-h100-sxm";
    private static final String GPU = "nvidia.com/gpu";

    private static ControlPlane plane;
    private static Kubelet kubelet;
    private static Installation installation;

    @BeforeAll
    static void start() throws Exception {
        plane = new ControlPlane("pods", "manager").withControllerManager();
        Rights.give(plane, "manager", "observe", "manage");
        plane.kubectl().ok("create", "namespace", "research");
        kubelet = new Kubelet(plane.client());
        for (String node : new String[] {"n1", "n2"}) {
            kubelet.node(node, H100, GPU, 8);
        }
        installation = new Installation(
                1,
                "-Dinterposer.kubernetes.clusters.prod.mode=manage",
                "-Dinterposer.kubernetes.clusters.prod.kubeconfig=" + plane.kubeconfig("manager"),
                "-Dinterposer.kubernetes.patience=3s");
        installation.awaitLeader();
        Requests.applySamples(installation);
        await(() -> phase("prod/n1").equals("Ready") && phase("prod/n2").equals("Ready"));
    }

    @AfterAll
    static void stop() {
        if (installation != null) {
            installation.close();
        }
        if (kubelet != null) {
            kubelet.close();
        }
        if (plane != null) {
            plane.close();
        }
    }

    @Test
    void aGangRunsAsPodsThatFindEachOtherAndSucceeds() throws Exception {
        submit("gang", 2, 8, Map.of(KubeletPod.SECONDS, "2"));
        await(() -> phaseOf("gang").equals("Running"));
        List<Pod> pods = pods("gang");
        assertThat(pods).hasSize(2).allSatisfy(pod -> {
            assertThat(pod.getSpec().getSchedulerName()).isEqualTo("interposer");
            assertThat(kubelet.devices(pod.getMetadata().getUid(), GPU)).hasSize(8);
        });
        assertThat(pods.stream().map(pod -> pod.getSpec().getNodeName())).containsExactlyInAnyOrder("n1", "n2");
        String service = pods.getFirst().getSpec().getSubdomain();
        assertThat(plane.client()
                        .services()
                        .inNamespace("research")
                        .withName(service)
                        .get())
                .isNotNull();
        await(() -> phaseOf("gang").equals("Succeeded"));
    }

    @Test
    void anExitCodeUsesARetryAndAFatalOneEndsTheJob() throws Exception {
        submit("retried", 1, 1, Map.of(KubeletPod.SECONDS, "0.2", KubeletPod.EXIT_CODES, "3,0"));
        SubmitRequest.Builder fatal =
                request("fatal", 1, 1, Map.of(KubeletPod.SECONDS, "0.2", KubeletPod.EXIT_CODES, "7"));
        fatal.getSpecBuilder().getTrainingBuilder().getFailurePolicyBuilder().addFatalExitCodes(7);
        installation.jobs().submit(fatal.build());
        await(() -> phaseOf("fatal").equals("Failed"));
        await(() -> phaseOf("retried").equals("Succeeded"));
        assertThat(pods("retried").stream()
                        .map(pod -> pod.getMetadata().getLabels().get("interposer.dev/attempt")))
                .containsExactlyInAnyOrder("1", "2");
    }

    @Test
    void aCancelledJobsPodsHaveTheirGraceAndAreGone() throws Exception {
        submit("cancelled", 2, 1, Map.of(KubeletPod.STOP_SECONDS, "2"));
        await(() -> phaseOf("cancelled").equals("Running"));
        long began = System.nanoTime();
        installation
                .jobs()
                .cancel(CancelRequest.newBuilder()
                        .setJob(Requests.reference("cancelled"))
                        .build());
        await(() -> phaseOf("cancelled").equals("Cancelled"));
        assertThat((System.nanoTime() - began) / 1_000_000).isGreaterThan(1_000);
        await(() -> pods("cancelled").isEmpty());
    }

    @Test
    void aServerThatIsKilledFindsItsPodsAgainAndMakesNoneTwice() throws Exception {
        submit("survivor", 2, 2, Map.of(KubeletPod.SECONDS, "8"));
        await(() -> phaseOf("survivor").equals("Running"));
        Set<String> uids = uids("survivor");
        installation.server(0).destroyForcibly().waitFor();
        installation.restartServer(0);
        installation.awaitLeader();
        await(() -> phaseOf("survivor").equals("Running"));
        await(() -> phaseOf("survivor").equals("Succeeded"));
        assertThat(uids("survivor")).isEqualTo(uids);
    }

    @Test
    void aServerThatIsKilledWhileAGangIsMadeGoesOnWithWhatIsThere() throws Exception {
        for (int round = 0; round < 3; round++) {
            String name = "begun" + round;
            submit(name, 6, 1, Map.of());
            Thread.sleep(20 + 30L * round);
            installation.server(0).destroyForcibly().waitFor();
            installation.restartServer(0);
            installation.awaitLeader();
            await(() -> phaseOf(name).equals("Running"));
            assertThat(pods(name)).hasSize(6).allSatisfy(pod -> {
                assertThat(pod.getSpec().getNodeName()).isNotNull();
                assertThat(pod.getMetadata().getLabels()).containsEntry("interposer.dev/attempt", "1");
            });
            installation
                    .jobs()
                    .cancel(CancelRequest.newBuilder()
                            .setJob(Requests.reference(name))
                            .build());
            await(() -> pods(name).isEmpty());
        }
    }

    @Test
    void whileTheApiServerIsAwayNothingEndsAndNothingIsMadeTwice() throws Exception {
        submit("patient", 2, 2, Map.of(KubeletPod.SECONDS, "12"));
        await(() -> phaseOf("patient").equals("Running"));
        Set<String> uids = uids("patient");
        plane.kill("kube-apiserver");
        await(() -> phase("prod/n1").equals("Lost"));
        assertThat(phaseOf("patient")).isEqualTo("Running");
        plane.startApiServer();
        await(() -> phase("prod/n1").equals("Ready"));
        await(() -> phaseOf("patient").equals("Succeeded"));
        assertThat(uids("patient")).isEqualTo(uids);
    }

    @Test
    void aPodThatSomebodyDeletesIsEvictedAndItsGangBeginsAnew() throws Exception {
        submit("evicted", 2, 1, Map.of());
        await(() -> phaseOf("evicted").equals("Running"));
        plane.client().resource(pods("evicted").getFirst()).delete();
        await(() -> pods("evicted").stream()
                .anyMatch(pod -> "2".equals(pod.getMetadata().getLabels().get("interposer.dev/attempt"))));
        await(() -> phaseOf("evicted").equals("Running"));
        installation
                .jobs()
                .cancel(CancelRequest.newBuilder()
                        .setJob(Requests.reference("evicted"))
                        .build());
    }

    @Test
    void aGangOfWhichOnePodIsRefusedLeavesNothingBehindAndTellsTheWords() throws Exception {
        plane.kubectl().ok("create", "namespace", "narrow");
        plane.kubectl().ok("create", "quota", "few", "--hard=pods=1", "-n", "narrow");
        Thread.sleep(1_000);
        SubmitRequest.Builder request = request("refused", 2, 1, Map.of());
        request.setNamespace("narrow");
        installation.jobs().submit(request.build());
        await(() -> reasonOf("narrow", "refused").contains("exceeded quota"));
        await(() ->
                plane.client().pods().inNamespace("narrow").list().getItems().isEmpty());
        plane.kubectl().ok("delete", "quota", "few", "-n", "narrow");
        await(() -> get("narrow", "refused").getPhase().equals("Running"));
        installation
                .jobs()
                .cancel(CancelRequest.newBuilder()
                        .setJob(Requests.reference("refused").toBuilder().setNamespace("narrow"))
                        .build());
    }

    @Test
    void aPodThatItsKubeletRefusesIsPlacedElsewhereAtOnce() throws Exception {
        kubelet.node("sick", H100, GPU, 8);
        kubelet.sicken("sick", "Allocate failed due to no healthy devices present");
        await(() -> phase("prod/sick").equals("Ready"));
        for (int number = 0; number < 3; number++) {
            submit("moved" + number, 1, 8, Map.of(KubeletPod.SECONDS, "3"));
        }
        for (int number = 0; number < 3; number++) {
            String name = "moved" + number;
            await(() -> phaseOf(name).equals("Succeeded"));
        }
        assertThat(plane.client()
                        .pods()
                        .inNamespace("research")
                        .withField("status.phase", "Failed")
                        .list()
                        .getItems())
                .extracting(pod -> pod.getStatus().getReason())
                .contains("UnexpectedAdmissionError");
        kubelet.delete("sick");
        await(() -> phase("prod/sick").isEmpty());
    }

    @Test
    void aNodeThatIsSilentIsLostAndOneThatIsDeletedIsFenced() throws Exception {
        kubelet.node("frail", MI300, "amd.com/gpu", 8);
        await(() -> phase("prod/frail").equals("Ready"));
        SubmitRequest.Builder request = request("stranded", 1, 4, Map.of());
        request.getSpecBuilder()
                .getProfilesBuilder(0)
                .getRolesBuilder(0)
                .getAcceleratorsBuilder()
                .setClassName("amd-mi300x");
        installation.jobs().submit(request.build());
        await(() -> phaseOf("stranded").equals("Running"));
        kubelet.silence("frail");
        await(() -> phase("prod/frail").equals("Lost"));
        Thread.sleep(1_000);
        assertThat(phaseOf("stranded")).isEqualTo("Running");
        kubelet.delete("frail");
        await(() -> !phaseOf("stranded").equals("Running"));
        await(() -> phase("prod/frail").isEmpty());
        kubelet.node("sturdy", MI300, "amd.com/gpu", 8);
        await(() -> phaseOf("stranded").equals("Running"));
        installation
                .jobs()
                .cancel(CancelRequest.newBuilder()
                        .setJob(Requests.reference("stranded"))
                        .build());
    }

    private static void submit(String name, int workers, int devices, Map<String, String> annotations)
            throws Exception {
        installation.jobs().submit(request(name, workers, devices, annotations).build());
    }

    private static SubmitRequest.Builder request(
            String name, int workers, int devices, Map<String, String> annotations) {
        SubmitRequest.Builder request = Requests.job(name, CLASS, devices, "train").toBuilder();
        var role = request.getSpecBuilder().getProfilesBuilder(0).getRolesBuilder(0);
        role.getWorkersBuilder().setMin(workers).setMax(workers);
        StringBuilder said = new StringBuilder();
        annotations.forEach(
                (key, value) -> said.append(said.isEmpty() ? "" : ", ").append("\"" + key + "\": \"" + value + "\""));
        role.getContainerBuilder().setName("main").setImage("reg.example/train").setTemplateJson("""
                {"metadata": {"annotations": {%s}},
                 "spec": {"containers": [{"name": "main", "image": "reg.example/train", "command": ["train"]}]}}
                """.formatted(said));
        return request;
    }

    private static Job get(String namespace, String name) throws Exception {
        return installation
                .jobs()
                .get(GetRequest.newBuilder()
                        .setJob(Requests.reference(name).toBuilder().setNamespace(namespace))
                        .build());
    }

    private static String phaseOf(String name) throws Exception {
        return get("research", name).getPhase();
    }

    private static String reasonOf(String namespace, String name) throws Exception {
        return get(namespace, name).toString();
    }

    private static List<Pod> pods(String job) throws Exception {
        return plane.client()
                .pods()
                .inNamespace("research")
                .withLabel("interposer.dev/job", job)
                .list()
                .getItems();
    }

    private static Set<String> uids(String job) throws Exception {
        Set<String> uids = new HashSet<>();
        pods(job).forEach(pod -> uids.add(pod.getMetadata().getUid()));
        return uids;
    }

    private static String phase(String name) throws Exception {
        return installation.fleet().listNodes(ListNodesRequest.getDefaultInstance()).getNodesList().stream()
                .filter(node -> node.getName().equals(name))
                .findFirst()
                .map(node -> node.getPhase())
                .orElse("");
    }
}

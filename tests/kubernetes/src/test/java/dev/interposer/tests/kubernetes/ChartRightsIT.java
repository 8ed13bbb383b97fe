package dev.interposer.tests.kubernetes;

import static org.assertj.core.api.Assertions.assertThat;

import dev.interposer.proto.fleet.v1.ListNodesRequest;
import dev.interposer.proto.fleet.v1.Node;
import dev.interposer.tests.e2e.Installation;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/**
 * Servers with the settings of a release, let in as its service account by a token of that: what they do needs no right
 * that the release does not give.
 */
class ChartRightsIT {
    private static final String ACCOUNT = "system:serviceaccount:" + Chart.NAMESPACE + ":interposer";
    private static final List<String> NEVER = List.of(
            "get secrets",
            "list configmaps",
            "create deployments.apps",
            "patch nodes",
            "delete nodes",
            "patch pods",
            "create pods/exec",
            "create serviceaccounts/token",
            "delete services",
            "delete namespaces",
            "create trainingjobs.interposer.dev",
            "impersonate users",
            "create clusterrolebindings.rbac.authorization.k8s.io");
    private static ControlPlane plane;
    private static Command helm;
    private static Machines machines;

    @BeforeAll
    static void start() throws Exception {
        plane = new ControlPlane("rights");
        helm = Chart.helm(plane.folder(), plane.kubeconfig(ControlPlane.ADMIN));
        machines = new Machines(plane.client());
        machines.node(
                "m1.site.example", Map.of("nvidia.com/gpu.product", "NVIDIA-H100-80GB-HBM3"), "nvidia.com/gpu", 8);
    }

    @AfterAll
    static void stop() {
        if (plane != null) {
            plane.close();
        }
    }

    @Test
    void anObserverReadsNodesAndPodsAndNothingElse() throws Exception {
        release("postgresql");
        denied(NEVER.toArray(String[]::new));
        allowed(
                "list nodes",
                "watch pods",
                "list resourceslices.resource.k8s.io",
                "watch resourceclaims.resource.k8s.io");
        denied("create pods", "delete pods", "list namespaces", "list trainingjobs.interposer.dev");
        try (Installation installation = server()) {
            Eventually.await(() -> phase(installation, "main/m1.site.example").equals("Ready"));
            machines.ready("m1.site.example", false);
            Eventually.await(() -> phase(installation, "main/m1.site.example").equals("Lost"));
            machines.ready("m1.site.example", true);
            Eventually.await(() -> phase(installation, "main/m1.site.example").equals("Ready"));
        }
    }

    @Test
    void aManagerFollowsObjectsAndWritesTheirStatus() throws Exception {
        release("manage");
        denied(NEVER.toArray(String[]::new));
        allowed("create pods", "delete pods", "create pods/binding", "create services", "list namespaces");
        allowed("patch trainingjobs.interposer.dev", "patch trainingjobs.interposer.dev/status");
        allowed("create subjectaccessreviews.authorization.k8s.io");
        denied("patch services", "update trainingjobs.interposer.dev", "create jobqueues.interposer.dev");
        Kubectl kubectl = plane.kubectl();
        kubectl.ok("wait", "--for=condition=Established", "--timeout=60s", "crd", "--all");
        kubectl.ok("create", "namespace", "research");
        try (Installation installation = server()) {
            installation.startAgent("simulated", installation.example("fleet.yaml"));
            for (String example : List.of("suppliers.yaml", "classes.yaml", "queues.yaml")) {
                kubectl.ok("apply", "-f", installation.example(example).toString());
            }
            kubectl.ok(
                    "wait",
                    "--for=condition=Accepted",
                    "--timeout=60s",
                    "acceleratorclasses,jobqueues,suppliers",
                    "--all");
            installation.awaitNodes(12);
            kubectl.apply("""
                    apiVersion: interposer.dev/v1alpha1
                    kind: TrainingJob
                    metadata: {name: hello, namespace: research}
                    spec:
                      queueName: research
                      profiles: [{name: a1, accelerators: {className: inhouse-a1, perWorker: 1}}]
                      template: {spec: {containers: [{name: main, image: reg.example/x, command: ["true"]}]}}
                    """);
            kubectl.ok("wait", "--for=condition=Complete", "--timeout=60s", "-n", "research", "tjob/hello");
            kubectl.ok("delete", "tjob", "-n", "research", "hello", "--timeout=60s");
        }
    }

    private static void release(String values) throws Exception {
        helm.ok(
                "install",
                Chart.RELEASE,
                Chart.folder().toString(),
                "--namespace",
                Chart.NAMESPACE,
                "--create-namespace",
                "--values",
                Chart.values(values).toString());
    }

    @AfterEach
    void uninstall() throws Exception {
        helm.ok("uninstall", Chart.RELEASE, "--namespace", Chart.NAMESPACE, "--wait", "--timeout", "60s");
    }

    private static void allowed(String... rights) throws Exception {
        for (String right : rights) {
            assertThat(may(right)).as(right).isTrue();
        }
    }

    private static void denied(String... rights) throws Exception {
        for (String right : rights) {
            assertThat(may(right)).as(right).isFalse();
        }
    }

    private static boolean may(String right) throws Exception {
        List<String> words =
                new ArrayList<>(List.of("auth", "can-i", "--all-namespaces", "--quiet", "--as=" + ACCOUNT));
        String[] asked = right.split("[ /]", -1);
        words.addAll(List.of(asked[0], asked[1]));
        if (asked.length > 2) {
            words.add("--subresource=" + asked[2]);
        }
        return plane.kubectl().run(words.toArray(String[]::new)).code() == 0;
    }

    /** As in a pod of the release, but for what is another one here: folders, ports, the ledger. */
    private static Installation server() throws Exception {
        Path settings = Files.writeString(
                plane.folder().resolve("settings.yaml"),
                plane.kubectl()
                        .ok(
                                "get",
                                "configmap",
                                "-n",
                                Chart.NAMESPACE,
                                "interposer",
                                "-o",
                                "jsonpath={.data.settings\\.yaml}"));
        Path token = Files.writeString(
                plane.folder().resolve("account-token"),
                plane.kubectl().ok("create", "token", "-n", Chart.NAMESPACE, "interposer", "--duration=1h"));
        URI api = URI.create(plane.url());
        Installation installation = new Installation(
                1,
                "-Dsmallrye.config.locations=" + settings,
                "-Dinterposer.grpc.host=127.0.0.1",
                "-Dquarkus.http.host=127.0.0.1",
                "-Dinterposer.tls.mode=auto",
                "-Dinterposer.ledger.durability=local",
                "-Dinterposer.security.tokens-file=",
                // What a kubelet puts into a pod.
                "-Dkubernetes.auth.tryKubeConfig=false",
                "-DKUBERNETES_SERVICE_HOST=" + api.getHost(),
                "-DKUBERNETES_SERVICE_PORT=" + api.getPort(),
                "-Dkubernetes.auth.serviceAccount.token=" + token,
                "-Dkubernetes.certs.ca.file=" + plane.folder().resolve("api-server/apiserver.crt"));
        installation.awaitLeader();
        return installation;
    }

    private static String phase(Installation installation, String name) throws Exception {
        return installation.fleet().listNodes(ListNodesRequest.getDefaultInstance()).getNodesList().stream()
                .filter(node -> node.getName().equals(name))
                .findFirst()
                .orElse(Node.getDefaultInstance())
                .getPhase();
    }
}

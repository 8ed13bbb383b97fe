package dev.interposer.tests.kubernetes;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/**
 * A release in a real API server with its controllers: each object is taken, and pods are made. There is no kubelet, so
 * no container of them ever starts.
 */
class ChartInstallIT {
    private static final String[] HERE = {"--namespace", Chart.NAMESPACE};
    private static ControlPlane plane;
    private static Command helm;

    @BeforeAll
    static void start() throws Exception {
        // As clusters are that run agents, or a network, as pods.
        plane = new ControlPlane("chart", List.of("--allow-privileged=true")).withControllerManager();
        helm = Chart.helm(plane.folder(), plane.kubeconfig(ControlPlane.ADMIN));
    }

    @AfterAll
    static void stop() {
        if (plane != null) {
            plane.close();
        }
    }

    @Test
    void aReleaseIsInstalledChangedAndUninstalledAndObjectsOfPeopleStay() throws Exception {
        Kubectl kubectl = plane.kubectl();
        helm.ok(words("install", "postgresql", "--create-namespace"));
        Eventually.await(() -> pods().equals(List.of("interposer-0", "interposer-1", "interposer-postgresql-0")));
        assertThat(kubectl.ok("get", "pvc", "-n", Chart.NAMESPACE, "-o", "name"))
                .contains("data-interposer-postgresql-0");
        Eventually.await(() -> kubectl.ok(
                        "get", "pdb", "-n", Chart.NAMESPACE, "interposer", "-o", "jsonpath={.status.expectedPods}")
                .equals("2"));
        kubectl.ok("wait", "--for=condition=Established", "--timeout=60s", "crd", "--all");
        kubectl.ok("create", "namespace", "research");
        kubectl.ok(
                "apply",
                "-f",
                CustomResources.root().resolve("examples/hello.yaml").toString());

        // What was made at random is what it was, also after a change of other values.
        String token = token();
        assertThat(token).hasSize(43);
        helm.ok(words(
                "upgrade", "postgresql", "--set", "scheduler.replicas=3", "--set", "kubernetes.home.mode=manage"));
        assertThat(token()).isEqualTo(token);
        Eventually.await(() -> pods().contains("interposer-2"));

        helm.ok("uninstall", Chart.RELEASE, "--namespace", Chart.NAMESPACE, "--wait", "--timeout", "60s");
        Eventually.await(() -> pods().isEmpty());
        assertThat(kubectl.ok("get", "tjob", "-n", "research", "-o", "name")).contains("hello");
        assertThat(kubectl.ok("get", "pvc", "-n", Chart.NAMESPACE, "-o", "name"))
                .contains("data-interposer-postgresql-0");
        assertThat(kubectl.ok("get", "clusterroles", "-o", "name")).doesNotContain("interposer");

        // Under the same name it is at home again, with the password that the data asks for.
        helm.ok(words("install", "postgresql"));
        helm.ok("uninstall", Chart.RELEASE, "--namespace", Chart.NAMESPACE, "--wait", "--timeout", "60s");
    }

    @Test
    void eachObjectOfEachCaseIsTaken() throws Exception {
        // The kinds of Prometheus' operator are not there.
        for (String name : List.of("manage", "guarded", "agents")) {
            String release = "case-" + name;
            helm.ok(
                    "install",
                    release,
                    Chart.folder().toString(),
                    "--namespace",
                    release,
                    "--create-namespace",
                    "--values",
                    Chart.values(name).toString(),
                    "--set",
                    "crds.install=false,serviceMonitor.enabled=never");
            plane.kubectl().ok("get", "statefulset,service,configmap,serviceaccount", "-n", release);
        }
        plane.kubectl().apply("""
                apiVersion: node.k8s.io/v1
                kind: RuntimeClass
                metadata: {name: nvidia}
                handler: nvidia
                """);
        plane.kubectl().apply("""
                apiVersion: v1
                kind: Node
                metadata: {name: gpu-1.site.example, labels: {nvidia.com/gpu.present: "true"}}
                """);
        Eventually.await(() -> plane.kubectl()
                .ok("get", "pods", "-n", "case-agents", "-o", "name")
                .contains("pod/case-agents-interposer-agent-nvidia-"));
        assertThat(plane.kubectl().ok("get", "pods", "-n", "case-agents", "-o", "name"))
                .doesNotContain("agent-amd");
        for (String name : List.of("manage", "guarded", "agents")) {
            helm.ok("uninstall", "case-" + name, "--namespace", "case-" + name);
        }
    }

    @Test
    void whatNotesSayIsThere() throws Exception {
        String said = helm.ok(words("install", "agents", "--create-namespace", "--dry-run=server"));
        assertThat(said)
                .contains("get secret interposer-tokens")
                .contains("create secret generic interposer-join")
                .contains("interposer-0.interposer-servers.interposer-system.svc:7070,interposer-1.");
    }

    private static String[] words(String verb, String values, String... more) {
        List<String> words =
                new ArrayList<>(List.of(verb, Chart.RELEASE, Chart.folder().toString()));
        words.addAll(List.of(HERE));
        words.addAll(List.of("--values", Chart.values(values).toString()));
        words.addAll(List.of(more));
        return words.toArray(String[]::new);
    }

    private static List<String> pods() throws Exception {
        return plane.kubectl()
                .ok("get", "pods", "-n", Chart.NAMESPACE, "-o", "jsonpath={.items[*].metadata.name}")
                .lines()
                .flatMap(line -> List.of(line.split(" ", -1)).stream())
                .filter(name -> !name.isEmpty())
                .sorted()
                .toList();
    }

    private static String token() throws Exception {
        String encoded = plane.kubectl()
                .ok("get", "secret", "-n", Chart.NAMESPACE, "interposer-tokens", "-o", "jsonpath={.data.token}");
        return new String(Base64.getDecoder().decode(encoded), StandardCharsets.US_ASCII);
    }
}

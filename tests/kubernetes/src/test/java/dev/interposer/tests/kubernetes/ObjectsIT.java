package dev.interposer.tests.kubernetes;

import static org.assertj.core.api.Assertions.assertThat;

import dev.interposer.proto.fleet.v1.ListNodesRequest;
import dev.interposer.proto.fleet.v1.Node;
import dev.interposer.proto.job.v1.GetRequest;
import dev.interposer.proto.job.v1.Job;
import dev.interposer.proto.job.v1.JobReference;
import dev.interposer.tests.e2e.Installation;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Objects that people apply by kubectl: the fleet follows them, and they show what became of it. */
class ObjectsIT {
    private static ControlPlane plane;
    private static Installation installation;

    @BeforeAll
    static void start() throws Exception {
        plane = new ControlPlane("objects", "manager").withControllerManager();
        Kubectl kubectl = plane.kubectl();
        kubectl.ok("apply", "--server-side", "-f", root("deploy/helm/interposer/files/crds"));
        kubectl.ok("wait", "--for=condition=Established", "crd", "--all");
        Rights.give(plane, "manager", "observe", "manage", "objects");
        kubectl.ok("create", "namespace", "research");
        kubectl.ok("create", "namespace", "serving");
        installation = new Installation(
                1,
                "-Dinterposer.kubernetes.clusters.home.kubeconfig=" + plane.kubeconfig("manager"),
                "-Dinterposer.kubernetes.clusters.home.mode=manage",
                "-Dinterposer.kubernetes.clusters.home.objects=true");
        installation.awaitLeader();
        installation.startAgent("simulated", installation.example("fleet.yaml"));
        // In an order in which each thing lacks the next.
        for (String example : new String[] {"queues.yaml", "classes.yaml", "supply.yaml", "suppliers.yaml"}) {
            kubectl.ok("apply", "-f", installation.example(example).toString());
        }
        kubectl.ok(
                "wait", "--for=condition=Accepted", "--timeout=60s", "acceleratorclasses,jobqueues,suppliers", "--all");
        installation.awaitNodes(12);
    }

    @AfterAll
    static void stop() {
        if (installation != null) {
            installation.close();
        }
        if (plane != null) {
            plane.close();
        }
    }

    @Test
    void aJobThatIsAppliedRunsAndIsCompleteAndIsSeenOverGrpc() throws Exception {
        plane.kubectl().ok("apply", "-f", installation.example("hello.yaml").toString());
        plane.kubectl().ok("wait", "--for=condition=Complete", "--timeout=60s", "-n", "research", "tjob/hello");
        assertThat(job("research", "hello").getPhase()).isEqualTo("Succeeded");
        assertThat(plane.kubectl().ok("get", "tjob", "-n", "research", "-o", "wide"))
                .contains("hello", "research", "Succeeded");
        plane.kubectl().ok("delete", "tjob", "-n", "research", "hello", "--timeout=30s");
    }

    @Test
    void aJobThatIsDeletedIsGoneOnlyWhenItsWorkEnded() throws Exception {
        plane.kubectl().apply(training("deleted", "sleep 600", ""));
        Eventually.await(() -> phase("deleted").equals("Running"));
        plane.kubectl().ok("delete", "tjob", "-n", "research", "deleted", "--timeout=60s");
        assertThat(job("research", "deleted").getPhase()).isEqualTo("Cancelled");
    }

    @Test
    void replicasAreScaledByKubectl() throws Exception {
        plane.kubectl().ok("apply", "-f", installation.example("inference.yaml").toString());
        plane.kubectl().ok("wait", "--for=condition=Available", "--timeout=60s", "-n", "serving", "ijob/chat");
        plane.kubectl().ok("scale", "--replicas=3", "-n", "serving", "ijob/chat");
        Eventually.await(() -> plane.kubectl()
                .ok("get", "ijob", "-n", "serving", "chat", "-o", "jsonpath={.status.readyReplicas}")
                .equals("3"));
        assertThat(job("serving", "chat").getGangsCount()).isEqualTo(3);
        plane.kubectl().ok("delete", "ijob", "-n", "serving", "chat", "--timeout=60s");
    }

    @Test
    void oneThatIsHeldBackLeavesAndGoesOnWithWhatItsSpecSaysThen() throws Exception {
        plane.kubectl().apply(training("held", "sleep 600", ""));
        Eventually.await(() -> phase("held").equals("Running"));
        plane.kubectl().apply(training("held", "sleep 600", "suspend: true"));
        Eventually.await(() -> phase("held").equals("Suspended"));
        assertThat(job("research", "held").getPhase()).isEqualTo("Cancelled");
        plane.kubectl().apply(training("held", "true", "suspend: false"));
        plane.kubectl().ok("wait", "--for=condition=Complete", "--timeout=60s", "-n", "research", "tjob/held");
    }

    @Test
    void whatIsRefusedSaysWhyAndIsTriedAgain() throws Exception {
        plane.kubectl().apply(training("early", "true", "").replace("queueName: research", "queueName: later"));
        Eventually.await(() -> accepted("early").startsWith("False"));
        assertThat(accepted("early")).contains("later");
        plane.kubectl().apply("""
                apiVersion: interposer.dev/v1alpha1
                kind: JobQueue
                metadata: {name: later}
                spec: {namespaceSelector: {matchLabels: {kubernetes.io/metadata.name: research}}}
                """);
        plane.kubectl().ok("wait", "--for=condition=Complete", "--timeout=60s", "-n", "research", "tjob/early");
    }

    @Test
    void oneThatIsToBeForgottenAfterItsEndGoesAndDoesNotRunAgain() throws Exception {
        for (String name : new String[] {"brief0", "brief2"}) {
            plane.kubectl().apply(training(name, "true", "ttlSecondsAfterFinished: " + name.substring(5)));
            Eventually.await(() ->
                    plane.kubectl().run("get", "tjob", "-n", "research", name).code() != 0);
            Eventually.await(() -> !isThere("research", name));
        }
    }

    @Test
    void aQueueIsClosedToNamespacesThatItDoesNotSelect() throws Exception {
        plane.kubectl().apply(training("stranger", "true", "").replace("namespace: research", "namespace: serving"));
        Eventually.await(() -> plane.kubectl()
                .ok("get", "tjob", "-n", "serving", "stranger", "-o", "jsonpath={.status.conditions[0].reason}")
                .equals("QueueNotAllowed"));
        assertThat(isThere("serving", "stranger")).isFalse();
    }

    @Test
    void aSupplierInUseStaysUntilNothingNamesIt() throws Exception {
        plane.kubectl().ok("delete", "supplier", "tsmc", "--wait=false");
        Eventually.await(() -> plane.kubectl()
                .ok("get", "supplier", "tsmc", "-o", "jsonpath={.status.conditions[0].reason}")
                .equals("InUse"));
    }

    @Test
    void aNodeThatIsCordonedByKubectlTakesNoMoreWork() throws Exception {
        new Machines(plane.client()).node("n1", Map.of(), "chips.example/none", 1);
        Eventually.await(() -> node("home/n1").getPhase().equals("Ready"));
        plane.kubectl().ok("cordon", "n1");
        Eventually.await(() -> node("home/n1").getCordoned());
        plane.kubectl().ok("uncordon", "n1");
        Eventually.await(() -> !node("home/n1").getCordoned());
        plane.kubectl().ok("delete", "node", "n1");
        Eventually.await(() -> node("home/n1").getPhase().isEmpty());
    }

    private static Node node(String name) throws Exception {
        return installation.fleet().listNodes(ListNodesRequest.getDefaultInstance()).getNodesList().stream()
                .filter(node -> node.getName().equals(name))
                .findFirst()
                .orElse(Node.getDefaultInstance());
    }

    private static String training(String name, String command, String more) {
        return """
                apiVersion: interposer.dev/v1alpha1
                kind: TrainingJob
                metadata: {name: %s, namespace: research}
                spec:
                  queueName: research
                  preemption: {graceSeconds: 1}
                  %s
                  profiles:
                  - {name: a1, accelerators: {className: inhouse-a1, perWorker: 1}}
                  template: {spec: {containers: [{name: main, image: reg.example/x, command: [sh, -c, "%s"]}]}}
                """.formatted(name, more, command);
    }

    private static String phase(String name) throws Exception {
        return plane.kubectl().ok("get", "tjob", "-n", "research", name, "-o", "jsonpath={.status.phase}");
    }

    private static String accepted(String name) throws Exception {
        return plane.kubectl()
                .ok(
                        "get",
                        "tjob",
                        "-n",
                        "research",
                        name,
                        "-o",
                        "jsonpath={.status.conditions[0].status} {.status.conditions[0].message}");
    }

    private static Job job(String namespace, String name) throws Exception {
        return installation
                .jobs()
                .get(GetRequest.newBuilder()
                        .setJob(JobReference.newBuilder()
                                .setNamespace(namespace)
                                .setName(name))
                        .build());
    }

    private static boolean isThere(String namespace, String name) throws Exception {
        try {
            return job(namespace, name).getId() != 0;
        } catch (StatusRuntimeException e) {
            assertThat(e.getStatus().getCode()).isEqualTo(Status.Code.NOT_FOUND);
            return false;
        }
    }

    private static String root(String path) {
        return Installation.root().resolve(path).toString();
    }
}

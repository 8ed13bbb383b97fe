package dev.interposer.tests.kubernetes;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.interposer.proto.job.v1.CancelRequest;
import dev.interposer.proto.job.v1.GetRequest;
import dev.interposer.proto.job.v1.JobReference;
import dev.interposer.proto.job.v1.SubmitRequest;
import dev.interposer.tests.e2e.Installation;
import dev.interposer.tests.e2e.Requests;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.Map;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Two tenants, each with a namespace and a queue: neither puts work where the other's is, whichever way it comes. */
class TenancyIT {
    private static final String RIGHTS = """
            apiVersion: rbac.authorization.k8s.io/v1
            kind: Role
            metadata: {name: tenant, namespace: NAMESPACE}
            rules:
            - {apiGroups: [interposer.dev], resources: [trainingjobs, inferencejobs], verbs: ["*"]}
            - {apiGroups: [""], resources: [pods], verbs: [create]}
            ---
            apiVersion: rbac.authorization.k8s.io/v1
            kind: RoleBinding
            metadata: {name: tenant, namespace: NAMESPACE}
            roleRef: {apiGroup: rbac.authorization.k8s.io, kind: Role, name: tenant}
            subjects: [{kind: User, name: TENANT}]
            ---
            apiVersion: rbac.authorization.k8s.io/v1
            kind: ClusterRole
            metadata: {name: queue-NAMESPACE}
            rules:
            - {apiGroups: [interposer.dev], resources: [jobqueues], resourceNames: [NAMESPACE], verbs: [use]}
            ---
            apiVersion: rbac.authorization.k8s.io/v1
            kind: ClusterRoleBinding
            metadata: {name: queue-NAMESPACE}
            roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: queue-NAMESPACE}
            subjects: [{kind: User, name: TENANT}]
            """;

    private static ControlPlane plane;
    private static Installation installation;

    @BeforeAll
    static void start() throws Exception {
        plane = new ControlPlane("tenancy", "manager", "alice", "bob");
        Kubectl kubectl = plane.kubectl();
        kubectl.ok("apply", "--server-side", "-f", root("deploy/helm/interposer/files/crds"));
        kubectl.ok("wait", "--for=condition=Established", "crd", "--all");
        Rights.give(plane, "manager", "observe", "manage", "objects");
        kubectl.ok("apply", "-f", root("deploy/helm/interposer/files/tenancy.yaml"));
        for (String[] tenant : new String[][] {{"research", "alice"}, {"serving", "bob"}}) {
            kubectl.ok("create", "namespace", tenant[0]);
            kubectl.apply(RIGHTS.replace("NAMESPACE", tenant[0]).replace("TENANT", tenant[1]));
        }
        installation = new Installation(
                Map.of("token", "root-token", "agent-token", "agent-token", "tokens", tokens()),
                1,
                "-Dinterposer.security.tokens-file=HOME/tokens",
                "-Dinterposer.kubernetes.clusters.home.kubeconfig=" + plane.kubeconfig("manager"),
                "-Dinterposer.kubernetes.clusters.home.mode=manage",
                "-Dinterposer.kubernetes.clusters.home.objects=true");
        for (String example : new String[] {"suppliers.yaml", "classes.yaml", "queues.yaml"}) {
            kubectl.ok("apply", "-f", installation.example(example).toString());
        }
        kubectl.ok("wait", "--for=condition=Accepted", "--timeout=60s", "jobqueues,acceleratorclasses", "--all");
        // A policy of admission is in force a moment after it was written.
        Eventually.await(() -> plane.kubectl("alice")
                .run(
                        "apply",
                        "--dry-run=server",
                        "-f",
                        plane.kubectl().file(job("x", "research", "serving")).toString())
                .text()
                .contains("may not use it"));
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
    void eachUsesItsOwnQueueByKubectlAndNoOther() throws Exception {
        plane.kubectl("alice").apply(job("own", "research", "research"));
        plane.kubectl("bob").apply(job("own", "serving", "serving"));
        for (String[] refused : new String[][] {{"alice", "research", "serving"}, {"bob", "serving", "research"}}) {
            String file =
                    plane.kubectl().file(job("other", refused[1], refused[2])).toString();
            assertThat(plane.kubectl(refused[0]).refused("apply", "-f", file))
                    .contains("spec.queueName (" + refused[2] + "): " + refused[0] + " may not use it");
        }
        String elsewhere =
                plane.kubectl().file(job("other", "serving", "research")).toString();
        assertThat(plane.kubectl("alice").refused("create", "-f", elsewhere)).contains("forbidden");
    }

    @Test
    void whoWroteAJobIsStampedOnItAndNobodySaysItOfHimself() throws Exception {
        plane.kubectl("alice")
                .apply(job("stamped", "research", "research")
                        .replace(
                                "namespace: research",
                                "namespace: research, annotations: {interposer.dev/author: bob}"));
        assertThat(author("stamped")).isEqualTo("alice");
        plane.kubectl("alice")
                .ok("annotate", "--overwrite", "-n", "research", "tjob/stamped", "interposer.dev/author=bob");
        assertThat(author("stamped")).isEqualTo("alice");
    }

    @Test
    void podsThatClaimToBeTheFleetsOwnAreMadeByTheSchedulerAlone() throws Exception {
        String pod = """
                apiVersion: v1
                kind: Pod
                metadata: {name: false, namespace: research, labels: {interposer.dev/job-id: "7"}}
                spec: {containers: [{name: main, image: reg.example/x}]}
                """;
        assertThat(plane.kubectl("alice")
                        .refused(
                                "create",
                                "-f",
                                plane.kubectl().file(pod.replace("false", "f")).toString()))
                .contains("for the scheduler alone");
        // One that is the fleet's own stays it: a label less, and it would run on and be counted for nobody.
        plane.kubectl()
                .ok(
                        "create",
                        "-f",
                        plane.kubectl().file(pod.replace("false", "real")).toString());
        plane.kubectl().apply("""
                apiVersion: rbac.authorization.k8s.io/v1
                kind: Role
                metadata: {name: patches, namespace: research}
                rules: [{apiGroups: [""], resources: [pods], verbs: [get, patch]}]
                """);
        plane.kubectl().ok("create", "rolebinding", "patches", "-n", "research", "--role=patches", "--user=alice");
        for (String change :
                new String[] {"label interposer.dev/job-id-", "annotate interposer.dev/ledger=99999/1/1"}) {
            String[] words = change.split(" ", 2);
            Eventually.await(() -> plane.kubectl("alice")
                    .run(words[0], "-n", "research", "pod/real", words[1])
                    .text()
                    .contains("for the scheduler alone"));
        }
        plane.kubectl("alice").ok("label", "-n", "research", "pod/real", "team=blue");
    }

    @Test
    void eachUsesItsOwnQueueOverGrpcAndNoOther() throws Exception {
        installation.jobsAs("alice-token").submit(request("grpc", "research", "research"));
        assertThat(refusal(() -> installation.jobsAs("alice-token").submit(request("grpc2", "research", "serving"))))
                .contains("spec.queueName (serving): alice may not use it");
        assertThat(refusal(() -> installation.jobsAs("alice-token").submit(request("grpc2", "serving", "serving"))))
                .contains("namespace (serving): alice may not create trainingjobs in it");
        assertThat(refusal(() -> installation.jobsAs("bob-token").submit(request("grpc2", "serving", "research"))))
                .contains("bob may not use it");
        CancelRequest cancel = CancelRequest.newBuilder()
                .setJob(JobReference.newBuilder().setNamespace("research").setName("grpc"))
                .build();
        assertThat(refusal(() -> installation.jobsAs("bob-token").cancel(cancel)))
                .contains("may not delete trainingjobs");
        long id = installation
                .jobsAs("alice-token")
                .get(GetRequest.newBuilder().setJob(cancel.getJob()).build())
                .getId();
        CancelRequest byId = CancelRequest.newBuilder()
                .setJob(JobReference.newBuilder().setId(id))
                .build();
        assertThat(refusal(() -> installation.jobsAs("bob-token").cancel(byId)))
                .contains("may not delete trainingjobs");
        installation.jobsAs("alice-token").cancel(cancel);
    }

    @Test
    void aTenantSelectsNoQueueThatItsNamespaceIsNotOf() throws Exception {
        plane.kubectl().apply("""
                apiVersion: interposer.dev/v1alpha1
                kind: JobQueue
                metadata: {name: closed}
                spec: {weight: 1}
                """);
        plane.kubectl().apply("""
                apiVersion: rbac.authorization.k8s.io/v1
                kind: ClusterRole
                metadata: {name: closed}
                rules: [{apiGroups: [interposer.dev], resources: [jobqueues], verbs: [use]}]
                """);
        plane.kubectl().ok("create", "clusterrolebinding", "closed", "--clusterrole=closed", "--user=carol");
        plane.kubectl().ok("wait", "--for=condition=Accepted", "--timeout=60s", "jobqueue/closed");
        plane.kubectl().ok("create", "rolebinding", "carol", "-n", "research", "--role=tenant", "--user=carol");
        assertThat(refusal(() -> installation.jobsAs("carol-token").submit(request("c", "research", "closed"))))
                .contains("queue closed admits namespaces with labels {}");
    }

    private static String author(String name) throws Exception {
        return plane.kubectl()
                .ok(
                        "get",
                        "tjob",
                        "-n",
                        "research",
                        name,
                        "-o",
                        "jsonpath={.metadata.annotations.interposer\\.dev/author}");
    }

    private static String refusal(ThrowingCallable call) {
        StatusRuntimeException refused = catchThrowableOfType(StatusRuntimeException.class, call);
        assertThat(refused).isNotNull();
        assertThat(refused.getStatus().getCode()).isEqualTo(Status.Code.PERMISSION_DENIED);
        return String.valueOf(refused.getStatus().getDescription());
    }

    private static SubmitRequest request(String name, String namespace, String queue) {
        SubmitRequest.Builder request =
                Requests.job(name, "nvidia-h100-sxm", 1, "true").toBuilder().setNamespace(namespace);
        request.getSpecBuilder().setQueueName(queue);
        return request.build();
    }

    private static String job(String name, String namespace, String queue) {
        return """
                apiVersion: interposer.dev/v1alpha1
                kind: TrainingJob
                metadata: {name: %s, namespace: %s}
                spec:
                  queueName: %s
                  profiles: [{name: h100, accelerators: {className: nvidia-h100-sxm, perWorker: 1}}]
                  template: {spec: {containers: [{name: main, image: reg.example/x}]}}
                """.formatted(name, namespace, queue);
    }

    private static String tokens() throws Exception {
        StringBuilder lines = new StringBuilder();
        for (String line : new String[] {
            "root ADMIN root-token",
            "agent AGENT agent-token",
            "alice SUBMITTER alice-token",
            "bob SUBMITTER bob-token",
            "carol SUBMITTER carol-token"
        }) {
            String[] words = line.split(" ", 3);
            byte[] digest = MessageDigest.getInstance("SHA-256").digest(words[2].getBytes(StandardCharsets.UTF_8));
            lines.append(words[0] + " " + words[1] + " " + HexFormat.of().formatHex(digest) + "\n");
        }
        return lines.toString();
    }

    private static String root(String path) {
        return Installation.root().resolve(path).toString();
    }
}

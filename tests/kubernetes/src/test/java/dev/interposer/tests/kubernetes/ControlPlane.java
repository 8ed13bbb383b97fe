package dev.interposer.tests.kubernetes;

import dev.interposer.tests.e2e.Installation;
import dev.interposer.tests.e2e.Ports;
import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import java.io.File;
import java.io.IOException;
import java.net.HttpURLConnection;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyPairGenerator;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * A control plane of Kubernetes as real processes on loopback: etcd and API server, and what else is started of it.
 * What they write stays in {@code target/kubernetes} of the module.
 */
final class ControlPlane implements AutoCloseable {
    /** May do everything. */
    static final String ADMIN = "admin";

    private static final Duration PATIENCE = Duration.ofMinutes(2);

    private final Path folder;
    private final int etcdPort = Ports.free();
    private final int etcdPeerPort = Ports.free();
    private final int apiPort = Ports.free();
    private final Map<String, Process> processes = new LinkedHashMap<>();
    private final List<String> apiOptions;
    private @Nullable KubernetesClient admin;

    /** With users who are in no group, by their names; each has a token that is its name. */
    ControlPlane(String name, String... users) throws IOException, InterruptedException {
        this(name, List.of(), users);
    }

    /** With further options for the API server. */
    ControlPlane(String name, List<String> apiOptions, String... users) throws IOException, InterruptedException {
        this.apiOptions = apiOptions;
        Path all = Installation.root().resolve("tests/kubernetes/target/kubernetes");
        Files.createDirectories(all);
        this.folder = Files.createTempDirectory(all, name + "-");
        signingKey();
        List<String> tokens = new ArrayList<>(List.of("admin,admin,admin,\"system:masters\""));
        for (String user : users) {
            tokens.add(user + "," + user + "," + user);
        }
        Files.write(folder.resolve("tokens.csv"), tokens);
        try {
            startEtcd();
            startApiServer();
        } catch (IOException | InterruptedException | RuntimeException | AssertionError e) {
            close();
            throw e;
        }
    }

    /** Garbage collection, budgets of disruption, Jobs and the rest that controllers do. */
    ControlPlane withControllerManager() throws IOException, InterruptedException {
        start(
                "kube-controller-manager",
                "--kubeconfig=" + kubeconfig(ADMIN),
                "--service-account-private-key-file=" + folder.resolve("service-accounts.key"),
                "--bind-address=127.0.0.1",
                "--secure-port=" + Ports.free(),
                "--cert-dir=" + folder.resolve("controller-manager"),
                // Whether a node is well is said by these tests; the pods on a lost one stay until somebody acts.
                "--node-monitor-grace-period=24h",
                "--leader-elect=false",
                "--concurrent-gc-syncs=4",
                "--kube-api-qps=200",
                "--kube-api-burst=400");
        return this;
    }

    /** The scheduler that Kubernetes comes with. */
    ControlPlane withScheduler() throws IOException, InterruptedException {
        start(
                "kube-scheduler",
                "--kubeconfig=" + kubeconfig(ADMIN),
                "--bind-address=127.0.0.1",
                "--secure-port=" + Ports.free(),
                "--cert-dir=" + folder.resolve("scheduler"),
                "--leader-elect=false",
                "--kube-api-qps=500",
                "--kube-api-burst=1000");
        return this;
    }

    Path folder() {
        return folder;
    }

    String url() {
        return "https://127.0.0.1:" + apiPort;
    }

    /** A file by which a user finds the API server and is let in. */
    Path kubeconfig(String user) throws IOException {
        Path file = folder.resolve(user + ".kubeconfig");
        if (!Files.exists(file)) {
            Files.writeString(file, """
                    apiVersion: v1
                    kind: Config
                    clusters: [{name: test, cluster: {server: "%s", certificate-authority: %s}}]
                    users: [{name: "%s", user: {token: "%s"}}]
                    contexts: [{name: test, context: {cluster: test, user: "%s"}}]
                    current-context: test
                    """.formatted(url(), folder.resolve("api-server/apiserver.crt"), user, user, user));
        }
        return file;
    }

    Kubectl kubectl() throws IOException {
        return kubectl(ADMIN);
    }

    Kubectl kubectl(String user) throws IOException {
        return new Kubectl(kubeconfig(user), folder);
    }

    /** Of the user who may do everything. */
    synchronized KubernetesClient client() throws IOException {
        KubernetesClient known = admin;
        if (known == null) {
            known = client(ADMIN);
            admin = known;
        }
        return known;
    }

    KubernetesClient client(String user) throws IOException {
        Config config = Config.fromKubeconfig(kubeconfig(user).toFile());
        return new KubernetesClientBuilder().withConfig(config).build();
    }

    /** At once, as a machine that fails does. */
    void kill(String component) throws InterruptedException {
        Process process = Objects.requireNonNull(processes.remove(component), component);
        process.destroyForcibly().waitFor();
    }

    void startApiServer() throws IOException, InterruptedException {
        List<String> options = new ArrayList<>(List.of(
                "--etcd-servers=http://127.0.0.1:" + etcdPort,
                "--bind-address=127.0.0.1",
                "--secure-port=" + apiPort,
                "--cert-dir=" + folder.resolve("api-server"),
                "--service-account-issuer=https://kubernetes.default.svc",
                "--service-account-key-file=" + folder.resolve("service-accounts.key"),
                "--service-account-signing-key-file=" + folder.resolve("service-accounts.key"),
                "--token-auth-file=" + folder.resolve("tokens.csv"),
                "--authorization-mode=Node,RBAC",
                "--service-cluster-ip-range=10.96.0.0/16",
                "--disable-admission-plugins=ServiceAccount",
                "--max-requests-inflight=2000",
                "--max-mutating-requests-inflight=1000"));
        options.addAll(apiOptions);
        start("kube-apiserver", options.toArray(String[]::new));
        awaitReady();
    }

    private void startEtcd() throws IOException, InterruptedException {
        String clients = "http://127.0.0.1:" + etcdPort;
        String peers = "http://127.0.0.1:" + etcdPeerPort;
        start(
                "etcd",
                "--data-dir=" + folder.resolve("etcd"),
                "--unsafe-no-fsync",
                "--listen-client-urls=" + clients,
                "--advertise-client-urls=" + clients,
                "--listen-peer-urls=" + peers,
                "--initial-advertise-peer-urls=" + peers,
                "--initial-cluster=default=" + peers);
    }

    private void awaitReady() throws IOException, InterruptedException {
        long deadline = System.nanoTime() + PATIENCE.toNanos();
        Process process = Objects.requireNonNull(processes.get("kube-apiserver"));
        while (!ready()) {
            if (!process.isAlive() || System.nanoTime() > deadline) {
                throw new AssertionError("the API server did not come up; see " + folder + "/kube-apiserver.log");
            }
            Thread.sleep(100);
        }
    }

    private boolean ready() {
        Path certificate = folder.resolve("api-server/apiserver.crt");
        if (!Files.exists(certificate)) {
            return false;
        }
        HttpRequest request = HttpRequest.newBuilder(URI.create(url() + "/readyz"))
                .timeout(Duration.ofSeconds(5))
                .header("Authorization", "Bearer admin")
                .build();
        try (HttpClient http = HttpClient.newBuilder()
                .sslContext(Trusting.certificate(certificate))
                .build()) {
            return http.send(request, HttpResponse.BodyHandlers.discarding()).statusCode() == HttpURLConnection.HTTP_OK;
        } catch (IOException | GeneralSecurityException e) {
            return false;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }

    private void start(String component, String... options) throws IOException, InterruptedException {
        List<String> command =
                new ArrayList<>(List.of(Binaries.program(component).toString()));
        command.addAll(List.of(options));
        File log = folder.resolve(component + ".log").toFile();
        Process process = new ProcessBuilder(command)
                .directory(folder.toFile())
                .redirectErrorStream(true)
                .redirectInput(ProcessBuilder.Redirect.from(new File("/dev/null")))
                .redirectOutput(ProcessBuilder.Redirect.appendTo(log))
                .start();
        processes.put(component, process);
    }

    private void signingKey() throws IOException {
        try {
            KeyPairGenerator generator = KeyPairGenerator.getInstance("RSA");
            generator.initialize(2048);
            byte[] key = generator.generateKeyPair().getPrivate().getEncoded();
            String body = Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(key);
            Files.writeString(
                    folder.resolve("service-accounts.key"),
                    "-----BEGIN PRIVATE KEY-----\n" + body + "\n-----END PRIVATE KEY-----\n");
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every Java platform has RSA", e);
        }
    }

    @Override
    public void close() {
        KubernetesClient known = admin;
        if (known != null) {
            known.close();
        }
        for (Process process : List.copyOf(processes.values()).reversed()) {
            process.destroy();
            process.onExit().completeOnTimeout(process, 20, TimeUnit.SECONDS).join();
            process.destroyForcibly();
        }
        processes.clear();
    }
}

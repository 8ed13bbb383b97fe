package dev.interposer.agent.link;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.interposer.agent.config.AgentOptions;
import dev.interposer.agent.config.ConfigException;
import dev.interposer.proto.agent.v1.EndCause;
import dev.interposer.proto.agent.v1.ServerMessage;
import dev.interposer.proto.agent.v1.StatusAck;
import dev.interposer.proto.agent.v1.WorkerAssignment;
import dev.interposer.proto.agent.v1.WorkerKey;
import dev.interposer.proto.agent.v1.WorkerState;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Objects;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a whole agent tells whoever watches it, asked by HTTP, while a scheduler on a socket tells it what to run. */
class AgentMetricsTest {
    private static final String NODE = "{node=\"lab/n1\"}";
    private static final WorkerKey KEY =
            WorkerKey.newBuilder().setJobId(7).setAttempt(1).build();

    @TempDir
    private Path folder;

    private final HttpClient client = HttpClient.newHttpClient();

    @Test
    void theLinkTheWorkersAndTheJournalAreToldAsTheyAre() throws Exception {
        try (FakeScheduler scheduler = new FakeScheduler();
                AgentDaemon agent = start(scheduler.address(), "127.0.0.1:0")) {
            until(() -> metrics(agent).contains("interposer_agent_connected" + NODE + " 1\n"));
            assertThat(metrics(agent)).contains("worker_ends_total{cause=\"completed\",node=\"lab/n1\"} 0\n");
            assertThat(text(agent, "/healthz")).isEqualTo("1 of 1 nodes are connected\n");

            scheduler.say(ServerMessage.newBuilder()
                    .setAssign(WorkerAssignment.newBuilder().setKey(KEY)));
            until(() -> metrics(agent).contains("workers{node=\"lab/n1\",state=\"unreported\"} 1\n"));
            assertThat(metrics(agent)).contains("worker_ends_total{cause=\"completed\",node=\"lab/n1\"} 1\n");
            scheduler.say(ServerMessage.newBuilder()
                    .setStatusAck(StatusAck.newBuilder().setKey(KEY).setState(WorkerState.WORKER_STATE_ENDED)));
            until(() -> metrics(agent).contains("workers{node=\"lab/n1\",state=\"unreported\"} 0\n"));

            String metrics = metrics(agent);
            assertThat(value(metrics, "interposer_agent_journal_size_bytes" + NODE))
                    .isEqualTo((double) Files.size(folder.resolve("state/lab_n1/journal")));
            double now = System.currentTimeMillis() / 1000.0;
            assertThat(value(metrics, "interposer_agent_heartbeat_timestamp_seconds" + NODE))
                    .isBetween(now - 10, now + 1);
            assertThat(value(metrics, "interposer_agent_leader_heard_timestamp_seconds" + NODE))
                    .isBetween(now - 60, now + 1);
            assertThat(value(metrics, "process_resident_memory_bytes")).isGreaterThan(1 << 20);
            for (EndCause cause : EndCause.values()) {
                String word = cause.name().replace("END_CAUSE_", "").toLowerCase(java.util.Locale.ROOT);
                assertThat(metrics.contains("{cause=\"" + word + "\""))
                        .isEqualTo(cause != EndCause.UNRECOGNIZED && cause != EndCause.END_CAUSE_UNSPECIFIED);
            }
        }
    }

    @Test
    void anAgentThatHeardNobodySaysSoAndIsAlive() throws Exception {
        try (AgentDaemon agent = start("127.0.0.1:1", "127.0.0.1:0")) {
            until(() -> metrics(agent).contains("interposer_agent_connected" + NODE + " 0\n"));
            assertThat(metrics(agent)).doesNotContain("heartbeat_timestamp", "leader_heard");
            assertThat(get(agent, "/healthz").statusCode()).isEqualTo(200);
        }
    }

    @Test
    void anAddressThatIsTakenIsNamedAndNothingIsBegun() throws Exception {
        try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            String listen = "127.0.0.1:" + taken.getLocalPort();
            assertThatThrownBy(() -> start("127.0.0.1:1", listen).close())
                    .isInstanceOf(ConfigException.class)
                    .hasMessageContaining("--metrics-listen")
                    .hasMessageContaining(listen);
        }
        assertThat(folder.resolve("state")).doesNotExist();
    }

    private AgentDaemon start(String server, String listen) throws Exception {
        Path token = Files.writeString(folder.resolve("token"), "t");
        Path nodes = Files.writeString(folder.resolve("nodes.yaml"), """
                nodes:
                - name: lab/n1
                  capacity: {cpu: 4}
                  simulatedSeconds: 0.05
                """);
        return AgentDaemon.start(AgentOptions.parse(new String[] {
            "--server", server,
            "--token-file", token.toString(),
            "--state-dir", folder.resolve("state").toString(),
            "--nodes", nodes.toString(),
            "--metrics-listen", listen
        }));
    }

    private String metrics(AgentDaemon agent) throws Exception {
        return text(agent, "/metrics");
    }

    private String text(AgentDaemon agent, String path) throws Exception {
        HttpResponse<String> answer = get(agent, path);
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
        return answer.body();
    }

    private HttpResponse<String> get(AgentDaemon agent, String path) throws Exception {
        InetSocketAddress address = Objects.requireNonNull(agent.metricsAddress());
        URI uri = URI.create("http://127.0.0.1:" + address.getPort() + path);
        return client.send(HttpRequest.newBuilder(uri).build(), HttpResponse.BodyHandlers.ofString());
    }

    private static double value(String metrics, String sample) {
        return metrics.lines()
                .filter(line -> line.startsWith(sample + " "))
                .mapToDouble(line -> Double.parseDouble(line.substring(sample.length() + 1)))
                .findFirst()
                .orElseThrow();
    }

    private static void until(Callable<Boolean> condition) throws Exception {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(20);
        while (!condition.call()) {
            if (System.nanoTime() > deadline) {
                throw new AssertionError("waited 20 s");
            }
            Thread.sleep(20);
        }
    }
}

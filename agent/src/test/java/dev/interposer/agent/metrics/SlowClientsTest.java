package dev.interposer.agent.metrics;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** Whoever says half a request and waits holds up nobody for long. */
class SlowClientsTest {
    private static final InetSocketAddress ANY = new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);

    @Test
    void aWatchdogIsAnsweredThoughManyHaveSaidHalfARequest() throws Exception {
        List<Socket> slow = new ArrayList<>();
        try (MetricsServer server = MetricsServer.start(ANY, "1", () -> CompletableFuture.completedFuture(List.of()));
                HttpClient client = HttpClient.newHttpClient()) {
            for (int at = 0; at < 12; at++) {
                Socket socket = new Socket(
                        server.address().getAddress(), server.address().getPort());
                slow.add(socket);
                socket.getOutputStream().write("GET /healthz HTTP/1.1\r\nHost:".getBytes(StandardCharsets.US_ASCII));
                socket.getOutputStream().flush();
            }
            HttpRequest ask = HttpRequest.newBuilder(
                            URI.create("http://127.0.0.1:" + server.address().getPort() + "/healthz"))
                    .timeout(Duration.ofSeconds(10))
                    .build();
            long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(40);
            assertThat(status(client, ask, deadline)).isEqualTo(200);
        } finally {
            for (Socket socket : slow) {
                socket.close();
            }
        }
    }

    private static int status(HttpClient client, HttpRequest ask, long deadline) throws InterruptedException {
        while (true) {
            try {
                return client.send(ask, HttpResponse.BodyHandlers.discarding()).statusCode();
            } catch (IOException e) {
                assertThat(System.nanoTime())
                        .as("nobody answered in 40 s: " + e)
                        .isLessThan(deadline);
                Thread.sleep(200);
            }
        }
    }
}

package dev.interposer.agent.metrics;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Supplier;

/**
 * Serves {@code /metrics} and {@code /healthz}. Both ask the agent's loop for what it knows; a loop that does not
 * answer is an agent that does not work, and both say so with 503. No driver is asked, and nothing waits for a scrape.
 */
public final class MetricsServer implements AutoCloseable {
    private static final int THREADS = 2;
    private static final int BACKLOG = 16;
    private static final long PATIENCE_MILLIS = 2_000;

    /** What the JDK's server reads once, before its first start: whoever is slow is left, and makes room. */
    private static final Map<String, String> LIMITS = Map.of(
            "jdk.httpserver.maxConnections", "16",
            "sun.net.httpserver.maxReqTime", "4",
            "sun.net.httpserver.maxRspTime", "8");

    private final HttpServer http;
    private final ExecutorService threads;
    private final String version;
    private final Supplier<CompletableFuture<List<NodeFacts>>> facts;

    private MetricsServer(HttpServer http, String version, Supplier<CompletableFuture<List<NodeFacts>>> facts) {
        this.http = http;
        this.version = version;
        this.facts = facts;
        this.threads = Executors.newFixedThreadPool(
                THREADS, Thread.ofPlatform().daemon().name("metrics-", 1).factory());
    }

    /**
     * Listens.
     *
     * @param facts answered by the loop
     */
    public static MetricsServer start(
            InetSocketAddress listen, String version, Supplier<CompletableFuture<List<NodeFacts>>> facts)
            throws IOException {
        LIMITS.forEach((name, limit) -> System.setProperty(name, System.getProperty(name, limit)));
        MetricsServer server = new MetricsServer(HttpServer.create(listen, BACKLOG), version, facts);
        server.http.createContext("/", server::answer);
        server.http.setExecutor(server.threads);
        server.http.start();
        return server;
    }

    public InetSocketAddress address() {
        return http.getAddress();
    }

    private void answer(HttpExchange exchange) throws IOException {
        try (exchange) {
            switch (exchange.getRequestURI().getPath()) {
                case "/metrics" -> reply(exchange, true);
                case "/healthz" -> reply(exchange, false);
                default -> send(exchange, 404, "there are /metrics and /healthz\n");
            }
        }
    }

    private void reply(HttpExchange exchange, boolean metrics) throws IOException {
        String method = exchange.getRequestMethod();
        if (!method.equals("GET") && !method.equals("HEAD")) {
            exchange.getResponseHeaders().set("Allow", "GET, HEAD");
            send(exchange, 405, "only GET\n");
            return;
        }
        CompletableFuture<List<NodeFacts>> asked = facts.get();
        try {
            List<NodeFacts> nodes = asked.get(PATIENCE_MILLIS, TimeUnit.MILLISECONDS);
            String text = metrics
                    ? Page.of(nodes, OwnProcess.now(version), System.currentTimeMillis())
                    : nodes.stream().filter(NodeFacts::connected).count() + " of " + nodes.size()
                            + " nodes are connected\n";
            send(exchange, 200, text);
        } catch (TimeoutException | ExecutionException e) {
            send(exchange, 503, "the agent's loop does not answer: " + e + "\n");
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private static void send(HttpExchange exchange, int code, String text) throws IOException {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        exchange.getResponseHeaders().set("Content-Type", Exposition.CONTENT_TYPE);
        if (exchange.getRequestMethod().equals("HEAD")) {
            exchange.sendResponseHeaders(code, -1);
            return;
        }
        exchange.sendResponseHeaders(code, bytes.length);
        try (OutputStream body = exchange.getResponseBody()) {
            body.write(bytes);
        }
    }

    @Override
    public void close() {
        http.stop(0);
        threads.shutdownNow();
    }
}

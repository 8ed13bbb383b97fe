package dev.interposer.cli.bench;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/** Reads what the processes of a run use. */
final class Meters {
    private final Map<String, ProcessHandle> processes = new LinkedHashMap<>();
    private final Path postgres;
    private final int httpPort;

    /** @param httpPort of the server's metrics; 0 for a server that is not ours */
    Meters(List<Part> parts, Path home, int httpPort) throws IOException {
        parts.forEach(part -> processes.put(part.name(), part.handle()));
        this.postgres = home.resolve("postgres");
        this.httpPort = httpPort;
        if (httpPort != 0) {
            ProcessHandle.of(Long.parseLong(postmaster().getFirst().strip()))
                    .ifPresent(handle -> processes.put("postgresql", handle));
        }
    }

    /**
     * At one moment.
     *
     * @param cpuMillis of each process that lives, its children included
     * @param walBytes written since the database was made; 0 for a server that is not ours
     */
    record Reading(Map<String, Long> cpuMillis, long walBytes) {}

    Reading read() throws IOException {
        Map<String, Long> cpu = new LinkedHashMap<>();
        processes.forEach((name, process) -> {
            if (!process.isAlive()) {
                // It says nothing any more of the time that it took.
                return;
            }
            // The server's children are PostgreSQL, which counts by itself.
            Stream<ProcessHandle> all = name.equals("postgresql")
                    ? Stream.concat(Stream.of(process), process.descendants())
                    : Stream.of(process);
            cpu.put(
                    name,
                    all.mapToLong(one -> one.info()
                                    .totalCpuDuration()
                                    .orElse(Duration.ZERO)
                                    .toMillis())
                            .sum());
        });
        return new Reading(cpu, httpPort == 0 ? 0 : walBytes());
    }

    /** Bytes of heap that the server uses, garbage included. */
    long heapBytes() throws IOException, InterruptedException {
        if (httpPort == 0) {
            return 0;
        }
        HttpRequest request = HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + httpPort + "/q/metrics"))
                .build();
        try (HttpClient client = HttpClient.newHttpClient()) {
            String text =
                    client.send(request, HttpResponse.BodyHandlers.ofString()).body();
            return (long) text.lines()
                    .filter(line -> line.startsWith("jvm_memory_used_bytes{") && line.contains("area=\"heap\""))
                    .mapToDouble(line -> Double.parseDouble(line.substring(line.lastIndexOf(' ') + 1)))
                    .sum();
        }
    }

    private long walBytes() throws IOException {
        String url = "jdbc:postgresql://127.0.0.1:" + postmaster().get(3).strip() + "/postgres";
        String password = Files.readString(postgres.resolve("password")).strip();
        try (Connection connection = DriverManager.getConnection(url, "postgres", password);
                Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery("SELECT (pg_current_wal_insert_lsn() - '0/0')::bigint")) {
            rows.next();
            return rows.getLong(1);
        } catch (SQLException e) {
            throw new IOException("the database does not say how much it wrote: " + e.getMessage(), e);
        }
    }

    private List<String> postmaster() throws IOException {
        return Files.readAllLines(postgres.resolve("data/postmaster.pid"));
    }
}

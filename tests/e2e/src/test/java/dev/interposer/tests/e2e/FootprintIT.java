package dev.interposer.tests.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * What an agent takes of its machine: one with eight chips that speaks TLS with a real server and whose metrics are
 * read, as its launcher starts it.
 */
class FootprintIT {
    /** The floor of docs/PERFORMANCE.md. */
    private static final long MOST_BYTES = 80_000_000;

    private static final int SETTLED_SECONDS = 30;
    private static final int LOOKS = 5;
    private static final int BETWEEN_LOOKS_SECONDS = 3;
    private static final double TICKS_A_SECOND = 100;

    @TempDir
    private Path home;

    @Test
    void anAgentOfEightChipsStaysWithinItsFootprint() throws Exception {
        ChipLibrary.assumeCompiler();
        Typed typed = new Typed(home);
        int port = Ports.free();
        ProcessBuilder builder = typed.upBuilder(port, Ports.free(), "up.log");
        builder.environment().put("INTERPOSER_TLS_MODE", "own");
        Process up = builder.start();
        try {
            typed.awaitUp(up, "up.log");
            Path cache = home.resolve("cache");
            Process practice = launcher(List.of("practice", cache.toString()), "practice.log", cache);
            assertThat(practice.waitFor(5, TimeUnit.MINUTES)).isTrue();
            assertThat(practice.exitValue()).as(log("practice.log")).isZero();

            int metrics = Ports.free();
            Process agent = launcher(options(port, metrics), "agent.log", cache);
            try {
                awaitConnected(agent);
                Thread.sleep(TimeUnit.SECONDS.toMillis(SETTLED_SECONDS));
                look(agent.pid(), metrics);
            } finally {
                agent.destroy();
                assertThat(agent.waitFor(30, TimeUnit.SECONDS)).isTrue();
            }
        } finally {
            typed.run("down");
            assertThat(up.waitFor(60, TimeUnit.SECONDS)).isTrue();
        }
    }

    private void look(long pid, int metrics) throws Exception {
        assertThat(commandLine(pid)).contains("-XX:AOTCache=" + home.resolve("cache"));
        List<Long> resident = new ArrayList<>();
        long ticks = ticks(pid);
        for (int look = 0; look < LOOKS; look++) {
            TimeUnit.SECONDS.sleep(BETWEEN_LOOKS_SECONDS);
            assertThat(scrape(metrics)).contains("interposer_agent_device_temperature_celsius", ChipLibrary.uuid(7));
            resident.add(residentBytes(pid));
        }
        double cores = (ticks(pid) - ticks) / TICKS_A_SECOND / (LOOKS * BETWEEN_LOOKS_SECONDS);
        System.out.println("the agent has " + resident + " bytes resident and takes " + cores + " of a core");
        // What a compiler has just used goes back within seconds, so one look may see more.
        assertThat(resident.stream().sorted().toList().get(LOOKS / 2))
                .as("median of resident bytes %s", resident)
                .isLessThanOrEqualTo(MOST_BYTES);
    }

    private List<String> options(int port, int metrics) throws IOException, InterruptedException {
        Path folder = Files.createDirectory(home.resolve("chips"));
        Path nodes = ChipLibrary.in(folder, 8).nodesFile(home.resolve("gpu.yaml"), "lab/gpu1");
        return List.of(
                "--server",
                "127.0.0.1:" + port,
                "--token-file",
                home.resolve("agent-token").toString(),
                "--ca-file",
                home.resolve("ca.pem").toString(),
                "--state-dir",
                home.resolve("gpu").toString(),
                "--nodes",
                nodes.toString(),
                "--metrics-listen",
                "127.0.0.1:" + metrics,
                "--root-workers");
    }

    private Process launcher(List<String> words, String log, Path cache) throws IOException {
        List<String> command = new ArrayList<>(
                List.of(Installation.root().resolve("agent/interposer-agent").toString()));
        command.addAll(words);
        ProcessBuilder builder = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(home.resolve(log).toFile());
        builder.environment().put("JAVA_HOME", System.getProperty("java.home"));
        builder.environment().put("INTERPOSER_CACHE", cache.toString());
        return builder.start();
    }

    private void awaitConnected(Process agent) throws Exception {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(60);
        while (!log("agent.log").contains("is connected")) {
            if (!agent.isAlive() || System.nanoTime() > deadline) {
                throw new AssertionError("the agent did not connect: " + log("agent.log"));
            }
            Thread.sleep(50);
        }
    }

    private String log(String name) throws IOException {
        return Files.readString(home.resolve(name));
    }

    private static String commandLine(long pid) throws IOException {
        return Files.readString(Path.of("/proc/" + pid + "/cmdline")).replace('\0', ' ');
    }

    private static long residentBytes(long pid) throws IOException {
        String line = Files.readAllLines(Path.of("/proc/" + pid + "/status")).stream()
                .filter(one -> one.startsWith("VmRSS:"))
                .findFirst()
                .orElseThrow();
        return Long.parseLong(line.replaceAll("\\D", "")) * 1024;
    }

    private static long ticks(long pid) throws IOException {
        String stat = Files.readString(Path.of("/proc/" + pid + "/stat"));
        String[] words = stat.substring(stat.lastIndexOf(')') + 2).split(" ", -1);
        return Long.parseLong(words[11]) + Long.parseLong(words[12]);
    }

    private static String scrape(int port) throws IOException {
        try (var answer =
                URI.create("http://127.0.0.1:" + port + "/metrics").toURL().openStream()) {
            return new String(answer.readAllBytes(), StandardCharsets.UTF_8);
        }
    }
}

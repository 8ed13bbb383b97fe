package dev.interposer.agent.driver.plugin;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.interposer.agent.driver.Reading;
import dev.interposer.agent.driver.Signal;
import dev.interposer.agent.driver.Signal.Kind;
import dev.interposer.proto.agent.v1.Device;
import dev.interposer.proto.agent.v1.WorkerAssignment;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The plugin that is shown to others, as the process that it is. */
class ExamplePluginTest {
    private static final Path PLUGIN =
            Path.of("../examples/driver-plugin/plugin.py").toAbsolutePath();
    private static final Path CONTRACTS = Path.of("../proto/src/main/proto").toAbsolutePath();

    @TempDir
    Path folder;

    private final List<Process> processes = new ArrayList<>();
    private Path socket;

    @BeforeEach
    void itsStubsAreMade() throws Exception {
        // Continuous integration installs both, and must not pass over the test.
        boolean there = runs("/usr/bin/python3", "-c", "import grpc, google.protobuf") && runs("protoc", "--version");
        assumeTrue(
                there || System.getenv("CI") != null, "needs python3-grpcio, python3-protobuf and protobuf-compiler");
        socket = folder.resolve("npu.sock");
        assertThat(runs(
                        "protoc",
                        "--proto_path=" + CONTRACTS,
                        "--python_out=" + folder,
                        "interposer/driver/v1/driver.proto"))
                .isTrue();
        for (String name : List.of("npu-0", "npu-1")) {
            file(name, "memory_bytes", "1000000");
            file(name, "health", "healthy");
            file(name, "busy_percent", "37.5");
            file(name, "used_bytes", "4096");
            file(name, "celsius", "44");
        }
    }

    @AfterEach
    void end() throws InterruptedException {
        for (Process process : processes) {
            process.destroyForcibly().waitFor();
        }
    }

    private void assertKeepsTheContract() throws Exception {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        int violations;
        try (PrintStream out = new PrintStream(bytes, true, StandardCharsets.UTF_8)) {
            violations = PluginCheck.run(PluginConfig.of(socket), out);
        }
        assertThat(violations).as(bytes.toString(StandardCharsets.UTF_8)).isZero();
    }

    @Test
    void itKeepsTheContract() throws Exception {
        start();
        assertKeepsTheContract();
    }

    @Test
    void theAgentSeesWhatItSeesAndOutlivesIt() throws Exception {
        PluginConfig config = new PluginConfig(
                socket, Duration.ofSeconds(5), Duration.ofSeconds(5), Duration.ofMillis(200), Duration.ofSeconds(4));
        List<Signal> signals = new CopyOnWriteArrayList<>();
        Process plugin = start();
        try (PluginDriver driver = PluginDriver.open(config)) {
            driver.listen(signals::add);
            assertThat(driver.devices()).extracting(Device::getName).containsExactly("npu-0", "npu-1");
            assertThat(driver.read("npu-1")).isEqualTo(new Reading(375, 4096, 44, Reading.UNKNOWN, List.of()));
            assertThat(driver.prepare(WorkerAssignment.newBuilder()
                            .addDeviceNames("npu-1")
                            .setShareMilli(1000)
                            .build()))
                    .isEqualTo(Map.of("EXAMPLE_VISIBLE_DEVICES", "1"));
            file("npu-1", "health", "failed link 3 is down");
            eventually(() -> signals.size() == 1);
            assertThat(signals.getFirst()).isEqualTo(Signal.raised("npu-1", Kind.REPORTED, "failed", "link 3 is down"));
            plugin.destroyForcibly().waitFor();
            eventually(() ->
                    signals.stream().filter(one -> one.kind() == Kind.GONE).count() == 2);
            start();
            eventually(() -> signals.stream().filter(Signal::cleared).count() == 2);
        }
    }

    @Test
    void filesThatSayTooLittleOrTooMuchTakeNoDeviceAway() throws Exception {
        file("npu-0", "health", "failed");
        file("npu-0", "memory_bytes", "lots");
        file("npu-0", "busy_percent", "n/a");
        file("npu-1", "health", "healthy for 300 days");
        file("npu-2", "health", "degraded " + "by heat ".repeat(500));
        file("npu-3", "health", "sleepy " + "zzz ".repeat(500));
        start();
        assertKeepsTheContract();
        List<Signal> signals = new CopyOnWriteArrayList<>();
        try (PluginDriver driver = PluginDriver.open(PluginConfig.of(socket))) {
            assertThat(driver.devices()).hasSize(4);
            driver.listen(signals::add);
            assertThat(signals)
                    .extracting(signal -> signal.device() + " " + signal.code())
                    .containsExactly("npu-0 failed", "npu-2 degraded", "npu-3 degraded");
            assertThat(signals.getFirst().detail()).isEqualTo("its health file says no more than failed");
        }
    }

    private Process start() throws IOException, InterruptedException {
        Files.deleteIfExists(socket);
        ProcessBuilder builder =
                new ProcessBuilder("/usr/bin/python3", PLUGIN.toString(), socket.toString(), chips().toString());
        builder.environment().put("PYTHONPATH", folder.toString());
        Process process = builder.redirectErrorStream(true)
                .redirectOutput(folder.resolve("plugin.log").toFile())
                .start();
        processes.add(process);
        eventually(() -> Files.exists(socket));
        return process;
    }

    private Path chips() {
        return folder.resolve("chips");
    }

    private void file(String chip, String name, String text) throws IOException {
        Path file = chips().resolve(chip).resolve(name);
        Files.createDirectories(file.getParent());
        Files.writeString(file, text + "\n");
    }

    private static boolean runs(String... command) throws InterruptedException {
        try {
            Process process = new ProcessBuilder(command).inheritIO().start();
            return process.waitFor(60, TimeUnit.SECONDS) && process.exitValue() == 0;
        } catch (IOException e) {
            return false;
        }
    }

    private void eventually(BooleanSupplier condition) throws IOException, InterruptedException {
        long end = System.nanoTime() + Duration.ofSeconds(30).toNanos();
        while (!condition.getAsBoolean()) {
            assertThat(System.nanoTime())
                    .as(Files.readString(folder.resolve("plugin.log")))
                    .isLessThan(end);
            Thread.sleep(20);
        }
    }
}

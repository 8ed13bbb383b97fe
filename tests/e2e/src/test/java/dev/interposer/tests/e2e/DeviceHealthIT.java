package dev.interposer.tests.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import dev.interposer.proto.fleet.v1.Device;
import dev.interposer.proto.fleet.v1.ListDevicesRequest;
import dev.interposer.proto.job.v1.GetRequest;
import dev.interposer.proto.job.v1.Job;
import dev.interposer.proto.job.v1.LogsRequest;
import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/**
 * What a chip's library tells reaches the work on it: a real agent asks a library in C, which answers as NVIDIA's does
 * with what the test has written beside it.
 */
class DeviceHealthIT {
    private static final String XID = "8";
    private static final Map<String, String> state = new LinkedHashMap<>();
    private static Installation installation;
    private static Path library;

    @BeforeAll
    static void start() throws Exception {
        // Where everything is to be tested, a machine without a compiler is an error.
        Assumptions.assumeTrue(System.getenv("CI") != null || hasCompiler(), "no C compiler (cc)");
        installation = new Installation();
        installation.awaitLeader();
        Requests.applySamples(installation);
        library = installation.home().resolve("libnvidia-ml.so.1");
        Process compiler = new ProcessBuilder(
                        "cc",
                        "-shared",
                        "-fPIC",
                        "-o",
                        library.toString(),
                        Installation.root()
                                .resolve("agent/src/test/c/nvml_fake.c")
                                .toString(),
                        "-ldl")
                .redirectErrorStream(true)
                .start();
        String said = new String(compiler.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(compiler.waitFor()).as(said).isZero();
        state.putAll(Map.of(
                "driver", "550.90.07",
                "count", "2",
                "*.name", "NVIDIA H100 80GB HBM3",
                "*.memory", Long.toString(81559L << 20),
                "*.used", Long.toString(5L << 30),
                "*.temperature", "34",
                "*.processes", "",
                "*.eventTypes", "0x30f"));
        for (int chip = 0; chip < 2; chip++) {
            state.put(chip + ".uuid", uuid(chip));
            state.put(chip + ".pci", "0000:1" + chip + ":00");
        }
        write();
        Path nodes = Files.writeString(installation.home().resolve("gpu.yaml"), """
                nodes:
                - name: lab/gpu1
                  capacity: {cpu: 16, memory: 64Gi}
                  drivers: [{nvml: {library: %s}}]
                """.formatted(library));
        installation.startAgent("gpu", nodes);
        installation.awaitNodes(1);
    }

    private static boolean hasCompiler() {
        return Stream.of(System.getenv().getOrDefault("PATH", "").split(File.pathSeparator, -1))
                .anyMatch(folder -> Files.isExecutable(Path.of(folder, "cc")));
    }

    @AfterAll
    static void stop() {
        if (installation != null) {
            installation.close();
        }
    }

    @Test
    void aChipThatFailsLosesItsWorkToAnotherAndStaysFailedUnderTheNextAgent() throws Exception {
        until(() -> devices().size() == 2 && device(0).getTemperatureCelsius() == 34);
        assertThat(devices()).allSatisfy(device -> {
            assertThat(device.getClassName()).isEqualTo("nvidia-h100-sxm");
            assertThat(device.getHealth()).isEqualTo("Healthy");
            assertThat(device.getMemoryUsedBytes()).isEqualTo(5L << 30);
        });

        installation
                .jobs()
                .submit(Requests.job(
                        "trains", "nvidia-h100-sxm", 1, "sh", "-c", "echo on $CUDA_VISIBLE_DEVICES; exec sleep 297"));
        until(() -> job().getPhase().equals("Running"));
        String first = job().getGangs(0).getWorkers(0).getDeviceNames(0);
        until(() -> log().equals("on " + first + "\n"));

        int chip = first.equals(uuid(0)) ? 0 : 1;
        state.put("event.0", chip + " " + XID + " 79 -1 -1");
        state.put("events", "1");
        write();
        until(() -> device(chip).getHealth().equals("Failed"));
        assertThat(device(chip).getHealthCause()).contains("XID 79");
        until(() -> job().getPhase().equals("Running") && job().getGangs(0).getAttempt() == 2);
        assertThat(job().getGangs(0).getWorkers(0).getDeviceNamesList()).containsExactly(uuid(1 - chip));

        installation.signal("KILL", installation.agent(0).toHandle());
        installation.restartAgent(0);
        until(() -> device(chip).hasTemperatureCelsius());
        assertThat(device(chip).getHealth()).isEqualTo("Failed");
        assertThat(device(1 - chip).getHealth()).isEqualTo("Healthy");
        assertThat(job().getGangs(0).getAttempt()).isEqualTo(2);
        assertThat(job().getPhase()).isEqualTo("Running");

        state.put((1 - chip) + ".processes", "1:1048576");
        write();
        until(() -> device(1 - chip).getForeignProcesses() == 1);
    }

    private static String uuid(int chip) {
        return "GPU-5d3a1f60-0000-4000-8000-00000000000" + chip;
    }

    /** A call sees all of a change or nothing. */
    private static void write() throws IOException {
        StringBuilder text = new StringBuilder();
        state.forEach((key, value) -> text.append(key).append(' ').append(value).append('\n'));
        Path next = Files.writeString(library.resolveSibling("state.next"), text);
        Files.move(next, library.resolveSibling(library.getFileName() + ".state"), StandardCopyOption.ATOMIC_MOVE);
    }

    private static List<Device> devices() throws IOException {
        return installation
                .fleet()
                .listDevices(ListDevicesRequest.newBuilder().setNode("lab/gpu1").build())
                .getDevicesList();
    }

    private static Device device(int chip) throws IOException {
        return devices().stream()
                .filter(device -> device.getName().equals(uuid(chip)))
                .findFirst()
                .orElseThrow();
    }

    private static Job job() throws IOException {
        return installation
                .jobs()
                .get(GetRequest.newBuilder()
                        .setJob(Requests.reference("trains"))
                        .build());
    }

    private static String log() throws IOException {
        StringBuilder text = new StringBuilder();
        installation
                .jobs()
                .logs(LogsRequest.newBuilder()
                        .setJob(Requests.reference("trains"))
                        .build())
                .forEachRemaining(chunk -> text.append(chunk.getData().toStringUtf8()));
        return text.toString();
    }

    private static void until(Callable<Boolean> condition) throws Exception {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(60);
        while (!condition.call()) {
            if (System.nanoTime() > deadline) {
                throw new AssertionError("waited 60 s: " + devices());
            }
            Thread.sleep(50);
        }
    }
}

package dev.interposer.tests.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import dev.interposer.proto.fleet.v1.Device;
import dev.interposer.proto.fleet.v1.ListDevicesRequest;
import dev.interposer.proto.job.v1.GetRequest;
import dev.interposer.proto.job.v1.Job;
import dev.interposer.proto.job.v1.LogsRequest;
import java.io.IOException;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/**
 * What a chip's library tells reaches the work on it: a real agent asks a library in C, which answers as NVIDIA's does
 * with what the test has written beside it.
 */
class DeviceHealthIT {
    private static final String XID = "8";
    private static Installation installation;
    private static ChipLibrary chips;

    @BeforeAll
    static void start() throws Exception {
        ChipLibrary.assumeCompiler();
        installation = new Installation();
        installation.awaitLeader();
        Requests.applySamples(installation);
        chips = ChipLibrary.in(installation.home(), 2);
        installation.startAgent("gpu", chips.nodesFile(installation.home().resolve("gpu.yaml"), "lab/gpu1"));
        installation.awaitNodes(1);
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

        int chip = first.equals(ChipLibrary.uuid(0)) ? 0 : 1;
        chips.put("event.0", chip + " " + XID + " 79 -1 -1").put("events", "1").write();
        until(() -> device(chip).getHealth().equals("Failed"));
        assertThat(device(chip).getHealthCause()).contains("XID 79");
        until(() -> job().getPhase().equals("Running") && job().getGangs(0).getAttempt() == 2);
        assertThat(job().getGangs(0).getWorkers(0).getDeviceNamesList()).containsExactly(ChipLibrary.uuid(1 - chip));

        installation.signal("KILL", installation.agent(0).toHandle());
        installation.restartAgent(0);
        until(() -> device(chip).hasTemperatureCelsius());
        assertThat(device(chip).getHealth()).isEqualTo("Failed");
        assertThat(device(1 - chip).getHealth()).isEqualTo("Healthy");
        assertThat(job().getGangs(0).getAttempt()).isEqualTo(2);
        assertThat(job().getPhase()).isEqualTo("Running");

        chips.put((1 - chip) + ".processes", "1:1048576").write();
        until(() -> device(1 - chip).getForeignProcesses() == 1);
    }

    private static List<Device> devices() throws IOException {
        return installation
                .fleet()
                .listDevices(ListDevicesRequest.newBuilder().setNode("lab/gpu1").build())
                .getDevicesList();
    }

    private static Device device(int chip) throws IOException {
        return devices().stream()
                .filter(device -> device.getName().equals(ChipLibrary.uuid(chip)))
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

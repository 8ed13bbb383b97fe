package dev.interposer.tests.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import dev.interposer.proto.fleet.v1.CordonNodeRequest;
import dev.interposer.proto.fleet.v1.Device;
import dev.interposer.proto.fleet.v1.ListDevicesRequest;
import dev.interposer.proto.fleet.v1.ListNodesRequest;
import dev.interposer.proto.fleet.v1.Node;
import dev.interposer.proto.job.v1.GetRequest;
import dev.interposer.proto.job.v1.Job;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/**
 * Chips that fail on some nodes keep new work off others with the same driver: a real agent asks libraries in C, and
 * the server counts as it was told to.
 */
class SliceCordonIT {
    private static final String BAD = "570.1";
    private static final String GOOD = "565.9";
    private static final int GOOD_NODES = 4;

    private final Map<String, ChipLibrary> chips = new LinkedHashMap<>();

    @Test
    void aDriverThatFailedOnAsManyNodesAsAreSetTakesNoNewWorkUntilAnOperatorSaysSo() throws Exception {
        ChipLibrary.assumeCompiler();
        try (Installation installation = new Installation(1, "-Dinterposer.slices.failed-nodes=2")) {
            Requests.applySamples(installation);
            installation.startAgent("gpu", nodes(installation.home()));
            installation.awaitNodes(chips.size());
            until(() -> of(installation, "Healthy").size() == chips.size());

            fail("lab/bad1");
            until(() -> of(installation, "Failed").equals(List.of("lab/bad1")));
            assertThat(reasons(installation)).isEmpty();
            fail("lab/bad2");
            until(() -> reasons(installation).size() == 3);
            String reason = "devices of nvidia-h100-sxm with driverVersion 570.1 failed on 2 nodes within 60 min";
            assertThat(reasons(installation))
                    .isEqualTo(Map.of("lab/bad1", reason, "lab/bad2", reason, "lab/bad3", reason));

            for (int job = 0; job <= GOOD_NODES; job++) {
                installation
                        .jobs()
                        .submit(Requests.job("trains" + job, "nvidia-h100-sxm", 1, "sh", "-c", "exec sleep 293"));
            }
            until(() -> running(installation).size() == GOOD_NODES);
            assertThat(running(installation)).allMatch(node -> node.startsWith("lab/good"));

            installation
                    .fleet()
                    .cordonNode(CordonNodeRequest.newBuilder()
                            .setName("lab/bad3")
                            .setCordoned(false)
                            .build());
            until(() -> running(installation).contains("lab/bad3"));
        }
    }

    /** Three nodes with the bad driver and four with another, of one chip each. */
    private Path nodes(Path home) throws Exception {
        for (int number = 1; number <= 3; number++) {
            chips.put("lab/bad" + number, node(home.resolve("bad" + number), number, BAD));
        }
        for (int number = 1; number <= GOOD_NODES; number++) {
            chips.put("lab/good" + number, node(home.resolve("good" + number), 3 + number, GOOD));
        }
        StringBuilder text = new StringBuilder("nodes:\n");
        chips.forEach((node, library) -> text.append(library.entry(node)));
        return Files.writeString(home.resolve("gpu.yaml"), text);
    }

    private static ChipLibrary node(Path folder, int number, String driver) throws Exception {
        ChipLibrary library = ChipLibrary.in(folder, 1)
                .put("driver", driver)
                .put("0.uuid", ChipLibrary.uuid(number))
                .put("0.pci", "0000:1" + number + ":00");
        library.write();
        return library;
    }

    private void fail(String node) throws IOException {
        // XID 79: the chip has fallen off the bus.
        Objects.requireNonNull(chips.get(node))
                .put("event.0", "0 8 79 -1 -1")
                .put("events", "1")
                .write();
    }

    /** Nodes of the devices that are of such a health. */
    private static List<String> of(Installation installation, String health) throws IOException {
        return installation.fleet().listDevices(ListDevicesRequest.getDefaultInstance()).getDevicesList().stream()
                .filter(device -> device.getHealth().equals(health))
                .map(Device::getNode)
                .toList();
    }

    /** Why nodes are cordoned, by their names. */
    private static Map<String, String> reasons(Installation installation) throws IOException {
        Map<String, String> reasons = new LinkedHashMap<>();
        for (Node node : installation
                .fleet()
                .listNodes(ListNodesRequest.getDefaultInstance())
                .getNodesList()) {
            if (node.getCordoned()) {
                reasons.put(node.getName(), node.getCordonReason());
            }
        }
        return reasons;
    }

    /** Nodes of the jobs that run. */
    private static List<String> running(Installation installation) throws IOException {
        return IntStream.rangeClosed(0, GOOD_NODES)
                .mapToObj(number -> job(installation, "trains" + number))
                .filter(job -> job.getPhase().equals("Running"))
                .map(job -> job.getGangs(0).getWorkers(0).getNode())
                .toList();
    }

    private static Job job(Installation installation, String name) {
        try {
            return installation
                    .jobs()
                    .get(GetRequest.newBuilder()
                            .setJob(Requests.reference(name))
                            .build());
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    private static void until(Callable<Boolean> condition) throws Exception {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(90);
        while (!condition.call()) {
            if (System.nanoTime() > deadline) {
                throw new AssertionError("waited 90 s");
            }
            Thread.sleep(50);
        }
    }
}

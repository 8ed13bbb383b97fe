package dev.interposer.agent.watch;

import static org.assertj.core.api.Assertions.assertThat;

import dev.interposer.agent.driver.Reading;
import dev.interposer.agent.driver.Reading.DeviceProcess;
import dev.interposer.agent.driver.Signal;
import dev.interposer.agent.driver.Signal.Kind;
import dev.interposer.agent.health.HealthPolicyFile;
import dev.interposer.agent.health.Verdict;
import dev.interposer.agent.metrics.MetricsServer;
import dev.interposer.agent.metrics.NodeFacts;
import dev.interposer.agent.runtime.Loop;
import dev.interposer.proto.agent.v1.Device;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What is served of devices, asked by HTTP. */
class DeviceMetricsTest {
    private static final Pattern SAMPLE =
            Pattern.compile("([a-z_]+)(\\{([a-z_]+=\"([^\"\\\\\\n]|\\\\[\\\\\"n])*\"(,(?=[a-z])|(?=})))*})? -?[0-9.]+");

    private final NodeDevices devices = new NodeDevices(HealthPolicyFile.standard(), _ -> false, new Nobody());
    private final FakeDriver driver = new FakeDriver("fake");
    private final Loop loop = new Loop();
    private final HttpClient client = HttpClient.newHttpClient();
    private long nowMillis = 1_000_000;
    private MetricsServer server;

    @BeforeEach
    void serve() throws Exception {
        server = MetricsServer.start(
                new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), "1.2", () -> loop.ask(this::nodes));
        devices.found(
                driver,
                List.of(
                        device("GPU-1")
                                .setMemoryBytes(80L << 30)
                                .putAttributes("model", "the \"big\" one\\two\nlines")
                                .putAttributes("vendor", "maker")
                                .putAttributes("driver", "fake")
                                .putAttributes("driverVersion", "550")
                                .build(),
                        device("GPU-2")
                                .setParentName("GPU-1")
                                .setPartition("1g.10gb")
                                .build()),
                nowMillis);
    }

    @AfterEach
    void end() {
        server.close();
        loop.close(() -> {}, 1_000);
    }

    @Test
    void eachDriverIsSaidToAnswerOrNot() throws Exception {
        assertThat(metrics())
                .contains(
                        "interposer_agent_driver_answers{driver=\"fake\",node=\"lab/n1\"} 1",
                        "interposer_agent_driver_answers{driver=\"lame\",node=\"lab/n1\"} 0");
    }

    @Test
    void measuresAreInBaseUnitsAndWhatIsNotMeasuredIsAbsent() throws Exception {
        devices.read(
                "GPU-1",
                new Reading(735, 5L << 30, 34, 412_500, List.of(new DeviceProcess(1, 0))),
                List.of(1L),
                nowMillis);
        devices.read(
                "GPU-2", new Reading(Reading.UNKNOWN, 1 << 20, Reading.UNKNOWN, 0, List.of()), List.of(), nowMillis);
        List<String> lines = metrics();
        String one = "device=\"GPU-1\",model=\"the \\\"big\\\" one\\\\two\\nlines\",node=\"lab/n1\",vendor=\"maker\"";
        String two = "device=\"GPU-2\",model=\"\",node=\"lab/n1\",vendor=\"\"";
        assertThat(of(lines, "utilization_ratio")).containsExactly("{" + one + "} 0.735");
        assertThat(of(lines, "memory_used_bytes")).containsExactly("{" + one + "} 5368709120", "{" + two + "} 1048576");
        assertThat(of(lines, "memory_size_bytes")).containsExactly("{" + one + "} 85899345920");
        assertThat(of(lines, "temperature_celsius")).containsExactly("{" + one + "} 34");
        assertThat(of(lines, "power_watts")).containsExactly("{" + one + "} 412.5", "{" + two + "} 0");
        assertThat(of(lines, "foreign_processes")).containsExactly("{" + one + "} 1", "{" + two + "} 0");
        assertThat(of(lines, "info"))
                .containsExactly(
                        "{"
                                + one.replace(",model", ",driver=\"fake\",driver_version=\"550\",model")
                                        .replace(",vendor", ",parent=\"\",partition=\"\",vendor")
                                + "} 1",
                        "{device=\"GPU-2\",driver=\"\",driver_version=\"\",model=\"\",node=\"lab/n1\","
                                + "parent=\"GPU-1\",partition=\"1g.10gb\",vendor=\"\"} 1");
    }

    @Test
    void aDeviceThatHasNotAnsweredForLongDoesNotSeemToMeasure() throws Exception {
        devices.read("GPU-1", new Reading(1, 1, 1, 1, List.of()), List.of(), nowMillis);
        nowMillis += 60_000;
        assertThat(of(metrics(), "utilization_ratio")).hasSize(1);
        nowMillis += 1;
        assertThat(metrics()).noneMatch(line -> line.contains("utilization") || line.contains("foreign"));
    }

    @Test
    void oneStateOfHealthIsSetAndSignalsAreCountedOnceForEachTimeTheyCame() throws Exception {
        for (int time = 0; time < 2; time++) {
            devices.happened(Signal.raised("GPU-1", Kind.XID, "79", "off the bus"), nowMillis);
            // Told at each look while it lasts.
            devices.happened(Signal.raised("GPU-1", Kind.OVER_TEMPERATURE, "", "hot"), nowMillis);
        }
        devices.happened(Signal.cleared("GPU-1", Kind.OVER_TEMPERATURE, ""), nowMillis);
        devices.happened(Signal.raised("GPU-1", Kind.OVER_TEMPERATURE, "", "hot"), nowMillis);
        List<String> lines = metrics();
        assertThat(of(lines, "signals_total").stream().map(line -> line.replaceAll("model=.*vendor", "vendor")))
                .containsExactly(
                        "{code=\"79\",device=\"GPU-1\",kind=\"xid\",vendor=\"maker\"} 2",
                        "{code=\"\",device=\"GPU-1\",kind=\"over_temperature\",vendor=\"maker\"} 2");
        assertThat(of(lines, "health").stream()
                        .filter(line -> line.endsWith(" 1"))
                        .map(line -> line.replaceAll(".*(GPU-.).*state=\"(\\w+)\".*", "$1 $2")))
                .containsExactly("GPU-1 failed", "GPU-2 failed");
        assertThat(of(lines, "health")).hasSize(8);
    }

    @Test
    void codesThatADriverMakesUpAreBounded() throws Exception {
        for (int code = 0; code < 1_000; code++) {
            devices.happened(Signal.raised("GPU-2", Kind.XID, "made-up-" + code, ""), nowMillis);
        }
        assertThat(of(metrics(), "signals_total"))
                .hasSize(65)
                .anyMatch(line -> line.contains("code=\"other\"") && line.endsWith(" 936"));
    }

    @Test
    void whatIsNotServedIsRefusedAndALoopThatHangsIsToldSo() throws Exception {
        assertThat(ask("/", "GET").statusCode()).isEqualTo(404);
        assertThat(ask("/metrics", "POST").statusCode()).isEqualTo(405);
        HttpResponse<String> head = ask("/metrics", "HEAD");
        assertThat(head.statusCode()).isEqualTo(200);
        assertThat(head.body()).isEmpty();
        CountDownLatch held = new CountDownLatch(1);
        loop.execute(() -> {
            try {
                held.await();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        });
        assertThat(ask("/healthz", "GET").statusCode()).isEqualTo(503);
        held.countDown();
        assertThat(ask("/healthz", "GET").statusCode()).isEqualTo(200);
    }

    private List<NodeFacts> nodes() {
        return List.of(new NodeFacts(
                "lab/n1",
                true,
                5,
                5,
                Map.of(),
                Map.of(),
                0,
                Map.of("fake", true, "lame", false),
                devices.facts(nowMillis)));
    }

    private static Device.Builder device(String name) {
        return Device.newBuilder().setName(name);
    }

    /** Samples of one family without its name. */
    private static List<String> of(List<String> lines, String family) {
        String name = "interposer_agent_device_" + family;
        return lines.stream()
                .filter(line -> line.startsWith(name + "{"))
                .map(line -> line.substring(name.length()))
                .toList();
    }

    /** Lines, all of which are as the format wants them: each family in one place, after its type. */
    private List<String> metrics() throws Exception {
        HttpResponse<String> answer = ask("/metrics", "GET");
        assertThat(answer.headers().firstValue("Content-Type"))
                .hasValueSatisfying(type -> assertThat(type).startsWith("text/plain; version=0.0.4"));
        assertThat(answer.body()).endsWith("\n");
        Set<String> samples = new HashSet<>();
        Set<String> families = new HashSet<>();
        String family = "";
        for (String line : answer.body().lines().toList()) {
            if (line.startsWith("# TYPE ")) {
                family = line.split(" ", -1)[2];
                assertThat(families.add(family)).as(line).isTrue();
            } else if (!line.startsWith("# HELP ")) {
                assertThat(line).matches(SAMPLE).startsWith(family);
                assertThat(samples.add(line.substring(0, line.lastIndexOf(' '))))
                        .as(line)
                        .isTrue();
            }
        }
        return answer.body().lines().toList();
    }

    private HttpResponse<String> ask(String path, String method) throws Exception {
        HttpRequest request = HttpRequest.newBuilder(
                        URI.create("http://127.0.0.1:" + server.address().getPort() + path))
                .method(method, HttpRequest.BodyPublishers.noBody())
                .build();
        return client.send(request, HttpResponse.BodyHandlers.ofString());
    }

    private static final class Nobody implements NodeDevices.Listener {
        @Override
        public void inventoryChanged() {}

        @Override
        public void healthChanged(String device, Verdict verdict) {}

        @Override
        public void left(String device) {}

        @Override
        public boolean inUse(String device) {
            return false;
        }
    }
}

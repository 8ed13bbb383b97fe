package dev.interposer.agent.driver.plugin;

import static dev.interposer.agent.driver.plugin.FakePlugin.device;
import static dev.interposer.agent.driver.plugin.FakePlugin.failed;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.interposer.agent.driver.DriverException;
import dev.interposer.agent.driver.Reading;
import dev.interposer.agent.driver.Signal;
import dev.interposer.agent.driver.Signal.Kind;
import dev.interposer.proto.agent.v1.Device;
import dev.interposer.proto.agent.v1.WorkerAssignment;
import dev.interposer.proto.agent.v1.WorkerKey;
import dev.interposer.proto.driver.v1.IdentifyRequest;
import dev.interposer.proto.driver.v1.IdentifyResponse;
import dev.interposer.proto.driver.v1.InventoryEvent;
import dev.interposer.proto.driver.v1.PrepareRequest;
import dev.interposer.proto.driver.v1.PrepareResponse;
import dev.interposer.proto.driver.v1.StatsRequest;
import dev.interposer.proto.driver.v1.StatsResponse;
import io.grpc.Status;
import io.grpc.stub.StreamObserver;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PluginDriverTest {
    @TempDir
    Path folder;

    private final List<Signal> signals = new CopyOnWriteArrayList<>();
    private Path socket;
    private PluginDriver driver;

    @BeforeEach
    void anAgentThatLooksForAPlugin() {
        socket = folder.resolve("x1.sock");
        driver = PluginDriver.open(new PluginConfig(
                socket,
                Duration.ofMillis(2000),
                Duration.ofMillis(4000),
                Duration.ofMillis(100),
                Duration.ofMillis(3500)));
        driver.listen(signals::add);
    }

    @AfterEach
    void close() {
        driver.close();
    }

    @Test
    void whatAPluginListsIsTheInventory() throws Exception {
        try (FakePlugin plugin = new FakePlugin(socket, device("b"), device("a"))) {
            List<Device> devices = driver.devices();
            assertThat(devices).extracting(Device::getName).containsExactly("b", "a");
            assertThat(devices.getFirst().getMemoryBytes()).isEqualTo(1000);
            assertThat(devices.getFirst().getAttributesMap())
                    .isEqualTo(Map.of(
                            "vendor", "other", "model", "other-x1", "driver", "other-x1", "deviceNodes", "/dev/x1"));
            assertThat(driver.name()).isEqualTo("other-x1");
            plugin.changes(device("a"), device("c"));
            eventually(() -> names().equals(List.of("a", "c")));
        }
    }

    @Test
    void itReadsWhatAPluginMeasures() throws Exception {
        try (FakePlugin plugin = new FakePlugin(socket, device("a"))) {
            driver.devices();
            assertThat(driver.read("a")).isEqualTo(new Reading(500, 250, 40, Reading.UNKNOWN, List.of()));
            assertThatThrownBy(() -> driver.read("z")).hasMessageContaining("device z is none of plugin other-x1: a");
            assertThat(plugin.prepared).isEmpty();
        }
    }

    @Test
    void aPluginMakesDevicesReadyAndIsToldTheEnd() throws Exception {
        try (FakePlugin plugin = new FakePlugin(socket, device("a"), device("b"))) {
            driver.devices();
            assertThat(driver.prepare(worker("b", "a"))).isEqualTo(Map.of("X1_DEVICES", "b,a"));
            driver.unprepare(worker("b", "a"));
            assertThat(plugin.prepared).extracting(PrepareRequest::getClaim).containsExactly("7/0/2/1");
            assertThat(plugin.unprepared)
                    .extracting(request -> request.getClaim() + request.getDeviceNamesList())
                    .containsExactly("7/0/2/1[b, a]");
        }
    }

    @Test
    void healthIsToldWithItsCause() throws Exception {
        dev.interposer.proto.driver.v1.Device ill =
                device("a").toBuilder().setHealth(failed("no power")).build();
        try (FakePlugin plugin = new FakePlugin(socket, ill, device("b"))) {
            driver.devices();
            plugin.says("b", failed("link 3"));
            plugin.says("b", device("b").getHealth());
            eventually(() -> signals.size() == 3);
            assertThat(signals)
                    .extracting(signal -> signal.device() + " " + signal.kind() + " " + signal.code() + " "
                            + signal.cleared() + " " + signal.detail())
                    .containsExactly(
                            "a REPORTED failed false no power",
                            "b REPORTED failed false link 3",
                            "b REPORTED failed true ");
        }
    }

    @Test
    void aDeviceThatAPluginLeavesOutIsGoneAtOnceAndWellWhenItIsListedWell() throws Exception {
        dev.interposer.proto.driver.v1.Device ill =
                device("a").toBuilder().setHealth(failed("no power")).build();
        try (FakePlugin plugin = new FakePlugin(socket, ill, device("b"))) {
            driver.devices();
            eventually(() -> signals.stream().anyMatch(signal -> signal.kind() == Kind.REPORTED));
            signals.clear();
            plugin.changes(device("b"));
            eventually(() -> signals.size() == 2);
            assertThat(signals)
                    .containsExactly(
                            Signal.cleared("a", Kind.REPORTED, "failed"),
                            Signal.raised("a", Kind.GONE, "", "plugin other-x1 does not list it any more"));
            plugin.changes(device("a"), device("b"));
            eventually(() -> signals.size() == 3);
            assertThat(signals.getLast()).isEqualTo(Signal.cleared("a", Kind.GONE, ""));
        }
    }

    @Test
    void aChipThatIsSplitOtherwiseLosesNothing() throws Exception {
        try (FakePlugin plugin = new FakePlugin(socket, device("chip"), part("chip-0"), device("b"))) {
            driver.devices();
            signals.clear();
            plugin.changes(device("chip"), part("chip-1"), device("b"));
            plugin.changes(part("chip-0"), part("chip-1"), device("b"));
            plugin.changes(device("chip"), device("b"));
            plugin.changes(device("chip"));
            eventually(() -> signals.stream().anyMatch(signal -> !signal.cleared()));
            assertThat(signals)
                    .filteredOn(signal -> !signal.cleared())
                    .extracting(Signal::device)
                    .containsExactly("b");
        }
    }

    private static dev.interposer.proto.driver.v1.Device part(String name) {
        return device(name).toBuilder()
                .setParentName("chip")
                .setPartition("half")
                .build();
    }

    @Test
    void aPluginThatDiesTakesItsDevicesWithItAfterAWhileAndBringsThemBack() throws Exception {
        FakePlugin plugin = new FakePlugin(socket, device("a"), device("b"));
        driver.devices();
        long killedNanos = System.nanoTime();
        plugin.close();
        eventually(() -> !signals.isEmpty());
        assertThat(Duration.ofNanos(System.nanoTime() - killedNanos)).isGreaterThan(Duration.ofMillis(2500));
        eventually(() -> signals.size() == 2);
        assertThat(signals).extracting(Signal::kind).containsOnly(Kind.GONE);
        // To list them would be to say that they are there.
        assertThat(trouble()).contains("plugin other-x1 at", "is away: Identify finds nobody");
        assertThatThrownBy(() -> driver.read("a"))
                .isInstanceOf(DriverException.class)
                .hasMessageContaining("it is away: Identify finds nobody");
        try (FakePlugin again = new FakePlugin(socket, device("a"), device("b"))) {
            eventually(() -> signals.size() == 4);
            assertThat(signals.subList(2, 4)).allMatch(Signal::cleared);
            assertThat(driver.read("b").utilizationMilli()).isEqualTo(500);
            assertThat(again.unprepared).isEmpty();
        }
    }

    @Test
    void aPluginThatIsBackSoonWasNeverAway() throws Exception {
        FakePlugin plugin = new FakePlugin(socket, device("a"));
        driver.devices();
        plugin.close();
        try (FakePlugin again = new FakePlugin(socket, device("a"))) {
            eventually(() -> readable("a"));
            Thread.sleep(4000);
            assertThat(signals).isEmpty();
            assertThat(again.prepared).isEmpty();
        }
    }

    @Test
    void aPluginThatFallsSilentHangs() throws Exception {
        boolean[] silent = new boolean[1];
        try (FakePlugin plugin = new FakePlugin(socket, device("a")) {
            @Override
            public void identify(IdentifyRequest request, StreamObserver<IdentifyResponse> answer) {
                if (!silent[0]) {
                    super.identify(request, answer);
                }
            }
        }) {
            driver.devices();
            silent[0] = true;
            eventually(() -> !signals.isEmpty());
            assertThat(signals.getFirst().kind()).isEqualTo(Kind.HANG);
            assertThat(signals.getFirst().detail()).contains("Identify has no answer within 2000 ms");
            silent[0] = false;
            eventually(() -> signals.size() == 2);
            assertThat(signals.getLast().cleared()).isTrue();
            assertThat(plugin.prepared).isEmpty();
        }
    }

    private FakePlugin silentAboutA(boolean[] silent) {
        return new FakePlugin(socket, device("a"), device("b")) {
            @Override
            public void stats(StatsRequest request, StreamObserver<StatsResponse> answer) {
                if (!silent[0] || !request.getDeviceName().equals("a")) {
                    super.stats(request, answer);
                }
            }
        };
    }

    @Test
    void aDeviceThatCantBeReadHangsAlone() throws Exception {
        boolean[] silent = {true};
        try (FakePlugin plugin = silentAboutA(silent)) {
            driver.devices();
            assertThatThrownBy(() -> driver.read("a")).hasMessageContaining("Stats has no answer within 2000 ms");
            assertThat(signals).isEmpty();
            assertThatThrownBy(() -> driver.read("a")).isInstanceOf(DriverException.class);
            assertThat(signals).extracting(Signal::kind).containsExactly(Kind.HANG);
            assertThat(driver.read("b").utilizationMilli()).isEqualTo(500);
            silent[0] = false;
            driver.read("a");
            assertThat(signals.getLast().cleared()).isTrue();
            assertThat(plugin.prepared).isEmpty();
        }
    }

    @Test
    void aDeviceThatWasSilentAndLeftIsNotSilentSinceThenWhenItIsBack() throws Exception {
        boolean[] silent = {true};
        try (FakePlugin plugin = silentAboutA(silent)) {
            driver.devices();
            assertThatThrownBy(() -> driver.read("a")).hasMessageContaining("Stats has no answer within 2000 ms");
            plugin.changes(device("b"));
            eventually(() -> names().equals(List.of("b")));
            plugin.changes(device("a"), device("b"));
            eventually(() -> names().equals(List.of("a", "b")));
            assertThatThrownBy(() -> driver.read("a")).hasMessageContaining("Stats has no answer within 2000 ms");
            assertThat(signals).extracting(Signal::kind).doesNotContain(Kind.HANG);
        }
    }

    @Test
    void aPluginThatWasStoppedHangsThoughItsBacklogIsFull() throws Exception {
        FakePlugin plugin = new FakePlugin(socket, device("a"));
        driver.devices();
        signals.clear();
        plugin.close();
        try (FullSocket stopped = new FullSocket(socket)) {
            eventually(() -> !signals.isEmpty());
            assertThat(stopped).isNotNull();
            assertThat(signals).extracting(Signal::kind).containsOnly(Kind.HANG);
            assertThat(signals.getFirst().detail()).contains("Identify is not taken", "x1.sock takes no connection");
        }
    }

    @Test
    void anInventoryThatBreaksTheContractIsRefusedAsAWhole() throws Exception {
        try (FakePlugin plugin = new FakePlugin(socket, device("a"), device("b"))) {
            driver.devices();
            plugin.changes(device("c"), device("c"));
            // A question that was under way hears of the end of its channel alone.
            eventually(() -> refusal("a").contains("devices[1].name (c) stands there twice"));
            assertThat(names()).containsExactly("a", "b");
            eventually(() -> signals.size() == 2);
            assertThat(signals).extracting(Signal::kind).containsOnly(Kind.HANG);
        }
    }

    @Test
    void aMessageThatIsTooLargeIsRefused() throws Exception {
        dev.interposer.proto.driver.v1.Device huge = device("a").toBuilder()
                .putAttributes("notes", "x".repeat(5 * 1024 * 1024))
                .build();
        try (FakePlugin plugin = new FakePlugin(socket, huge)) {
            assertThatThrownBy(driver::devices)
                    .isInstanceOf(DriverException.class)
                    .hasMessageContaining("WatchInventory fails with RESOURCE_EXHAUSTED");
            assertThat(plugin.prepared).isEmpty();
        }
    }

    /** Whoever takes in what it says is slow; what it says meanwhile must not pile up in the agent. */
    @Test
    void aPluginThatFloodsItsAgentIsSlowedDown() throws Exception {
        CountDownLatch slow = new CountDownLatch(1);
        driver.close();
        try (FakePlugin plugin = new FakePlugin(socket, device("a"));
                PluginDriver flooded = PluginDriver.open(PluginConfig.of(socket))) {
            flooded.devices();
            flooded.listen(signal -> awaited(slow));
            int taken = plugin.floods("a", 100_000);
            slow.countDown();
            assertThat(taken).isBetween(1, 50_000);
        }
    }

    @Test
    void aChangeOfADeviceThatIsNotListedBreaksTheContract() throws Exception {
        try (FakePlugin plugin = new FakePlugin(socket, device("a"))) {
            driver.devices();
            plugin.says("z", failed("lost"));
            eventually(() -> !readable("a") || !signals.isEmpty());
            eventually(() -> readable("a"));
            assertThat(signals).isEmpty();
        }
    }

    @Test
    void anEventOfNothingBreaksTheContract() throws Exception {
        try (FakePlugin plugin = new FakePlugin(socket, device("a"))) {
            driver.devices();
            plugin.say(InventoryEvent.getDefaultInstance());
            eventually(() -> readable("a"));
            assertThat(signals).isEmpty();
        }
    }

    @Test
    void answersOutOfBoundsAreRefusedInPlainWords() throws Exception {
        try (FakePlugin plugin = new FakePlugin(socket, device("a")) {
            @Override
            public void stats(StatsRequest request, StreamObserver<StatsResponse> answer) {
                answer.onNext(
                        StatsResponse.newBuilder().setUtilizationMilli(4711).build());
                answer.onCompleted();
            }

            @Override
            public void prepare(PrepareRequest request, StreamObserver<PrepareResponse> answer) {
                answer.onNext(PrepareResponse.newBuilder()
                        .putEnv("INTERPOSER_RANK", "9")
                        .build());
                answer.onCompleted();
            }
        }) {
            driver.devices();
            assertThatThrownBy(() -> driver.read("a"))
                    .hasMessage("plugin other-x1, device a: utilization_milli (4711) must be from 0 to 1000");
            assertThatThrownBy(() -> driver.prepare(worker("a"))).hasMessageContaining("env.INTERPOSER_RANK");
            assertThat(plugin.prepared).isEmpty();
        }
    }

    @Test
    void aRefusalKeepsThePluginsWords() throws Exception {
        try (FakePlugin plugin = new FakePlugin(socket, device("a")) {
            @Override
            public void prepare(PrepareRequest request, StreamObserver<PrepareResponse> answer) {
                answer.onError(Status.FAILED_PRECONDITION
                        .withDescription("firmware 3 is too old")
                        .asRuntimeException());
            }
        }) {
            driver.devices();
            assertThatThrownBy(() -> driver.prepare(worker("a")))
                    .isInstanceOf(DriverException.class)
                    .hasMessageContaining("firmware 3 is too old");
            assertThat(plugin.unprepared).isEmpty();
        }
    }

    @Test
    void aSocketThatAcceptsAndSaysNothingCostsADeadline() throws Exception {
        try (ServerSocketChannel deaf = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
            deaf.bind(UnixDomainSocketAddress.of(socket));
            long begunNanos = System.nanoTime();
            assertThatThrownBy(driver::devices).isInstanceOf(DriverException.class);
            assertThat(Duration.ofNanos(System.nanoTime() - begunNanos)).isLessThan(Duration.ofSeconds(4));
            eventually(() -> trouble().contains("Identify has no answer within 2000 ms"));
        }
        Files.delete(socket);
        try (FakePlugin plugin = new FakePlugin(socket, device("a"))) {
            eventually(() -> names().equals(List.of("a")));
            assertThat(plugin.prepared).isEmpty();
        }
    }

    @Test
    void noPluginAtAllIsSaidInWords() {
        assertThatThrownBy(driver::devices)
                .isInstanceOf(DriverException.class)
                .hasMessageContainingAll(
                        "plugin x1 at", "x1.sock has no inventory: Identify finds nobody", "No such file");
    }

    private static void awaited(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private List<String> names() {
        try {
            return driver.devices().stream().map(Device::getName).toList();
        } catch (DriverException e) {
            return List.of();
        }
    }

    /** Why a device can't be read; empty if it can. */
    private String refusal(String device) {
        try {
            driver.read(device);
            return "";
        } catch (DriverException e) {
            return String.valueOf(e.getMessage());
        }
    }

    private boolean readable(String device) {
        try {
            return driver.read(device) != null;
        } catch (DriverException e) {
            return false;
        }
    }

    private String trouble() {
        try {
            return driver.devices().toString();
        } catch (DriverException e) {
            return String.valueOf(e.getMessage());
        }
    }

    private static WorkerAssignment worker(String... devices) {
        return WorkerAssignment.newBuilder()
                .setKey(WorkerKey.newBuilder().setJobId(7).setAttempt(2).setWorker(1))
                .addAllDeviceNames(List.of(devices))
                .setShareMilli(1000)
                .build();
    }

    private static void eventually(BooleanSupplier condition) throws InterruptedException {
        long end = System.nanoTime() + Duration.ofSeconds(20).toNanos();
        while (!condition.getAsBoolean()) {
            assertThat(System.nanoTime()).as("within 20 s").isLessThan(end);
            Thread.sleep(20);
        }
    }
}

package dev.interposer.agent.watch;

import static org.assertj.core.api.Assertions.assertThat;

import dev.interposer.agent.driver.Driver;
import dev.interposer.agent.driver.plugin.FakePlugin;
import dev.interposer.agent.driver.plugin.PluginConfig;
import dev.interposer.agent.driver.plugin.PluginDriver;
import dev.interposer.agent.health.HealthPolicyFile;
import dev.interposer.agent.health.Verdict;
import dev.interposer.agent.runtime.Loop;
import dev.interposer.proto.agent.v1.Device;
import dev.interposer.proto.agent.v1.Health;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A plugin that comes and goes, as the agent sees it over many looks. */
class PluginUnderWatchTest {
    private static final DriverWatch.Pace FAST = new DriverWatch.Pace(
            Duration.ofMillis(20),
            Duration.ofMillis(20),
            Duration.ofMillis(20),
            Duration.ofSeconds(5),
            Duration.ofSeconds(30));

    @TempDir
    Path folder;

    private final Loop loop = new Loop();
    private final Queue<String> told = new ConcurrentLinkedQueue<>();

    @Test
    void whatAPluginTookWithItStaysGoneUntilItIsBack() throws Exception {
        Path socket = folder.resolve("x1.sock");
        FakePlugin plugin = FakePlugin.at(socket, FakePlugin.device("a"));
        NodeDevices devices = devices();
        Driver driver = PluginDriver.open(new PluginConfig(
                socket,
                Duration.ofMillis(500),
                Duration.ofMillis(500),
                Duration.ofMillis(100),
                Duration.ofMillis(1500)));
        DeviceMemory memory = new DeviceMemory(folder.resolve("devices"), "boot");
        try (DeviceWatch watch = new DeviceWatch(List.of(driver), devices, memory, loop, FAST)) {
            loop.execute(() -> watch.start(() -> {}));
            loop.every(10, watch::tick);
            await(() -> health(devices) == Health.HEALTH_HEALTHY);
            plugin.close();
            await(() -> health(devices) == Health.HEALTH_FAILED);
            told.clear();
            // A hundred looks, at each of which the plugin's last inventory is known still.
            Thread.sleep(2_000);
            assertThat(told).isEmpty();
            assertThat(health(devices)).isEqualTo(Health.HEALTH_FAILED);
            try (FakePlugin again = FakePlugin.at(socket, FakePlugin.device("a"))) {
                await(() -> health(devices) == Health.HEALTH_HEALTHY);
                assertThat(again).isNotNull();
            }
        } finally {
            loop.close(() -> {}, 5_000);
        }
    }

    private NodeDevices devices() throws Exception {
        Path policy = Files.writeString(folder.resolve("policy.yaml"), """
                rules:
                - {signal: HANG, response: suspect}
                - {signal: GONE, response: failed, after: 100ms}
                """);
        return new NodeDevices(HealthPolicyFile.read(policy), _ -> false, new NodeDevices.Listener() {
            @Override
            public void inventoryChanged() {}

            @Override
            public void healthChanged(String device, Verdict verdict) {
                told.add(device + " " + verdict.health() + " " + verdict.cause());
            }

            @Override
            public void left(String device) {
                told.add(device + " left");
            }

            @Override
            public boolean inUse(String device) {
                return false;
            }
        });
    }

    private Health health(NodeDevices devices) {
        List<Device> all = CompletableFuture.supplyAsync(devices::inventory, loop::execute)
                .orTimeout(5, TimeUnit.SECONDS)
                .join();
        return all.isEmpty() ? Health.HEALTH_UNSPECIFIED : all.getFirst().getHealth();
    }

    private static void await(BooleanSupplier condition) throws InterruptedException {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(20);
        while (!condition.getAsBoolean()) {
            assertThat(System.nanoTime()).as("waited 20 s").isLessThan(deadline);
            Thread.sleep(10);
        }
    }
}

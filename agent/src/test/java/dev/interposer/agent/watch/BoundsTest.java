package dev.interposer.agent.watch;

import static org.assertj.core.api.Assertions.assertThat;

import dev.interposer.agent.driver.Driver;
import dev.interposer.agent.driver.Signal;
import dev.interposer.agent.driver.Signal.Kind;
import dev.interposer.agent.health.HealthPolicyFile;
import dev.interposer.agent.health.Verdict;
import dev.interposer.proto.agent.v1.Device;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Whatever a driver says, a scheduler takes what the node tells: the limits are those of agent.v1. */
class BoundsTest {
    private static final int RECORD_BYTES = 224 * 1024;
    private static final String LETTER = "ü";

    private final List<String> causes = new ArrayList<>();
    private int inventories;
    private final NodeDevices devices =
            new NodeDevices(HealthPolicyFile.standard(), _ -> false, new NodeDevices.Listener() {
                @Override
                public void inventoryChanged() {
                    inventories++;
                }

                @Override
                public void healthChanged(String device, Verdict verdict) {
                    causes.add(verdict.cause());
                }

                @Override
                public void left(String device) {}

                @Override
                public boolean inUse(String device) {
                    return false;
                }
            });
    private final Driver driver = new FakeDriver("wordy");

    @Test
    void aCauseIsCutAtAWholeLetter() {
        found(device("a").build());
        devices.happened(Signal.raised("a", Kind.REPORTED, "failed", LETTER.repeat(1024)), 0);
        assertThat(causes).hasSize(1).allMatch(cause -> cause.startsWith("REPORTED failed: " + LETTER));
        assertThat(bytes(causes.getFirst())).isBetween(1022, 1024);
        assertThat(causes.getFirst()).endsWith(LETTER);
        assertSound();
    }

    @Test
    void anAttributeThatIsTooLongIsLeftOutAndTheOthersStay() {
        found(device("a")
                .putAttributes("status", "x".repeat(64 * 1024))
                .putAttributes("umlauts", LETTER.repeat(509))
                .putAttributes("fits", LETTER.repeat(510))
                .build());
        assertThat(devices.inventory().getFirst().getAttributesMap()).containsOnlyKeys("vendor", "model", "fits");
        assertSound();
    }

    @Test
    void ofTooManyAttributesThoseByWhichClassesMatchStay() {
        Device.Builder many = device("a");
        for (int at = 0; at < 100; at++) {
            many.putAttributes("a%03d".formatted(at), "x");
        }
        found(many.build());
        assertThat(devices.inventory().getFirst().getAttributesMap())
                .hasSize(64)
                .containsKeys("vendor", "model", "a000", "a061")
                .doesNotContainKey("a062");
    }

    @Test
    void aDeviceThatCantBeNamedIsLeftOutAndTheOthersStay() {
        found(
                device("n".repeat(254)).build(),
                device("").build(),
                device("p").setParentName("c".repeat(254)).setPartition("1g").build(),
                device("q").setParentName("c").setPartition(LETTER.repeat(127)).build(),
                device("r").setScaleUpDomain(LETTER.repeat(127)).build());
        assertThat(devices.inventory()).extracting(Device::getName).containsExactly("r");
        assertThat(devices.inventory().getFirst().getScaleUpDomain()).isEmpty();
    }

    @Test
    void whatIsTooMuchForAllTogetherIsLeftOutOfAll() {
        List<Device> many = new ArrayList<>();
        for (int at = 0; at < 300; at++) {
            many.add(device("d" + at)
                    .putAttributes("large", "x".repeat(700))
                    .putAttributes("small", "y")
                    .build());
        }
        devices.found(driver, many, 0);
        many.forEach(device ->
                devices.happened(Signal.raised(device.getName(), Kind.REPORTED, "failed", LETTER.repeat(600)), 0));
        assertThat(devices.inventory())
                .hasSize(300)
                .allMatch(device -> !device.containsAttributes("large"))
                .allMatch(device -> device.containsAttributes("small"));
        assertSound();
        int before = inventories;
        devices.found(driver, many, 30_000);
        assertThat(inventories).isEqualTo(before);
    }

    @Test
    void moreDevicesThanANodeMayHaveAreLeftOut() {
        List<Device> many = new ArrayList<>();
        for (int at = 0; at < 1500; at++) {
            many.add(Device.newBuilder().setName("d" + at).build());
        }
        devices.found(driver, many, 0);
        List<Device> told = devices.inventory();
        assertThat(told).hasSize(1024);
        assertThat(told.getFirst().getName()).isEqualTo("d0");
        assertThat(told.getLast().getName()).isEqualTo("d1023");
        assertSound();
    }

    /** What driver.v1 admits at most, of as many devices as it admits. */
    @Test
    void theMostThatAPluginMaySayIsTakenByAScheduler() {
        List<Device> most = new ArrayList<>();
        for (int at = 0; at < 1024; at++) {
            Device.Builder device = Device.newBuilder()
                    .setName("n".repeat(124) + "%04d".formatted(at))
                    .setParentName("c".repeat(128))
                    .setPartition("p".repeat(128))
                    .setScaleUpDomain("s".repeat(253))
                    .putAttributes("vendor", LETTER.repeat(384))
                    .putAttributes("model", LETTER.repeat(384))
                    .putAttributes("driver", "d".repeat(63))
                    .putAttributes("deviceNodes", "/".repeat(960));
            for (int key = 0; key < 60; key++) {
                device.putAttributes("k".repeat(61) + "%02d".formatted(key), LETTER.repeat(384));
            }
            most.add(device.build());
        }
        devices.found(driver, most.subList(0, 1), 0);
        assertThat(devices.inventory().getFirst().getAttributesCount()).isEqualTo(64);
        assertSound();
        devices.found(driver, most, 0);
        most.forEach(device ->
                devices.happened(Signal.raised(device.getName(), Kind.REPORTED, "failed", LETTER.repeat(1024)), 0));
        assertThat(devices.inventory()).hasSizeGreaterThan(50);
        assertSound();
    }

    private void found(Device... present) {
        devices.found(driver, List.of(present), 0);
    }

    private static Device.Builder device(String name) {
        return Device.newBuilder()
                .setName(name)
                .putAttributes("vendor", "other")
                .putAttributes("model", "x1");
    }

    /** By the numbers of agent.v1; how a scheduler reckons them is in its NodeCheck, and tested there. */
    private void assertSound() {
        List<Device> all = devices.inventory();
        assertThat(all).hasSizeBetween(1, 1024);
        long total = 0;
        for (Device device : all) {
            assertThat(bytes(device.getName())).isBetween(1, 253);
            assertThat(bytes(device.getParentName())).isLessThanOrEqualTo(253);
            assertThat(bytes(device.getPartition())).isLessThanOrEqualTo(253);
            assertThat(bytes(device.getScaleUpDomain())).isLessThanOrEqualTo(253);
            assertThat(bytes(device.getHealthCause())).isLessThanOrEqualTo(1024);
            assertThat(device.getAttributesCount()).isLessThanOrEqualTo(64);
            device.getAttributesMap()
                    .forEach((key, value) ->
                            assertThat(bytes(key) + bytes(value)).isLessThanOrEqualTo(1024));
            total += 30L + device.getSerializedSize() + 14L * device.getAttributesCount();
        }
        assertThat(total).isLessThan(RECORD_BYTES - 8 * 1024);
        assertThat(causes).allMatch(cause -> bytes(cause) <= 1024);
    }

    private static int bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8).length;
    }
}

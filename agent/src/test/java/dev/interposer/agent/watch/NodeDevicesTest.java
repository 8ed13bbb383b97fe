package dev.interposer.agent.watch;

import static org.assertj.core.api.Assertions.assertThat;

import dev.interposer.agent.driver.Reading;
import dev.interposer.agent.driver.Reading.DeviceProcess;
import dev.interposer.agent.driver.Signal;
import dev.interposer.agent.driver.Signal.Kind;
import dev.interposer.agent.health.HealthPolicyFile;
import dev.interposer.agent.health.Verdict;
import dev.interposer.proto.agent.v1.Device;
import dev.interposer.proto.agent.v1.Health;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** Chips and their parts, without any clock but the test's. */
class NodeDevicesTest {
    private static final Device CHIP = Device.newBuilder().setName("chip").build();
    private static final Device OTHER = Device.newBuilder().setName("other").build();

    private final FakeDriver driver = new FakeDriver("nvml");
    private final List<String> told = new ArrayList<>();
    /** Devices that workers have. */
    private final Set<String> used = new HashSet<>();

    private NodeDevices devices = fresh();
    private long nowMillis = 1_000_000;

    @Test
    void aPartThatWasTakenAwayFromItsChipLeavesAndNothingFails() {
        found(CHIP, part("p1"), part("p2"), OTHER);
        found(CHIP, part("p1"), OTHER);
        // What runs on it is stopped when it leaves: one look at which a library failed must not do that.
        assertThat(health("p2")).isEqualTo(Health.HEALTH_SUSPECT);
        pass(60);
        found(CHIP, part("p1"), part("p2"), OTHER);
        assertThat(health("p2")).isEqualTo(Health.HEALTH_HEALTHY);
        told.clear();

        found(CHIP, OTHER);
        pass(30);
        found(CHIP, OTHER);
        assertThat(names()).containsExactly("chip", "other");
        assertThat(told).contains("p1 left", "p2 left", "inventory").noneMatch(change -> change.contains("FAILED"));
        pass(3600);
        assertThat(told).noneMatch(change -> change.contains("FAILED"));
    }

    @Test
    void aChipThatIsBackWholeLosesThePartsThatWereListedInItsPlace() {
        found(part("chip-0"), part("chip-1"));
        found(CHIP);
        found(CHIP);
        assertThat(names()).containsExactly("chip");
        found(part("chip-0"), part("chip-1"));
        found(part("chip-0"), part("chip-1"));
        assertThat(names()).containsExactly("chip-0", "chip-1");
        // Split otherwise.
        found(part("chip-0"));
        found(part("chip-0"));
        assertThat(names()).containsExactly("chip-0");
        assertThat(told).noneMatch(change -> change.contains("FAILED"));
    }

    @Test
    void aPartThatGoesWithItsChipIsGone() {
        found(CHIP, part("p1"), OTHER);
        found(OTHER);
        pass(6);
        found(OTHER);
        assertThat(names()).containsExactly("chip", "p1", "other");
        assertThat(health("p1")).isEqualTo(Health.HEALTH_FAILED);
        assertThat(health("chip")).isEqualTo(Health.HEALTH_FAILED);
    }

    @Test
    void whatBefallsAChipBefallsItsParts() {
        found(CHIP, part("p1"), part("p2"), OTHER);
        told.clear();
        happened(Signal.raised("chip", Kind.XID, "79", "it has fallen off the bus"));
        assertThat(told)
                .containsExactly(
                        "chip FAILED XID 79: it has fallen off the bus",
                        "p1 FAILED its chip chip: XID 79: it has fallen off the bus",
                        "p2 FAILED its chip chip: XID 79: it has fallen off the bus");
        assertThat(devices.anyFailed(List.of("p2"))).isTrue();
        assertThat(devices.anyFailed(List.of("other"))).isFalse();
        // One that is made later is of the same chip.
        found(CHIP, part("p1"), part("p2"), part("p3"), OTHER);
        assertThat(health("p3")).isEqualTo(Health.HEALTH_FAILED);
        assertThat(told.subList(3, 5))
                .containsExactly("inventory", told.get(4))
                .last()
                .asString()
                .startsWith("p3 ");
    }

    @Test
    void whatBefallsAPartIsNoneOfItsSiblings() {
        found(CHIP, part("p1"), part("p2"));
        happened(Signal.raised("p1", Kind.XID, "95", "uncontained"));
        assertThat(health("p1")).isEqualTo(Health.HEALTH_FAILED);
        assertThat(health("chip")).isEqualTo(Health.HEALTH_HEALTHY);
        assertThat(health("p2")).isEqualTo(Health.HEALTH_HEALTHY);
        happened(Signal.raised("chip", Kind.MEMORY_REMAP_PENDING, "", "rows wait"));
        assertThat(health("p1")).isEqualTo(Health.HEALTH_FAILED);
        assertThat(health("p2")).isEqualTo(Health.HEALTH_SUSPECT);
        happened(Signal.cleared("chip", Kind.MEMORY_REMAP_PENDING, ""));
        assertThat(health("p2")).isEqualTo(Health.HEALTH_HEALTHY);
    }

    /** A chip that is split lists the processes of all its parts. */
    @Test
    void aStrangerOnOnePartKeepsNobodyFromTheOthers() {
        found(CHIP, part("p1"), part("p2"));
        Reading strange = new Reading(0, 0, 0, 0, List.of(new DeviceProcess(4242, 1)));
        for (int second = 0; second < 60; second += 2) {
            read("chip", strange);
            read("p1", strange);
            read("p2", Reading.NONE);
            pass(2);
        }
        assertThat(health("p1")).isEqualTo(Health.HEALTH_SUSPECT);
        assertThat(health("p2")).isEqualTo(Health.HEALTH_HEALTHY);
    }

    private void read(String device, Reading reading) {
        devices.read(device, reading, devices.strangers(reading), nowMillis);
    }

    @Test
    void whatADeviceMeasuredAMinuteAgoIsNotKnown() {
        found(CHIP, OTHER);
        read("chip", new Reading(500, 1, 60, 1, List.of()));
        pass(60);
        assertThat(devices.measured(nowMillis).getFirst().reading().temperatureCelsius())
                .isEqualTo(60);
        pass(1);
        assertThat(devices.measured(nowMillis).getFirst().reading()).isEqualTo(Reading.NONE);
    }

    @Test
    void aDeviceThatAnEarlierAgentKnewIsSuspectUntilItIsFound() {
        found(CHIP, part("p1"));
        restarted();
        assertThat(health("chip")).isEqualTo(Health.HEALTH_SUSPECT);
        assertThat(health("p1")).isEqualTo(Health.HEALTH_SUSPECT);
        assertThat(devices.inventory().getFirst().getHealthCause())
                .isEqualTo("its driver has not answered since the agent began");
        pass(3600);
        assertThat(health("p1")).isEqualTo(Health.HEALTH_SUSPECT);
        found(CHIP, part("p1"));
        assertThat(health("p1")).isEqualTo(Health.HEALTH_HEALTHY);
        assertThat(told).containsExactly("chip HEALTHY ", "p1 HEALTHY ");
    }

    @Test
    void whatAnEarlierAgentKnewIsTrueUntilWhoeverWouldTellItAgainHadTheTime() {
        found(CHIP, OTHER);
        happened(Signal.raised("chip", Kind.REPORTED, "failed", "no power"));
        happened(Signal.raised("other", Kind.LINK_DOWN, "", "link 3"));
        pass(20);
        assertThat(health("other")).isEqualTo(Health.HEALTH_DRAINING);
        restarted();
        assertThat(told).containsExactly("chip FAILED REPORTED failed: no power", "other DRAINING LINK_DOWN: link 3");
        assertThat(health("chip")).isEqualTo(Health.HEALTH_FAILED);
        found(CHIP, OTHER);
        happened(Signal.raised("chip", Kind.REPORTED, "failed", "no power"));
        pass(NodeDevices.SETTLED_MILLIS / 1000);
        pass(3600);
        assertThat(health("chip")).isEqualTo(Health.HEALTH_FAILED);
        assertThat(health("other")).isEqualTo(Health.HEALTH_HEALTHY);
        assertThat(told).filteredOn(change -> change.startsWith("chip")).hasSize(1);
    }

    @Test
    void whatLastsUntilTheMachineRestartsIsHandedOnFromAgentToAgent() {
        found(CHIP);
        happened(Signal.raised("chip", Kind.XID, "48", "two bits"));
        restarted();
        restarted();
        found(CHIP);
        pass(7200);
        assertThat(health("chip")).isEqualTo(Health.HEALTH_FAILED);
    }

    @Test
    void aResponseThatEndsByItselfEndsAtItsTimeWhateverAgentRuns() {
        found(CHIP, OTHER);
        happened(Signal.raised("chip", Kind.XID, "74", "a link errs"));
        pass(1800);
        restarted();
        assertThat(health("chip")).isEqualTo(Health.HEALTH_DRAINING);
        found(CHIP, OTHER);
        pass(1799);
        assertThat(health("chip")).isEqualTo(Health.HEALTH_DRAINING);
        pass(1);
        assertThat(health("chip")).isEqualTo(Health.HEALTH_HEALTHY);
    }

    @Test
    void aDeviceThatFallsIllAgainAndAgainIsHeldThoughTheAgentRestarts() {
        found(CHIP);
        for (int fall = 0; fall < 3; fall++) {
            happened(Signal.raised("chip", Kind.MEMORY_REMAP_PENDING, "", "rows wait"));
            happened(Signal.cleared("chip", Kind.MEMORY_REMAP_PENDING, ""));
            pass(60);
            restarted();
            found(CHIP);
        }
        assertThat(devices.inventory().getFirst().getHealthCause()).startsWith("fell ill 3 times");
        pass(3600);
        assertThat(health("chip")).isEqualTo(Health.HEALTH_HEALTHY);
    }

    /** Such as one that a new version of its plugin gives another name. */
    @Test
    void anOperatorTakesADeviceThatIsGoneOutOfTheInventory() {
        found(CHIP, OTHER);
        found(OTHER);
        pass(6);
        assertThat(health("chip")).isEqualTo(Health.HEALTH_FAILED);
        told.clear();
        used.add("chip");
        devices.forget("chip", nowMillis);
        assertThat(names()).containsExactly("chip", "other");
        used.clear();
        devices.forget("other", nowMillis);
        devices.forget("chip", nowMillis);
        assertThat(names()).containsExactly("other");
        assertThat(told).containsExactly("chip left", "inventory");
        assertThat(devices.toRemember().devices().get("nvml"))
                .extracting(Device::getName)
                .containsExactly("other");
        found(CHIP, OTHER);
        assertThat(health("chip")).isEqualTo(Health.HEALTH_HEALTHY);
        devices.forget("chip", nowMillis);
        assertThat(names()).containsExactly("other", "chip");
    }

    /** The word waits for the next agent, which takes it before its drivers have answered. */
    @Test
    void aDeviceThatWasGoneForAnEarlierAgentIsTakenOutAsWell() {
        found(CHIP, OTHER);
        found(OTHER);
        pass(6);
        restarted();
        devices.forget("other", nowMillis);
        devices.forget("chip", nowMillis);
        assertThat(names()).containsExactly("other");
    }

    private void found(Device... present) {
        devices.found(driver, List.of(present), nowMillis);
    }

    private void happened(Signal signal) {
        devices.happened(signal, nowMillis);
    }

    private void pass(long seconds) {
        nowMillis += seconds * 1000;
        devices.tick(nowMillis);
    }

    /** Another agent, with what this one leaves. */
    private void restarted() {
        DeviceMemory.Remembered left = devices.toRemember();
        told.clear();
        devices = fresh();
        devices.remembered(left.of(Set.of("nvml")), nowMillis);
    }

    private static Device part(String name) {
        return Device.newBuilder()
                .setName(name)
                .setParentName("chip")
                .setPartition("1g.10gb")
                .build();
    }

    private List<String> names() {
        return devices.inventory().stream().map(Device::getName).toList();
    }

    private Health health(String name) {
        return devices.inventory().stream()
                .filter(device -> device.getName().equals(name))
                .findFirst()
                .orElseThrow()
                .getHealth();
    }

    private NodeDevices fresh() {
        return new NodeDevices(HealthPolicyFile.standard(), _ -> false, new NodeDevices.Listener() {
            @Override
            public void inventoryChanged() {
                told.add("inventory");
            }

            @Override
            public void healthChanged(String device, Verdict verdict) {
                told.add(device + " " + verdict.health().name().substring("HEALTH_".length()) + " " + verdict.cause());
            }

            @Override
            public void left(String device) {
                told.add(device + " left");
            }

            @Override
            public boolean inUse(String device) {
                return used.contains(device);
            }
        });
    }
}

package dev.interposer.agent.watch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.interposer.agent.driver.Driver;
import dev.interposer.agent.driver.DriverException;
import dev.interposer.agent.driver.Reading;
import dev.interposer.agent.driver.Reading.DeviceProcess;
import dev.interposer.agent.driver.Signal;
import dev.interposer.agent.health.HealthPolicy;
import dev.interposer.agent.health.HealthPolicyFile;
import dev.interposer.agent.health.Verdict;
import dev.interposer.agent.runtime.Loop;
import dev.interposer.proto.agent.v1.Device;
import dev.interposer.proto.agent.v1.Health;
import dev.interposer.proto.agent.v1.WorkerAssignment;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BooleanSupplier;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Drivers that answer, hang, fail and forget, on a real loop. */
class DeviceWatchTest {
    private static final DriverWatch.Pace FAST = new DriverWatch.Pace(
            Duration.ofMillis(20),
            Duration.ofMinutes(5),
            Duration.ofMillis(20),
            Duration.ofMillis(300),
            Duration.ofMillis(1500));

    private static final long HANGS = 666;

    @TempDir
    Path folder;

    private final FakeDriver one = new FakeDriver("one", "a", "b");
    private final FakeDriver two = new FakeDriver("two", "x");
    private List<Driver> drivers = List.of(one, two);
    private final Queue<String> changes = new ConcurrentLinkedQueue<>();
    private final AtomicInteger inventories = new AtomicInteger();
    private @Nullable Agent running;

    private final CountDownLatch asked = new CountDownLatch(1);
    private final CountDownLatch told = new CountDownLatch(1);

    @AfterEach
    void end() {
        told.countDown();
        one.answers();
        two.answers();
        stop();
    }

    @Test
    void theDevicesOfAllDriversAreOneInventory() throws Exception {
        begin("boot");
        assertThat(ready(5_000)).isTrue();
        assertThat(inventory()).extracting(Device::getName).containsExactlyInAnyOrder("a", "b", "x");
        assertThat(inventory()).extracting(Device::getHealth).containsOnly(Health.HEALTH_HEALTHY);
    }

    @Test
    void aDriverThatHangsMakesItsDevicesSuspectAndNoOthers() throws Exception {
        begin("boot");
        assertThat(ready(5_000)).isTrue();
        one.hangs();
        await(() -> health("a") == Health.HEALTH_SUSPECT || health("b") == Health.HEALTH_SUSPECT);
        assertThat(changes).anyMatch(change -> change.contains("HANG: one: asked"));
        assertThat(health("x")).isEqualTo(Health.HEALTH_HEALTHY);
        two.measures("x", new Reading(500, 0, 40, 0, List.of()));
        await(() -> measured().stream().anyMatch(each -> each.reading().utilizationMilli() == 500));

        one.answers();
        await(() -> health("a") == Health.HEALTH_HEALTHY && health("b") == Health.HEALTH_HEALTHY);
    }

    @Test
    void aDriverThatFailsMakesItsDevicesSuspectWithItsWords() throws Exception {
        begin("boot");
        assertThat(ready(5_000)).isTrue();
        one.fails("no such library");
        await(() -> health("a") == Health.HEALTH_SUSPECT);
        assertThat(changes).anyMatch(change -> change.contains("one: no such library"));
        one.fails(null);
        await(() -> health("a") == Health.HEALTH_HEALTHY);
    }

    @Test
    void aDeviceThatVanishesKeepsItsPlaceAndFails() throws Exception {
        begin("boot");
        assertThat(ready(5_000)).isTrue();
        one.has("b");
        await(() -> health("a") == Health.HEALTH_FAILED);
        assertThat(inventory()).extracting(Device::getName).containsExactlyInAnyOrder("a", "b", "x");
        one.has("a", "b");
        await(() -> health("a") == Health.HEALTH_HEALTHY);
    }

    @Test
    void aPartOfAChipIsNoBetterThanTheChip() throws Exception {
        one.isSplit("a", "a1", "a2");
        begin("boot");
        assertThat(ready(5_000)).isTrue();
        one.says(Signal.raised("a1", Signal.Kind.HANG, "", "hangs"));
        await(() -> health("a1") == Health.HEALTH_SUSPECT);
        assertThat(health("a")).isEqualTo(Health.HEALTH_HEALTHY);
        assertThat(health("a2")).isEqualTo(Health.HEALTH_HEALTHY);

        one.says(Signal.raised("a", Signal.Kind.XID, "79", "fell off"));
        await(() -> health("a1") == Health.HEALTH_FAILED);
        assertThat(health("a2")).isEqualTo(Health.HEALTH_FAILED);
        assertThat(health("x")).isEqualTo(Health.HEALTH_HEALTHY);
        boolean failed = onLoop(devices -> devices.anyFailed(List.of("a2")));
        assertThat(failed).isTrue();
        assertThat(changes).containsOnlyOnce("a2 HEALTH_FAILED its chip a: XID 79: fell off");
    }

    @Test
    void aNewDeviceIsANewInventory() throws Exception {
        begin("boot");
        assertThat(ready(5_000)).isTrue();
        int before = inventories.get();
        one.has("a", "b", "c");
        await(() -> inventories.get() > before);
        assertThat(inventory()).extracting(Device::getName).contains("c");
    }

    @Test
    void theNextAgentKnowsTheDevicesThoughTheDriverHangs() throws Exception {
        begin("boot");
        assertThat(ready(5_000)).isTrue();
        one.says(Signal.raised("b", Signal.Kind.XID, "79", "fell off"));
        await(() -> health("b") == Health.HEALTH_FAILED);
        await(() -> Files.exists(folder.resolve("devices"))
                && read(folder.resolve("devices")).contains("fact b XID 79"));
        stop();
        one.hangs();

        begin("boot");
        assertThat(ready(100)).isTrue();
        assertThat(inventory()).extracting(Device::getName).containsExactlyInAnyOrder("a", "b", "x");
        assertThat(health("b")).isEqualTo(Health.HEALTH_FAILED);
        assertThat(health("a")).isEqualTo(Health.HEALTH_SUSPECT);
    }

    @Test
    void aDeviceThatWasGoneIsNoMomentBetterForTheNextAgent() throws Exception {
        begin("boot");
        assertThat(ready(5_000)).isTrue();
        one.has("b");
        await(() -> health("a") == Health.HEALTH_FAILED);
        await(() -> read(folder.resolve("devices")).contains("state a GONE"));
        stop();
        changes.clear();

        begin("boot");
        assertThat(ready(5_000)).isTrue();
        await(() -> health("b") == Health.HEALTH_HEALTHY);
        assertThat(health("a")).isEqualTo(Health.HEALTH_FAILED);
        assertThat(changes).filteredOn(change -> change.startsWith("a ")).hasSize(1);
        one.has("a", "b");
        await(() -> health("a") == Health.HEALTH_HEALTHY);
    }

    @Test
    void whatNothingRunsOnIsReadSeldomAndAtOnceWhenItIsNew() throws Exception {
        begin("boot");
        assertThat(ready(5_000)).isTrue();
        int begun = one.reads.get();
        await(() -> one.reads.get() > begun + 10);
        agent().loop.execute(() -> agent().watch.busy(false));
        Thread.sleep(200);
        int idle = one.reads.get();
        Thread.sleep(300);
        assertThat(one.reads).hasValue(idle);

        one.has("a", "b", "c");
        await(() -> one.reads.get() == idle + 3);
        agent().loop.execute(() -> agent().watch.busy(true));
        await(() -> one.reads.get() > idle + 10);
    }

    @Test
    void workThatComesBeforeItsDriverHasAnsweredWaitsForIt() throws Exception {
        begin("boot");
        assertThat(ready(5_000)).isTrue();
        await(() -> read(folder.resolve("devices")).contains("device one"));
        stop();
        one.hangs();

        begin("boot");
        assertThat(ready(5_000)).isTrue();
        WorkerAssignment work =
                WorkerAssignment.newBuilder().addDeviceNames("a").build();
        CompletableFuture<Map<String, String>> prepared = CompletableFuture.supplyAsync(
                () -> {
                    try {
                        return agent().watch.prepare(work);
                    } catch (DriverException e) {
                        throw new IllegalStateException(e);
                    }
                },
                task -> Thread.ofVirtual().start(task));
        assertThatThrownBy(() -> prepared.get(100, TimeUnit.MILLISECONDS)).isInstanceOf(TimeoutException.class);
        one.answers();
        assertThat(prepared.get(5, TimeUnit.SECONDS)).isEqualTo(Map.of("SEEN_BY_one", "a", "SEEN_BY_two", "none"));

        stop();
        one.hangs();
        begin("boot");
        assertThatThrownBy(() -> agent().watch.prepare(work))
                .hasMessageContaining("device a is not there")
                .hasMessageContaining("has not answered since the agent began: [one]");
    }

    @Test
    void theDevicesOfADriverThatIsConfiguredNoMoreAreForgotten() throws Exception {
        begin("boot");
        assertThat(ready(5_000)).isTrue();
        await(() -> read(folder.resolve("devices")).contains("device two"));
        stop();

        drivers = List.of(one);
        begin("boot");
        assertThat(ready(5_000)).isTrue();
        assertThat(inventory()).extracting(Device::getName).containsExactlyInAnyOrder("a", "b");
        await(() -> !read(folder.resolve("devices")).contains("device two"));
    }

    @Test
    void aDriverThatHangsAtOneDeviceForLongHangsAtAll() throws Exception {
        begin("boot");
        assertThat(ready(5_000)).isTrue();
        await(() -> answering().equals(Map.of("one", true, "two", true)));
        one.hangsAtReading();
        await(() -> health("a") == Health.HEALTH_SUSPECT && health("b") == Health.HEALTH_SUSPECT);
        assertThat(answering()).isEqualTo(Map.of("one", false, "two", true));
        one.answers();
        await(() -> health("a") == Health.HEALTH_HEALTHY && health("b") == Health.HEALTH_HEALTHY);
        await(() -> answering().equals(Map.of("one", true, "two", true)));
    }

    /** On a fresh node there is no device that could be suspect for it. */
    @Test
    void aDriverThatNeverAnsweredIsLoggedOnceAndMeasured() throws Exception {
        one.has();
        one.fails("the library and the kernel's driver are of different versions");
        try (Logged logged = new Logged(DeviceWatch.class)) {
            begin("boot");
            await(() -> answering().equals(Map.of("one", false, "two", true)));
            Thread.sleep(200);
            assertThat(logged.warnings())
                    .containsExactly("driver one does not answer: the library and the kernel's driver are of different"
                            + " versions");
        }
        one.fails(null);
        await(() -> answering().equals(Map.of("one", true, "two", true)));
    }

    @Test
    void anErrorOfADriverDoesNotEndItsThread() throws Exception {
        begin("boot");
        assertThat(ready(5_000)).isTrue();
        one.breaks(new UnsatisfiedLinkError("no such symbol"));
        await(() -> health("a") == Health.HEALTH_SUSPECT);
        assertThat(changes).anyMatch(change -> change.contains("UnsatisfiedLinkError: no such symbol"));
        one.breaks(null);
        await(() -> health("a") == Health.HEALTH_HEALTHY);
    }

    @Test
    void whatCouldNotBeLeftToTheNextAgentIsLeftWhenItCan() throws Exception {
        Path file = folder.resolve("later").resolve("devices");
        running = new Agent(policy(), new DeviceMemory(file, "boot"));
        assertThat(ready(5_000)).isTrue();
        Thread.sleep(200);
        Files.createDirectories(file.getParent());
        await(() -> read(file).contains("device one"));
    }

    @Test
    void anOperatorsWordThatADeviceIsMendedIsTakenOnce() throws Exception {
        begin("boot");
        assertThat(ready(5_000)).isTrue();
        one.says(Signal.raised("b", Signal.Kind.XID, "79", "fell off"));
        await(() -> health("b") == Health.HEALTH_FAILED);
        await(() -> read(folder.resolve("devices")).contains("fact b XID 79"));
        Files.writeString(folder.resolve("forget"), "b\n");
        await(() -> health("b") == Health.HEALTH_HEALTHY);
        assertThat(folder.resolve("forget")).doesNotExist();
        await(() -> !read(folder.resolve("devices")).contains("fact b XID 79"));
        one.says(Signal.raised("b", Signal.Kind.XID, "79", "fell off again"));
        await(() -> health("b") == Health.HEALTH_FAILED);
    }

    @Test
    void aRestartOfTheMachineForgets() throws Exception {
        begin("boot");
        assertThat(ready(5_000)).isTrue();
        one.says(Signal.raised("b", Signal.Kind.XID, "79", "fell off"));
        await(() -> health("b") == Health.HEALTH_FAILED && Files.exists(folder.resolve("devices")));
        stop();
        one.has("a");

        begin("another boot");
        assertThat(ready(5_000)).isTrue();
        assertThat(inventory()).extracting(Device::getName).containsExactlyInAnyOrder("a", "x");
    }

    @Test
    void withoutWordOfAnEarlierAgentItWaitsForADriverOnlySoLong() throws Exception {
        one.hangs();
        begin("boot");
        assertThat(ready(100)).isFalse();
        assertThat(ready(5_000)).isTrue();
        assertThat(inventory()).extracting(Device::getName).containsExactly("x");
    }

    @Test
    void aProcessOfNobodyHereIsForeignUse() throws Exception {
        begin("boot");
        one.measures("a", new Reading(0, 0, 0, 0, List.of(new DeviceProcess(7, 1), new DeviceProcess(4242, 1))));
        await(() -> health("a") == Health.HEALTH_SUSPECT);
        assertThat(changes).anyMatch(change -> change.contains("process 4242 of nobody here"));
        assertThat(measured()).anyMatch(each -> each.foreign() == 1);
        one.measures("a", new Reading(0, 0, 0, 0, List.of(new DeviceProcess(7, 1))));
        await(() -> health("a") == Health.HEALTH_HEALTHY);
    }

    /** To tell whose a process is may take a lock that it never gives back. */
    @Test
    void aProcessThatCannotBeToldKeepsTheLoopFromNothing() throws Exception {
        begin("boot");
        assertThat(ready(5_000)).isTrue();
        one.measures("a", new Reading(0, 0, 0, 0, List.of(new DeviceProcess(HANGS, 1))));
        await(() -> asked.getCount() == 0);
        two.measures("x", new Reading(250, 0, 40, 0, List.of()));
        await(() -> onLoop(known -> known.measured(System.nanoTime() / 1_000_000)).stream()
                .anyMatch(each -> each.reading().utilizationMilli() == 250));
        assertThat(health("a")).as("nothing was told of it yet").isEqualTo(Health.HEALTH_HEALTHY);
        told.countDown();
        await(() -> health("a") == Health.HEALTH_SUSPECT);
    }

    /** Also one that has some of another maker's, or none at all. */
    @Test
    void aWorkerFindsNoDeviceThatIsNotItsOwn() throws Exception {
        begin("boot");
        assertThat(ready(5_000)).isTrue();
        WorkerAssignment ofTwo =
                WorkerAssignment.newBuilder().addDeviceNames("x").build();
        assertThat(agent().watch.prepare(ofTwo)).isEqualTo(Map.of("SEEN_BY_one", "none", "SEEN_BY_two", "x"));
        assertThat(agent().watch.hidden()).isEqualTo(Map.of("SEEN_BY_one", "none", "SEEN_BY_two", "none"));
    }

    private boolean ours(long pid) {
        if (pid == HANGS) {
            asked.countDown();
            try {
                told.await();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }
        return pid == 7;
    }

    @Test
    void aDeviceThatTwoDriversListIsTheFirstOnesAndTheOtherIsNamed() throws Exception {
        two.has();
        two.measures("a", new Reading(900, 0, 0, 0, List.of()));
        try (Logged logged = new Logged(NodeDevices.class)) {
            begin("boot");
            assertThat(ready(5_000)).isTrue();
            one.measures("a", new Reading(100, 0, 0, 0, List.of()));
            two.has("a", "x");
            await(() -> inventory().size() == 3);
            two.says(Signal.raised("a", Signal.Kind.XID, "79", "of another"));
            Thread.sleep(300);
            assertThat(logged.warnings())
                    .containsExactly("device a of driver two is left out: driver one listed it first. Name it with one"
                            + " driver");
            assertThat(measured())
                    .filteredOn(each -> each.device().equals("a"))
                    .extracting(each -> each.reading().utilizationMilli())
                    .containsExactly(100);
            assertThat(health("a")).isEqualTo(Health.HEALTH_HEALTHY);
            WorkerAssignment work =
                    WorkerAssignment.newBuilder().addDeviceNames("a").build();
            // What the other lists last must not make it the other's.
            one.hangs();
            Thread.sleep(200);
            assertThat(agent().watch.prepare(work)).containsEntry("SEEN_BY_one", "a");
        }
    }

    /** What one agent's profile had is a plugin's after the change of its configuration. */
    @Test
    void aDeviceThatADriverHadBeforeTheAgentBeganIsWhoseListsItNow() throws Exception {
        begin("boot");
        assertThat(ready(5_000)).isTrue();
        await(() -> read(folder.resolve("devices")).contains("device one"));
        stop();
        one.has("b");
        two.has("a", "x");
        begin("boot");
        assertThat(ready(5_000)).isTrue();
        await(() -> health("a") == Health.HEALTH_HEALTHY);
        two.says(Signal.raised("a", Signal.Kind.XID, "79", "fell off"));
        await(() -> health("a") == Health.HEALTH_FAILED);
    }

    @Test
    void eachDriverPreparesItsOwnDevices() throws Exception {
        begin("boot");
        assertThat(ready(5_000)).isTrue();
        WorkerAssignment both = WorkerAssignment.newBuilder()
                .addAllDeviceNames(List.of("b", "x", "a"))
                .build();
        assertThat(agent().watch.prepare(both)).isEqualTo(Map.of("SEEN_BY_one", "b,a", "SEEN_BY_two", "x"));
        assertThatThrownBy(() -> agent().watch
                        .prepare(WorkerAssignment.newBuilder()
                                .addDeviceNames("z")
                                .build()))
                .isInstanceOf(DriverException.class)
                .hasMessageContaining("device z is not there");
    }

    private void begin(String boot) throws Exception {
        running = new Agent(policy(), new DeviceMemory(folder.resolve("devices"), boot));
    }

    private HealthPolicy policy() throws Exception {
        Path policy = Files.writeString(folder.resolve("policy.yaml"), """
                rules:
                - {signal: XID, code: 79, response: failed, clearAfter: never}
                - {signal: HANG, response: suspect}
                - {signal: GONE, response: failed}
                - {signal: FOREIGN_USE, response: suspect}
                """);
        return HealthPolicyFile.read(policy);
    }

    private Agent agent() {
        return Objects.requireNonNull(running, "begin first");
    }

    private boolean ready(long millis) throws InterruptedException {
        return agent().ready.await(millis, TimeUnit.MILLISECONDS);
    }

    private void stop() {
        agent().watch.close();
        agent().loop.close(() -> agent().ended = true, 5_000);
    }

    /** What an agent has of its devices. */
    private final class Agent implements NodeDevices.Listener {
        private final Loop loop = new Loop();
        private final CountDownLatch ready = new CountDownLatch(1);
        private final NodeDevices devices;
        private final DeviceWatch watch;
        /** Of the loop alone. */
        private boolean ended;

        Agent(HealthPolicy policy, DeviceMemory memory) {
            devices = new NodeDevices(policy, DeviceWatchTest.this::ours, this);
            watch = new DeviceWatch(drivers, devices, memory, loop, FAST);
            loop.execute(() -> watch.start(ready::countDown));
            loop.every(10, () -> {
                // A last tick may come after the loop's end, and would write where nothing is any more.
                if (!ended) {
                    watch.tick();
                }
            });
        }

        @Override
        public void inventoryChanged() {
            inventories.incrementAndGet();
        }

        @Override
        public void healthChanged(String device, Verdict verdict) {
            changes.add(device + " " + verdict.health() + " " + verdict.cause());
        }

        @Override
        public void left(String device) {
            changes.add(device + " left");
        }

        @Override
        public boolean inUse(String device) {
            return false;
        }
    }

    private List<NodeDevices.Measured> measured() {
        return onLoop(devices -> devices.measured(System.nanoTime() / 1_000_000));
    }

    private Map<String, Boolean> answering() {
        return onLoop(_ -> agent().watch.answering());
    }

    private List<Device> inventory() {
        return onLoop(NodeDevices::inventory);
    }

    private Health health(String device) {
        return inventory().stream()
                .filter(each -> each.getName().equals(device))
                .map(Device::getHealth)
                .findFirst()
                .orElse(Health.HEALTH_UNSPECIFIED);
    }

    private <T> T onLoop(Function<NodeDevices, T> question) {
        return CompletableFuture.supplyAsync(() -> question.apply(agent().devices), agent().loop::execute)
                .orTimeout(5, TimeUnit.SECONDS)
                .join();
    }

    private static String read(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            return "";
        }
    }

    private static void await(BooleanSupplier condition) throws InterruptedException {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(10);
        while (!condition.getAsBoolean()) {
            assertThat(System.nanoTime()).as("waited 10 s").isLessThan(deadline);
            Thread.sleep(10);
        }
    }
}

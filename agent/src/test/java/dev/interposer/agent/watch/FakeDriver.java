package dev.interposer.agent.watch;

import dev.interposer.agent.driver.Driver;
import dev.interposer.agent.driver.DriverException;
import dev.interposer.agent.driver.Reading;
import dev.interposer.agent.driver.Signal;
import dev.interposer.proto.agent.v1.Device;
import dev.interposer.proto.agent.v1.WorkerAssignment;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** A driver that does as the test says. */
final class FakeDriver implements Driver {
    private final String name;
    private volatile List<Device> devices;
    private final Map<String, Reading> readings = new ConcurrentHashMap<>();
    private volatile @Nullable String failure;
    private volatile @Nullable Error error;
    private volatile CountDownLatch open = new CountDownLatch(0);
    private volatile CountDownLatch reading = new CountDownLatch(0);
    private volatile CountDownLatch preparation = new CountDownLatch(0);
    private volatile @Nullable String refusal;
    final AtomicInteger reads = new AtomicInteger();
    final AtomicInteger preparing = new AtomicInteger();
    final List<String> clearedUp = new CopyOnWriteArrayList<>();
    private volatile Consumer<Signal> signals = _ -> {};

    FakeDriver(String name, String... devices) {
        this.name = name;
        this.devices = of(devices);
    }

    static List<Device> of(String... names) {
        return Stream.of(names)
                .map(each -> Device.newBuilder().setName(each).build())
                .toList();
    }

    void has(String... names) {
        devices = of(names);
    }

    void has(List<Device> present) {
        devices = present;
    }

    /** One device, and parts of it. */
    void isSplit(String chip, String... parts) {
        Stream<Device> split = of(parts).stream()
                .map(part ->
                        part.toBuilder().setParentName(chip).setPartition("1g").build());
        devices = Stream.concat(of(chip).stream(), split).toList();
    }

    void measures(String device, Reading reading) {
        readings.put(device, reading);
    }

    void fails(@Nullable String message) {
        failure = message;
    }

    void breaks(@Nullable Error with) {
        error = with;
    }

    void hangs() {
        open = new CountDownLatch(1);
    }

    void hangsAtReading() {
        reading = new CountDownLatch(1);
    }

    void answers() {
        reading.countDown();
        preparation.countDown();
        open.countDown();
    }

    void says(Signal signal) {
        signals.accept(signal);
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public List<Device> devices() throws DriverException {
        maybe();
        return devices;
    }

    @Override
    public Reading read(String device) throws DriverException {
        reads.incrementAndGet();
        await(reading);
        maybe();
        return readings.getOrDefault(device, Reading.NONE);
    }

    private static void await(CountDownLatch gate) {
        boolean interrupted = false;
        while (gate.getCount() > 0) {
            try {
                gate.await();
            } catch (InterruptedException e) {
                // As a call into a library, which no interrupt reaches.
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    private void maybe() throws DriverException {
        await(open);
        Error broken = error;
        if (broken != null) {
            throw broken;
        }
        String message = failure;
        if (message != null) {
            throw new DriverException(message);
        }
    }

    @Override
    public void listen(Consumer<Signal> to) {
        signals = to;
    }

    void refusesToClearUp(@Nullable String message) {
        refusal = message;
    }

    void hangsAtPreparing() {
        preparation = new CountDownLatch(1);
    }

    @Override
    public void unprepare(WorkerAssignment assignment) throws DriverException {
        String message = refusal;
        if (message != null) {
            throw new DriverException(message);
        }
        clearedUp.add(assignment.getKey().getWorker()
                + assignment.getDeviceNamesList().toString());
    }

    @Override
    public Map<String, String> hidden() {
        return Map.of("SEEN_BY_" + name, "none");
    }

    @Override
    public Map<String, String> prepare(WorkerAssignment assignment) {
        preparing.incrementAndGet();
        await(preparation);
        preparing.decrementAndGet();
        return Map.of("SEEN_BY_" + name, String.join(",", assignment.getDeviceNamesList()));
    }
}

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
import java.util.concurrent.CountDownLatch;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** A driver that does as the test says. */
final class FakeDriver implements Driver {
    private final String name;
    private volatile List<Device> devices;
    private final Map<String, Reading> readings = new ConcurrentHashMap<>();
    private volatile @Nullable String failure;
    private volatile CountDownLatch open = new CountDownLatch(0);
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

    void hangs() {
        open = new CountDownLatch(1);
    }

    void answers() {
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
        maybe();
        return readings.getOrDefault(device, Reading.NONE);
    }

    private void maybe() throws DriverException {
        boolean interrupted = false;
        while (open.getCount() > 0) {
            try {
                open.await();
            } catch (InterruptedException e) {
                // As a call into a library, which no interrupt reaches.
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
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

    @Override
    public Map<String, String> hidden() {
        return Map.of("SEEN_BY_" + name, "none");
    }

    @Override
    public Map<String, String> prepare(WorkerAssignment assignment) {
        return Map.of("SEEN_BY_" + name, String.join(",", assignment.getDeviceNamesList()));
    }
}

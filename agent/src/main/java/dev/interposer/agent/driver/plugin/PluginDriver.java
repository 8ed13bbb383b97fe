package dev.interposer.agent.driver.plugin;

import dev.interposer.agent.driver.Driver;
import dev.interposer.agent.driver.DriverException;
import dev.interposer.agent.driver.Reading;
import dev.interposer.agent.driver.Reading.DeviceProcess;
import dev.interposer.agent.driver.Signal;
import dev.interposer.agent.driver.Standing;
import dev.interposer.proto.agent.v1.Device;
import dev.interposer.proto.agent.v1.WorkerAssignment;
import dev.interposer.proto.agent.v1.WorkerKey;
import dev.interposer.proto.driver.v1.PrepareRequest;
import dev.interposer.proto.driver.v1.PrepareResponse;
import dev.interposer.proto.driver.v1.StatsResponse;
import dev.interposer.proto.driver.v1.UnprepareRequest;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/**
 * Devices of a plugin, which is another process. While it is away its last inventory stays and nothing is read; once it
 * was away for long its devices hang or are gone, nobody is told what there is, and that is over when it is back.
 */
public final class PluginDriver implements Driver {
    private final PluginConfig config;
    private final Standing standing = new Standing();
    private final PluginWatch watch;
    /** When the plugin first did not answer for a device that it answered for before. */
    private final Map<String, Long> silentSinceNanos = new HashMap<>();

    private PluginDriver(PluginConfig config) {
        this.config = config;
        this.watch = new PluginWatch(config, standing);
    }

    /** Begins to look for the plugin; it need not be there yet. */
    public static PluginDriver open(PluginConfig config) {
        PluginDriver driver = new PluginDriver(config);
        driver.watch.start();
        return driver;
    }

    /** That of the socket, until the plugin has said its own. */
    @Override
    public String name() {
        return watch.name();
    }

    /** Waits for the first inventory, as long as for a call. */
    @Override
    public List<Device> devices() throws DriverException {
        PluginInventory present = watch.present();
        // One that leaves and comes back is another, and has not been silent for all that time.
        silentSinceNanos.keySet().retainAll(present.names());
        return present.all().stream().map(this::described).toList();
    }

    @Override
    public Reading read(String device) throws DriverException {
        var described = watch.inventory().device(device);
        StatsResponse stats;
        try {
            stats = watch.calls().stats(device);
            PluginFailure.ifAny(Contract.stats(stats, described));
        } catch (PluginFailure e) {
            if (e.kind() == PluginFailure.Kind.SILENT) {
                silent(device, e);
            }
            throw failed("device " + device, e);
        }
        if (silentSinceNanos.remove(device) != null) {
            standing.clear(device, Signal.Kind.HANG);
        }
        return new Reading(
                stats.hasUtilizationMilli() ? stats.getUtilizationMilli() : Reading.UNKNOWN,
                stats.hasMemoryUsedBytes() ? stats.getMemoryUsedBytes() : Reading.UNKNOWN,
                stats.hasTemperatureCelsius() ? stats.getTemperatureCelsius() : Reading.UNKNOWN,
                stats.hasPowerMilliwatts() ? stats.getPowerMilliwatts() : Reading.UNKNOWN,
                stats.getProcessesList().stream()
                        .map(process -> new DeviceProcess(
                                process.getPid(),
                                process.hasMemoryBytes() ? process.getMemoryBytes() : Reading.UNKNOWN))
                        .toList());
    }

    @Override
    public void listen(Consumer<Signal> signals) {
        standing.listen(signals);
    }

    @Override
    public Map<String, String> prepare(WorkerAssignment assignment) throws DriverException {
        if (assignment.getDeviceNamesCount() == 0) {
            return Map.of();
        }
        for (String device : assignment.getDeviceNamesList()) {
            watch.inventory().device(device);
        }
        PrepareRequest request = PrepareRequest.newBuilder()
                .setClaim(claim(assignment.getKey()))
                .addAllDeviceNames(assignment.getDeviceNamesList())
                .setShareMilli(assignment.getShareMilli())
                .setPartition(assignment.getPartition())
                .setPartitionStart(assignment.getPartitionStart())
                .build();
        try {
            PrepareResponse answer = watch.calls().prepare(request);
            PluginFailure.ifAny(Contract.prepared(answer));
            return answer.getEnvMap();
        } catch (PluginFailure e) {
            throw failed("worker " + request.getClaim(), e);
        }
    }

    @Override
    public void unprepare(WorkerAssignment assignment) throws DriverException {
        if (assignment.getDeviceNamesCount() == 0) {
            return;
        }
        UnprepareRequest request = UnprepareRequest.newBuilder()
                .setClaim(claim(assignment.getKey()))
                .addAllDeviceNames(assignment.getDeviceNamesList())
                .build();
        try {
            watch.calls().unprepare(request);
        } catch (PluginFailure e) {
            throw failed("worker " + request.getClaim(), e);
        }
    }

    @Override
    public void close() {
        watch.close();
    }

    /** The plugin answers for itself, or else the watch tells of it; for this device it does not. */
    private void silent(String device, PluginFailure failure) {
        long now = System.nanoTime();
        long since = silentSinceNanos.computeIfAbsent(
                device, name -> now - config.callDeadline().toNanos());
        if (now - since >= config.lostAfter().toNanos()) {
            String seconds = Long.toString(TimeUnit.NANOSECONDS.toSeconds(now - since));
            standing.raise(Signal.raised(
                    device, Signal.Kind.HANG, "", "plugin " + name() + " for " + seconds + " s: " + failure.words()));
        }
    }

    private DriverException failed(String what, PluginFailure failure) {
        return new DriverException("plugin " + name() + ", " + what + ": " + failure.words(), failure);
    }

    private Device described(dev.interposer.proto.driver.v1.Device device) {
        Device.Builder described = Device.newBuilder()
                .setName(device.getName())
                .setParentName(device.getParentName())
                .setPartition(device.getPartition())
                .setMemoryBytes(device.getMemoryBytes())
                .putAllAttributes(device.getAttributesMap())
                .putAttributes("driver", name())
                .setScaleUpDomain(device.getScaleUpDomain());
        if (device.getDeviceNodesCount() > 0) {
            described.putAttributes("deviceNodes", String.join(",", device.getDeviceNodesList()));
        }
        return described.build();
    }

    private static String claim(WorkerKey key) {
        return key.getJobId() + "/" + key.getGang() + "/" + key.getAttempt() + "/" + key.getWorker();
    }
}

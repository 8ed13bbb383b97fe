package dev.interposer.agent.driver.plugin;

import dev.interposer.proto.driver.v1.Device;
import dev.interposer.proto.driver.v1.DriverServiceGrpc;
import dev.interposer.proto.driver.v1.Health;
import dev.interposer.proto.driver.v1.HealthChange;
import dev.interposer.proto.driver.v1.HealthState;
import dev.interposer.proto.driver.v1.IdentifyRequest;
import dev.interposer.proto.driver.v1.IdentifyResponse;
import dev.interposer.proto.driver.v1.Inventory;
import dev.interposer.proto.driver.v1.InventoryEvent;
import dev.interposer.proto.driver.v1.PrepareRequest;
import dev.interposer.proto.driver.v1.PrepareResponse;
import dev.interposer.proto.driver.v1.StatsRequest;
import dev.interposer.proto.driver.v1.StatsResponse;
import dev.interposer.proto.driver.v1.UnprepareRequest;
import dev.interposer.proto.driver.v1.UnprepareResponse;
import dev.interposer.proto.driver.v1.WatchInventoryRequest;
import io.grpc.InsecureServerCredentials;
import io.grpc.Server;
import io.grpc.Status;
import io.grpc.okhttp.OkHttpServerBuilder;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/** A plugin in this process behind a real unix socket. It behaves, but for what a test makes it do. */
public class FakePlugin extends DriverServiceGrpc.DriverServiceImplBase implements AutoCloseable {
    final List<PrepareRequest> prepared = new CopyOnWriteArrayList<>();
    final List<UnprepareRequest> unprepared = new CopyOnWriteArrayList<>();
    private final List<StreamObserver<InventoryEvent>> streams = new ArrayList<>();
    private Inventory inventory;
    private final Server server;
    private final UnixRelay relay;

    FakePlugin(Path socket, Device... devices) {
        inventory = Inventory.newBuilder().addAllDevices(List.of(devices)).build();
        try {
            server = OkHttpServerBuilder.forPort(
                            new InetSocketAddress(InetAddress.getLoopbackAddress(), 0),
                            InsecureServerCredentials.create())
                    .addService(this)
                    .build()
                    .start();
            relay = new UnixRelay(socket, server.getPort());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** For tests of other packages. */
    public static FakePlugin at(Path socket, Device... devices) {
        return new FakePlugin(socket, devices);
    }

    public static Device device(String name) {
        return Device.newBuilder()
                .setName(name)
                .setMemoryBytes(1000)
                .putAttributes("vendor", "other")
                .putAttributes("model", "other-x1")
                .addDeviceNodes("/dev/x1")
                .setHealth(Health.newBuilder().setState(HealthState.HEALTH_STATE_HEALTHY))
                .build();
    }

    static Health failed(String cause) {
        return Health.newBuilder()
                .setState(HealthState.HEALTH_STATE_FAILED)
                .setCause(cause)
                .build();
    }

    synchronized void changes(Device... devices) {
        inventory = Inventory.newBuilder().addAllDevices(List.of(devices)).build();
        say(InventoryEvent.newBuilder().setInventory(inventory).build());
    }

    void says(String device, Health health) {
        say(InventoryEvent.newBuilder()
                .setHealth(HealthChange.newBuilder().setDeviceName(device).setHealth(health))
                .build());
    }

    synchronized void say(InventoryEvent event) {
        streams.forEach(stream -> stream.onNext(event));
    }

    /** Says one thing and the other until nobody takes it any more for half a second; how often it could. */
    int floods(String device, int most) throws InterruptedException {
        ServerCallStreamObserver<InventoryEvent> stream = (ServerCallStreamObserver<InventoryEvent>) lastStream();
        for (int said = 0; said < most; said++) {
            for (int tries = 0; !stream.isReady(); tries++) {
                if (tries == 50) {
                    return said;
                }
                Thread.sleep(10);
            }
            says(device, said % 2 == 0 ? failed("no " + said) : device(device).getHealth());
        }
        return most;
    }

    private synchronized StreamObserver<InventoryEvent> lastStream() {
        return streams.getLast();
    }

    @Override
    public void identify(IdentifyRequest request, StreamObserver<IdentifyResponse> answer) {
        answer.onNext(IdentifyResponse.newBuilder()
                .setProtocolVersion(1)
                .setName("other-x1")
                .setVersion("0.1")
                .build());
        answer.onCompleted();
    }

    @Override
    public synchronized void watchInventory(WatchInventoryRequest request, StreamObserver<InventoryEvent> events) {
        events.onNext(InventoryEvent.newBuilder().setInventory(inventory).build());
        streams.add(events);
    }

    @Override
    public void stats(StatsRequest request, StreamObserver<StatsResponse> answer) {
        if (known(request.getDeviceName(), answer)) {
            answer.onNext(StatsResponse.newBuilder()
                    .setUtilizationMilli(500)
                    .setMemoryUsedBytes(250)
                    .setTemperatureCelsius(40)
                    .build());
            answer.onCompleted();
        }
    }

    @Override
    public void prepare(PrepareRequest request, StreamObserver<PrepareResponse> answer) {
        if (request.getDeviceNamesList().stream().allMatch(device -> known(device, answer))) {
            prepared.add(request);
            answer.onNext(PrepareResponse.newBuilder()
                    .putEnv("X1_DEVICES", String.join(",", request.getDeviceNamesList()))
                    .build());
            answer.onCompleted();
        }
    }

    @Override
    public void unprepare(UnprepareRequest request, StreamObserver<UnprepareResponse> answer) {
        unprepared.add(request);
        answer.onNext(UnprepareResponse.getDefaultInstance());
        answer.onCompleted();
    }

    final synchronized boolean known(String device, StreamObserver<?> answer) {
        boolean known = inventory.getDevicesList().stream()
                .anyMatch(one -> one.getName().equals(device));
        if (!known) {
            answer.onError(
                    Status.NOT_FOUND.withDescription("no device " + device).asRuntimeException());
        }
        return known;
    }

    /** As a process that is killed. */
    @Override
    public void close() {
        relay.close();
        server.shutdownNow();
    }
}

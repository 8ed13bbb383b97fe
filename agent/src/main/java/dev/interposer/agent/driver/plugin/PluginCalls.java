package dev.interposer.agent.driver.plugin;

import dev.interposer.proto.driver.v1.DriverServiceGrpc;
import dev.interposer.proto.driver.v1.IdentifyRequest;
import dev.interposer.proto.driver.v1.IdentifyResponse;
import dev.interposer.proto.driver.v1.InventoryEvent;
import dev.interposer.proto.driver.v1.PrepareRequest;
import dev.interposer.proto.driver.v1.PrepareResponse;
import dev.interposer.proto.driver.v1.StatsRequest;
import dev.interposer.proto.driver.v1.StatsResponse;
import dev.interposer.proto.driver.v1.UnprepareRequest;
import dev.interposer.proto.driver.v1.WatchInventoryRequest;
import io.grpc.InsecureChannelCredentials;
import io.grpc.ManagedChannel;
import io.grpc.StatusRuntimeException;
import io.grpc.okhttp.OkHttpChannelBuilder;
import io.grpc.stub.ClientCallStreamObserver;
import io.grpc.stub.ClientResponseObserver;
import java.time.Duration;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** The calls of driver.v1 over one connection to a plugin; each has a deadline and ends in an answer or in words. */
final class PluginCalls implements AutoCloseable {
    static final int PROTOCOL_VERSION = 1;
    private static final int MOST_MESSAGE_BYTES = 4 * 1024 * 1024;

    private final PluginConfig config;
    private final ManagedChannel channel;

    PluginCalls(PluginConfig config) {
        this.config = config;
        // The address is never used: the factory knows its one path.
        this.channel = OkHttpChannelBuilder.forAddress("127.0.0.1", 1, InsecureChannelCredentials.create())
                .socketFactory(UnixSocket.factory(config.socket()))
                .overrideAuthority("localhost")
                .proxyDetector(target -> null)
                .maxInboundMessageSize(MOST_MESSAGE_BYTES)
                .directExecutor()
                .build();
    }

    IdentifyResponse identify() throws PluginFailure {
        IdentifyRequest request = IdentifyRequest.newBuilder()
                .setProtocolVersion(PROTOCOL_VERSION)
                .build();
        return call(
                "Identify",
                config.callDeadline(),
                () -> stub(config.callDeadline()).identify(request));
    }

    StatsResponse stats(String device) throws PluginFailure {
        StatsRequest request = StatsRequest.newBuilder().setDeviceName(device).build();
        return call(
                "Stats",
                config.callDeadline(),
                () -> stub(config.callDeadline()).stats(request));
    }

    PrepareResponse prepare(PrepareRequest request) throws PluginFailure {
        return call(
                "Prepare",
                config.prepareDeadline(),
                () -> stub(config.prepareDeadline()).prepare(request));
    }

    void unprepare(UnprepareRequest request) throws PluginFailure {
        call(
                "Unprepare",
                config.prepareDeadline(),
                () -> stub(config.prepareDeadline()).unprepare(request));
    }

    /** What there is, and each change from now on. */
    Watch watch() {
        Watch watch = new Watch();
        DriverServiceGrpc.newStub(channel).watchInventory(WatchInventoryRequest.getDefaultInstance(), watch);
        return watch;
    }

    @Override
    public void close() {
        channel.shutdownNow();
    }

    private DriverServiceGrpc.DriverServiceBlockingStub stub(Duration deadline) {
        return DriverServiceGrpc.newBlockingStub(channel).withDeadlineAfter(deadline.toMillis(), TimeUnit.MILLISECONDS);
    }

    private static <T> T call(String call, Duration deadline, Supplier<T> made) throws PluginFailure {
        try {
            return made.get();
        } catch (StatusRuntimeException e) {
            throw PluginFailure.of(call, deadline, e.getStatus());
        }
    }

    /** A stream of events. The next is asked for when one was taken, so that a plugin can't flood its agent. */
    final class Watch implements ClientResponseObserver<WatchInventoryRequest, InventoryEvent> {
        private final BlockingQueue<Arrival> arrivals = new LinkedBlockingQueue<>();
        private @Nullable ClientCallStreamObserver<WatchInventoryRequest> stream;

        /** The next event, or null when there is none within the wait. */
        @Nullable
        InventoryEvent next(Duration wait) throws PluginFailure, InterruptedException {
            Arrival arrival = arrivals.poll(wait.toMillis(), TimeUnit.MILLISECONDS);
            return switch (arrival) {
                case null -> null;
                case Arrival.Event event -> {
                    if (stream != null) {
                        stream.request(1);
                    }
                    yield event.event();
                }
                case Arrival.End end -> throw end.failure();
            };
        }

        @Override
        public void beforeStart(ClientCallStreamObserver<WatchInventoryRequest> started) {
            started.disableAutoRequestWithInitial(1);
            stream = started;
        }

        @Override
        public void onNext(InventoryEvent event) {
            arrivals.add(new Arrival.Event(event));
        }

        @Override
        public void onError(Throwable error) {
            arrivals.add(new Arrival.End(
                    PluginFailure.of("WatchInventory", config.callDeadline(), io.grpc.Status.fromThrowable(error))));
        }

        @Override
        public void onCompleted() {
            arrivals.add(new Arrival.End(PluginFailure.contract("WatchInventory ended; only the agent may end it")));
        }
    }

    private sealed interface Arrival {
        record Event(InventoryEvent event) implements Arrival {}

        record End(PluginFailure failure) implements Arrival {}
    }
}

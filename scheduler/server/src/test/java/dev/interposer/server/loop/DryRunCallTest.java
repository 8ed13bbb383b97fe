package dev.interposer.server.loop;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.interposer.engine.event.Event;
import dev.interposer.engine.event.FleetEvent;
import dev.interposer.engine.event.SettingEvent;
import dev.interposer.engine.model.AcceleratorClass;
import dev.interposer.engine.model.Device;
import dev.interposer.engine.model.DeviceReport;
import dev.interposer.engine.model.JobQueue;
import dev.interposer.engine.model.JobQueue.Quota;
import dev.interposer.engine.model.JobQueue.ScopeKind;
import dev.interposer.engine.model.NodeInfo;
import dev.interposer.engine.model.QueueState;
import dev.interposer.engine.model.Supplier;
import dev.interposer.engine.state.Snapshot;
import dev.interposer.engine.state.State;
import dev.interposer.proto.job.v1.DryRunRequest;
import dev.interposer.proto.job.v1.DryRunResponse;
import dev.interposer.proto.job.v1.JobKind;
import dev.interposer.proto.job.v1.JobServiceGrpc;
import dev.interposer.proto.job.v1.StartPlace;
import dev.interposer.server.security.Caller;
import dev.interposer.server.security.Role;
import dev.interposer.server.security.TokenInterceptor;
import dev.interposer.server.view.LiveView;
import io.grpc.Context;
import io.grpc.Contexts;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.Server;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.grpc.StatusRuntimeException;
import io.grpc.netty.NettyChannelBuilder;
import io.grpc.netty.NettyServerBuilder;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.Map;
import java.util.stream.LongStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** A dry run over a real socket: says where, or why not and what would help, and leaves everything as it was. */
class DryRunCallTest {
    private final State state = new State();
    private final LiveView view = new LiveView();
    private final Server server;
    private final ManagedChannel channel;

    DryRunCallTest() throws IOException {
        Quota limit = new Quota(ScopeKind.CLASS, "chip", -1, 6, -1, -1);
        apply(new SettingEvent.SupplierApplied(Supplier.of("acme")));
        apply(new SettingEvent.ClassApplied(AcceleratorClass.of("chip", "acme")));
        apply(new SettingEvent.QueueApplied(
                new JobQueue("research", "", Map.of(), 1, List.of(limit), 0, 0, 0, QueueState.OPEN)));
        List<Device> devices = LongStream.range(0, 8)
                .mapToObj(number -> new Device(10 + number, "chip", "", DeviceReport.of("d" + number, "chip")))
                .toList();
        NodeInfo info = new NodeInfo("lab/n1", "boot", "1", Map.of(), Map.of("cpu", 64_000L));
        apply(new FleetEvent.NodeReported(1, info, devices));
        view.restart(state);
        server = NettyServerBuilder.forAddress(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))
                .addService(Loops.jobs(view))
                .intercept(new Known())
                .build()
                .start();
        channel = NettyChannelBuilder.forAddress(
                        InetAddress.getLoopbackAddress().getHostAddress(), server.getPort())
                .usePlaintext()
                .build();
    }

    private static final class Known implements ServerInterceptor {
        @Override
        public <Q, A> ServerCall.Listener<Q> interceptCall(
                ServerCall<Q, A> call, Metadata headers, ServerCallHandler<Q, A> next) {
            Context known = Context.current().withValue(TokenInterceptor.CALLER, new Caller("ada", Role.SUBMITTER));
            return Contexts.interceptCall(known, call, headers, next);
        }
    }

    @AfterEach
    void stop() {
        channel.shutdownNow();
        server.shutdownNow();
    }

    @Test
    void saysWhereAJobWouldStart() {
        Object before = Snapshot.of(state);

        DryRunResponse response = dryRun("small", 4);

        assertThat(response.getPlacesList())
                .containsExactly(StartPlace.newBuilder()
                        .setProfileName("only")
                        .setClassName("chip")
                        .setWorkers(1)
                        .setDevices(4)
                        .addNodes("lab/n1")
                        .build());
        assertThat(response.hasWaits()).isFalse();
        assertThat(response.getRevision()).isEqualTo(state.revision());
        assertThat(Snapshot.of(state)).isEqualTo(before);
    }

    @Test
    void saysWhyNotAndWhatWouldHelp() {
        Object before = Snapshot.of(state);

        DryRunResponse response = dryRun("large", 8);

        assertThat(response.getPlacesList()).isEmpty();
        assertThat(response.getWaitingGangs()).isEqualTo(1);
        assertThat(response.getWaits().getReason().getCode()).isEqualTo("QUEUE_LIMIT");
        var nearest = response.getWaits().getNearestChange();
        assertThat(nearest.getOutcome()).isEqualTo("Cheapest");
        assertThat(nearest.getPartsList()).hasSize(1);
        assertThat(nearest.getParts(0).getKind()).isEqualTo("QueueLimit");
        assertThat(nearest.getParts(0).getParametersMap()).containsEntry("by", "2");
        assertThat(nearest.getText())
                .isEqualTo("it would start, on 8 chip of lab/n1, with a limit of 8 instead of 6 in queue research"
                        + " (class chip), 2 more (the cheapest of one or two changes)");
        assertThat(nearest.getVerifiedAtRevision()).isEqualTo(state.revision());
        assertThat(Snapshot.of(state)).isEqualTo(before);
    }

    @Test
    void saysForWhatAJobWouldBeRefused() {
        assertThatThrownBy(() -> dryRun("Not A Name", 1))
                .isInstanceOf(StatusRuntimeException.class)
                .hasMessageContaining("metadata.name");
    }

    private DryRunResponse dryRun(String name, int devices) {
        DryRunRequest.Builder request =
                DryRunRequest.newBuilder().setNamespace("lab").setName(name).setNearestChange(true);
        var role = request.getSpecBuilder()
                .setKind(JobKind.JOB_KIND_TRAINING)
                .setQueueName("research")
                .addProfilesBuilder()
                .setName("only")
                .addRolesBuilder()
                .setName("worker");
        role.getWorkersBuilder().setMin(1);
        role.getAcceleratorsBuilder().setClassName("chip").setPerWorker(devices);
        role.getContainerBuilder().setImage("image").addCommand("run");
        return JobServiceGrpc.newBlockingStub(channel).dryRun(request.build());
    }

    private void apply(Event event) {
        state.apply(state.revision() + 1, state.revision() + 1, event);
    }
}

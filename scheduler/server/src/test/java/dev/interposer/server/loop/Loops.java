package dev.interposer.server.loop;

import dev.interposer.ledger.codec.Digests;
import dev.interposer.ledger.codec.EventCodec;
import dev.interposer.proto.job.v1.JobKind;
import dev.interposer.proto.job.v1.SubmitRequest;
import dev.interposer.proto.job.v1.SubmitResponse;
import dev.interposer.server.agents.AgentHub;
import dev.interposer.server.conversion.ConversionReader;
import dev.interposer.server.grpc.ApplyCall;
import dev.interposer.server.grpc.Forecasts;
import dev.interposer.server.grpc.JobEndpoint;
import dev.interposer.server.grpc.LogCalls;
import dev.interposer.server.grpc.Reads;
import dev.interposer.server.grpc.Records;
import dev.interposer.server.grpc.Submissions;
import dev.interposer.server.history.HistoryReader;
import dev.interposer.server.security.AccessRules;
import dev.interposer.server.security.Caller;
import dev.interposer.server.security.Role;
import dev.interposer.server.security.TokenInterceptor;
import dev.interposer.server.view.LiveView;
import dev.interposer.server.view.SupplyReader;
import io.grpc.Context;
import io.grpc.Status;
import io.grpc.stub.StreamObserver;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.time.Duration;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/** What needs a loop that never starts. */
public final class Loops {
    /** No cluster has a say. */
    private static final AccessRules EVERYBODY = (caller, deed, kind, namespace, queueName) -> null;

    private Loops() {}

    public static ApplyCall applyCall(LiveView view) {
        TestConfig config = new TestConfig(null, "none", Duration.ZERO);
        LedgerAccess access = new LedgerAccess(config, "test");
        return new ApplyCall(idle(view), view, access, new Forecasts(view), EVERYBODY);
    }

    /** One that never starts, and takes no command. */
    public static SchedulerLoop idle(LiveView view) {
        TestConfig config = new TestConfig(null, "none", Duration.ZERO);
        LedgerAccess access = new LedgerAccess(config, "test");
        return new SchedulerLoop(config, access, view, new SnapshotWriter(), new SimpleMeterRegistry());
    }

    /** The jobs' service over a view; what needs the loop is never answered. */
    static JobEndpoint jobs(LiveView view) {
        return jobs(idle(view), view);
    }

    /** The jobs' service over a loop. */
    static JobEndpoint jobs(SchedulerLoop loop, LiveView view) {
        TestConfig config = new TestConfig(null, "none", Duration.ZERO);
        LedgerAccess access = new LedgerAccess(config, "test");
        Forecasts forecasts = new Forecasts(view);
        Records records = new Records(new HistoryReader(access), new ConversionReader(access, view, config));
        Reads reads = new Reads(loop, view, new SupplyReader(view), forecasts, records);
        LogCalls logs = new LogCalls(view, new AgentHub(loop, view, config));
        return new JobEndpoint(loop, view, reads, logs, new Submissions(loop, forecasts, EVERYBODY));
    }

    /** Submits a job with a command of its own and waits; the code of the refusal, or null. */
    static Status.@Nullable Code submitted(JobEndpoint jobs, String name, String word) {
        SubmitRequest.Builder request =
                SubmitRequest.newBuilder().setNamespace("ns").setName(name);
        UUID random = UUID.randomUUID();
        long version = (random.getMostSignificantBits() & ~0xF000L) | 0x7000;
        request.setRequestId(new UUID(version, random.getLeastSignificantBits()).toString());
        var role = request.getSpecBuilder()
                .setKind(JobKind.JOB_KIND_TRAINING)
                .setQueueName("queue")
                .addProfilesBuilder()
                .setName("only")
                .addRolesBuilder()
                .setName("worker");
        role.getWorkersBuilder().setMin(1);
        role.getContainerBuilder().addCommand(word);
        AtomicReference<Status.@Nullable Code> code = new AtomicReference<>();
        Context.current()
                .withValue(TokenInterceptor.CALLER, new Caller("ada", Role.SUBMITTER))
                .run(() -> jobs.submit(request.build(), new StreamObserver<>() {
                    @Override
                    public void onNext(SubmitResponse response) {
                        // Accepted.
                    }

                    @Override
                    public void onError(Throwable error) {
                        code.set(Status.fromThrowable(error).getCode());
                    }

                    @Override
                    public void onCompleted() {
                        // Accepted.
                    }
                }));
        return code.get();
    }

    public static Digests digests() {
        return new Digests(new EventCodec());
    }
}

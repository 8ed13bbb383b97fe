package dev.interposer.cli.client;

import dev.interposer.proto.fleet.v1.AccessServiceGrpc;
import dev.interposer.proto.fleet.v1.AccessServiceGrpc.AccessServiceBlockingStub;
import dev.interposer.proto.fleet.v1.FleetServiceGrpc;
import dev.interposer.proto.fleet.v1.FleetServiceGrpc.FleetServiceBlockingStub;
import dev.interposer.proto.fleet.v1.InspectionServiceGrpc;
import dev.interposer.proto.fleet.v1.InspectionServiceGrpc.InspectionServiceBlockingStub;
import dev.interposer.proto.job.v1.JobReference;
import dev.interposer.proto.job.v1.JobServiceGrpc;
import dev.interposer.proto.job.v1.JobServiceGrpc.JobServiceBlockingStub;
import dev.interposer.proto.job.v1.JobServiceGrpc.JobServiceStub;
import io.grpc.ChannelCredentials;
import io.grpc.ClientInterceptor;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.okhttp.OkHttpChannelBuilder;
import io.grpc.stub.MetadataUtils;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** A connection with a token. */
public final class Client implements AutoCloseable {
    private static final long SECONDS = 30;
    private static final int TRIES = 5;
    /** As often as an agent asks whether the other end is still there; a server bears more. */
    private static final Duration ASK_EVERY = Duration.ofSeconds(20);

    private static final Duration ANSWER_WITHIN = Duration.ofSeconds(10);
    private static final String DEFAULT_NAMESPACE = "default";
    private static final int MOST_MESSAGE_BYTES = 64 * 1024 * 1024;
    private static final Metadata.Key<String> AUTHORIZATION =
            Metadata.Key.of("authorization", Metadata.ASCII_STRING_MARSHALLER);

    private final ManagedChannel channel;
    private final ClientInterceptor credentials;

    /** @param around what is done about every call; nothing if empty */
    public Client(String address, ChannelCredentials trust, String token, ClientInterceptor... around) {
        this(
                OkHttpChannelBuilder.forTarget(address, trust).intercept(around),
                token,
                new KeepAlive(ASK_EVERY, ANSWER_WITHIN));
    }

    /** When a connection on which nothing comes is given up: a stream on it would be silent for ever. */
    record KeepAlive(Duration askEvery, Duration answerWithin) {}

    Client(OkHttpChannelBuilder builder, String token, KeepAlive keepAlive) {
        this.channel = builder.maxInboundMessageSize(MOST_MESSAGE_BYTES)
                .keepAliveTime(keepAlive.askEvery().toMillis(), TimeUnit.MILLISECONDS)
                .keepAliveTimeout(keepAlive.answerWithin().toMillis(), TimeUnit.MILLISECONDS)
                .build();
        Metadata headers = new Metadata();
        headers.put(AUTHORIZATION, "Bearer " + token);
        this.credentials = MetadataUtils.newAttachHeadersInterceptor(headers);
    }

    /** For calls that end. */
    public JobServiceBlockingStub jobs() {
        return jobStreams().withDeadlineAfter(SECONDS, TimeUnit.SECONDS);
    }

    /** For calls that go on: watch and logs. */
    public JobServiceBlockingStub jobStreams() {
        return JobServiceGrpc.newBlockingStub(channel).withInterceptors(credentials);
    }

    /** For many calls at a time. */
    public JobServiceStub asyncJobs() {
        return JobServiceGrpc.newStub(channel).withInterceptors(credentials);
    }

    public FleetServiceBlockingStub fleet() {
        return FleetServiceGrpc.newBlockingStub(channel)
                .withInterceptors(credentials)
                .withDeadlineAfter(SECONDS, TimeUnit.SECONDS);
    }

    public AccessServiceBlockingStub access() {
        return AccessServiceGrpc.newBlockingStub(channel)
                .withInterceptors(credentials)
                .withDeadlineAfter(SECONDS, TimeUnit.SECONDS);
    }

    /** For looks at the whole ledger, which take as long as they take. */
    public InspectionServiceBlockingStub inspection() {
        return InspectionServiceGrpc.newBlockingStub(channel).withInterceptors(credentials);
    }

    @Override
    public void close() {
        channel.shutdownNow();
    }

    /**
     * {@code name} in a namespace, {@code namespace/name}, or an id.
     *
     * @param namespace null if none was said; where one was, digits are a name too, and never another team's id
     */
    public static JobReference job(String text, @Nullable String namespace) {
        if (namespace == null && text.matches("\\d{1,18}")) {
            return JobReference.newBuilder().setId(Long.parseLong(text)).build();
        }
        int slash = text.indexOf('/');
        String here = namespace == null ? DEFAULT_NAMESPACE : namespace;
        return JobReference.newBuilder()
                .setNamespace(slash < 0 ? here : text.substring(0, slash))
                .setName(text.substring(slash + 1))
                .build();
    }

    /** What bears the same request id at each try: whatever became of the first, nothing happens twice. */
    public static <T> T untilAnswered(Supplier<T> call) {
        for (int attempt = 1; ; attempt++) {
            try {
                return call.get();
            } catch (StatusRuntimeException e) {
                if (e.getStatus().getCode() != Status.Code.UNAVAILABLE || attempt == TRIES) {
                    throw e;
                }
                pause(attempt * 200L);
            }
        }
    }

    private static void pause(long millis) {
        try {
            Thread.sleep(millis);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** A new UUID of version 7: milliseconds in front, random behind. */
    public static String requestId() {
        SecureRandom random = new SecureRandom();
        long front = (System.currentTimeMillis() << 16) | 0x7000 | random.nextInt(1 << 12);
        long back = (random.nextLong() & 0x3FFF_FFFF_FFFF_FFFFL) | 0x8000_0000_0000_0000L;
        return new UUID(front, back).toString();
    }
}

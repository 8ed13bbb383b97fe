package dev.interposer.agent.link;

import dev.interposer.agent.config.ConfigException;
import dev.interposer.agent.config.TrustOptions;
import dev.interposer.agent.identity.Identity;
import dev.interposer.agent.identity.JoinToken;
import dev.interposer.agent.identity.Pem;
import dev.interposer.proto.agent.v1.AgentServiceGrpc;
import dev.interposer.proto.agent.v1.AgentServiceGrpc.AgentServiceStub;
import io.grpc.ChannelCredentials;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.TlsChannelCredentials;
import io.grpc.okhttp.OkHttpChannelBuilder;
import io.grpc.stub.MetadataUtils;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/** One connection to each scheduler, and as whom the agent speaks on them. On the loop, once that runs. */
final class Connections {
    private static final int MOST_MESSAGE_BYTES = 16 * 1024 * 1024;
    private static final Metadata.Key<String> AUTHORIZATION =
            Metadata.Key.of("authorization", Metadata.ASCII_STRING_MARSHALLER);

    private final Metadata headers = new Metadata();
    private List<ManagedChannel> channels = List.of();
    private Runnable changed = () -> {};
    private Consumer<Reason> refusals = reason -> {};

    void useToken(List<String> servers, TrustOptions trust, String token) throws ConfigException {
        headers.put(AUTHORIZATION, "Bearer " + token);
        List<ManagedChannel> made = new ArrayList<>();
        for (String server : servers) {
            made.add(channel(server, Trust.in(server, trust)));
        }
        channels = made;
    }

    /** New ones, over which everybody comes again; then the old ones end. */
    void use(List<String> servers, Identity identity) throws IOException, GeneralSecurityException {
        List<ManagedChannel> before = channels;
        List<ManagedChannel> made = new ArrayList<>();
        for (String server : servers) {
            made.add(channel(server, credentials(identity)));
        }
        channels = made;
        changed.run();
        before.forEach(ManagedChannel::shutdownNow);
    }

    /** For whoever is nobody yet. */
    static ManagedChannel joining(String server, JoinToken token) {
        return channel(
                server,
                TlsChannelCredentials.newBuilder()
                        .trustManager(new PinnedTrust(token.pins(), token.toString()))
                        .build());
    }

    private static ChannelCredentials credentials(Identity identity) throws IOException, GeneralSecurityException {
        return TlsChannelCredentials.newBuilder()
                .keyManager(in(Pem.write(List.of(identity.certificate()))), in(Pem.write(identity.key())))
                .trustManager(in(Pem.write(identity.authorities())))
                .build();
    }

    private static InputStream in(String pem) {
        return new ByteArrayInputStream(pem.getBytes(StandardCharsets.US_ASCII));
    }

    private static ManagedChannel channel(String server, ChannelCredentials credentials) {
        return OkHttpChannelBuilder.forTarget(server, credentials)
                .keepAliveTime(20, TimeUnit.SECONDS)
                .keepAliveTimeout(10, TimeUnit.SECONDS)
                .maxInboundMessageSize(MOST_MESSAGE_BYTES)
                // What arrives is only handed on to the loop; another thread for that would cost more than it does.
                .directExecutor()
                .build();
    }

    void onChange(Runnable task) {
        changed = task;
    }

    void onRefusal(Consumer<Reason> listener) {
        refusals = listener;
    }

    /** A scheduler does not take the agent's certificate, or the agent not the scheduler's. */
    void refused(Reason reason) {
        refusals.accept(reason);
    }

    boolean isEmpty() {
        return channels.isEmpty();
    }

    int size() {
        return channels.size();
    }

    ManagedChannel channel(int number) {
        return channels.get(number % channels.size());
    }

    AgentServiceStub agents(int number) {
        return AgentServiceGrpc.newStub(channel(number))
                .withInterceptors(MetadataUtils.newAttachHeadersInterceptor(headers));
    }

    void close() {
        channels.forEach(ManagedChannel::shutdownNow);
    }
}

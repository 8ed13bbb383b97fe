package dev.interposer.server.grpc;

import dev.interposer.proto.agent.v1.AgentServiceGrpc;
import dev.interposer.server.config.ServerConfig;
import dev.interposer.server.security.MethodRules;
import dev.interposer.server.security.TokenInterceptor;
import dev.interposer.server.security.Tokens;
import dev.interposer.server.tls.ServerTls;
import io.grpc.BindableService;
import io.grpc.Metadata;
import io.grpc.Server;
import io.grpc.ServerCall;
import io.grpc.ServerCallExecutorSupplier;
import io.grpc.ServerMethodDefinition;
import io.grpc.ServerServiceDefinition;
import io.grpc.netty.NettyServerBuilder;
import io.netty.handler.ssl.SslContext;
import io.quarkus.arc.All;
import jakarta.inject.Singleton;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Executor;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** grpc-java on Netty with a port of its own, for agents and submission. */
@Singleton
public final class GrpcServer {
    private final ServerConfig config;
    private final Tokens tokens;
    private final ServerTls tls;
    private final List<BindableService> services;
    private @Nullable Server server;

    /** @param services every service that there is a bean of */
    public GrpcServer(ServerConfig config, Tokens tokens, ServerTls tls, @All List<BindableService> services) {
        this.config = config;
        this.tokens = tokens;
        this.tls = tls;
        this.services = services.stream()
                .map(service -> service instanceof JobEndpoint jobs ? new EncodedWatch(jobs) : service)
                .toList();
    }

    public void start() throws IOException {
        InetAddress address = InetAddress.getByName(config.grpc().host());
        Optional<SslContext> context = tls.context(address);
        Executor workers = Executors.newVirtualThreadPerTaskExecutor();
        NettyServerBuilder builder = NettyServerBuilder.forAddress(
                        new InetSocketAddress(address, config.grpc().port()))
                .executor(workers)
                .callExecutor(new ByService(workers))
                .intercept(new TokenInterceptor(tokens, tls.peers()))
                .maxInboundMessageSize(config.grpc().mostMessageBytes())
                .maxInboundMetadataSize(16 * 1024)
                .permitKeepAliveTime(5, TimeUnit.SECONDS)
                .permitKeepAliveWithoutCalls(true)
                .keepAliveTime(30, TimeUnit.SECONDS)
                .keepAliveTimeout(10, TimeUnit.SECONDS);
        List<ServerServiceDefinition> definitions =
                services.stream().map(BindableService::bindService).toList();
        requireRules(definitions);
        definitions.forEach(builder::addService);
        context.ifPresent(builder::sslContext);
        server = builder.build().start();
    }

    /**
     * What an agent says is only handed on to the loop, so it stays on the thread that read it; a thread for each
     * message of ten thousand streams would cost more than the message. Other calls may wait for the ledger and have
     * their own.
     */
    private record ByService(Executor workers) implements ServerCallExecutorSupplier {
        @Override
        public <Q, A> Executor getExecutor(ServerCall<Q, A> call, Metadata headers) {
            boolean agents = AgentServiceGrpc.SERVICE_NAME.equals(
                    call.getMethodDescriptor().getServiceName());
            return agents ? Runnable::run : workers;
        }
    }

    public int port() {
        return server == null ? 0 : server.getPort();
    }

    /** A method that nobody thought of who may call it is not served, and neither is anything beside it. */
    static void requireRules(List<ServerServiceDefinition> definitions) {
        for (ServerServiceDefinition definition : definitions) {
            for (ServerMethodDefinition<?, ?> method : definition.getMethods()) {
                String name = method.getMethodDescriptor().getFullMethodName();
                if (MethodRules.needed(name) == null && !MethodRules.isOpen(name)) {
                    throw new IllegalStateException("method " + name + " has no rule in MethodRules");
                }
            }
        }
    }

    public void stop() throws InterruptedException {
        tls.close();
        if (server != null) {
            server.shutdown();
            if (!server.awaitTermination(2, TimeUnit.SECONDS)) {
                server.shutdownNow();
            }
        }
    }
}

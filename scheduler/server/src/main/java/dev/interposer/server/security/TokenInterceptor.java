package dev.interposer.server.security;

import io.grpc.Context;
import io.grpc.Contexts;
import io.grpc.Grpc;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import javax.net.ssl.SSLSession;
import org.jspecify.annotations.Nullable;

/**
 * Lets a call through when the role of its token covers what the method needs. A call without a token is an agent's
 * when its connection shows a certificate.
 */
public final class TokenInterceptor implements ServerInterceptor {
    /** Who calls; set for every call that came through. */
    public static final Context.Key<Caller> CALLER = Context.key("caller");

    /** For which nodes the caller may speak; absent where it is no agent. */
    public static final Context.Key<AgentPass> PASS = Context.key("pass");

    private static final Metadata.Key<String> AUTHORIZATION =
            Metadata.Key.of("authorization", Metadata.ASCII_STRING_MARSHALLER);
    private static final String SCHEME = "Bearer ";

    private final Tokens tokens;
    private final PeerPasses peers;

    public TokenInterceptor(Tokens tokens, PeerPasses peers) {
        this.tokens = tokens;
        this.peers = peers;
    }

    @Override
    public <Q, A> ServerCall.Listener<Q> interceptCall(
            ServerCall<Q, A> call, Metadata headers, ServerCallHandler<Q, A> next) {
        String method = call.getMethodDescriptor().getFullMethodName();
        String header = headers.get(AUTHORIZATION);
        AgentPass shown = header == null ? shown(call) : null;
        if (MethodRules.isOpen(method)) {
            Context context =
                    shown == null ? Context.current() : Context.current().withValue(PASS, shown);
            return Contexts.interceptCall(context, call, headers, next);
        }
        StatusRuntimeException refusal = shown == null ? null : shown.refusal();
        if (refusal != null) {
            Metadata trailers = refusal.getTrailers();
            call.close(refusal.getStatus(), trailers == null ? new Metadata() : trailers);
            return new ServerCall.Listener<>() {};
        }
        Caller caller = shown == null ? byToken(header) : new Caller(shown.toString(), Role.AGENT);
        if (caller == null) {
            return refuse(
                    call, Status.UNAUTHENTICATED.withDescription("a known token is needed: authorization: Bearer …"));
        }
        Role needed = MethodRules.needed(method);
        if (needed == null || !caller.role().covers(needed)) {
            return refuse(
                    call,
                    Status.PERMISSION_DENIED.withDescription(
                            method + " needs role " + needed + "; " + caller.name() + " is " + caller.role()));
        }
        Context context =
                Context.current().withValue(CALLER, caller).withValue(PASS, shown == null ? AgentPass.ANY_NODE : shown);
        return Contexts.interceptCall(context, call, headers, next);
    }

    private @Nullable AgentPass shown(ServerCall<?, ?> call) {
        SSLSession session = call.getAttributes().get(Grpc.TRANSPORT_ATTR_SSL_SESSION);
        return session == null ? null : peers.of(session);
    }

    private @Nullable Caller byToken(@Nullable String header) {
        return header == null || !header.startsWith(SCHEME)
                ? null
                : tokens.caller(header.substring(SCHEME.length()).strip());
    }

    private static <Q, A> ServerCall.Listener<Q> refuse(ServerCall<Q, A> call, Status status) {
        call.close(status, new Metadata());
        return new ServerCall.Listener<>() {};
    }
}

package dev.interposer.server.security;

import io.grpc.Context;
import io.grpc.Contexts;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.grpc.Status;

/** Lets a call through when its token's role covers what the method needs. */
public final class TokenInterceptor implements ServerInterceptor {
    /** Who calls; set for every call that came through. */
    public static final Context.Key<Caller> CALLER = Context.key("caller");

    private static final Metadata.Key<String> AUTHORIZATION =
            Metadata.Key.of("authorization", Metadata.ASCII_STRING_MARSHALLER);
    private static final String SCHEME = "Bearer ";

    private final Tokens tokens;

    public TokenInterceptor(Tokens tokens) {
        this.tokens = tokens;
    }

    @Override
    public <Q, A> ServerCall.Listener<Q> interceptCall(
            ServerCall<Q, A> call, Metadata headers, ServerCallHandler<Q, A> next) {
        String method = call.getMethodDescriptor().getFullMethodName();
        String header = headers.get(AUTHORIZATION);
        Caller caller = header == null || !header.startsWith(SCHEME)
                ? null
                : tokens.caller(header.substring(SCHEME.length()).strip());
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
        return Contexts.interceptCall(Context.current().withValue(CALLER, caller), call, headers, next);
    }

    private static <Q, A> ServerCall.Listener<Q> refuse(ServerCall<Q, A> call, Status status) {
        call.close(status, new Metadata());
        return new ServerCall.Listener<>() {};
    }
}

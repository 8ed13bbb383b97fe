package dev.interposer.cli.command;

import dev.interposer.cli.output.Progress;
import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.ClientCall;
import io.grpc.ClientInterceptor;
import io.grpc.ForwardingClientCall.SimpleForwardingClientCall;
import io.grpc.ForwardingClientCallListener.SimpleForwardingClientCallListener;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.Status;
import java.util.function.Supplier;

/** Shows how long a call with one answer takes; streams print what comes. */
final class ShownCalls implements ClientInterceptor {
    private final Supplier<Runnable> begin;

    ShownCalls() {
        this(() -> Progress.of("waiting for the server", 0)::close);
    }

    /** @param begin shows that something begins, and gives what ends that */
    ShownCalls(Supplier<Runnable> begin) {
        this.begin = begin;
    }

    @Override
    public <Q, A> ClientCall<Q, A> interceptCall(MethodDescriptor<Q, A> method, CallOptions options, Channel next) {
        ClientCall<Q, A> call = next.newCall(method, options);
        return method.getType() == MethodDescriptor.MethodType.UNARY ? new Shown<>(call, begin) : call;
    }

    private static final class Shown<Q, A> extends SimpleForwardingClientCall<Q, A> {
        private final Supplier<Runnable> begin;

        Shown(ClientCall<Q, A> call, Supplier<Runnable> begin) {
            super(call);
            this.begin = begin;
        }

        @Override
        public void start(Listener<A> listener, Metadata headers) {
            Runnable end = begin.get();
            super.start(
                    new SimpleForwardingClientCallListener<>(listener) {
                        @Override
                        public void onClose(Status status, Metadata trailers) {
                            // Before the answer is handed over, which is printed where the line stands.
                            end.run();
                            super.onClose(status, trailers);
                        }
                    },
                    headers);
        }
    }
}

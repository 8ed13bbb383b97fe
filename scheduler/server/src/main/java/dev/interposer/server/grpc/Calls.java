package dev.interposer.server.grpc;

import dev.interposer.control.command.Outcome;
import dev.interposer.engine.model.Actor;
import dev.interposer.server.security.Caller;
import dev.interposer.server.security.Role;
import dev.interposer.server.security.TokenInterceptor;
import dev.interposer.server.view.LiveView;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.StreamObserver;
import io.quarkus.logging.Log;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Supplier;

/** What the calls have in common: who calls, waiting for what is durable, and one way to end with an error. */
final class Calls {
    private static final long MOST_WAIT_SECONDS = 30;
    private static final long MOST_VIEW_MILLIS = 10_000;

    private Calls() {}

    static Caller caller() {
        Caller caller = TokenInterceptor.CALLER.get();
        if (caller == null) {
            throw Status.UNAUTHENTICATED.withDescription("nobody").asRuntimeException();
        }
        return caller;
    }

    static Actor actor() {
        return Actor.user(caller().name(), "grpc");
    }

    static void require(Caller caller, Role role, String what) {
        if (!caller.role().covers(role)) {
            throw Status.PERMISSION_DENIED
                    .withDescription(what + " needs role " + role + "; " + caller.name() + " is " + caller.role())
                    .asRuntimeException();
        }
    }

    static <T> void answer(StreamObserver<T> out, Supplier<T> call) {
        try {
            out.onNext(call.get());
            out.onCompleted();
        } catch (StatusRuntimeException e) {
            out.onError(e);
        } catch (RuntimeException e) {
            Log.error("a call failed", e);
            out.onError(Status.INTERNAL
                    .withDescription("an internal error; see the server's log")
                    .asRuntimeException());
        }
    }

    static Outcome await(CompletableFuture<Outcome> future) {
        return get(future);
    }

    /** The accepted outcome, or the refusal as an error. */
    static Outcome.Accepted accepted(CompletableFuture<Outcome> future) {
        return switch (get(future)) {
            case Outcome.Accepted accepted -> accepted;
            case Outcome.Applied applied -> new Outcome.Accepted(applied.revision(), 0, false);
            case Outcome.Rejected rejected -> throw Errors.exception(rejected.rejection());
        };
    }

    static <T> T get(CompletableFuture<T> future) {
        try {
            return future.get(MOST_WAIT_SECONDS, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw Status.CANCELLED.asRuntimeException();
        } catch (TimeoutException e) {
            throw Status.UNAVAILABLE
                    .withDescription("no answer of the ledger in " + MOST_WAIT_SECONDS
                            + " s: the outcome is unknown; ask again with the same request id")
                    .asRuntimeException();
        } catch (ExecutionException e) {
            throw Status.UNAVAILABLE
                    .withDescription(String.valueOf(e.getCause()))
                    .asRuntimeException();
        }
    }

    static void awaitRevision(LiveView view, long revision) {
        if (revision <= 0) {
            return;
        }
        try {
            view.await(revision, MOST_VIEW_MILLIS);
        } catch (TimeoutException e) {
            throw Status.DEADLINE_EXCEEDED.withDescription(e.getMessage()).asRuntimeException();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw Status.CANCELLED.asRuntimeException();
        }
    }
}

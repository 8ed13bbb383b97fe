package dev.interposer.server.grpc;

import dev.interposer.proto.job.v1.SubmitRequest;
import dev.interposer.proto.job.v1.SubmitResult;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import java.util.ArrayDeque;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;

/** Answers a stream of submissions in its order, with a bounded number under way: a client that is faster waits. */
final class SubmitStream implements StreamObserver<SubmitRequest> {
    private static final int MOST_UNDER_WAY = 1024;

    private final Function<SubmitRequest, CompletableFuture<SubmitResult>> submit;
    private final ServerCallStreamObserver<SubmitResult> out;
    private final ArrayDeque<CompletableFuture<SubmitResult>> underWay = new ArrayDeque<>();
    private boolean halfClosed;
    private boolean done;

    SubmitStream(
            Function<SubmitRequest, CompletableFuture<SubmitResult>> submit,
            ServerCallStreamObserver<SubmitResult> out) {
        this.submit = submit;
        this.out = out;
        out.disableAutoRequest();
        out.setOnReadyHandler(this::drain);
        out.request(MOST_UNDER_WAY);
    }

    @Override
    public void onNext(SubmitRequest request) {
        CompletableFuture<SubmitResult> result = submit.apply(request);
        synchronized (this) {
            underWay.addLast(result);
        }
        // Runs at once when the answer is there already; what it returns says no more than that.
        CompletableFuture<Void> drained = result.handle((answer, error) -> {
            drain();
            return null;
        });
        if (drained.isCompletedExceptionally()) {
            onError(new IllegalStateException("an answer could not be sent"));
        }
    }

    @Override
    public synchronized void onError(Throwable error) {
        done = true;
        underWay.clear();
    }

    @Override
    public void onCompleted() {
        synchronized (this) {
            halfClosed = true;
        }
        drain();
    }

    /** Sends what is answered, from the front; each answer makes room for one more request. */
    private synchronized void drain() {
        while (!done && !underWay.isEmpty() && underWay.getFirst().isDone() && out.isReady()) {
            CompletableFuture<SubmitResult> first = underWay.removeFirst();
            out.onNext(first.join());
            out.request(1);
        }
        if (!done && halfClosed && underWay.isEmpty()) {
            done = true;
            out.onCompleted();
        }
    }
}

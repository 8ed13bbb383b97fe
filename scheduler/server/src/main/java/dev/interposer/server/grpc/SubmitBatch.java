package dev.interposer.server.grpc;

import dev.interposer.proto.job.v1.SubmitBatchResponse;
import dev.interposer.proto.job.v1.SubmitResult;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReferenceArray;

/** Answers a batch of submissions when the last of them is answered; no thread waits. */
final class SubmitBatch {
    private final AtomicReferenceArray<SubmitResult> results;
    private final AtomicInteger left;
    private final StreamObserver<SubmitBatchResponse> out;

    SubmitBatch(int size, ServerCallStreamObserver<SubmitBatchResponse> out) {
        // With one, an answer to a caller that is gone is dropped, and not an exception.
        out.setOnCancelHandler(() -> {});
        this.results = new AtomicReferenceArray<>(size);
        this.left = new AtomicInteger(size);
        this.out = out;
        if (size == 0) {
            finish();
        }
    }

    /** Once for each place. */
    void answer(int place, SubmitResult result) {
        results.set(place, result);
        if (left.decrementAndGet() == 0) {
            finish();
        }
    }

    private void finish() {
        SubmitBatchResponse.Builder response = SubmitBatchResponse.newBuilder();
        for (int place = 0; place < results.length(); place++) {
            response.addResults(results.get(place));
        }
        out.onNext(response.build());
        out.onCompleted();
    }
}

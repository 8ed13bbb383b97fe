package dev.interposer.tests.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.interposer.proto.job.v1.JobServiceGrpc;
import dev.interposer.proto.job.v1.Refusal;
import dev.interposer.proto.job.v1.SubmitBatchRequest;
import dev.interposer.proto.job.v1.SubmitBatchResponse;
import dev.interposer.proto.job.v1.SubmitRequest;
import dev.interposer.proto.job.v1.SubmitResult;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.MetadataUtils;
import io.grpc.stub.StreamObserver;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Many jobs in one call: one answer each, in order, whatever becomes of the others. */
class SubmittingIT {
    private static Installation installation;

    @BeforeAll
    static void start() throws IOException, InterruptedException {
        installation = new Installation();
        installation.awaitLeader();
        Requests.applySamples(installation);
    }

    @AfterAll
    static void stop() {
        installation.close();
    }

    @Test
    void aBatchIsAnsweredJobByJob() throws Exception {
        SubmitRequest good = Requests.job("batch-good", "inhouse-a1", 1, "true");
        SubmitRequest bad = Requests.job("batch-bad", "no-such-class", 1, "true");
        SubmitRequest another = good.toBuilder().setName("batch-another").build();
        SubmitBatchResponse response = installation
                .jobs()
                .submitBatch(SubmitBatchRequest.newBuilder()
                        .addRequests(good)
                        .addRequests(bad)
                        .addRequests(good)
                        .addRequests(another)
                        .build());
        assertThat(response.getResultsList())
                .extracting(SubmitResult::getRequestId)
                .containsExactly(good.getRequestId(), bad.getRequestId(), good.getRequestId(), another.getRequestId());
        assertThat(response.getResults(0).getAccepted().getRepeatedRequest()).isFalse();
        assertThat(response.getResults(1).getRefused().getMessage()).contains("className (no-such-class)");
        assertThat(response.getResults(2).getAccepted().getJobId())
                .isEqualTo(response.getResults(0).getAccepted().getJobId());
        assertThat(response.getResults(2).getAccepted().getRepeatedRequest()).isTrue();
        assertThat(response.getResults(3).getRefused().getCode()).isEqualTo(Status.Code.ALREADY_EXISTS.value());
    }

    @Test
    void aWordThatNobodyKnowsIsRefusedByFieldAndValue() throws Exception {
        SubmitRequest.Builder bad = Requests.job("batch-word", "inhouse-a1", 1, "true").toBuilder();
        bad.getSpecBuilder().getTrainingBuilder().getPreemptionBuilder().setPolicy("Sometimes");
        SubmitBatchResponse response = installation
                .jobs()
                .submitBatch(SubmitBatchRequest.newBuilder().addRequests(bad).build());
        Refusal refused = response.getResults(0).getRefused();
        assertThat(refused.getCode()).isEqualTo(Status.Code.INVALID_ARGUMENT.value());
        assertThat(refused.getViolations(0).getField()).isEqualTo("spec.preemption.policy");
        assertThat(refused.getViolations(0).getValue()).isEqualTo("Sometimes");
    }

    @Test
    void aBatchThatIsTooLargeIsRefusedWhole() throws Exception {
        SubmitBatchRequest.Builder batch = SubmitBatchRequest.newBuilder();
        for (int number = 0; number <= 1000; number++) {
            batch.addRequests(Requests.job("large-" + number, "inhouse-a1", 1, "true"));
        }
        StatusRuntimeException refused = catchThrowableOfType(
                StatusRuntimeException.class, () -> installation.jobs().submitBatch(batch.build()));
        assertThat(refused.getStatus().getCode()).isEqualTo(Status.Code.INVALID_ARGUMENT);
        assertThat(refused.getStatus().getDescription()).contains("requests (1001)");
    }

    /** More than the server lets be under way, sent without waiting. */
    @Test
    void aStreamIsAnsweredInItsOrder() throws Exception {
        Answers answers = new Answers();
        StreamObserver<SubmitRequest> requests = JobServiceGrpc.newStub(installation.channel())
                .withInterceptors(MetadataUtils.newAttachHeadersInterceptor(installation.headers("token")))
                .submitStream(answers);
        List<String> sent = new ArrayList<>();
        for (int number = 0; number < 3000; number++) {
            String className = number % 100 == 7 ? "no-such-class" : "inhouse-a1";
            SubmitRequest request = Requests.job("stream-" + number, className, 1, "true");
            sent.add(request.getRequestId());
            requests.onNext(request);
        }
        requests.onCompleted();
        List<SubmitResult> results = answers.all.get(60, TimeUnit.SECONDS);
        assertThat(results).extracting(SubmitResult::getRequestId).isEqualTo(sent);
        assertThat(results.stream().filter(SubmitResult::hasRefused)).hasSize(30);
        assertThat(results.stream()
                        .filter(SubmitResult::hasAccepted)
                        .map(result -> result.getAccepted().getJobId()))
                .doesNotHaveDuplicates();
    }

    private static final class Answers implements StreamObserver<SubmitResult> {
        private final CompletableFuture<List<SubmitResult>> all = new CompletableFuture<>();
        private final List<SubmitResult> results = new ArrayList<>();

        @Override
        public void onNext(SubmitResult result) {
            results.add(result);
        }

        @Override
        public void onError(Throwable error) {
            all.completeExceptionally(error);
        }

        @Override
        public void onCompleted() {
            all.complete(results);
        }
    }
}

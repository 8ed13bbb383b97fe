package dev.interposer.cli.bench;

import dev.interposer.proto.job.v1.JobServiceGrpc.JobServiceStub;
import dev.interposer.proto.job.v1.SubmitBatchRequest;
import dev.interposer.proto.job.v1.SubmitBatchResponse;
import dev.interposer.proto.job.v1.SubmitRequest;
import dev.interposer.proto.job.v1.SubmitResult;
import io.grpc.stub.StreamObserver;
import java.security.SecureRandom;
import java.util.List;
import java.util.SplittableRandom;
import java.util.UUID;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLongArray;
import java.util.concurrent.locks.LockSupport;

/**
 * Submits numbered jobs in batches of what is due; see {@link Schedule}. When the server is slow the batches get
 * larger, up to a bound, and all later jobs are late, which the watcher's latency shows because it counts from when
 * they were due.
 */
final class Submitter {
    private static final int MOST_BATCH = 500;
    private static final int MOST_CALLS = 64;
    private static final long LEAST_PAUSE_NANOS = 1_000_000;

    private final JobServiceStub jobs;
    private final String prefix;
    private final List<SubmitRequest> templates;
    private final AtomicLongArray jobIds;
    private final Semaphore calls = new Semaphore(MOST_CALLS);
    private final AtomicInteger acknowledged = new AtomicInteger();
    private final AtomicInteger refused = new AtomicInteger();
    private volatile String problem = "";
    private final SplittableRandom random = new SplittableRandom(new SecureRandom().nextLong());

    Submitter(JobServiceStub jobs, String prefix, List<SubmitRequest> templates, int count) {
        this.jobs = jobs;
        this.prefix = prefix;
        this.templates = List.copyOf(templates);
        this.jobIds = new AtomicLongArray(count);
    }

    /** All of them, as fast as they are taken; returns when all are answered. */
    void runAtOnce() throws InterruptedException {
        for (int next = 0; next < jobIds.length(); next += MOST_BATCH) {
            send(next, Math.min(jobIds.length(), next + MOST_BATCH));
        }
        awaitAnswers();
    }

    /** Each when it is due; returns when all are answered. */
    void run(Schedule schedule) throws InterruptedException {
        int next = 0;
        while (next < jobIds.length()) {
            int due = schedule.due(Clock.micros());
            if (due <= next) {
                LockSupport.parkNanos(LEAST_PAUSE_NANOS);
                continue;
            }
            int end = Math.min(due, next + MOST_BATCH);
            send(next, end);
            next = end;
        }
        awaitAnswers();
    }

    private void awaitAnswers() throws InterruptedException {
        if (calls.tryAcquire(MOST_CALLS, 60, TimeUnit.SECONDS)) {
            calls.release(MOST_CALLS);
        } else {
            problem("calls were not answered in 60 s");
        }
    }

    private void send(int from, int to) throws InterruptedException {
        SubmitBatchRequest.Builder batch = SubmitBatchRequest.newBuilder();
        for (int number = from; number < to; number++) {
            batch.addRequests(templates.get(number % templates.size()).toBuilder()
                    .setRequestId(requestId())
                    .setName(prefix + number));
        }
        calls.acquire();
        jobs.submitBatch(batch.build(), new Answer(from, to));
    }

    /** A UUID of version 7. */
    private String requestId() {
        long front = (System.currentTimeMillis() << 16) | 0x7000 | random.nextInt(1 << 12);
        long back = (random.nextLong() & 0x3FFF_FFFF_FFFF_FFFFL) | 0x8000_0000_0000_0000L;
        return new UUID(front, back).toString();
    }

    private synchronized void problem(String words) {
        problem = problem.isEmpty() ? words : problem;
    }

    int acknowledged() {
        return acknowledged.get();
    }

    int refused() {
        return refused.get();
    }

    /** The first refusal or failure in words; empty for none. */
    String firstProblem() {
        return problem;
    }

    /** By number; 0 for a job that was not acknowledged. */
    long[] jobIds() {
        long[] ids = new long[jobIds.length()];
        for (int number = 0; number < ids.length; number++) {
            ids[number] = jobIds.get(number);
        }
        return ids;
    }

    private final class Answer implements StreamObserver<SubmitBatchResponse> {
        private final int from;
        private final int to;

        Answer(int from, int to) {
            this.from = from;
            this.to = to;
        }

        @Override
        public void onNext(SubmitBatchResponse response) {
            for (int at = 0; at < response.getResultsCount(); at++) {
                SubmitResult result = response.getResults(at);
                if (result.hasAccepted()) {
                    jobIds.set(from + at, result.getAccepted().getJobId());
                    acknowledged.incrementAndGet();
                } else {
                    refused.incrementAndGet();
                    problem(result.getRefused().getMessage());
                }
            }
        }

        /** Outcome unknown: neither acknowledged nor lost. */
        @Override
        public void onError(Throwable error) {
            refused.addAndGet(to - from);
            problem(String.valueOf(error.getMessage()));
            calls.release();
        }

        @Override
        public void onCompleted() {
            calls.release();
        }
    }
}

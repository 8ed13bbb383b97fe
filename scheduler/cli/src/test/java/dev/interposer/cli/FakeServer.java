package dev.interposer.cli;

import com.google.protobuf.Any;
import com.google.rpc.BadRequest;
import com.google.rpc.Code;
import dev.interposer.proto.fleet.v1.Applied;
import dev.interposer.proto.fleet.v1.ApplyRequest;
import dev.interposer.proto.fleet.v1.ApplyResponse;
import dev.interposer.proto.fleet.v1.Conversion;
import dev.interposer.proto.fleet.v1.CordonNodeRequest;
import dev.interposer.proto.fleet.v1.DeleteRequest;
import dev.interposer.proto.fleet.v1.DeleteResponse;
import dev.interposer.proto.fleet.v1.FleetServiceGrpc;
import dev.interposer.proto.fleet.v1.GetConversionRequest;
import dev.interposer.proto.fleet.v1.ListNodesRequest;
import dev.interposer.proto.fleet.v1.ListNodesResponse;
import dev.interposer.proto.fleet.v1.ListQueuesRequest;
import dev.interposer.proto.fleet.v1.ListQueuesResponse;
import dev.interposer.proto.fleet.v1.Node;
import dev.interposer.proto.fleet.v1.NodeResponse;
import dev.interposer.proto.fleet.v1.Queue;
import dev.interposer.proto.fleet.v1.StatusRequest;
import dev.interposer.proto.fleet.v1.StatusResponse;
import dev.interposer.proto.job.v1.CancelRequest;
import dev.interposer.proto.job.v1.CancelResponse;
import dev.interposer.proto.job.v1.EndedJob;
import dev.interposer.proto.job.v1.ExplainRequest;
import dev.interposer.proto.job.v1.ExplainResponse;
import dev.interposer.proto.job.v1.GangExplanation;
import dev.interposer.proto.job.v1.GetRequest;
import dev.interposer.proto.job.v1.HistoryRequest;
import dev.interposer.proto.job.v1.HistoryResponse;
import dev.interposer.proto.job.v1.Job;
import dev.interposer.proto.job.v1.JobProgress;
import dev.interposer.proto.job.v1.JobReference;
import dev.interposer.proto.job.v1.JobServiceGrpc;
import dev.interposer.proto.job.v1.Reason;
import dev.interposer.proto.job.v1.ScaleRequest;
import dev.interposer.proto.job.v1.ScaleResponse;
import io.grpc.InsecureServerCredentials;
import io.grpc.Server;
import io.grpc.Status;
import io.grpc.okhttp.OkHttpServerBuilder;
import io.grpc.protobuf.StatusProto;
import io.grpc.stub.StreamObserver;
import java.io.IOException;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CopyOnWriteArraySet;

/** A server with one job that waits and one node that is cordoned. */
final class FakeServer implements AutoCloseable {
    private static final Job JOB = Job.newBuilder()
            .setId(7)
            .setNamespace("research")
            .setName("large")
            .setQueueName("research")
            .setPhase("Waiting")
            .setReason(Reason.newBuilder().setText("needs 128 h100, only 32 are there"))
            .build();

    private final List<String> cordoned = new CopyOnWriteArrayList<>();
    private final List<String> cancelled = new CopyOnWriteArrayList<>();
    private final List<String> scaled = new CopyOnWriteArrayList<>();
    private final Set<String> requests = new CopyOnWriteArraySet<>();
    private final Server server;
    private final String address;

    FakeServer() throws IOException {
        server = OkHttpServerBuilder.forPort(0, InsecureServerCredentials.create())
                .addService(new Jobs())
                .addService(new Fleet())
                .build()
                .start();
        address = "127.0.0.1:" + server.getPort();
    }

    String address() {
        return address;
    }

    /** Names in the order of the calls. */
    List<String> cordoned() {
        return List.copyOf(cordoned);
    }

    /** Jobs in the order of the calls, ids with a # before them. */
    List<String> cancelled() {
        return List.copyOf(cancelled);
    }

    /** Job and size, in the order of the calls; the first of them is told that nobody leads. */
    List<String> scaled() {
        return List.copyOf(scaled);
    }

    /** Ids of those that were done. */
    Set<String> requests() {
        return Set.copyOf(requests);
    }

    @Override
    public void close() {
        server.shutdownNow();
    }

    private static <T> void answer(StreamObserver<T> observer, T answer) {
        observer.onNext(answer);
        observer.onCompleted();
    }

    private final class Jobs extends JobServiceGrpc.JobServiceImplBase {
        @Override
        public void get(GetRequest request, StreamObserver<Job> observer) {
            if (request.getJob().getName().equals("large")) {
                answer(observer, JOB);
            } else if (request.getJob().getName().equals("secret")) {
                observer.onError(Status.PERMISSION_DENIED
                        .withDescription("no right to read")
                        .asRuntimeException());
            } else {
                observer.onError(Status.NOT_FOUND
                        .withDescription("there is no job " + request.getJob().getName())
                        .asRuntimeException());
            }
        }

        @Override
        public void explain(ExplainRequest request, StreamObserver<ExplainResponse> observer) {
            answer(
                    observer,
                    ExplainResponse.newBuilder()
                            .setJob(JOB.toBuilder()
                                    .setProgress(JobProgress.newBuilder().setRefusal("steps compare nothing")))
                            .addGangs(GangExplanation.newBuilder()
                                    .setReason(JOB.getReason())
                                    .setQueuePosition(3))
                            .build());
        }

        @Override
        public void cancel(CancelRequest request, StreamObserver<CancelResponse> observer) {
            JobReference job = request.getJob();
            cancelled.add(job.getId() == 0 ? job.getNamespace() + "/" + job.getName() : "#" + job.getId());
            answer(observer, CancelResponse.newBuilder().setRevision(5).build());
        }

        @Override
        public void scale(ScaleRequest request, StreamObserver<ScaleResponse> observer) {
            String size = request.hasReplicas()
                    ? Integer.toString(request.getReplicas())
                    : request.getWorkers().getMin() + ".."
                            + request.getWorkers().getMax() + " "
                            + request.getWorkers().getProfileName() + "/"
                            + request.getWorkers().getRoleName();
            scaled.add(request.getJob().getNamespace() + "/" + request.getJob().getName() + " " + size);
            if (scaled.size() == 1) {
                observer.onError(Status.UNAVAILABLE.withDescription("no leader").asRuntimeException());
            } else {
                requests.add(request.getRequestId());
                answer(observer, ScaleResponse.getDefaultInstance());
            }
        }

        @Override
        public void history(HistoryRequest request, StreamObserver<HistoryResponse> observer) {
            answer(
                    observer,
                    HistoryResponse.newBuilder()
                            .addJobs(EndedJob.newBuilder()
                                    .setId(2)
                                    .setPhase("Failed")
                                    .setReasonCode("BACKOFF_LIMIT"))
                            .build());
        }
    }

    private final class Fleet extends FleetServiceGrpc.FleetServiceImplBase {
        @Override
        public void listNodes(ListNodesRequest request, StreamObserver<ListNodesResponse> observer) {
            answer(
                    observer,
                    ListNodesResponse.newBuilder()
                            .addNodes(Node.newBuilder()
                                    .setName("sim/a")
                                    .setPhase("Ready")
                                    .setCordoned(true))
                            .build());
        }

        @Override
        public void listQueues(ListQueuesRequest request, StreamObserver<ListQueuesResponse> observer) {
            answer(
                    observer,
                    ListQueuesResponse.newBuilder()
                            .addQueues(Queue.newBuilder().setName("research").setState("Open"))
                            .build());
        }

        /** A manifest with the word bad in it has a field that is wrong. */
        @Override
        public void apply(ApplyRequest request, StreamObserver<ApplyResponse> observer) {
            if (request.getManifest().contains("bad")) {
                BadRequest fields = BadRequest.newBuilder()
                        .addFieldViolations(BadRequest.FieldViolation.newBuilder()
                                .setField("TrainingJob/ns/x.spec.queueName")
                                .setDescription("(nope) there is no such queue"))
                        .build();
                observer.onError(StatusProto.toStatusRuntimeException(com.google.rpc.Status.newBuilder()
                        .setCode(Code.INVALID_ARGUMENT_VALUE)
                        .addDetails(Any.pack(fields))
                        .build()));
            } else {
                answer(
                        observer,
                        ApplyResponse.newBuilder()
                                .addObjects(Applied.newBuilder()
                                        .setKind("TrainingJob")
                                        .setNamespace("ns")
                                        .setName(request.getManifest().strip())
                                        .setResult(Applied.Result.RESULT_CREATED))
                                .build());
            }
        }

        @Override
        public void delete(DeleteRequest request, StreamObserver<DeleteResponse> observer) {
            observer.onError(Status.NOT_FOUND
                    .withDescription("there is no supply order " + request.getName())
                    .asRuntimeException());
        }

        @Override
        public void status(StatusRequest request, StreamObserver<StatusResponse> observer) {
            answer(observer, StatusResponse.newBuilder().setNodesLost(2).build());
        }

        @Override
        public void getConversion(GetConversionRequest request, StreamObserver<Conversion> observer) {
            answer(observer, Conversions.answer(request));
        }

        @Override
        public void cordonNode(CordonNodeRequest request, StreamObserver<NodeResponse> observer) {
            cordoned.add(request.getName());
            answer(observer, NodeResponse.getDefaultInstance());
        }
    }
}

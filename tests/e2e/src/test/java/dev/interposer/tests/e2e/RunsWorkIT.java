package dev.interposer.tests.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.interposer.proto.agent.v1.AgentMessage;
import dev.interposer.proto.agent.v1.AgentServiceGrpc;
import dev.interposer.proto.agent.v1.Hello;
import dev.interposer.proto.agent.v1.ServerMessage;
import dev.interposer.proto.fleet.v1.ApplyRequest;
import dev.interposer.proto.fleet.v1.ListNodesRequest;
import dev.interposer.proto.fleet.v1.ListSuppliersRequest;
import dev.interposer.proto.job.v1.CancelRequest;
import dev.interposer.proto.job.v1.ExplainRequest;
import dev.interposer.proto.job.v1.ExplainResponse;
import dev.interposer.proto.job.v1.GetRequest;
import dev.interposer.proto.job.v1.Job;
import dev.interposer.proto.job.v1.JobServiceGrpc;
import dev.interposer.proto.job.v1.ListRequest;
import dev.interposer.proto.job.v1.LogsRequest;
import dev.interposer.proto.job.v1.SubmitRequest;
import dev.interposer.proto.job.v1.SubmitResponse;
import dev.interposer.proto.job.v1.WatchEvent;
import dev.interposer.proto.job.v1.WatchRequest;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.MetadataUtils;
import io.grpc.stub.StreamObserver;
import java.io.IOException;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** One installation, real processes, real sockets, real work. */
class RunsWorkIT {
    private static Installation installation;

    @BeforeAll
    static void start() throws IOException, InterruptedException {
        installation = new Installation();
        installation.awaitLeader();
        Requests.applySamples(installation);
        installation.startAgent("simulated", installation.example("fleet.yaml"));
        installation.startAgent("local", installation.example("local.yaml"));
        installation.awaitNodes(13);
    }

    @AfterAll
    static void stop() {
        installation.close();
    }

    @Test
    void aGangRunsAndItsLogsAreRead() throws Exception {
        installation.fleet().apply(Requests.manifest(installation, "hello.yaml"));
        Job job = awaitPhase("hello", "Succeeded");
        assertThat(job.getGangs(0).getWorkersList()).hasSize(2).allSatisfy(worker -> {
            assertThat(worker.getDeviceNamesList()).hasSize(8);
            assertThat(worker.getEndCause()).isEqualTo("Completed");
        });
        assertThat(logs("hello", 1)).startsWith("rank 1 of 2 has h100-").endsWith("done\n");
    }

    @Test
    void anExitCodeIsReportedAndRetriedAndThenFatal() throws Exception {
        SubmitRequest.Builder request =
                Requests.job("fails", "inhouse-a1", 1, "sh", "-c", "echo going down; exit 3").toBuilder();
        request.getSpecBuilder().getTrainingBuilder().getFailurePolicyBuilder().addFatalExitCodes(3);
        installation.jobs().submit(request.build());
        Job job = awaitPhase("fails", "Failed");
        assertThat(job.getReason().getCode()).isEqualTo("FATAL_EXIT_CODE");
        assertThat(job.getGangs(0).getWorkers(0).getExitCode()).isEqualTo(3);
        assertThat(job.getGangs(0).getWorkers(0).getMessage()).contains("going down");
    }

    @Test
    void aProgramThatIsNotThereFailsToStart() throws Exception {
        installation.jobs().submit(Requests.job("absent", "inhouse-a1", 1, "no-such-program"));
        Job job = await("absent", candidate -> candidate.getGangs(0).getFailures() > 0);
        assertThat(job.getReason().getParametersMap()).containsEntry("cause", "START_FAILED");
        installation
                .jobs()
                .cancel(CancelRequest.newBuilder()
                        .setJob(Requests.reference("absent"))
                        .build());
        awaitPhase("absent", "Cancelled");
    }

    @Test
    void cancellingKillsTheWholeProcessGroupAfterTheGrace() throws Exception {
        SubmitRequest.Builder request =
                Requests.job("stubborn", "inhouse-a1", 4, "sh", "-c", "trap '' TERM; sleep 298 & sleep 298; wait")
                        .toBuilder();
        request.getSpecBuilder().getTrainingBuilder().getPreemptionBuilder().setGraceSeconds(1);
        installation.jobs().submit(request.build());
        awaitPhase("stubborn", "Running");
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(10);
        while (sleepers() < 2 && System.nanoTime() < deadline) {
            Thread.sleep(50);
        }
        assertThat(sleepers()).isGreaterThanOrEqualTo(2);
        installation
                .jobs()
                .cancel(CancelRequest.newBuilder()
                        .setJob(Requests.reference("stubborn"))
                        .build());
        awaitPhase("stubborn", "Cancelled");
        assertThat(sleepers()).isZero();
    }

    @Test
    void aRepeatedRequestGetsItsFirstAnswer() throws Exception {
        SubmitRequest request = Requests.job("twice", "inhouse-a1", 1, "true");
        SubmitResponse first = installation.jobs().submit(request);
        SubmitResponse second = installation.jobs().submit(request);
        assertThat(second.getJobId()).isEqualTo(first.getJobId());
        assertThat(second.getRepeatedRequest()).isTrue();
        StatusRuntimeException other = refused(() -> installation
                .jobs()
                .submit(request.toBuilder().setName("another").build()));
        assertThat(other.getStatus().getCode()).isEqualTo(Status.Code.ALREADY_EXISTS);
    }

    @Test
    void whatIsTooBigIsExplained() throws Exception {
        installation.jobs().submit(Requests.job("giant", "inhouse-a1", 32, "true"));
        ExplainResponse explained = installation
                .jobs()
                .explain(ExplainRequest.newBuilder()
                        .setJob(Requests.reference("giant"))
                        .setNearestChange(true)
                        .build());
        assertThat(explained.getGangs(0).getReason().getCode()).isEqualTo("WORKER_EXCEEDS_NODES");
        assertThat(explained.getGangs(0).getNearestChange().getOutcome()).isEqualTo("None");
        Job listed = await("giant", job -> job.getReason().getCode().equals("WORKER_EXCEEDS_NODES"));
        assertThat(listed.getReason().getText()).contains("one worker needs 32 devices");
        installation
                .jobs()
                .cancel(CancelRequest.newBuilder()
                        .setJob(Requests.reference("giant"))
                        .build());
    }

    @Test
    void aWatchSeesEachChangeOnceAndInOrderAndCanBeResumed() throws Exception {
        SubmitResponse submitted = installation.jobs().submit(Requests.job("watched", "inhouse-a1", 1, "true"));
        List<Long> revisions = new ArrayList<>();
        Iterator<WatchEvent> events = installation
                .jobs()
                .watch(WatchRequest.newBuilder()
                        .setFromRevision(submitted.getRevision() - 1)
                        .setNamespace("research")
                        .setName("watched")
                        .build());
        String phase = "";
        while (!phase.equals("Succeeded")) {
            WatchEvent event = events.next();
            revisions.add(event.getRevision());
            phase = event.getChanged().getPhase();
        }
        // What happened to it in the page in which it came, is one change with the revision of the last.
        assertThat(revisions)
                .isSorted()
                .doesNotHaveDuplicates()
                .hasSizeGreaterThan(1)
                .allSatisfy(revision -> assertThat(revision).isGreaterThanOrEqualTo(submitted.getRevision()));
        Iterator<WatchEvent> resumed = installation
                .jobs()
                .watch(WatchRequest.newBuilder()
                        .setFromRevision(revisions.getFirst())
                        .setNamespace("research")
                        .setName("watched")
                        .build());
        for (int index = 1; index < revisions.size(); index++) {
            assertThat(resumed.next().getRevision()).isEqualTo(revisions.get(index));
        }
    }

    @Test
    void listsArePagedAndTokensAreChecked() throws Exception {
        for (int number = 0; number < 5; number++) {
            installation.jobs().submit(Requests.job("page-" + number, "inhouse-a1", 1, "true"));
        }
        ListRequest.Builder request = ListRequest.newBuilder().setPageSize(2);
        List<Long> ids = new ArrayList<>();
        do {
            var page = installation.jobs().list(request.build());
            page.getJobsList().forEach(job -> ids.add(job.getId()));
            request.setPageToken(page.getNextPageToken());
        } while (!request.getPageToken().isEmpty());
        assertThat(ids).isSorted().doesNotHaveDuplicates().hasSizeGreaterThanOrEqualTo(5);
        StatusRuntimeException forged = refused(() -> installation
                .jobs()
                .list(ListRequest.newBuilder().setPageToken("AAAA").build()));
        assertThat(forged.getStatus().getCode()).isEqualTo(Status.Code.INVALID_ARGUMENT);
    }

    @Test
    void badManifestsAreRefusedByFieldAndValue() throws Exception {
        assertThat(refusedManifest("kind: [")).contains("neither YAML nor JSON");
        assertThat(refusedManifest(manifest("nvidia-h100", "min: 1, max: 2")))
                .contains("spec.profiles[0].accelerators.className (nvidia-h100)");
        assertThat(refusedManifest(manifest("inhouse-a1", "min: 8, max: 4")))
                .contains("spec.profiles[0].workers.min (8)", "Maybe swap them?");
        assertThat(refusedManifest(manifest("inhouse-a1", "min: 1, max: 99999999999")))
                .contains("spec.profiles[0].workers.max (99999999999)");
        assertThat(refusedManifest(manifest("inhouse-a1", "mim: 1")))
                .contains("spec.profiles[0].workers.mim", "Maybe min?");
    }

    @Test
    void aManifestAboveItsBoundIsRefusedByFieldAndValue() throws Exception {
        assertThat(refusedManifest("#".repeat(1024 * 1024 + 1))).contains("1048577");
    }

    /** Above what the transport takes there is nothing to parse; its own error names size and bound. */
    @Test
    void anOversizedMessageIsRefused() {
        StatusRuntimeException refused = refused(() -> installation
                .fleet()
                .apply(ApplyRequest.newBuilder()
                        .setManifest("#".repeat(5 * 1024 * 1024))
                        .build()));
        assertThat(refused.getStatus().getCode()).isEqualTo(Status.Code.RESOURCE_EXHAUSTED);
        assertThat(refused.getStatus().getDescription()).contains("4194304");
    }

    @Test
    void aNewerAgentProtocolIsRefusedByName() throws Exception {
        CompletableFuture<Throwable> ended = new CompletableFuture<>();
        StreamObserver<AgentMessage> agent = AgentServiceGrpc.newStub(installation.channel())
                .withInterceptors(MetadataUtils.newAttachHeadersInterceptor(installation.headers("agent-token")))
                .connect(new StreamObserver<>() {
                    @Override
                    public void onNext(ServerMessage message) {
                        ended.complete(new AssertionError("a welcome: " + message));
                    }

                    @Override
                    public void onError(Throwable error) {
                        ended.complete(error);
                    }

                    @Override
                    public void onCompleted() {
                        ended.complete(new AssertionError("no error"));
                    }
                });
        agent.onNext(AgentMessage.newBuilder()
                .setHello(Hello.newBuilder().setProtocolVersion(9).setMinimumProtocolVersion(8))
                .build());
        Status status = Status.fromThrowable(ended.get(10, TimeUnit.SECONDS));
        assertThat(status.getCode()).isEqualTo(Status.Code.FAILED_PRECONDITION);
        assertThat(status.getDescription()).contains("PROTOCOL_TOO_NEW", "8 to 9");
    }

    @Test
    void nobodyGetsInWithoutAToken() {
        StatusRuntimeException refused = refused(
                () -> JobServiceGrpc.newBlockingStub(installation.channel()).list(ListRequest.getDefaultInstance()));
        assertThat(refused.getStatus().getCode()).isEqualTo(Status.Code.UNAUTHENTICATED);
    }

    @Test
    void theReadSideNeedsATokenAndSaysWhatGrpcSays() throws Exception {
        String token = Files.readString(installation.home().resolve("token")).strip();
        String agentToken =
                Files.readString(installation.home().resolve("agent-token")).strip();
        List<String> paths = RestPaths.read(installation.get("/q/openapi", "").body());
        assertThat(paths).contains("GET /api/v1/jobs/x/x/explain").hasSizeGreaterThan(10);
        for (String path : paths) {
            assertThat(installation.call(path, "").statusCode()).as(path).isEqualTo(401);
            assertThat(installation.call(path, "wrong").statusCode()).as(path).isEqualTo(401);
            assertThat(installation.call(path, agentToken).statusCode())
                    .as(path)
                    .isEqualTo(403);
            // Of a manifest without a document that can be read.
            int found = path.startsWith("POST") ? 400 : 404;
            assertThat(installation.call(path, token).statusCode()).as(path).isIn(200, found);
        }
        for (String path : RestPaths.PUBLIC) {
            assertThat(installation.get(path, "").statusCode()).as(path).isEqualTo(200);
        }
        for (String path : List.of("/q/arc", "/q/dev", "/q/openapi.json", "/q", "/", "/api/v1", "/nothing")) {
            assertThat(installation.get(path, "").statusCode()).as(path).isEqualTo(401);
        }
        var suppliers = installation.fleet().listSuppliers(ListSuppliersRequest.getDefaultInstance());
        assertThat(installation.get("/api/v1/suppliers", token).body())
                .contains(
                        "\"name\": \"inhouse\"",
                        "\"installed\": " + suppliers.getSuppliers(1).getInstalled());
        assertThat(installation.get("/api/v1/jobs/research/none", token).statusCode())
                .isEqualTo(404);
        assertThat(installation.get("/q/metrics", "").body()).contains("interposer_ledger_append_seconds");
    }

    @Test
    void aManifestIsTriedOverHttpAndNothingIsWritten() throws Exception {
        String token = Files.readString(installation.home().resolve("token")).strip();
        String manifest = Files.readString(installation.example("hello.yaml")).replace("hello", "only-tried");
        var answer = installation.call("POST /api/v1/dry-run", token, manifest);
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
        assertThat(answer.body()).contains("\"name\": \"only-tried\"", "\"places\": [{", "\"waitingGangs\": 0");
        assertThat(installation.get("/api/v1/jobs", token).body()).doesNotContain("only-tried");
        String unknown = manifest.replace("queueName: research", "queueName: nowhere");
        var refused = installation.call("POST /api/v1/dry-run", token, unknown);
        assertThat(refused.statusCode()).isEqualTo(400);
        assertThat(refused.body()).contains("spec.queueName", "nowhere");
    }

    @Test
    void everyRefusalOfTheReadSideIsAProblemWithFieldAndValue() throws Exception {
        String token = Files.readString(installation.home().resolve("token")).strip();
        assertProblem("GET /api/v1/jobs?pageSize=abc", token, 400, "pageSize (abc): must be a whole number");
        assertProblem("GET /api/v1/jobs?phase=Bogus", token, 400, "phases (Bogus): is no phase. Maybe one of [Waiting");
        assertProblem("GET /api/v1/jobs?pageToken=AAAA", token, 400, "pageToken (AAAA)");
        assertProblem("GET /api/v1/jobs/research/none", token, 404, "there is no job research/none");
        assertProblem("GET /api/v1/jobs", "", 401, "a token is needed");
        assertProblem("GET /api/v1/jobs", "wrong", 401, "a token is needed");
        assertProblem("POST /api/v1/jobs", token, 405, "405");
        assertProblem("GET /api/v1/nothing", token, 404, "");
        assertProblem("GET /nothing", token, 404, "");
    }

    private static void assertProblem(String call, String token, int status, String detail) throws Exception {
        var answer = installation.call(call, token);
        assertThat(answer.statusCode()).as(call).isEqualTo(status);
        assertThat(answer.headers().firstValue("Content-Type"))
                .as(call)
                .hasValueSatisfying(type -> assertThat(type).startsWith("application/problem+json"));
        assertThat(answer.body()).as(call).contains("\"status\":" + status, detail);
    }

    @Test
    void nodesOfThreeSuppliersAreThere() throws Exception {
        var nodes = installation.fleet().listNodes(ListNodesRequest.getDefaultInstance());
        assertThat(nodes.getNodesList())
                .hasSize(13)
                .flatExtracting(node -> node.getClassesList())
                .extracting(count -> count.getClassName())
                .contains("nvidia-h100-sxm", "inhouse-a1", "amd-mi300x");
    }

    private static String refusedManifest(String manifest) {
        return String.valueOf(refused(() -> installation
                        .fleet()
                        .apply(ApplyRequest.newBuilder().setManifest(manifest).build()))
                .getStatus()
                .getDescription());
    }

    private static String manifest(String className, String workers) {
        return """
                apiVersion: interposer.dev/v1alpha1
                kind: TrainingJob
                metadata: {name: bad, namespace: research}
                spec:
                  queueName: research
                  profiles:
                  - {name: only, workers: {%s}, accelerators: {className: %s, perWorker: 1}}
                  template: {spec: {containers: [{name: main, command: ["true"]}]}}
                """.formatted(workers, className);
    }

    private static StatusRuntimeException refused(ThrowingCallable call) {
        return catchThrowableOfType(StatusRuntimeException.class, call);
    }

    private static long sleepers() {
        return ProcessHandle.allProcesses()
                .filter(process -> process.info().commandLine().orElse("").contains("sleep 298"))
                .count();
    }

    private static String logs(String job, int worker) throws IOException {
        StringBuilder text = new StringBuilder();
        installation
                .jobs()
                .logs(LogsRequest.newBuilder()
                        .setJob(Requests.reference(job))
                        .setWorker(worker)
                        .build())
                .forEachRemaining(chunk -> text.append(chunk.getData().toStringUtf8()));
        return text.toString();
    }

    private static Job awaitPhase(String name, String phase) throws Exception {
        return await(name, job -> job.getPhase().equals(phase));
    }

    private static Job await(String name, Predicate<Job> until) throws Exception {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(60);
        Job job = Job.getDefaultInstance();
        while (System.nanoTime() < deadline) {
            job = installation
                    .jobs()
                    .get(GetRequest.newBuilder()
                            .setJob(Requests.reference(name))
                            .build());
            if (until.test(job)) {
                return job;
            }
            Thread.sleep(50);
        }
        throw new AssertionError("job " + name + " is " + job);
    }
}

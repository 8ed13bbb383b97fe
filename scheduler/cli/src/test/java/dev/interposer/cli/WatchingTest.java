package dev.interposer.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.interposer.proto.fleet.v1.FleetServiceGrpc;
import dev.interposer.proto.fleet.v1.ListNodesRequest;
import dev.interposer.proto.fleet.v1.ListNodesResponse;
import dev.interposer.proto.fleet.v1.Node;
import dev.interposer.proto.job.v1.EndedJob;
import dev.interposer.proto.job.v1.GetRequest;
import dev.interposer.proto.job.v1.HistoryRequest;
import dev.interposer.proto.job.v1.HistoryResponse;
import dev.interposer.proto.job.v1.Job;
import dev.interposer.proto.job.v1.JobProgress;
import dev.interposer.proto.job.v1.JobReference;
import dev.interposer.proto.job.v1.JobServiceGrpc;
import dev.interposer.proto.job.v1.ListRequest;
import dev.interposer.proto.job.v1.ListResponse;
import dev.interposer.proto.job.v1.Reason;
import dev.interposer.proto.job.v1.WatchEvent;
import dev.interposer.proto.job.v1.WatchRequest;
import io.grpc.InsecureServerCredentials;
import io.grpc.Server;
import io.grpc.Status;
import io.grpc.okhttp.OkHttpServerBuilder;
import io.grpc.stub.StreamObserver;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code get --watch} and {@code watch} against a server on which things change. */
class WatchingTest {
    @TempDir
    private Path folder;

    private final StringWriter out = new StringWriter();
    private final List<Node> nodes = new CopyOnWriteArrayList<>();
    private final List<Long> watchedFrom = new CopyOnWriteArrayList<>();
    private final BlockingQueue<StreamObserver<WatchEvent>> watchers = new LinkedBlockingQueue<>();
    private final List<EndedJob> history = new CopyOnWriteArrayList<>();
    private volatile List<Job> jobs = List.of(job(1, "first", "Waiting"));
    private volatile int code = -1;
    private Server server;
    private Thread typed = new Thread(() -> {});

    @BeforeEach
    void start() throws IOException {
        server = OkHttpServerBuilder.forPort(0, InsecureServerCredentials.create())
                .addService(new Jobs())
                .addService(new Fleet())
                .build()
                .start();
        Files.writeString(folder.resolve("token"), "secret");
    }

    @AfterEach
    void stop() throws InterruptedException {
        typed.interrupt();
        typed.join();
        server.shutdownNow();
    }

    @Test
    void aTableGetsANewLineForWhatChangedAlone() throws Exception {
        nodes.addAll(List.of(node("sim/a", "Ready"), node("sim/b", "Ready")));
        type("get", "nodes", "--watch");
        await("sim/b");
        nodes.set(0, node("sim/a", "Lost"));
        await("Lost");
        nodes.remove(1);
        await("sim/b is gone");
        assertThat(words()).containsExactly("NAME PHASE", "sim/a Ready", "sim/b Ready", "sim/a Lost", "sim/b is");
    }

    @Test
    void dataIsOneObjectALine() throws Exception {
        nodes.addAll(List.of(node("sim/a", "Ready"), node("sim/b", "Ready")));
        type("get", "nodes", "-w", "-o", "json");
        await("sim/b");
        nodes.set(1, node("sim/b", "Lost"));
        await("Lost");
        assertThat(lines()).hasSize(3).allMatch(line -> line.startsWith("{") && line.endsWith("}"));
        assertThat(lines().get(2)).contains("sim/b");
    }

    @Test
    void jobsComeByTheStreamAndALostStreamGoesOnWhereItWas() throws Exception {
        type("get", "jobs", "-w");
        await("first");
        StreamObserver<WatchEvent> stream = watcher();
        stream.onNext(changed(11, 2, "second", "Running"));
        // What does not show is no news.
        stream.onNext(changed(12, 2, "second", "Running"));
        stream.onNext(WatchEvent.newBuilder()
                .setRevision(13)
                .setForgotten(
                        JobReference.newBuilder().setId(1).setNamespace("ns").setName("first"))
                .build());
        await("1/ns/first is gone");
        stream.onError(Status.UNAVAILABLE.asRuntimeException());
        watcher().onNext(changed(14, 2, "second", "Succeeded"));
        await("Succeeded");
        assertThat(watchedFrom).containsExactly(10L, 13L);
        assertThat(lines()).hasSize(5);
    }

    @Test
    void aWatchThatFellBehindListsAgainAndTellsNothingTwice() throws Exception {
        type("get", "jobs", "-w", "-o", "name");
        await("ns/first");
        watcher().onError(Status.OUT_OF_RANGE.asRuntimeException());
        watcher().onNext(changed(15, 3, "third", "Waiting"));
        await("ns/third");
        assertThat(lines()).containsExactly("ns/first", "ns/third");
    }

    @Test
    void aServerThatFoundTheWatcherSlowIsAskedAgain() throws Exception {
        type("get", "jobs", "-w");
        await("first");
        watcher().onError(Status.RESOURCE_EXHAUSTED.asRuntimeException());
        watcher().onNext(changed(11, 2, "second", "Running"));
        await("second");
    }

    @Test
    void reasonsAndProgressOfWhichNoChangeTellsAreAskedFor() throws Exception {
        jobs = List.of(job(1, "first", "Waiting").toBuilder()
                .setReason(Reason.newBuilder().setText("needs 8"))
                .build());
        type("get", "jobs", "-w", "-o", "wide");
        await("needs 8");
        jobs = List.of(jobs.getFirst().toBuilder()
                .setReason(Reason.newBuilder().setText("needs 4"))
                .setProgress(JobProgress.newBuilder().setUnit("tokens").setDone(100))
                .build());
        await("needs 4");
        assertThat(lines().getLast()).contains("100 tokens");
        // What comes by the stream knows of no progress.
        watcher().onNext(changed(11, 1, "first", "Running"));
        await("Running");
        assertThat(lines().getLast()).contains("100 tokens");
    }

    @Test
    void whatIsAheadOfTheStreamWaitsForIt() throws Exception {
        type("get", "jobs", "-w");
        await("first");
        jobs = List.of(job(1, "first", "Succeeded").toBuilder().setRevision(12).build());
        StreamObserver<WatchEvent> stream = watcher();
        Thread.sleep(4000);
        stream.onNext(changed(11, 1, "first", "Running"));
        stream.onNext(WatchEvent.newBuilder().setRevision(12).setBookmark(true).build());
        await("Succeeded");
        assertThat(out.toString()).containsSubsequence("Waiting", "Running", "Succeeded");
    }

    @Test
    void aWatchedJobSaysWhyItWaitsNow() throws Exception {
        type("watch", "job", "first", "-n", "ns", "--color", "always");
        await("\033[33mWaiting\033[0m");
        jobs = List.of(jobs.getFirst().toBuilder()
                .setReason(Reason.newBuilder().setText("needs 4"))
                .build());
        await("needs 4");
    }

    @Test
    void aJobWatchedByItsIdIsNotTakenForAnotherOfItsName() throws Exception {
        jobs = List.of(job(17, "first", "Waiting"), job(25, "first", "Waiting"));
        type("watch", "17");
        await("Waiting");
        StreamObserver<WatchEvent> stream = watcher();
        stream.onNext(changed(11, 25, "first", "Running"));
        stream.onNext(changed(12, 17, "first", "Failed"));
        assertThat(end()).isEqualTo(8);
        assertThat(lines()).hasSize(2);
        assertThat(out.toString()).doesNotContain("Running");
    }

    @Test
    void theExitCodeSaysThatTheWatchedJobSucceeded() throws Exception {
        type("watch", "first", "-n", "ns", "-o", "json");
        await("Waiting");
        watcher().onNext(changed(12, 1, "first", "Succeeded"));
        assertThat(end()).isZero();
        assertThat(lines()).hasSize(2).allMatch(line -> line.startsWith("{") && line.endsWith("}"));
    }

    @Test
    void aWatchEndsWhenItsJobWasForgottenWhileNobodyCouldTell() throws Exception {
        type("get", "job", "1", "-w");
        await("first");
        jobs = List.of();
        watcher().onError(Status.OUT_OF_RANGE.asRuntimeException());
        assertThat(end()).isZero();
        assertThat(out.toString()).contains("1/ns/first is gone");
    }

    @Test
    void howAForgottenJobEndedIsInTheHistory() throws Exception {
        type("watch", "1");
        await("first");
        jobs = List.of();
        history.add(EndedJob.newBuilder().setId(3).setPhase("Succeeded").build());
        history.add(EndedJob.newBuilder()
                .setId(1)
                .setPhase("Cancelled")
                .setReasonCode("BY_USER")
                .build());
        watcher().onError(Status.OUT_OF_RANGE.asRuntimeException());
        assertThat(end()).isEqualTo(8);
        assertThat(lines().getLast()).contains("Cancelled: BY_USER");
    }

    @Test
    void aJobThatNobodyKnowsAnyMoreIsNotFound() throws Exception {
        type("watch", "1");
        await("first");
        jobs = List.of();
        watcher().onError(Status.OUT_OF_RANGE.asRuntimeException());
        assertThat(end()).isEqualTo(3);
    }

    @Test
    void ofAJobThatEndedBeforeTheRevisionAskedForNothingIsAwaited() throws Exception {
        jobs = List.of(job(1, "first", "Failed"));
        type("watch", "1", "--from-revision", "10");
        assertThat(end()).isEqualTo(8);
        assertThat(lines()).singleElement().asString().contains("Failed");
    }

    private static Job job(long id, String name, String phase) {
        return Job.newBuilder()
                .setId(id)
                .setNamespace("ns")
                .setName(name)
                .setPhase(phase)
                .build();
    }

    private static Node node(String name, String phase) {
        return Node.newBuilder().setName(name).setPhase(phase).build();
    }

    private static WatchEvent changed(long revision, long id, String name, String phase) {
        return WatchEvent.newBuilder()
                .setRevision(revision)
                .setChanged(Job.newBuilder()
                        .setId(id)
                        .setNamespace("ns")
                        .setName(name)
                        .setPhase(phase)
                        .setRevision(phase.equals("Waiting") ? revision : 1))
                .build();
    }

    private StreamObserver<WatchEvent> watcher() throws InterruptedException {
        StreamObserver<WatchEvent> watcher = watchers.poll(20, TimeUnit.SECONDS);
        assertThat(watcher).as("a watch").isNotNull();
        return watcher;
    }

    private void type(String... words) {
        String[] all = Stream.of(
                        Stream.of(words),
                        Stream.of("--plaintext", "--server", "127.0.0.1:" + server.getPort()),
                        Stream.of("--token-file", folder.resolve("token").toString()))
                .flatMap(some -> some)
                .toArray(String[]::new);
        StringWriter err = new StringWriter();
        typed = new Thread(() -> code = Main.line(all)
                .setOut(new PrintWriter(out))
                .setErr(new PrintWriter(err))
                .execute(all));
        typed.start();
    }

    /** The exit code. */
    private int end() throws InterruptedException {
        typed.join(20_000);
        assertThat(typed.isAlive()).as("the command, which said %s", out).isFalse();
        return code;
    }

    private void await(String text) throws InterruptedException {
        BooleanSupplier there = () -> out.toString().contains(text);
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(20);
        while (!there.getAsBoolean() && System.nanoTime() < deadline) {
            Thread.sleep(10);
        }
        assertThat(out.toString()).contains(text);
    }

    private List<String> lines() {
        return out.toString().lines().toList();
    }

    /** The first two of each line. */
    private List<String> words() {
        return lines().stream()
                .map(line -> String.join(
                        " ", Stream.of(line.split(" +", -1)).limit(2).toList()))
                .toList();
    }

    private final class Jobs extends JobServiceGrpc.JobServiceImplBase {
        @Override
        public void list(ListRequest request, StreamObserver<ListResponse> observer) {
            observer.onNext(
                    ListResponse.newBuilder().setRevision(10).addAllJobs(jobs).build());
            observer.onCompleted();
        }

        @Override
        public void get(GetRequest request, StreamObserver<Job> observer) {
            JobReference one = request.getJob();
            jobs.stream()
                    .filter(job -> job.getId() == one.getId() || job.getName().equals(one.getName()))
                    .findFirst()
                    .ifPresentOrElse(
                            job -> {
                                observer.onNext(job);
                                observer.onCompleted();
                            },
                            () -> observer.onError(Status.NOT_FOUND.asRuntimeException()));
        }

        @Override
        public void history(HistoryRequest request, StreamObserver<HistoryResponse> observer) {
            observer.onNext(HistoryResponse.newBuilder().addAllJobs(history).build());
            observer.onCompleted();
        }

        @Override
        public void watch(WatchRequest request, StreamObserver<WatchEvent> observer) {
            watchedFrom.add(request.getFromRevision());
            watchers.add(observer);
        }
    }

    private final class Fleet extends FleetServiceGrpc.FleetServiceImplBase {
        @Override
        public void listNodes(ListNodesRequest request, StreamObserver<ListNodesResponse> observer) {
            observer.onNext(ListNodesResponse.newBuilder().addAllNodes(nodes).build());
            observer.onCompleted();
        }
    }
}

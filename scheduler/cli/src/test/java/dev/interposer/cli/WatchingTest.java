package dev.interposer.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.interposer.proto.fleet.v1.FleetServiceGrpc;
import dev.interposer.proto.fleet.v1.ListNodesRequest;
import dev.interposer.proto.fleet.v1.ListNodesResponse;
import dev.interposer.proto.fleet.v1.Node;
import dev.interposer.proto.job.v1.Job;
import dev.interposer.proto.job.v1.JobReference;
import dev.interposer.proto.job.v1.JobServiceGrpc;
import dev.interposer.proto.job.v1.ListRequest;
import dev.interposer.proto.job.v1.ListResponse;
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

/** {@code get --watch} against a server on which things change. */
class WatchingTest {
    @TempDir
    private Path folder;

    private final StringWriter out = new StringWriter();
    private final List<Node> nodes = new CopyOnWriteArrayList<>();
    private final List<Long> watchedFrom = new CopyOnWriteArrayList<>();
    private final BlockingQueue<StreamObserver<WatchEvent>> watchers = new LinkedBlockingQueue<>();
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
        typed = new Thread(() -> Main.line(all)
                .setOut(new PrintWriter(out))
                .setErr(new PrintWriter(err))
                .execute(all));
        typed.start();
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
            observer.onNext(ListResponse.newBuilder()
                    .setRevision(10)
                    .addJobs(Job.newBuilder()
                            .setId(1)
                            .setNamespace("ns")
                            .setName("first")
                            .setPhase("Waiting"))
                    .build());
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

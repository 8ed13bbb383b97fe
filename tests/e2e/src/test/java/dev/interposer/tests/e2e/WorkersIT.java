package dev.interposer.tests.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.interposer.proto.fleet.v1.CordonNodeRequest;
import dev.interposer.proto.fleet.v1.DrainNodeRequest;
import dev.interposer.proto.job.v1.CancelRequest;
import dev.interposer.proto.job.v1.GetRequest;
import dev.interposer.proto.job.v1.Job;
import dev.interposer.proto.job.v1.LogsRequest;
import dev.interposer.proto.job.v1.SubmitRequest;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What workers of two real agents see, and what is read of what they say. */
class WorkersIT {
    /** What a launcher's {@code env://} asks for; the sum of all numbers stands for the model. */
    private static final String PROGRAM = """
            import os, socket, time
            rank, world = int(os.environ["RANK"]), int(os.environ["WORLD_SIZE"])
            place = (os.environ["MASTER_ADDR"], int(os.environ["MASTER_PORT"]))
            mine = 10 ** rank
            if rank == 0:
                with socket.create_server(place) as server:
                    others = [server.accept()[0] for _ in range(world - 1)]
                    total = mine + sum(int(other.makefile().readline()) for other in others)
                    for other in others:
                        other.sendall(b"%d\\n" % total)
                        other.close()
            else:
                deadline = time.monotonic() + 30
                while True:
                    try:
                        link = socket.create_connection(place, timeout=30)
                        break
                    except ConnectionRefusedError:
                        if time.monotonic() > deadline:
                            raise
                        time.sleep(0.05)
                link.sendall(b"%d\\n" % mine)
                total = int(link.makefile().readline())
            assert total == int("1" * world), total
            print("rank", rank, "node", os.environ["NODE_RANK"], "local", os.environ["LOCAL_RANK"], "of",
                  os.environ["LOCAL_WORLD_SIZE"], "at", place[0], "sum", total)
            """;

    private static final int LINES = 600;

    @TempDir
    private static Path folder;

    private static Installation installation;

    @BeforeAll
    static void start() throws IOException, InterruptedException {
        installation = new Installation();
        installation.awaitLeader();
        Requests.applySamples(installation);
        installation.startAgent("one", nodes("lab/one", "127.0.0.2"), "--log-file-size", "4Ki");
        installation.startAgent("two", nodes("lab/two", "127.0.0.3"), "--log-file-size", "4Ki");
        installation.awaitNodes(2);
    }

    @AfterAll
    static void stop() {
        installation.close();
    }

    /** They find each other by their environment alone, as a launcher's do. */
    @Test
    void fourWorkersOnTwoNodesReduceTheirNumbers() throws Exception {
        SubmitRequest.Builder request = Requests.job("meets", "inhouse-a1", 1, "python3", "-c", PROGRAM).toBuilder();
        request.getSpecBuilder()
                .getProfilesBuilder(0)
                .getRolesBuilder(0)
                .getWorkersBuilder()
                .setMin(4);
        installation.jobs().submit(request.build());

        Job job = awaitEnd("meets");

        assertThat(job.getPhase()).as(job.toString()).isEqualTo("Succeeded");
        String first = job.getGangs(0).getWorkers(0).getNode().equals("lab/one") ? "127.0.0.2" : "127.0.0.3";
        for (int rank = 0; rank < 4; rank++) {
            assertThat(log("meets", rank, false))
                    .isEqualTo("rank " + rank + " node " + rank / 2 + " local " + rank % 2 + " of 2 at " + first
                            + " sum 1111\n");
        }
    }

    /** Its files are of 4 KiB, so it goes over several of them as well. */
    @Test
    void aLogIsFollowedWithoutAGapWhileItsAgentIsKilledAndStartedAgain() throws Exception {
        String script = "i=0; while [ $i -lt " + LINES + " ]; do echo this is line $i; i=$((i+1)); sleep 0.01; done";
        installation.jobs().submit(Requests.job("talks", "inhouse-a1", 1, "sh", "-c", script));
        await("talks", job -> job.getPhase().equals("Running"));
        CompletableFuture<String> followed = CompletableFuture.supplyAsync(() -> {
            try {
                return log("talks", 0, true);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        });
        Thread.sleep(1000);
        for (int agent = 0; agent < installation.agentCount(); agent++) {
            installation.agent(agent).destroyForcibly().waitFor();
            installation.restartAgent(agent);
        }

        String expected = IntStream.range(0, LINES)
                .mapToObj(line -> "this is line " + line + "\n")
                .collect(Collectors.joining());
        assertThat(followed.get(60, TimeUnit.SECONDS)).isEqualTo(expected);
        assertThat(awaitEnd("talks").getPhase()).isEqualTo("Succeeded");
    }

    @Test
    void theLogOfAnAttemptThatFailedIsReadWhileTheNextRuns() throws Exception {
        String script = "echo attempt $INTERPOSER_ATTEMPT; [ $INTERPOSER_ATTEMPT -gt 1 ] && exec sleep 300; exit 3";
        SubmitRequest.Builder request = Requests.job("again", "inhouse-a1", 1, "sh", "-c", script).toBuilder();
        request.getSpecBuilder().getTrainingBuilder().getFailurePolicyBuilder().setBackoffLimit(2);
        installation.jobs().submit(request.build());
        await(
                "again",
                job -> job.getPhase().equals("Running") && job.getGangs(0).getAttempt() == 2);

        assertThat(attempt("again", 0)).isEqualTo("attempt 2\n");
        assertThat(attempt("again", -1)).isEqualTo("attempt 1\n");
        assertThat(attempt("again", 1)).isEqualTo("attempt 1\n");
        assertThatThrownBy(() -> attempt("again", 7))
                .hasMessageContaining("attempt 7")
                .hasMessageContaining("its last is 2");

        // Others need the device.
        installation
                .jobs()
                .cancel(CancelRequest.newBuilder()
                        .setJob(Requests.reference("again"))
                        .build());
        await("again", job -> job.getPhase().equals("Cancelled"));
    }

    /** It saves, and ends with code 0 as loops do, while its agent is dead: the rest of its work is to be done. */
    @Test
    void whoSavedAndEndedWhileNoAgentRanGoesOnElsewhereAndHasNotSucceeded() throws Exception {
        String script = "[ $INTERPOSER_ATTEMPT -gt 1 ] && exit 0; trap 'echo asked; sleep 5; touch saved; exit 0' USR1;"
                + " echo began; while :; do sleep 0.1; done";
        SubmitRequest.Builder request = Requests.job("saves", "inhouse-a1", 1, "sh", "-c", script).toBuilder();
        request.getSpecBuilder().getTrainingBuilder().getPreemptionBuilder().setGraceSeconds(60);
        request.getSpecBuilder().getTrainingBuilder().getCheckpointBuilder().setSignal("SIGUSR1");
        installation.jobs().submit(request.build());
        String node = await("saves", job -> job.getPhase().equals("Running"))
                .getGangs(0)
                .getWorkers(0)
                .getNode();
        awaitLog("saves", "began\n");

        installation
                .fleet()
                .drainNode(DrainNodeRequest.newBuilder().setName(node).build());
        awaitLog("saves", "asked\n");
        int agent = node.equals("lab/one") ? 0 : 1;
        installation.agent(agent).destroyForcibly().waitFor();
        awaitSaved();
        installation.restartAgent(agent);

        Job job = awaitEnd("saves");
        assertThat(job.getPhase()).isEqualTo("Succeeded");
        assertThat(job.getGangs(0).getAttempt()).isEqualTo(2);
        assertThat(job.getGangs(0).getWorkers(0).getNode()).isNotEqualTo(node);
        installation
                .fleet()
                .cordonNode(CordonNodeRequest.newBuilder().setName(node).build());
    }

    private static void awaitLog(String name, String words) throws Exception {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(60);
        while (!log(name, 0, false).contains(words)) {
            assertThat(System.nanoTime()).as("60 s for %s", words).isLessThan(deadline);
            Thread.sleep(50);
        }
    }

    /** By its exit code in the agent's folder, which its shell leaves there when all is done. */
    private static void awaitSaved() throws Exception {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(60);
        while (true) {
            try (Stream<Path> files = Files.walk(installation.home())) {
                if (files.anyMatch(file -> file.endsWith("work/saved")
                        && Files.exists(file.resolveSibling("../exit").normalize()))) {
                    return;
                }
            } catch (UncheckedIOException e) {
                // What is gone while somebody walks there.
            }
            assertThat(System.nanoTime()).as("60 s").isLessThan(deadline);
            Thread.sleep(50);
        }
    }

    private static String attempt(String name, int attempt) throws IOException {
        StringBuilder text = new StringBuilder();
        installation
                .jobs()
                .withDeadlineAfter(60, TimeUnit.SECONDS)
                .logs(LogsRequest.newBuilder()
                        .setJob(Requests.reference(name))
                        .setAttempt(attempt)
                        .build())
                .forEachRemaining(chunk -> text.append(chunk.getData().toStringUtf8()));
        return text.toString();
    }

    private static Path nodes(String name, String address) throws IOException {
        String yaml = """
                nodes:
                - name: %s
                  address: %s
                  capacity: {cpu: 8, memory: 8Gi}
                  devices: {count: 2, model: inhouse-a1, vendor: inhouse, memory: 96G}
                """.formatted(name, address);
        return Files.writeString(folder.resolve(name.replace('/', '-')), yaml);
    }

    private static Job awaitEnd(String name) throws Exception {
        return await(
                name,
                job -> job.getPhase().equals("Succeeded") || job.getPhase().equals("Failed"));
    }

    private static Job await(String name, Predicate<Job> until) throws Exception {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(60);
        Job job = Job.getDefaultInstance();
        while (!until.test(job)) {
            assertThat(System.nanoTime()).as("60 s, and %s", job).isLessThan(deadline);
            Thread.sleep(50);
            job = installation
                    .jobs()
                    .get(GetRequest.newBuilder()
                            .setJob(Requests.reference(name))
                            .build());
        }
        return job;
    }

    private static String log(String name, int worker, boolean follow) throws IOException {
        StringBuilder text = new StringBuilder();
        installation
                .jobs()
                .withDeadlineAfter(60, TimeUnit.SECONDS)
                .logs(LogsRequest.newBuilder()
                        .setJob(Requests.reference(name))
                        .setWorker(worker)
                        .setFollow(follow)
                        .build())
                .forEachRemaining(chunk -> text.append(chunk.getData().toStringUtf8()));
        return text.toString();
    }
}

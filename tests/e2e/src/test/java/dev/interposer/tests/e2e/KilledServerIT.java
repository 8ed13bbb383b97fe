package dev.interposer.tests.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import dev.interposer.proto.job.v1.Job;
import dev.interposer.proto.job.v1.ListRequest;
import dev.interposer.proto.job.v1.SubmitRequest;
import dev.interposer.proto.job.v1.SubmitResponse;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/**
 * The server is killed, hard and again and again, while jobs are submitted and run. The check uses what clients were
 * told and what agents wrote down themselves, not what the server says of itself.
 */
class KilledServerIT {
    private static final int KILLS = 4;
    private static final int CLIENTS = 4;

    private final Map<String, Long> acknowledged = new ConcurrentHashMap<>();
    private final AtomicBoolean submitting = new AtomicBoolean(true);
    private final AtomicInteger numbers = new AtomicInteger();

    @Test
    void nothingAcknowledgedIsLostAndNothingRunsTwice() throws Exception {
        try (Installation installation = new Installation()) {
            installation.awaitLeader();
            Requests.applySamples(installation);
            Path nodes = Files.writeString(installation.home().resolve("nodes.yaml"), """
                    nodes:
                    - name: sim/a1-{0..9}
                      capacity: {cpu: 96, memory: 768Gi}
                      devices: {count: 8, model: inhouse-a1, vendor: inhouse, memory: 96G}
                      simulatedSeconds: 0.05
                    """);
            installation.startAgent("simulated", nodes);
            installation.awaitNodes(10);
            List<Thread> clients = new ArrayList<>();
            for (int client = 0; client < CLIENTS; client++) {
                clients.add(Thread.ofPlatform().start(() -> submit(installation)));
            }
            for (int kill = 0; kill < KILLS; kill++) {
                Thread.sleep(1500 + 300L * kill);
                installation.server().destroyForcibly().waitFor();
                installation.restartServer();
                installation.awaitLeader();
            }
            Thread.sleep(1000);
            submitting.set(false);
            for (Thread client : clients) {
                client.join();
            }
            check(installation);
        }
    }

    private void submit(Installation installation) {
        while (submitting.get()) {
            SubmitRequest request = Requests.job("load-" + numbers.incrementAndGet(), "inhouse-a1", 2, "true");
            while (true) {
                try {
                    SubmitResponse response = installation.jobs().submit(request);
                    acknowledged.put(request.getName(), response.getJobId());
                    break;
                } catch (StatusRuntimeException | IOException e) {
                    if (e instanceof StatusRuntimeException status
                            && status.getStatus().getCode() == Status.Code.ALREADY_EXISTS) {
                        throw new AssertionError("a repeated request made another job", e);
                    }
                    installation.channel().resetConnectBackoff();
                    pause();
                }
            }
        }
    }

    private static void pause() {
        try {
            Thread.sleep(20);
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    private void check(Installation installation) throws IOException, InterruptedException {
        assertThat(acknowledged).hasSizeGreaterThan(50);
        Map<String, Job> jobs = awaitAllEnded(installation);
        acknowledged.forEach((name, id) -> {
            Job job = jobs.getOrDefault(name, Job.getDefaultInstance());
            assertThat(job.getId()).as(name).isEqualTo(id);
            assertThat(job.getPhase()).as(name).isEqualTo("Succeeded");
        });
        Set<String> begun = new HashSet<>();
        for (Path journal : installation.journals()) {
            checkJournal(journal, begun);
        }
        assertThat(begun).hasSizeGreaterThanOrEqualTo(acknowledged.size());
    }

    /** The agent's own words: no attempt was begun twice, and no device had two workers at once. */
    private static void checkJournal(Path journal, Set<String> begun) throws IOException {
        Map<String, String> holders = new TreeMap<>();
        Map<String, List<String>> devicesOf = new TreeMap<>();
        for (String line : Files.readAllLines(journal)) {
            String[] words = line.split(" ", -1);
            String worker = String.join(" ", words.length < 5 ? words : Arrays.copyOfRange(words, 1, 5));
            if (words[0].equals("START")) {
                assertThat(begun.add(worker)).as("begun twice: " + worker).isTrue();
                List<String> devices = List.of(words[6].split(",", -1));
                devicesOf.put(worker, devices);
                for (String device : devices) {
                    assertThat(holders.put(device, worker))
                            .as(device + " was taken")
                            .isNull();
                }
            } else if (words[0].equals("END")) {
                devicesOf.getOrDefault(worker, List.of()).forEach(holders::remove);
            }
        }
    }

    private Map<String, Job> awaitAllEnded(Installation installation) throws IOException, InterruptedException {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(90);
        while (true) {
            Map<String, Job> jobs = new TreeMap<>();
            ListRequest.Builder request = ListRequest.newBuilder().setPageSize(1000);
            do {
                var page = installation.jobs().list(request.build());
                page.getJobsList().forEach(job -> jobs.put(job.getName(), job));
                request.setPageToken(page.getNextPageToken());
            } while (!request.getPageToken().isEmpty());
            boolean ended = jobs.values().stream().allMatch(job -> job.getEndedAtMicros() > 0);
            if (ended || System.nanoTime() > deadline) {
                return jobs;
            }
            Thread.sleep(200);
        }
    }
}

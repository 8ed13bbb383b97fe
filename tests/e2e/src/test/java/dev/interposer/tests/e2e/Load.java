package dev.interposer.tests.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import dev.interposer.proto.job.v1.CancelRequest;
import dev.interposer.proto.job.v1.CancelResponse;
import dev.interposer.proto.job.v1.Job;
import dev.interposer.proto.job.v1.JobReference;
import dev.interposer.proto.job.v1.JobServiceGrpc.JobServiceBlockingStub;
import dev.interposer.proto.job.v1.ListRequest;
import dev.interposer.proto.job.v1.SubmitRequest;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import java.util.function.IntFunction;
import java.util.function.IntUnaryOperator;

/**
 * Clients that submit without pause, ask again under the same request id until they are answered, and remember what
 * they were told. The check uses that and what agents wrote down themselves, not what a server says of itself.
 */
final class Load {
    private static final int CLIENTS = 4;
    private static final Set<Status.Code> REFUSALS =
            EnumSet.of(Status.Code.ALREADY_EXISTS, Status.Code.INVALID_ARGUMENT, Status.Code.NOT_FOUND);

    private final Installation installation;
    private final Map<String, Long> acknowledged = new ConcurrentHashMap<>();
    private final Map<String, Throwable> refused = new ConcurrentHashMap<>();
    private final AtomicInteger numbers = new AtomicInteger();
    private final List<Thread> clients = new ArrayList<>();
    private final long pauseMillis;
    private final IntFunction<SubmitRequest> jobs;
    private final Map<Long, CancelResponse> cancelled = new ConcurrentHashMap<>();
    private final IntUnaryOperator cancelledAfterMillis;
    private volatile boolean submitting = true;

    private Load(
            Installation installation,
            long pauseMillis,
            IntFunction<SubmitRequest> jobs,
            IntUnaryOperator cancelledAfterMillis) {
        this.installation = installation;
        this.pauseMillis = pauseMillis;
        this.jobs = jobs;
        this.cancelledAfterMillis = cancelledAfterMillis;
    }

    /** Starts clients that wait so long between two jobs, and make the job of each number. */
    static Load of(Installation installation, long pauseMillis, IntFunction<SubmitRequest> jobs) {
        return of(installation, pauseMillis, jobs, number -> -1);
    }

    /** The same; each job is cancelled so long after it was acknowledged, or never for −1. */
    static Load of(
            Installation installation,
            long pauseMillis,
            IntFunction<SubmitRequest> jobs,
            IntUnaryOperator cancelledAfterMillis) {
        Load load = new Load(installation, pauseMillis, jobs, cancelledAfterMillis);
        for (int client = 0; client < CLIENTS; client++) {
            int number = client;
            load.clients.add(Thread.ofPlatform().start(() -> load.submit(number)));
        }
        return load;
    }

    /** Applies samples, starts ten simulated nodes and the clients. */
    static Load begin(Installation installation) throws IOException, InterruptedException {
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
        return of(installation, 0, number -> Requests.job("load-" + number, "inhouse-a1", 2, "true"));
    }

    /** Id of each job by its name, as the clients were told. */
    Map<String, Long> told() {
        return Map.copyOf(acknowledged);
    }

    /** Answers to cancellations, by the id of the job. */
    Map<Long, CancelResponse> cancelled() {
        return Map.copyOf(cancelled);
    }

    int acknowledged() {
        return acknowledged.size();
    }

    /** Waits until so many more jobs are acknowledged. */
    void awaitMore(int jobs) throws InterruptedException {
        int wanted = acknowledged.size() + jobs;
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(60);
        while (acknowledged.size() < wanted) {
            assertThat(System.nanoTime())
                    .as("%d of %d jobs acknowledged in 60 s; see %s", acknowledged.size(), wanted, installation.home())
                    .isLessThan(deadline);
            Thread.sleep(20);
        }
    }

    /** Ends the clients; each is answered before. */
    void end() throws InterruptedException {
        submitting = false;
        for (Thread client : clients) {
            client.join();
        }
        assertThat(refused).isEmpty();
    }

    /** Ends the clients; then all that was acknowledged must have run, once. */
    void endAndCheck() throws IOException, InterruptedException {
        end();
        assertThat(acknowledged).hasSizeGreaterThan(50);
        Map<String, Job> jobs = awaitAllEnded();
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

    private void submit(int client) {
        while (submitting) {
            int number = numbers.incrementAndGet();
            SubmitRequest request = jobs.apply(number);
            untilAnswered(
                    client,
                    request.getName(),
                    server -> acknowledged.put(
                            request.getName(), server.submit(request).getJobId()));
            Long id = acknowledged.get(request.getName());
            int cancelAfter = cancelledAfterMillis.applyAsInt(number);
            if (id != null && cancelAfter >= 0) {
                pause(cancelAfter);
                cancel(client, id);
            }
            pause(pauseMillis);
        }
    }

    private void cancel(int client, long id) {
        CancelRequest request = CancelRequest.newBuilder()
                .setJob(JobReference.newBuilder().setId(id))
                .build();
        untilAnswered(client, "cancellation of " + id, server -> cancelled.put(id, server.cancel(request)));
    }

    /** Asks one server after the other, from the client's own on. */
    private void untilAnswered(int client, String what, Consumer<JobServiceBlockingStub> call) {
        for (int server = client; !isAnswered(server, what, call); server++) {
            pause(20);
        }
    }

    private boolean isAnswered(int server, String what, Consumer<JobServiceBlockingStub> call) {
        try {
            call.accept(installation.jobs(server).withDeadlineAfter(5, TimeUnit.SECONDS));
            return true;
        } catch (StatusRuntimeException e) {
            if (REFUSALS.contains(e.getStatus().getCode())) {
                refused.put(what, e);
                return true;
            }
            installation.reconnect();
            return false;
        } catch (IOException e) {
            return false;
        }
    }

    private static void pause(long millis) {
        try {
            Thread.sleep(millis);
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
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

    private Map<String, Job> awaitAllEnded() throws IOException, InterruptedException {
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

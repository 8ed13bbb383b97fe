package dev.interposer.server.loop;

import static org.assertj.core.api.Assertions.assertThat;

import dev.interposer.control.command.Command;
import dev.interposer.control.command.ErrorCode;
import dev.interposer.control.command.Outcome;
import dev.interposer.engine.event.Entry;
import dev.interposer.engine.event.JobEvent;
import dev.interposer.engine.model.AcceleratorRequest;
import dev.interposer.engine.model.Actor;
import dev.interposer.engine.model.Container;
import dev.interposer.engine.model.Health;
import dev.interposer.engine.model.JobKind;
import dev.interposer.engine.model.JobQueue;
import dev.interposer.engine.model.JobSpec;
import dev.interposer.engine.model.Profile;
import dev.interposer.engine.model.Role;
import dev.interposer.engine.model.TopologyRequest;
import dev.interposer.engine.model.TrainingSpec;
import dev.interposer.engine.model.WorkerCount;
import dev.interposer.engine.state.JobState;
import dev.interposer.engine.state.State;
import dev.interposer.ledger.embedded.EmbeddedDatabase;
import dev.interposer.server.grpc.JobEndpoint;
import dev.interposer.server.view.LiveView;
import io.grpc.Status;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.IOException;
import java.nio.file.Files;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The loop over a real PostgreSQL that goes away, comes back, and comes back as another one. */
class SchedulerLoopTest {
    private static final Actor ANN = Actor.user("ann", "test");

    private static EmbeddedDatabase database;
    private static int databases;

    private final String name = "loop" + ++databases;
    private final List<Server> servers = new ArrayList<>();
    private int jobs;

    /** A loop with its view. */
    private record Server(SchedulerLoop loop, LiveView view, LedgerAccess access) {
        String digest() {
            return view.read(state -> access.digests().of(state));
        }
    }

    @BeforeAll
    static void startDatabase() throws IOException {
        database = EmbeddedDatabase.start(Files.createTempDirectory("interposer-test-loop"));
    }

    @AfterAll
    static void stopDatabase() throws IOException {
        database.close();
    }

    @BeforeEach
    void createDatabase() throws SQLException {
        try (Connection connection =
                        DriverManager.getConnection(database.jdbcUrl(), database.user(), database.password());
                Statement statement = connection.createStatement()) {
            statement.execute("CREATE DATABASE " + name);
        }
    }

    @AfterEach
    void stopServers() throws Exception {
        for (Server server : servers) {
            server.loop().stop();
        }
    }

    private Server start() {
        return start(Duration.ofSeconds(30));
    }

    private Server start(Duration patience) {
        TestConfig config = new TestConfig(database, name, patience);
        LedgerAccess access = new LedgerAccess(config, "test");
        LiveView view = new LiveView();
        SchedulerLoop loop = new SchedulerLoop(config, access, view, new SnapshotWriter(), new SimpleMeterRegistry());
        loop.start();
        Server server = new Server(loop, view, access);
        servers.add(server);
        return server;
    }

    @Test
    void aServerThatFellBehindASnapshotShowsAllOfIt() throws Exception {
        Server one = start();
        await(() -> one.loop().epoch() != 0);
        Server other = start();
        applyQueue(one);
        await(() -> other.view().revision() == one.view().revision());
        long behind = one.view().revision();
        // Whoever reads keeps the other one from folding: it falls behind, and its connection is cut meanwhile.
        CountDownLatch read = new CountDownLatch(1);
        CountDownLatch reading = new CountDownLatch(1);
        Thread reader = Thread.ofPlatform()
                .start(() -> other.view().read(state -> {
                    reading.countDown();
                    return awaitLatch(read);
                }));
        reading.await();
        // A snapshot is thought of with each page only, and not while another one is being written.
        while (number("SELECT coalesce(max(revision), 0) FROM snapshot") <= behind + 20) {
            assertThat(jobs).as("jobs without a snapshot").isLessThan(5000);
            submit(one, 1);
        }
        cutConnections();
        read.countDown();
        reader.join();
        submitToWhoeverLeads();
        await(() ->
                other.view().revision() == one.view().revision() && names(other).size() == jobs);
        assertThat(names(other)).isEqualTo(names(one));
        assertThat(other.digest()).isEqualTo(one.digest());
    }

    @Test
    void aSnapshotThatDoesNotFoldIsPassedOver() throws Exception {
        Server one = start();
        await(() -> one.loop().epoch() != 0);
        applyQueue(one);
        submit(one, 3);
        one.loop().stop();
        execute("DELETE FROM snapshot_chunk");
        execute("DELETE FROM snapshot");
        LedgerAccess access = new LedgerAccess(new TestConfig(database, name, Duration.ofSeconds(5)), "test");
        try (var ledger = access.open().ledger()) {
            // Its digest is right; what it says can't be.
            long revision = number("SELECT max(last_revision) FROM page");
            Entry bad = new Entry(revision, 1, Actor.SCHEDULER, new JobEvent.GangEligible(4711, 0));
            ledger.writeSnapshot(revision, 1, List.of(bad));
        }
        Server other = start();
        await(() -> other.loop().epoch() != 0 && names(other).size() == 3);
        assertThat(other.loop().failure()).isNull();
        submit(other, 1);
    }

    @Test
    void aLedgerBehindWhatWasDurableBeginsANewIncarnation() throws Exception {
        Server server = start();
        await(() -> server.loop().epoch() != 0);
        applyQueue(server);
        submit(server, 3);
        long kept = server.view().revision();
        submit(server, 4);
        execute("DELETE FROM page WHERE first_revision > " + kept);
        execute("DELETE FROM snapshot WHERE revision > " + kept);
        cutConnections();
        JobSpec spec = job();
        Outcome outcome = server.loop().submit(command("late", spec)).get(20, TimeUnit.SECONDS);
        assertThat(code(outcome)).isEqualTo(ErrorCode.UNAVAILABLE);
        await(() -> server.view().read(state -> state.settings().incarnation()) == 2);
        String halted = server.view().read(state -> state.settings().placementHalted());
        assertThat(halted).contains("a backup was restored");
        assertThat(names(server)).as("what the backup holds").containsExactly("ns/job-1", "ns/job-2", "ns/job-3");
        long nextId = server.view().read(state -> state.settings().nextId());
        assertThat(nextId).isGreaterThanOrEqualTo(2L << 40);
        assertThat(server.digest()).isEqualTo(fresh());
    }

    @Test
    void aDatabaseThatGoesAwayIsAnErrorForWhoeverWritesAndNoneForWhoeverReads() throws Exception {
        Server server = start();
        await(() -> server.loop().epoch() != 0);
        applyQueue(server);
        submit(server, 2);
        database.close();
        Outcome refused = server.loop().submit(command("late", job())).get(30, TimeUnit.SECONDS);
        assertThat(code(refused)).isEqualTo(ErrorCode.UNAVAILABLE);
        assertThat(names(server)).containsExactly("ns/job-1", "ns/job-2");
        await(() -> server.loop().epoch() == 0 && server.loop().failure() != null);
        Outcome refusedAtOnce = server.loop().submit(command("later", job())).get(1, TimeUnit.SECONDS);
        assertThat(code(refusedAtOnce)).isEqualTo(ErrorCode.UNAVAILABLE);
        assertThat(names(server)).containsExactly("ns/job-1", "ns/job-2");

        database.revive();
        await(() -> server.loop().epoch() != 0);
        assertThat(server.loop().failure()).isNull();
        long incarnation = server.view().read(state -> state.settings().incarnation());
        assertThat(incarnation).isEqualTo(1);
        submit(server, 1);
        assertThat(names(server)).contains("ns/job-1", "ns/job-2", "ns/job-3");
    }

    @Test
    void aDatabaseThatComesUpWithinThePatienceOfTheServerIsWaitedFor() throws Exception {
        database.close();
        Thread late = Thread.ofPlatform().start(() -> {
            try {
                Thread.sleep(1500);
                database.revive();
            } catch (InterruptedException | IOException e) {
                throw new IllegalStateException(e);
            }
        });
        Server server = start(Duration.ofSeconds(60));
        late.join();
        await(() -> server.loop().epoch() != 0);
        applyQueue(server);
        submit(server, 1);
        assertThat(names(server)).containsExactly("ns/job-1");
    }

    @Test
    void appendsAreHeardOfThroughAFullInbox() throws Exception {
        Server server = start();
        await(() -> server.loop().epoch() != 0);
        applyQueue(server);
        CountDownLatch held = new CountDownLatch(1);
        CountDownLatch holding = new CountDownLatch(1);
        var question = server.loop().ask(controller -> {
            holding.countDown();
            return awaitLatch(held);
        });
        holding.await();
        Command command = command("late", job());
        int taken = 0;
        int refused = 0;
        for (int tries = 0; tries < 300_000 && refused == 0; tries++) {
            refused += server.loop().submit(command).isDone() ? 1 : 0;
            taken++;
        }
        assertThat(taken).as("submissions until the inbox was full").isGreaterThan(100_000);
        held.countDown();
        assertThat(question.get(60, TimeUnit.SECONDS)).isTrue();
        await(() -> server.loop().queued() == 0);
        // What left the inbox may still fill the queue behind it, so the first tries may be refused.
        submitToWhoeverLeads();
    }

    @Test
    void commandsThatHoldTooMuchAreRefusedUntilTheOthersAreAnswered() throws Exception {
        Server server = start();
        await(() -> server.loop().epoch() != 0);
        applyQueue(server);
        CountDownLatch held = new CountDownLatch(1);
        var question = server.loop().ask(controller -> awaitLatch(held));
        long most = HeapBounds.commandBytes(Runtime.getRuntime().maxMemory());
        var first = server.loop().submit(command("large-1", job()), most / 2);
        var second = server.loop().submit(command("large-2", job()), most / 2);
        assertThat(first).isNotDone();
        assertThat(code(second.get(1, TimeUnit.SECONDS))).isEqualTo(ErrorCode.RESOURCE_EXHAUSTED);
        var small = server.loop().submit(command("small", job()));
        assertThat(small).isNotDone();
        // Whoever tells of what is gets in where nobody else does, and not without end.
        Command agents = new Command.ChangeDeviceHealth(Actor.agent("c/n"), "c/n", "d", Health.FAILED, "x");
        var fromAgent = server.loop().submit(agents, most / 2);
        assertThat(fromAgent).isNotDone();
        assertThat(code(server.loop().submit(agents, most / 2).get(1, TimeUnit.SECONDS)))
                .isEqualTo(ErrorCode.RESOURCE_EXHAUSTED);
        held.countDown();
        assertThat(question.get(60, TimeUnit.SECONDS)).isTrue();
        assertThat(first.get(20, TimeUnit.SECONDS)).isInstanceOf(Outcome.Accepted.class);
        fromAgent.get(20, TimeUnit.SECONDS);
        var again = server.loop().submit(command("large-2", job()), most / 2);
        assertThat(again.get(20, TimeUnit.SECONDS)).isInstanceOf(Outcome.Accepted.class);
    }

    /** The bytes of a spec that nobody else has are told to the loop. */
    @Test
    void aSpecOfItsOwnNeedsRoomAndOneThatWasSeenDoesNot() throws Exception {
        Server server = start();
        await(() -> server.loop().epoch() != 0);
        applyQueue(server);
        JobEndpoint jobs = Loops.jobs(server.loop(), server.view());
        assertThat(Loops.submitted(jobs, "seen", "word")).isNull();
        CountDownLatch held = new CountDownLatch(1);
        var question = server.loop().ask(controller -> awaitLatch(held));
        long most = HeapBounds.commandBytes(Runtime.getRuntime().maxMemory()) * 3 / 4;
        var filling = server.loop().submit(command("large", job()), most);
        assertThat(Loops.submitted(jobs, "new", "another word")).isEqualTo(Status.Code.RESOURCE_EXHAUSTED);
        var shared = CompletableFuture.supplyAsync(() -> Loops.submitted(jobs, "like-seen", "word"));
        Thread.sleep(200);
        assertThat(shared).isNotDone();
        held.countDown();
        assertThat(question.get(60, TimeUnit.SECONDS)).isTrue();
        assertThat(filling.get(20, TimeUnit.SECONDS)).isInstanceOf(Outcome.Accepted.class);
        assertThat(shared.get(20, TimeUnit.SECONDS)).isNull();
    }

    private void cutConnections() throws SQLException {
        execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'interposer'"
                + " AND datname = current_database() AND pid <> pg_backend_pid()");
    }

    private static Boolean awaitLatch(CountDownLatch latch) {
        try {
            return latch.await(60, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }

    /** Digest of what somebody reads who begins now. */
    private String fresh() {
        LedgerAccess access = new LedgerAccess(new TestConfig(database, name, Duration.ofSeconds(5)), "test");
        State state = new State();
        try (var ledger = access.open().ledger()) {
            ledger.readSnapshot(state::apply);
            for (var pages = ledger.read(state.revision() + 1, 100);
                    !pages.isEmpty();
                    pages = ledger.read(state.revision() + 1, 100)) {
                pages.forEach(page -> page.entries().forEach(state::apply));
            }
        }
        return access.digests().of(state);
    }

    private static List<String> names(Server server) {
        return server.view()
                .read(state -> state.jobs().all().stream()
                        .map(JobState::fullName)
                        .sorted()
                        .toList());
    }

    private static void applyQueue(Server server) throws Exception {
        Command apply = new Command.ApplyObjects(ANN, List.of(), List.of(), List.of(JobQueue.of("queue")));
        assertThat(server.loop().submit(apply).get(20, TimeUnit.SECONDS)).isInstanceOf(Outcome.Applied.class);
    }

    private void submit(Server server, int count) throws Exception {
        for (int job = 0; job < count; job++) {
            Outcome outcome =
                    server.loop().submit(command("job-" + ++jobs, job())).get(20, TimeUnit.SECONDS);
            assertThat(outcome).isInstanceOf(Outcome.Accepted.class);
        }
    }

    /** As a client does: again with the same request id, until somebody takes it. */
    private void submitToWhoeverLeads() throws Exception {
        Command command = command("job-" + ++jobs, job());
        for (int tries = 0; tries < 600; tries++) {
            for (Server server : servers) {
                if (server.loop().submit(command).get(20, TimeUnit.SECONDS) instanceof Outcome.Accepted) {
                    return;
                }
            }
            Thread.sleep(100);
        }
        throw new AssertionError("nobody took a job within a minute");
    }

    private static Command command(String name, JobSpec spec) {
        UUID random = UUID.randomUUID();
        long version = (random.getMostSignificantBits() & ~0xF000L) | 0x7000;
        String request = new UUID(version, random.getLeastSignificantBits()).toString();
        return new Command.SubmitJob(ANN, request, "ns", name, spec);
    }

    private static JobSpec job() {
        Role role =
                new Role("worker", WorkerCount.of(1), AcceleratorRequest.NONE, Map.of(), Container.of("image", "run"));
        Profile profile = new Profile("only", List.of(role), TopologyRequest.ANYWHERE, "");
        return new JobSpec(
                JobKind.TRAINING, "queue", "", "", false, 0, null, List.of(profile), TrainingSpec.DEFAULT, null);
    }

    private static ErrorCode code(Outcome outcome) {
        return ((Outcome.Rejected) outcome).rejection().code();
    }

    private static void await(BooleanSupplier condition) throws InterruptedException {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(60);
        while (!condition.getAsBoolean()) {
            assertThat(System.nanoTime()).as("waited 60 s").isLessThan(deadline);
            Thread.sleep(10);
        }
    }

    private long number(String query) {
        try (Connection connection = connect();
                Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery(query)) {
            rows.next();
            return rows.getLong(1);
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
    }

    private void execute(String sql) throws SQLException {
        try (Connection connection = connect();
                Statement statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }

    private Connection connect() throws SQLException {
        return DriverManager.getConnection(
                database.jdbcUrl().replaceAll("/[^/]*$", "/" + name), database.user(), database.password());
    }
}

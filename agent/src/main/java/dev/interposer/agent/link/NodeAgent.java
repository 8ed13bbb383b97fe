package dev.interposer.agent.link;

import dev.interposer.agent.config.NodeConfig;
import dev.interposer.agent.driver.Preparation;
import dev.interposer.agent.health.Verdict;
import dev.interposer.agent.journal.Journal;
import dev.interposer.agent.metrics.NodeFacts;
import dev.interposer.agent.reconcile.Action;
import dev.interposer.agent.reconcile.JournalEntry;
import dev.interposer.agent.reconcile.Reconciler;
import dev.interposer.agent.runtime.Loop;
import dev.interposer.agent.runtime.WorkerRuntime;
import dev.interposer.agent.watch.DeviceSetup;
import dev.interposer.agent.watch.DeviceWatch;
import dev.interposer.agent.watch.NodeDevices;
import dev.interposer.proto.agent.v1.AgentMessage;
import dev.interposer.proto.agent.v1.DeviceHealthChange;
import dev.interposer.proto.agent.v1.DeviceTelemetry;
import dev.interposer.proto.agent.v1.EndCause;
import dev.interposer.proto.agent.v1.Health;
import dev.interposer.proto.agent.v1.Heartbeat;
import dev.interposer.proto.agent.v1.Hello;
import dev.interposer.proto.agent.v1.Inventory;
import dev.interposer.proto.agent.v1.LogChunk;
import dev.interposer.proto.agent.v1.LogRequest;
import dev.interposer.proto.agent.v1.Progress;
import dev.interposer.proto.agent.v1.Roster;
import dev.interposer.proto.agent.v1.RosterRequest;
import dev.interposer.proto.agent.v1.ServerMessage;
import dev.interposer.proto.agent.v1.WorkerAssignment;
import dev.interposer.proto.agent.v1.WorkerKey;
import dev.interposer.proto.agent.v1.WorkerStatus;
import io.grpc.stub.ClientCallStreamObserver;
import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** One node: its reconciler, journal and runtime behind one thread, and the stream while there is one. */
final class NodeAgent {
    /** Version of agent.v1 that this agent speaks. */
    private static final int PROTOCOL_VERSION = 6;

    /** The lowest that it still speaks. */
    private static final int LEAST_VERSION = 1;

    /** Between two looks at what workers write of their progress. */
    private static final long PROGRESS_MILLIS = 2_000;

    private static final long TELL_AGAIN_MILLIS = 10_000;

    private static final Logger LOG = System.getLogger(NodeAgent.class.getName());

    private final NodeConfig config;
    private final NodeDevices devices;
    private final DeviceWatch watch;
    private final Journal journal;
    private final WorkerRuntime runtime;
    private final Loop loop;
    private final Reconciler reconciler;
    private final LogRelay logs = new LogRelay();
    private final TelemetryDelta telemetry = new TelemetryDelta();
    private final ProgressDelta progress = new ProgressDelta();
    private final long startedMillis = millis();
    private @Nullable ClientCallStreamObserver<AgentMessage> stream;
    private long sequence;
    private long progressReadMillis = Long.MIN_VALUE / 2;
    private boolean readsProgress;
    private long toldReads = -1;
    private long toldMillis;
    private long leaderHeardMillis = Long.MIN_VALUE;
    private long heartbeatMillis = Long.MIN_VALUE;
    private final Map<EndCause, Long> ends = new EnumMap<>(EndCause.class);

    /**
     * @param runtime makes the runtime, given what makes devices ready
     */
    NodeAgent(
            NodeConfig config, DeviceSetup setup, Past past, Function<Preparation, WorkerRuntime> runtime, Loop loop) {
        this.config = config;
        this.journal = past.journal();
        this.reconciler = past.reconciler();
        this.loop = loop;
        this.devices = new NodeDevices(setup.policy(), this::owns, new DeviceListener());
        this.watch = new DeviceWatch(setup.drivers(), devices, setup.memory(), loop);
        this.runtime = runtime.apply(watch);
    }

    private boolean owns(long pid) {
        return runtime.owns(pid);
    }

    /** Looks at the devices, and runs this when they are known. On the loop. */
    void watch(Runnable ready) {
        watch.start(ready);
    }

    private final class DeviceListener implements NodeDevices.Listener {
        @Override
        public void inventoryChanged() {
            send(AgentMessage.newBuilder().setInventory(inventory()));
            telemetryIsUntold();
        }

        @Override
        public void healthChanged(String device, Verdict verdict) {
            LOG.log(
                    Level.WARNING,
                    "node {0}: device {1} is {2}: {3}",
                    name(),
                    device,
                    verdict.health(),
                    verdict.cause());
            reconciler.deviceFailed(device, verdict.health() == Health.HEALTH_FAILED ? verdict.cause() : "");
            send(AgentMessage.newBuilder()
                    .setDeviceHealth(DeviceHealthChange.newBuilder()
                            .setDeviceName(device)
                            .setHealth(verdict.health())
                            .setCause(verdict.cause())));
        }

        @Override
        public void left(String device) {
            reconciler.deviceFailed(device, "");
        }

        @Override
        public boolean inUse(String device) {
            return reconciler.uses(device);
        }
    }

    private Inventory inventory() {
        return Inventory.newBuilder()
                .setNode(config.name())
                .setBootId(BootId.read())
                .setAgentVersion(version())
                .putAllLabels(config.labels())
                .putAllCapacity(config.capacity())
                .setAddress(config.address())
                .addAllDevices(devices.inventory())
                .build();
    }

    String name() {
        return config.name();
    }

    /** Takes in what became of the workers that an earlier agent began. On the loop. */
    void recover() {
        reconciler.countLeasesFrom(millis() - runtime.millisSinceLeader());
        for (WorkerAssignment assignment : reconciler.unsettled()) {
            runtime.adopt(assignment, listener());
        }
        perform(reconciler.resumed());
    }

    /** A stream is there: say hello. On the loop. */
    void connected(ClientCallStreamObserver<AgentMessage> opened) {
        stream = opened;
        sequence = 0;
        telemetryIsUntold();
        progress.nothingTold();
        send(AgentMessage.newBuilder()
                .setHello(Hello.newBuilder()
                        .setProtocolVersion(PROTOCOL_VERSION)
                        .setMinimumProtocolVersion(LEAST_VERSION)
                        .setInventory(inventory())
                        .addAllWorkers(reconciler.statuses())
                        .setHighestEpoch(reconciler.highestEpoch())
                        .setIncarnation(reconciler.incarnation())
                        .setHighestRevision(reconciler.revision())));
    }

    /** On the loop. */
    void disconnected() {
        stream = null;
        logs.cancelAll();
    }

    /** On the loop. */
    void received(ServerMessage message) {
        if (message.hasLogRequest()) {
            log(message.getLogRequest());
        }
        if (message.hasRosterRequest()) {
            roster(message.getRosterRequest());
        }
        List<Action> actions = reconciler.received(message, millis());
        if (reconciler.leaderHeardMillis() > leaderHeardMillis) {
            leaderHeardMillis = reconciler.leaderHeardMillis();
            // First: to start many may take longer than their watchdogs wait. Without a lease nobody reads it, and an
            // idle agent has better things to do than to write a file twice a second.
            if (reconciler.countsLease()) {
                runtime.leaderHeard();
            }
        }
        perform(actions);
        // What has no grace is not to wait for the next look at the time.
        tick();
    }

    /** What the time makes of workers. On the loop, a few times a second while there are any. */
    void tick() {
        perform(reconciler.tick(millis()));
    }

    /** What the time makes of devices and of the journal. On the loop, once a second. */
    void look() {
        watch.busy(!isIdle());
        watch.tick();
        if (journal.mayBeShortened()) {
            shortenJournal();
        }
    }

    /** On the loop. */
    void heartbeat() {
        heartbeatMillis = millis();
        send(AgentMessage.newBuilder()
                .setHeartbeat(Heartbeat.newBuilder()
                        .addAllDevices(measured())
                        .setUptimeMillis(millis() - startedMillis)
                        .setCountsLease(reconciler.countsLease())));
        readProgress();
    }

    /** What changed; nothing does without a reading, except that old ones are not known any more. */
    private List<DeviceTelemetry> measured() {
        if (devices.reads() == toldReads && millis() - toldMillis < TELL_AGAIN_MILLIS) {
            return List.of();
        }
        toldReads = devices.reads();
        toldMillis = millis();
        return telemetry.changes(devices.measured(toldMillis));
    }

    private void telemetryIsUntold() {
        telemetry.inventoryTold();
        toldReads = -1;
    }

    /** Off the loop, since a disk may hang, and never a second time while it does. */
    private void readProgress() {
        boolean due = millis() - progressReadMillis >= PROGRESS_MILLIS;
        if (stream == null || readsProgress || !due || isIdle()) {
            return;
        }
        readsProgress = true;
        progressReadMillis = millis();
        Thread.ofVirtual().start(() -> {
            List<Progress> read = runtime.progress();
            long at = millis() - startedMillis;
            loop.execute(() -> progressRead(read, at));
        });
    }

    private void progressRead(List<Progress> read, long atMillis) {
        readsProgress = false;
        // What is told to nobody must be told to the next stream.
        if (stream != null) {
            for (Progress changed : progress.changes(read, atMillis)) {
                if (!changed.getRefusal().isEmpty()) {
                    LOG.log(
                            Level.WARNING,
                            "node {0}: progress of job {1} is refused: {2}",
                            name(),
                            changed.getKey().getJobId(),
                            changed.getRefusal());
                }
                send(AgentMessage.newBuilder().setProgress(changed));
            }
        }
    }

    /** What is known of it at this moment. On the loop. */
    NodeFacts facts(boolean connected) {
        long nowMillis = millis();
        return new NodeFacts(
                name(),
                connected,
                age(nowMillis, heartbeatMillis),
                age(nowMillis, leaderHeardMillis),
                reconciler.counts(),
                ends,
                journal.bytes(),
                watch.answering(),
                devices.facts(nowMillis));
    }

    private static long age(long nowMillis, long thenMillis) {
        return thenMillis == Long.MIN_VALUE ? NodeFacts.NEVER : nowMillis - thenMillis;
    }

    /** Which of so many workers run, or have an end that no leader has confirmed. On the loop. */
    Set<WorkerKey> needed(Set<WorkerKey> keys) {
        return keys.stream().filter(reconciler::knows).collect(Collectors.toSet());
    }

    /** Ends every worker, hard; used when the agent goes and takes them with it. On the loop. */
    void stopWorkers() {
        perform(reconciler.stopAll(millis()));
    }

    /** Whether nothing runs, and every end was acknowledged. On the loop. */
    boolean isIdle() {
        return reconciler.isIdle();
    }

    /** Whether the journal knows the end of all that was begun. On the loop. */
    boolean settled() {
        return reconciler.unsettled().isEmpty();
    }

    void close() {
        watch.close();
        runtime.close();
        try {
            journal.close();
        } catch (IOException e) {
            LOG.log(Level.WARNING, "the journal of node " + name() + " can't be closed", e);
        }
    }

    private void log(LogRequest request) {
        ClientCallStreamObserver<AgentMessage> asked = stream;
        if (asked != null) {
            logs.answer(
                    request,
                    request.hasKey() ? runtime.log(request.getKey()) : null,
                    () -> lives(request.getKey()),
                    new LogWay(asked));
        }
    }

    /** By the stream on which a log was asked for, and the loop on which all of a stream is sent. */
    private final class LogWay implements LogRelay.Way {
        private final ClientCallStreamObserver<AgentMessage> asked;
        private final AtomicInteger waiting = new AtomicInteger();

        LogWay(ClientCallStreamObserver<AgentMessage> asked) {
            this.asked = asked;
        }

        @Override
        public boolean hasRoom() {
            return waiting.get() == 0 && asked.isReady();
        }

        @Override
        public void send(LogChunk chunk) {
            waiting.incrementAndGet();
            loop.execute(() -> {
                waiting.decrementAndGet();
                // The next stream numbers its requests anew.
                if (Objects.equals(stream, asked)) {
                    NodeAgent.this.send(AgentMessage.newBuilder().setLogChunk(chunk));
                }
            });
        }
    }

    private void roster(RosterRequest request) {
        Roster.Builder roster = Roster.newBuilder().setRequestId(request.getRequestId());
        runtime.forEachLive(roster::addWorkers);
        send(AgentMessage.newBuilder().setRoster(roster));
    }

    private boolean lives(WorkerKey key) {
        boolean[] found = new boolean[1];
        runtime.forEachLive(live -> found[0] |= live.equals(key));
        return found[0];
    }

    private void perform(List<Action> actions) {
        for (Action action : actions) {
            switch (action) {
                case Action.Note note -> write(note.entry());
                case Action.Start start -> runtime.start(start.assignment(), listener());
                case Action.Terminate terminate -> runtime.terminate(terminate.key());
                case Action.Kill kill -> runtime.kill(kill.key());
                case Action.Report report -> send(AgentMessage.newBuilder().setWorkerStatus(report.status()));
            }
        }
    }

    /** An agent that can't write its journal must not go on: it would no longer know what it ran. */
    private void write(JournalEntry entry) {
        if (entry instanceof JournalEntry.Ended ended) {
            ends.merge(ended.status().getCause(), 1L, Long::sum);
        }
        try {
            journal.append(entry);
        } catch (IOException e) {
            LOG.log(Level.ERROR, "the journal of node " + name() + " can't be written; stopping", e);
            Runtime.getRuntime().halt(3);
        }
    }

    private void shortenJournal() {
        long before = journal.bytes();
        try {
            journal.shorten(reconciler.testimony());
            LOG.log(Level.INFO, "node {0}: journal of {1} bytes is one of {2} now", name(), before, journal.bytes());
        } catch (IOException e) {
            LOG.log(Level.WARNING, "node " + name() + ": the journal can't be shortened and grows on", e);
        }
    }

    private WorkerRuntime.Listener listener() {
        return new WorkerRuntime.Listener() {
            @Override
            public void started(WorkerKey key) {
                loop.execute(() -> perform(reconciler.started(key)));
            }

            @Override
            public void exited(WorkerStatus status) {
                loop.execute(() -> perform(reconciler.exited(status)));
            }
        };
    }

    private void send(AgentMessage.Builder message) {
        if (stream != null) {
            stream.onNext(message.setSequence(++sequence).build());
        }
    }

    static long millis() {
        return System.nanoTime() / 1_000_000;
    }

    static String version() {
        String version = NodeAgent.class.getPackage().getImplementationVersion();
        return version == null ? "development" : version;
    }
}

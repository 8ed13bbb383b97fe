package dev.interposer.server.agents;

import dev.interposer.control.agents.NodeOrders;
import dev.interposer.control.agents.Order;
import dev.interposer.control.command.Command;
import dev.interposer.engine.model.Actor;
import dev.interposer.engine.model.NodePhase;
import dev.interposer.engine.model.TrainingSpec;
import dev.interposer.engine.model.WorkerKey;
import dev.interposer.engine.state.GangState;
import dev.interposer.engine.state.JobState;
import dev.interposer.engine.state.NodeState;
import dev.interposer.engine.state.State;
import dev.interposer.engine.state.WorkerState;
import dev.interposer.proto.agent.v1.DesiredState;
import dev.interposer.proto.agent.v1.OnUnknown;
import dev.interposer.proto.agent.v1.Progress;
import dev.interposer.proto.agent.v1.Roster;
import dev.interposer.proto.agent.v1.ServerMessage;
import dev.interposer.server.config.ServerConfig;
import dev.interposer.server.loop.DurableListener;
import dev.interposer.server.loop.SchedulerLoop;
import dev.interposer.server.view.DeviceReadings;
import dev.interposer.server.view.LiveView;
import dev.interposer.server.view.MeasuredWork;
import dev.interposer.server.view.ProgressSource;
import io.grpc.Status;
import io.quarkus.logging.Log;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Who is connected, and since when nothing was heard of whom. All of it is soft: after a takeover it begins anew, and
 * every node has its whole time to come back.
 */
@ApplicationScoped
public class AgentHub implements DurableListener {
    /** A session of a lost node that is younger may be the one that brings it back. */
    private static final long UNHEEDED_MILLIS = 5_000;

    private final SchedulerLoop loop;
    private final LiveView view;
    private final ServerConfig config;
    private final OrderMapper mapper = new OrderMapper();
    private final AtomicLong streams = new AtomicLong();
    private final Map<String, AgentSession> sessions = new ConcurrentHashMap<>();
    private final Map<Long, AgentSession> byNodeId = new ConcurrentHashMap<>();
    /** By name, for good: a session keeps the one of its node, so that hearing it looks nothing up. */
    private final Map<String, AtomicLong> heardMillis = new ConcurrentHashMap<>();

    private final ScheduledExecutorService watch = Executors.newSingleThreadScheduledExecutor(
            Thread.ofPlatform().name("agent-silence").daemon().factory());
    private volatile long epoch;
    private volatile long leadingSinceMillis;
    private volatile @Nullable Sign sign;

    private record Sign(long epoch, LiveView.Durable durable, ServerMessage message) {}

    public AgentHub(SchedulerLoop loop, LiveView view, ServerConfig config) {
        this.loop = loop;
        this.view = view;
        this.config = config;
    }

    public void start() {
        loop.listen(this);
        var future = watch.scheduleWithFixedDelay(this::reportSilence, 500, 500, TimeUnit.MILLISECONDS);
        if (future.isCancelled()) {
            throw new IllegalStateException("the watch over silent nodes did not start");
        }
    }

    public void stop() {
        watch.shutdownNow();
        sessions.values().forEach(session -> session.end(Status.UNAVAILABLE.withDescription("the server is stopping")));
    }

    /** What the devices of those who are connected measure. */
    DeviceReadings readings() {
        return view.readings();
    }

    /** Only of a worker that the node really has: others' progress is not its to tell. */
    void progress(String node, long stream, Progress said) {
        long leading = epoch;
        // Rank 0 counts for its gang: to look at all its workers for a word of each would take too long.
        if (leading == 0 || said.getKey().getWorker() != 0) {
            return;
        }
        view.<Boolean>read(state -> {
            GangState gang = ofWorkerThere(state, node, said.getKey());
            if (gang != null) {
                MeasuredWork work = MeasuredWork.of(state, gang);
                view.progress().heard(said, new ProgressSource(stream, leading, unit(gang.job()), work));
            }
            return gang != null;
        });
    }

    private static String unit(JobState job) {
        TrainingSpec training = job.spec().training();
        dev.interposer.engine.model.Progress stated = training == null ? null : training.progress();
        return stated == null ? "" : stated.unit();
    }

    /** Its gang; null unless the worker is that node's. */
    private static @Nullable GangState ofWorkerThere(
            State state, String node, dev.interposer.proto.agent.v1.WorkerKey key) {
        JobState job = state.jobs().find(key.getJobId());
        NodeState there = state.nodes().find(node);
        if (job == null
                || there == null
                || key.getGang() < 0
                || key.getGang() >= job.gangs().size()) {
            return null;
        }
        GangState gang = job.gangs().get(key.getGang());
        WorkerState worker = gang.worker(key.getAttempt(), key.getWorker());
        return worker != null && worker.nodeId() == there.id() ? gang : null;
    }

    /** Of a stream that begins. */
    long nextStream() {
        return streams.incrementAndGet();
    }

    public int connected() {
        return sessions.size();
    }

    /** Asks every connected agent what runs on its node now; who has not answered in time is left out. */
    public Map<String, Set<WorkerKey>> rosters(long waitMillis) {
        Map<String, CompletableFuture<Roster>> asked = new TreeMap<>();
        sessions.forEach((node, session) -> asked.put(node, session.requestRoster()));
        CompletableFuture<?>[] answers = asked.values().toArray(CompletableFuture[]::new);
        CompletableFuture.allOf(answers)
                .exceptionally(gone -> null)
                .completeOnTimeout(null, waitMillis, TimeUnit.MILLISECONDS)
                .join();
        Map<String, Set<WorkerKey>> answered = new TreeMap<>();
        asked.forEach((node, answer) -> {
            if (answer.state() == Future.State.SUCCESS) {
                answered.put(
                        node,
                        answer.resultNow().getWorkersList().stream()
                                .map(AgentMapper::key)
                                .collect(Collectors.toUnmodifiableSet()));
            }
        });
        return answered;
    }

    /** Session of a node, or null. */
    public @Nullable AgentSession session(String node) {
        return sessions.get(node);
    }

    @Override
    public void leading(long ledEpoch, long incarnation) {
        leadingSinceMillis = millis();
        epoch = ledEpoch;
    }

    @Override
    public void following() {
        epoch = 0;
        view.progress().clear();
        List.copyOf(sessions.values())
                .forEach(session -> session.end(Status.UNAVAILABLE.withDescription("this server leads no more")));
    }

    @Override
    public void orders(List<NodeOrders> orders) {
        for (NodeOrders ofNode : orders) {
            AgentSession session = byNodeId.get(ofNode.nodeId());
            if (session != null) {
                send(session, ofNode);
            }
        }
    }

    /** A newer stream of a node ends the older one. */
    void join(String node, long nodeId, AgentSession session) {
        AgentSession older = sessions.put(node, session);
        byNodeId.put(nodeId, session);
        if (older != null && older != session) {
            older.end(Status.ALREADY_EXISTS.withDescription("a newer stream of node " + node + " took over"));
        }
    }

    void leave(String node, long nodeId, AgentSession session) {
        if (sessions.remove(node, session)) {
            view.readings().left(node);
        }
        byNodeId.remove(nodeId, session);
    }

    /** A word of a node that came by another way than a stream of its own. */
    public void heard(String node) {
        heardMillis(node).set(millis());
    }

    /** When a node was last heard; its session writes it. */
    AtomicLong heardMillis(String node) {
        return heardMillis.computeIfAbsent(node, name -> new AtomicLong(leadingSinceMillis));
    }

    /** What was heard before this server led says nothing against a node: it has its whole time to come back. */
    private long lastHeardMillis(String node) {
        AtomicLong heard = heardMillis.get(node);
        return heard == null ? leadingSinceMillis : Math.max(leadingSinceMillis, heard.get());
    }

    /** What answers a heartbeat when there is nothing else to say: one for all nodes until the ledger grows. */
    ServerMessage sign() {
        LiveView.Durable durable = view.durable();
        Sign last = sign;
        if (last == null || last.epoch() != epoch || !last.durable().equals(durable)) {
            ServerMessage message = message().build();
            last = new Sign(message.getEpoch(), durable, message);
            sign = last;
        }
        return last.message();
    }

    /** A message with what every message bears. */
    ServerMessage.Builder message() {
        LiveView.Durable durable = view.durable();
        return ServerMessage.newBuilder()
                .setEpoch(epoch)
                .setIncarnation(durable.incarnation())
                .setRevision(durable.revision());
    }

    private void send(AgentSession session, NodeOrders orders) {
        if (orders.full()) {
            DesiredState.Builder desired = DesiredState.newBuilder()
                    .setOnUnknown(orders.holdUnknown() ? OnUnknown.ON_UNKNOWN_HOLD : OnUnknown.ON_UNKNOWN_RELEASE);
            for (Order order : orders.orders()) {
                switch (order) {
                    case Order.Assign assign -> desired.addAssignments(mapper.assignment(assign));
                    case Order.Release release -> desired.addReleases(AgentMapper.release(release));
                }
            }
            session.send(message().setDesiredState(desired));
            return;
        }
        for (Order order : orders.orders()) {
            ServerMessage.Builder message = message();
            switch (order) {
                case Order.Assign assign -> message.setAssign(mapper.assignment(assign));
                case Order.Release release -> message.setRelease(AgentMapper.release(release));
            }
            session.send(message);
        }
    }

    private void reportSilence() {
        sessions.values().forEach(AgentSession::endIfRefused);
        if (epoch == 0) {
            return;
        }
        Silence silence = new Silence(millis(), config.agents().lostAfter().toMillis(), this::lastHeardMillis);
        List<String> silent = new ArrayList<>();
        List<String> unheeded = new ArrayList<>();
        view.eachNode(node -> {
            boolean connected = node.phase() != NodePhase.READY && sessions.containsKey(node.name());
            switch (silence.of(node.name(), node.phase(), connected)) {
                case SILENT -> silent.add(node.name());
                case UNHEEDED -> unheeded.add(node.name());
                case SOUND -> {
                    // Nothing to do.
                }
            }
        });
        silent.forEach(this::silent);
        unheeded.forEach(this::again);
    }

    private void silent(String node) {
        AgentSession session = sessions.get(node);
        if (session != null) {
            session.end(Status.DEADLINE_EXCEEDED.withDescription("nothing was heard of node " + node));
        }
        loop.submit(
                new Command.NodeSilent(Actor.SCHEDULER, node),
                0,
                outcome -> Log.infof("node %s was silent: %s", node, outcome));
    }

    /** Only a hello brings a lost node back. */
    private void again(String node) {
        AgentSession session = sessions.get(node);
        if (session != null && session.ageMillis() > UNHEEDED_MILLIS) {
            session.end(Status.UNAVAILABLE.withDescription("node " + node + " counts as lost; say hello again"));
        }
    }

    static long millis() {
        return System.nanoTime() / 1_000_000;
    }
}

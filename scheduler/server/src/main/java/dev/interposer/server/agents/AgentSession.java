package dev.interposer.server.agents;

import com.google.protobuf.MessageLite;
import com.google.rpc.Code;
import dev.interposer.control.command.Command;
import dev.interposer.control.command.ErrorCode;
import dev.interposer.control.command.FieldError;
import dev.interposer.control.command.Outcome;
import dev.interposer.control.command.Rejection;
import dev.interposer.engine.model.Actor;
import dev.interposer.engine.model.NodeReport;
import dev.interposer.proto.agent.v1.AgentMessage;
import dev.interposer.proto.agent.v1.Device;
import dev.interposer.proto.agent.v1.DeviceHealthChange;
import dev.interposer.proto.agent.v1.Heartbeat;
import dev.interposer.proto.agent.v1.Hello;
import dev.interposer.proto.agent.v1.Inventory;
import dev.interposer.proto.agent.v1.LogChunk;
import dev.interposer.proto.agent.v1.LogRequest;
import dev.interposer.proto.agent.v1.Roster;
import dev.interposer.proto.agent.v1.RosterRequest;
import dev.interposer.proto.agent.v1.ServerMessage;
import dev.interposer.proto.agent.v1.StatusAck;
import dev.interposer.proto.agent.v1.Welcome;
import dev.interposer.proto.agent.v1.WorkerKey;
import dev.interposer.proto.agent.v1.WorkerStatus;
import dev.interposer.server.grpc.Errors;
import dev.interposer.server.grpc.RefusedException;
import dev.interposer.server.loop.SchedulerLoop;
import dev.interposer.server.security.AgentPass;
import dev.interposer.server.security.Refusals;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** One stream of one node. */
public final class AgentSession implements StreamObserver<AgentMessage> {
    /** Version of agent.v1 that this server speaks. */
    static final int PROTOCOL_VERSION = 6;

    /** The lowest that it still speaks. */
    private static final int LEAST_VERSION = 1;

    /** From it on an agent takes acknowledgements with any message. */
    private static final int GATHERED_ACKS = 2;

    /** From it on a heartbeat says whether it must be answered. */
    private static final int ANSWERS_ASKED = 3;

    /** From it on an agent can be asked what runs. */
    private static final int ROSTERS = 4;

    /** From it on a log can be followed from where another request ended. */
    private static final int LOG_POSITIONS = 5;

    /** From it on an agent sends no more of a log than it is allowed to. */
    private static final int LOG_ALLOWANCES = 6;

    /** So long an agent may be told nothing: what it heard last is its testimony of how far the ledger was. */
    private static final long LONGEST_QUIET_MILLIS = 10_000;

    private static final int MOST_UNSENT = 10_000;
    private static final int MOST_ACKS = 256;

    /** Larger messages count by what they take of the heap until they are durable. */
    private static final int SMALL_BYTES = 1024;

    private static final int HEAP_A_BYTE = 4;

    private final AgentHub hub;
    private final SchedulerLoop loop;
    private final AgentPass pass;
    private final int heartbeatMillis;
    private final ServerCallStreamObserver<ServerMessage> out;
    private final long begunMillis = AgentHub.millis();
    private final Map<Long, Consumer<LogChunk>> logs = new ConcurrentHashMap<>();
    private final Map<Long, CompletableFuture<Roster>> rosters = new ConcurrentHashMap<>();
    private final AtomicLong requestIds = new AtomicLong();
    /** Ends that are durable and of which the agent has not been told. */
    private final List<StatusAck> acks = new ArrayList<>();

    private final long stream;
    private volatile int spoken;
    private long sentMillis;
    private String node = "";
    private volatile long nodeId;
    private volatile AtomicLong heardMillis = new AtomicLong();
    private boolean ended;
    private int unsent;

    AgentSession(
            AgentHub hub,
            SchedulerLoop loop,
            AgentPass pass,
            int heartbeatMillis,
            ServerCallStreamObserver<ServerMessage> out) {
        this.hub = hub;
        this.stream = hub.nextStream();
        this.loop = loop;
        this.pass = pass;
        this.heartbeatMillis = heartbeatMillis;
        this.out = out;
        // With one, a message to an agent that has just gone is dropped, and not an exception on the publisher.
        out.setOnCancelHandler(() -> {});
        out.setOnReadyHandler(() -> {
            synchronized (this) {
                unsent = 0;
            }
        });
    }

    /** An agent that does not take what it is sent is cut off: it comes back and gets all that it shall run. */
    synchronized void send(ServerMessage.Builder message) {
        if (ended) {
            return;
        }
        if (!acks.isEmpty()) {
            message.addAllAcknowledged(acks);
            acks.clear();
        }
        put(message.build());
    }

    private void put(ServerMessage message) {
        unsent = out.isReady() ? 0 : unsent + 1;
        if (unsent > MOST_UNSENT) {
            end(Status.RESOURCE_EXHAUSTED.withDescription(MOST_UNSENT + " messages were not taken"));
        } else {
            sentMillis = AgentHub.millis();
            out.onNext(message);
        }
    }

    /** Answers a heartbeat, if somebody waits for it; acknowledgements alone have time until the next order. */
    private synchronized void answer(Heartbeat heartbeat) {
        if (ended || !isAwaited(spoken, heartbeat, AgentHub.millis() - sentMillis)) {
            return;
        }
        if (acks.isEmpty()) {
            put(hub.sign());
        } else {
            send(hub.message());
        }
    }

    /** Whether a heartbeat is answered: the agent counts a lease, or has been told nothing for long. */
    static boolean isAwaited(int spoken, Heartbeat heartbeat, long quietMillis) {
        return spoken < ANSWERS_ASKED || heartbeat.getCountsLease() || quietMillis >= LONGEST_QUIET_MILLIS;
    }

    /** It only lets the agent forget, which has time: as a message of its own it cost as much as an order. */
    private synchronized void acknowledge(StatusAck ack) {
        if (spoken < GATHERED_ACKS) {
            send(hub.message().setStatusAck(ack));
            return;
        }
        acks.add(ack);
        if (acks.size() >= MOST_ACKS) {
            send(hub.message());
        }
    }

    long ageMillis() {
        return AgentHub.millis() - begunMillis;
    }

    /** A certificate may end, or be revoked, while its connection lasts. */
    void endIfRefused() {
        StatusRuntimeException refusal = pass.refusal();
        if (refusal != null) {
            end(refusal);
        }
    }

    public void end(Status status) {
        end(status.asRuntimeException());
    }

    private synchronized void end(StatusRuntimeException error) {
        if (!ended) {
            ended = true;
            out.onError(error);
            gone();
        }
    }

    /** Whether its chunks say where they end, so that a later stream can go on there. */
    public boolean saysLogPositions() {
        return spoken >= LOG_POSITIONS;
    }

    /** Whether it sends no more of a log than it is allowed to, and may be allowed more. */
    public boolean keepsLogAllowances() {
        return spoken >= LOG_ALLOWANCES;
    }

    /** Lets it send more in answer to a request, so many bytes in all. */
    public void allowLog(long id, long bytes) {
        if (logs.containsKey(id)) {
            send(hub.message()
                    .setLogRequest(LogRequest.newBuilder().setRequestId(id).setAllowedBytes(bytes)));
        }
    }

    /** Asks for a log; chunks go to the sink until one says that it is the last. Returns the id of the request. */
    public long requestLog(LogRequest.Builder request, Consumer<LogChunk> sink) {
        long id = requestIds.incrementAndGet();
        logs.put(id, sink);
        send(hub.message().setLogRequest(request.setRequestId(id)));
        return id;
    }

    /** Asks the agent what runs there now; cancelled when it can't be asked or is gone. */
    public CompletableFuture<Roster> requestRoster() {
        CompletableFuture<Roster> answer = new CompletableFuture<>();
        long id = requestIds.incrementAndGet();
        rosters.put(id, answer);
        synchronized (this) {
            if (ended || spoken < ROSTERS) {
                answer.cancel(false);
                rosters.remove(id);
                return answer;
            }
        }
        send(hub.message().setRosterRequest(RosterRequest.newBuilder().setRequestId(id)));
        return answer;
    }

    public void cancelLog(long id) {
        if (logs.remove(id) != null) {
            LogRequest.Builder request =
                    LogRequest.newBuilder().setRequestId(id).setCancel(true);
            send(hub.message().setLogRequest(request));
        }
    }

    @Override
    public void onNext(AgentMessage message) {
        if (node.isEmpty() != message.hasHello()) {
            end(Status.INVALID_ARGUMENT.withDescription("Hello comes first, and once"));
            return;
        }
        if (!message.hasHello()) {
            heardMillis.set(AgentHub.millis());
        }
        switch (message.getBodyCase()) {
            case HELLO -> hello(message.getHello());
            case HEARTBEAT -> {
                hub.readings().changed(node, message.getHeartbeat().getDevicesList());
                if (loop.epoch() != 0) {
                    answer(message.getHeartbeat());
                }
            }
            case INVENTORY -> inventory(message.getInventory());
            case DEVICE_HEALTH -> health(message.getDeviceHealth());
            case WORKER_STATUS -> status(message.getWorkerStatus());
            case LOG_CHUNK -> log(message.getLogChunk());
            case ROSTER -> roster(message.getRoster());
            case PROGRESS -> hub.progress(node, stream, message.getProgress());
            case BODY_NOT_SET -> {
                // What a later agent may say: nothing that decisions rest on.
            }
        }
    }

    @Override
    public void onError(Throwable error) {
        gone();
    }

    @Override
    public synchronized void onCompleted() {
        if (!ended) {
            ended = true;
            out.onCompleted();
        }
        gone();
    }

    private void hello(Hello hello) {
        RefusedException foreign = protocolRefusal(hello);
        if (foreign != null) {
            end(foreign);
            return;
        }
        NodeReport report = AgentMapper.report(hello.getInventory());
        StatusRuntimeException stranger = nodeRefusal(report.info().name(), pass);
        if (stranger != null) {
            end(stranger);
            return;
        }
        node = report.info().name();
        measures(hello.getInventory());
        spoken = Math.min(PROTOCOL_VERSION, hello.getProtocolVersion());
        // Before its hello is durable already: else a node that comes after a long time is silent in between.
        heardMillis = hub.heardMillis(node);
        heardMillis.set(AgentHub.millis());
        Command.AgentHello command = new Command.AgentHello(
                Actor.agent(node),
                report,
                hello.getWorkersList().stream().map(AgentMapper::worker).toList(),
                hello.getIncarnation(),
                hello.getHighestEpoch(),
                hello.getHighestRevision());
        loop.submit(command, heapOf(hello), outcome -> {
            switch (outcome) {
                case Outcome.Accepted accepted -> welcome(accepted.id());
                case Outcome.Rejected rejected -> end(Errors.exception(rejected.rejection()));
                case Outcome.Applied applied -> throw new IllegalStateException("a hello applies nothing: " + applied);
            }
        });
        // Ends of before are durable with the hello: say so.
        hello.getWorkersList().stream()
                .filter(worker -> worker.getState() == dev.interposer.proto.agent.v1.WorkerState.WORKER_STATE_ENDED)
                .forEach(this::status);
    }

    private void inventory(Inventory inventory) {
        if (!inventory.getNode().equals(node)) {
            end(Status.INVALID_ARGUMENT.withDescription(
                    "inventory.node (" + inventory.getNode() + ") is not the stream's (" + node + ")"));
            return;
        }
        measures(inventory);
        submit(new Command.ReportInventory(Actor.agent(node), AgentMapper.report(inventory)), heapOf(inventory));
    }

    private void measures(Inventory inventory) {
        hub.readings()
                .inventory(
                        node,
                        inventory.getDevicesList().stream().map(Device::getName).toList());
    }

    /** Why an agent can't be talked to; null if it can. */
    static @Nullable RefusedException protocolRefusal(Hello hello) {
        boolean newer = hello.getMinimumProtocolVersion() > PROTOCOL_VERSION;
        if (!newer && hello.getProtocolVersion() >= LEAST_VERSION) {
            return null;
        }
        String reason = newer ? "PROTOCOL_TOO_NEW" : "PROTOCOL_TOO_OLD";
        int version = newer ? hello.getMinimumProtocolVersion() : hello.getProtocolVersion();
        FieldError field = new FieldError(
                newer ? "hello.minimumProtocolVersion" : "hello.protocolVersion",
                Integer.toString(version),
                "the agent speaks agent.v1 versions " + hello.getMinimumProtocolVersion() + " to "
                        + hello.getProtocolVersion() + ", this server " + LEAST_VERSION + " to " + PROTOCOL_VERSION);
        String message = reason + ": " + field.path() + " (" + field.value() + "): " + field.message();
        return Errors.exception(new Rejection(ErrorCode.CONFLICT, message, List.of(field)), reason);
    }

    /** Why an agent may not speak for the node; null if it may. */
    static @Nullable StatusRuntimeException nodeRefusal(String node, AgentPass pass) {
        return pass.names(node)
                ? null
                : Refusals.of(
                        Code.PERMISSION_DENIED,
                        "NODE_NOT_ALLOWED",
                        "hello.inventory.node (" + node + ") is none of those that " + pass
                                + " speaks for. Maybe join again with a token that allows it?");
    }

    /** On the loop, before the orders of the same page. */
    private void welcome(long id) {
        nodeId = id;
        heardMillis.set(AgentHub.millis());
        hub.join(node, id, this);
        send(hub.message()
                .setWelcome(Welcome.newBuilder()
                        .setProtocolVersion(spoken)
                        .setNodeId(id)
                        .setHeartbeatMillis(heartbeatMillis)));
    }

    private void health(DeviceHealthChange change) {
        submit(
                new Command.ChangeDeviceHealth(
                        Actor.agent(node),
                        node,
                        change.getDeviceName(),
                        AgentMapper.health(change.getHealth()),
                        change.getCause()),
                heapOf(change));
    }

    private static long heapOf(MessageLite message) {
        int size = message.getSerializedSize();
        return size <= SMALL_BYTES ? 0 : (long) HEAP_A_BYTE * size;
    }

    /** An end is acknowledged, and only when it is durable; a start is said again with the next hello. */
    private void status(WorkerStatus status) {
        WorkerKey key = status.getKey();
        Command.ReportWorker command = new Command.ReportWorker(Actor.agent(node), node, AgentMapper.worker(status));
        loop.submit(command, heapOf(status), outcome -> {
            boolean ended = status.getState() == dev.interposer.proto.agent.v1.WorkerState.WORKER_STATE_ENDED;
            if (outcome instanceof Outcome.Accepted) {
                if (!ended) {
                    return;
                }
                acknowledge(StatusAck.newBuilder()
                        .setKey(key)
                        .setState(status.getState())
                        .build());
            } else {
                endOnFailure(outcome);
            }
        });
    }

    private void submit(Command command, long bytes) {
        loop.submit(command, bytes, this::endOnFailure);
    }

    /** What was not taken in would be missing for ever: the agent comes back and says all of it again. */
    private void endOnFailure(Outcome outcome) {
        if (outcome instanceof Outcome.Rejected rejected && rejected.rejection().code() != ErrorCode.NOT_FOUND) {
            end(Errors.exception(rejected.rejection()));
        }
    }

    private void log(LogChunk chunk) {
        Consumer<LogChunk> sink = chunk.getEnd() ? logs.remove(chunk.getRequestId()) : logs.get(chunk.getRequestId());
        if (sink != null) {
            sink.accept(chunk);
        }
    }

    private void roster(Roster roster) {
        CompletableFuture<Roster> asked = rosters.remove(roster.getRequestId());
        if (asked != null) {
            asked.complete(roster);
        }
    }

    private void gone() {
        hub.leave(node, nodeId, this);
        rosters.values().forEach(answer -> answer.cancel(false));
        rosters.clear();
        logs.forEach((id, sink) -> sink.accept(LogChunk.newBuilder()
                .setRequestId(id)
                .setEnd(true)
                .setError("the agent of node " + node + " is gone")
                .build()));
        logs.clear();
    }
}

package dev.interposer.simulation.fault;

import dev.interposer.control.agents.NodeOrders;
import dev.interposer.control.agents.Order;
import dev.interposer.proto.agent.v1.DesiredState;
import dev.interposer.proto.agent.v1.OnUnknown;
import dev.interposer.proto.agent.v1.ServerMessage;
import dev.interposer.proto.agent.v1.StatusAck;
import dev.interposer.proto.agent.v1.WorkerAssignment;
import dev.interposer.proto.agent.v1.WorkerKey;
import dev.interposer.proto.agent.v1.WorkerRelease;

/** One stream between an agent and a server: in order, late, now and then twice, and gone for good once it is cut. */
final class SimulatedLink {
    private static final int DUPLICATE_PERCENT = 2;

    private final VirtualTime time;
    private final SimulatedServer server;
    private final SimulatedAgent agent;
    private long toAgentMillis;
    private long toServerMillis;
    private boolean open = true;

    SimulatedLink(VirtualTime time, SimulatedServer server, SimulatedAgent agent) {
        this.time = time;
        this.server = server;
        this.agent = agent;
    }

    boolean isOpen() {
        return open;
    }

    SimulatedServer server() {
        return server;
    }

    void cut() {
        if (open) {
            open = false;
            time.after(time.random(200), () -> agent.lost(this));
        }
    }

    void toServer(Runnable message) {
        toServerMillis = Math.max(toServerMillis, time.nowMillis() + 1 + time.random(30));
        time.after(toServerMillis - time.nowMillis(), () -> {
            if (open) {
                message.run();
            }
            if (open && time.chance(DUPLICATE_PERCENT)) {
                message.run();
            }
        });
    }

    void acknowledge(WorkerKey key, dev.interposer.proto.agent.v1.WorkerState state) {
        send(message(server.epoch())
                .setStatusAck(StatusAck.newBuilder().setKey(key).setState(state))
                .build());
    }

    /** A sign that a leader is there. */
    void ping() {
        send(message(server.epoch()).build());
    }

    void orders(long epoch, NodeOrders orders) {
        if (orders.full()) {
            DesiredState.Builder desired = DesiredState.newBuilder()
                    .setOnUnknown(orders.holdUnknown() ? OnUnknown.ON_UNKNOWN_HOLD : OnUnknown.ON_UNKNOWN_RELEASE);
            for (Order order : orders.orders()) {
                switch (order) {
                    case Order.Assign assign -> desired.addAssignments(assignment(assign));
                    case Order.Release release -> desired.addReleases(release(release));
                }
            }
            send(message(epoch).setDesiredState(desired).build());
            return;
        }
        for (Order order : orders.orders()) {
            switch (order) {
                case Order.Assign assign ->
                    send(message(epoch).setAssign(assignment(assign)).build());
                case Order.Release release ->
                    send(message(epoch).setRelease(release(release)).build());
            }
        }
    }

    private void send(ServerMessage message) {
        toAgentMillis = Math.max(toAgentMillis, time.nowMillis() + 1 + time.random(30));
        time.after(toAgentMillis - time.nowMillis(), () -> {
            if (open) {
                agent.received(this, message);
            }
            if (open && time.chance(DUPLICATE_PERCENT)) {
                agent.received(this, message);
            }
        });
    }

    private ServerMessage.Builder message(long epoch) {
        return ServerMessage.newBuilder()
                .setEpoch(epoch)
                .setIncarnation(server.incarnation())
                .setRevision(server.durableRevision());
    }

    private static WorkerAssignment assignment(Order.Assign assign) {
        return WorkerAssignment.newBuilder()
                .setKey(key(assign.key()))
                .setProfileName(assign.profileName())
                .setRoleName(assign.roleName())
                .setWorldSize(assign.worldSize())
                .addAllDeviceNames(assign.deviceNames())
                .setShareMilli(assign.shareMilli())
                .setPartition(assign.partition())
                .setPartitionStart(assign.partitionStart())
                .setGraceSeconds(assign.graceSeconds())
                .setSelfFenceSeconds(assign.selfFenceSeconds())
                .build();
    }

    private static WorkerRelease release(Order.Release release) {
        return WorkerRelease.newBuilder()
                .setKey(key(release.key()))
                .setGraceSeconds(release.graceSeconds())
                .build();
    }

    private static WorkerKey key(dev.interposer.engine.model.WorkerKey key) {
        return WorkerKey.newBuilder()
                .setJobId(key.jobId())
                .setGang(key.gang())
                .setAttempt(key.attempt())
                .setWorker(key.worker())
                .build();
    }
}

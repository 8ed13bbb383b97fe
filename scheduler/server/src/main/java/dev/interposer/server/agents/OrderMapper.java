package dev.interposer.server.agents;

import dev.interposer.control.agents.Order;
import dev.interposer.engine.model.Container;
import dev.interposer.proto.agent.v1.ContainerSpec;
import dev.interposer.proto.agent.v1.Rendezvous;
import dev.interposer.proto.agent.v1.WorkerAssignment;
import java.util.IdentityHashMap;

/** Assignments as messages. Jobs of one spec share its container, so its message is made once. Of one thread. */
final class OrderMapper {
    private static final int MOST_CONTAINERS = 4096;

    private final IdentityHashMap<Container, ContainerSpec> containers = new IdentityHashMap<>();

    WorkerAssignment assignment(Order.Assign assign) {
        return WorkerAssignment.newBuilder()
                .setKey(AgentMapper.key(assign.key()))
                .setNamespace(assign.namespace())
                .setJobName(assign.jobName())
                .setProfileName(assign.profileName())
                .setClassName(assign.className())
                .setRoleName(assign.roleName())
                .setWorldSize(assign.worldSize())
                .addAllDeviceNames(assign.deviceNames())
                .setShareMilli(assign.shareMilli())
                .setPartition(assign.partition())
                .setPartitionStart(assign.partitionStart())
                .putAllRequests(assign.requests())
                .setContainer(container(assign.container()))
                .setGraceSeconds(assign.graceSeconds())
                .setSelfFenceSeconds(assign.selfFenceSeconds())
                .setCheckpointSignal(assign.checkpointSignal())
                .setRendezvous(rendezvous(assign.rendezvous()))
                .build();
    }

    private static Rendezvous rendezvous(dev.interposer.control.agents.Rendezvous rendezvous) {
        return Rendezvous.newBuilder()
                .setAddress(rendezvous.address())
                .setPort(rendezvous.port())
                .setLocalRank(rendezvous.localRank())
                .setLocalWorldSize(rendezvous.localWorldSize())
                .setNodeRank(rendezvous.nodeRank())
                .setNodeCount(rendezvous.nodeCount())
                .build();
    }

    private ContainerSpec container(Container container) {
        if (containers.size() > MOST_CONTAINERS) {
            containers.clear();
        }
        return containers.computeIfAbsent(container, OrderMapper::make);
    }

    private static ContainerSpec make(Container container) {
        return ContainerSpec.newBuilder()
                .setName(container.name())
                .setImage(container.image())
                .addAllCommand(container.command())
                .addAllArgs(container.args())
                .putAllEnv(container.env())
                .setWorkingDir(container.workingDir())
                .build();
    }
}

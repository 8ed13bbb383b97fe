package dev.interposer.server.agents;

import dev.interposer.control.agents.Order;
import dev.interposer.control.command.ReportedWorker;
import dev.interposer.engine.model.DeviceReport;
import dev.interposer.engine.model.DeviceReport.DraIdentity;
import dev.interposer.engine.model.EndCause;
import dev.interposer.engine.model.Health;
import dev.interposer.engine.model.NodeInfo;
import dev.interposer.engine.model.NodeReport;
import dev.interposer.engine.model.WorkerKey;
import dev.interposer.proto.agent.v1.Device;
import dev.interposer.proto.agent.v1.Inventory;
import dev.interposer.proto.agent.v1.WorkerRelease;
import dev.interposer.proto.agent.v1.WorkerState;
import dev.interposer.proto.agent.v1.WorkerStatus;

/** Messages of agent.v1 to the scheduler's own values and back. */
public final class AgentMapper {
    private AgentMapper() {}

    static NodeReport report(Inventory inventory) {
        NodeInfo info = new NodeInfo(
                inventory.getNode(),
                inventory.getBootId(),
                inventory.getAgentVersion(),
                inventory.getLabelsMap(),
                inventory.getCapacityMap(),
                inventory.getAddress());
        return new NodeReport(
                info,
                inventory.getDevicesList().stream().map(AgentMapper::device).toList());
    }

    private static DeviceReport device(Device device) {
        return new DeviceReport(
                device.getName(),
                device.getParentName(),
                device.getPartition(),
                device.getMemoryBytes(),
                device.getAttributesMap(),
                device.getScaleUpDomain(),
                new DraIdentity(
                        device.getDra().getDriver(),
                        device.getDra().getPool(),
                        device.getDra().getName()),
                health(device.getHealth()),
                device.getHealthCause());
    }

    static Health health(dev.interposer.proto.agent.v1.Health health) {
        return switch (health) {
            case HEALTH_HEALTHY -> Health.HEALTHY;
            case HEALTH_FAILED -> Health.FAILED;
            case HEALTH_DRAINING -> Health.DRAINING;
            // What is not said, or said in a word of a later version, is not to be trusted with new work.
            case HEALTH_SUSPECT, HEALTH_UNSPECIFIED, UNRECOGNIZED -> Health.SUSPECT;
        };
    }

    static ReportedWorker worker(WorkerStatus status) {
        return new ReportedWorker(
                key(status.getKey()),
                status.getState() == WorkerState.WORKER_STATE_RUNNING,
                cause(status.getCause()),
                status.getExitCode(),
                status.getMessage(),
                status.getDeviceNamesList(),
                status.getProfileName(),
                status.getRoleName(),
                status.getWorldSize());
    }

    private static EndCause cause(dev.interposer.proto.agent.v1.EndCause cause) {
        return switch (cause) {
            case END_CAUSE_COMPLETED -> EndCause.COMPLETED;
            case END_CAUSE_EXIT_CODE -> EndCause.EXIT_CODE;
            case END_CAUSE_OUT_OF_MEMORY -> EndCause.OUT_OF_MEMORY;
            case END_CAUSE_START_FAILED -> EndCause.START_FAILED;
            case END_CAUSE_DEVICE_FAULT -> EndCause.DEVICE_FAULT;
            case END_CAUSE_RELEASED -> EndCause.RELEASED;
            case END_CAUSE_UNKNOWN, END_CAUSE_UNSPECIFIED, UNRECOGNIZED -> EndCause.UNKNOWN;
        };
    }

    static WorkerKey key(dev.interposer.proto.agent.v1.WorkerKey key) {
        return new WorkerKey(key.getJobId(), key.getGang(), key.getAttempt(), key.getWorker());
    }

    public static dev.interposer.proto.agent.v1.WorkerKey key(WorkerKey key) {
        return dev.interposer.proto.agent.v1.WorkerKey.newBuilder()
                .setJobId(key.jobId())
                .setGang(key.gang())
                .setAttempt(key.attempt())
                .setWorker(key.worker())
                .build();
    }

    static WorkerRelease release(Order.Release release) {
        return WorkerRelease.newBuilder()
                .setKey(key(release.key()))
                .setGraceSeconds(release.graceSeconds())
                .build();
    }
}

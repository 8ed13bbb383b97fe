package dev.interposer.engine.model;

import java.util.List;

/** A node and its devices, as the agent reports them. */
public record NodeReport(NodeInfo info, List<DeviceReport> devices) {
    public NodeReport {
        devices = List.copyOf(devices);
    }
}

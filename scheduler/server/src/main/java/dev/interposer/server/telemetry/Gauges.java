package dev.interposer.server.telemetry;

import dev.interposer.proto.fleet.v1.StatusResponse;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.quarkus.runtime.StartupEvent;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import java.util.function.ToDoubleFunction;

/**
 * Gauges, read when they are scraped: {@code interposer_jobs{phase}}, {@code interposer_devices{state}},
 * {@code interposer_nodes{phase}}, {@code interposer_agents_connected}, {@code interposer_durable_revision},
 * {@code interposer_epoch} (0 when this server does not lead).
 */
@ApplicationScoped
public class Gauges {
    private final StatusReader status;
    private final MeterRegistry meters;

    public Gauges(StatusReader status, MeterRegistry meters) {
        this.status = status;
        this.meters = meters;
    }

    void register(@Observes StartupEvent event) {
        gauge("interposer.jobs", "phase", "waiting", StatusResponse::getJobsWaiting);
        gauge("interposer.jobs", "phase", "running", StatusResponse::getJobsRunning);
        gauge("interposer.jobs", "phase", "ended", StatusResponse::getJobsEnded);
        gauge("interposer.devices", "state", "installed", StatusResponse::getDevicesInstalled);
        gauge("interposer.devices", "state", "allocated", StatusResponse::getDevicesAllocated);
        gauge("interposer.devices", "state", "foreign", StatusResponse::getDevicesForeign);
        gauge("interposer.nodes", "phase", "ready", StatusResponse::getNodesReady);
        gauge("interposer.nodes", "phase", "lost", StatusResponse::getNodesLost);
        gauge("interposer.agents.connected", "role", "agent", StatusResponse::getAgentsConnected);
        gauge("interposer.durable.revision", "of", "ledger", StatusResponse::getDurableRevision);
        gauge("interposer.epoch", "of", "lease", StatusResponse::getEpoch);
    }

    private void gauge(String name, String tag, String value, ToDoubleFunction<StatusResponse> reader) {
        Gauge.builder(name, status, reading -> reader.applyAsDouble(reading.recent()))
                .tag(tag, value)
                .register(meters);
    }
}

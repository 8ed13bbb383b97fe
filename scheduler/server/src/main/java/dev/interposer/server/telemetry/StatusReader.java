package dev.interposer.server.telemetry;

import dev.interposer.engine.model.JobPhase;
import dev.interposer.engine.model.NodePhase;
import dev.interposer.engine.state.State;
import dev.interposer.proto.fleet.v1.StatusResponse;
import dev.interposer.server.agents.AgentHub;
import dev.interposer.server.loop.SchedulerLoop;
import dev.interposer.server.view.FleetViews;
import dev.interposer.server.view.LiveView;
import jakarta.inject.Singleton;
import java.util.concurrent.TimeUnit;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.jspecify.annotations.Nullable;

/** How the scheduler stands, in one message. */
@Singleton
public final class StatusReader {
    private static final long RECENT_NANOS = 1_000_000_000;

    private final SchedulerLoop loop;
    private final LiveView view;
    private final AgentHub hub;
    private final String version;
    private final long startedNanos = System.nanoTime();
    private @Nullable StatusResponse recent;
    private long recentNanos;

    public StatusReader(
            SchedulerLoop loop,
            LiveView view,
            AgentHub hub,
            @ConfigProperty(name = "quarkus.application.version") String version) {
        this.loop = loop;
        this.view = view;
        this.hub = hub;
        this.version = version;
    }

    /** At most a second old: a scrape asks for one figure after another, and each look goes over all jobs and nodes. */
    public synchronized StatusResponse recent() {
        StatusResponse known = recent;
        long nanos = System.nanoTime();
        if (known == null || nanos - recentNanos > RECENT_NANOS) {
            known = read();
            recent = known;
            recentNanos = nanos;
        }
        return known;
    }

    public StatusResponse read() {
        StatusResponse.Builder status = view.read(StatusReader::ofState);
        long epoch = loop.epoch();
        return status.setVersion(version)
                .setRole(epoch != 0 ? "Leader" : loop.caughtUp() ? "Standby" : "Starting")
                .setEpoch(epoch)
                .setAgentsConnected(hub.connected())
                .setProcessId(ProcessHandle.current().pid())
                .setUptimeSeconds(TimeUnit.NANOSECONDS.toSeconds(System.nanoTime() - startedNanos))
                .build();
    }

    private static StatusResponse.Builder ofState(State state) {
        StatusResponse.Builder status = StatusResponse.newBuilder()
                .setIncarnation(state.settings().incarnation())
                .setDurableRevision(state.revision())
                .setPlacementHalted(state.settings().placementHalted())
                .setPriceEpoch(state.settings().priceEpoch())
                .setFeatureLevel(state.settings().featureLevel());
        int[] devices = FleetViews.totals(state);
        status.setDevicesInstalled(devices[0]).setDevicesAllocated(devices[1]);
        int ready = 0;
        int lost = 0;
        for (var node : state.nodes().all()) {
            ready += node.phase() == NodePhase.READY ? 1 : 0;
            lost += node.phase() == NodePhase.LOST ? 1 : 0;
        }
        int waiting = 0;
        int running = 0;
        int ended = 0;
        for (var job : state.jobs().all()) {
            JobPhase phase = job.phase();
            waiting += phase == JobPhase.WAITING ? 1 : 0;
            ended += phase.ended() ? 1 : 0;
            running += phase != JobPhase.WAITING && !phase.ended() ? 1 : 0;
        }
        return status.setNodesReady(ready)
                .setNodesLost(lost)
                .setJobsWaiting(waiting)
                .setJobsRunning(running)
                .setJobsEnded(ended);
    }
}

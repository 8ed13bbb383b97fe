package dev.interposer.server.telemetry;

import dev.interposer.engine.model.JobPhase;
import dev.interposer.engine.model.NodePhase;
import dev.interposer.engine.state.JobState;
import dev.interposer.engine.state.NodeState;
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

/**
 * How the scheduler stands, in one message. Nodes and jobs are counted a few at a time while the view goes on, so that
 * a scrape holds up nobody; what happens meanwhile may be counted or not.
 */
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
        Counts counts = new Counts();
        view.eachNode(counts::add);
        view.eachJob(counts::add);
        long epoch = loop.epoch();
        return counts.into(status)
                .setVersion(version)
                .setRole(epoch != 0 ? "Leader" : loop.caughtUp() ? "Standby" : "Starting")
                .setEpoch(epoch)
                .setAgentsConnected(hub.connected())
                .setProcessId(ProcessHandle.current().pid())
                .setUptimeSeconds(TimeUnit.NANOSECONDS.toSeconds(System.nanoTime() - startedNanos))
                .build();
    }

    private static StatusResponse.Builder ofState(State state) {
        return StatusResponse.newBuilder()
                .setIncarnation(state.settings().incarnation())
                .setDurableRevision(state.revision())
                .setPlacementHalted(state.settings().placementHalted())
                .setPriceEpoch(state.settings().priceEpoch())
                .setFeatureLevel(state.settings().featureLevel());
    }

    private static final class Counts {
        private int installed;
        private int allocated;
        private int foreign;
        private int ready;
        private int lost;
        private int waiting;
        private int running;
        private int ended;

        void add(NodeState node) {
            FleetViews.DeviceCount devices = FleetViews.count(node);
            installed += devices.installed();
            allocated += devices.allocated();
            foreign += devices.foreign();
            ready += node.phase() == NodePhase.READY ? 1 : 0;
            lost += node.phase() == NodePhase.LOST ? 1 : 0;
        }

        void add(JobState job) {
            JobPhase phase = job.phase();
            if (phase == JobPhase.WAITING) {
                waiting++;
            } else if (phase.ended()) {
                ended++;
            } else {
                running++;
            }
        }

        StatusResponse.Builder into(StatusResponse.Builder status) {
            return status.setDevicesInstalled(installed)
                    .setDevicesAllocated(allocated)
                    .setDevicesForeign(foreign)
                    .setNodesReady(ready)
                    .setNodesLost(lost)
                    .setJobsWaiting(waiting)
                    .setJobsRunning(running)
                    .setJobsEnded(ended);
        }
    }
}

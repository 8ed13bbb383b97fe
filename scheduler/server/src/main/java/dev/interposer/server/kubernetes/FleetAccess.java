package dev.interposer.server.kubernetes;

import dev.interposer.server.agents.AgentHub;
import dev.interposer.server.loop.SchedulerLoop;
import dev.interposer.server.view.LiveView;

/**
 * What a cluster has to do with of this server.
 *
 * @param hub knows when a node was last heard
 * @param loop takes commands
 * @param view shows what is durable
 */
public record FleetAccess(AgentHub hub, SchedulerLoop loop, LiveView view) {}

package dev.interposer.simulation.fault;

import dev.interposer.agent.reconcile.Action;
import dev.interposer.agent.reconcile.JournalEntry;
import dev.interposer.agent.reconcile.Reconciler;
import dev.interposer.control.command.Command;
import dev.interposer.control.command.Outcome;
import dev.interposer.control.command.ReportedWorker;
import dev.interposer.engine.model.Actor;
import dev.interposer.engine.model.DeviceReport;
import dev.interposer.engine.model.EndCause;
import dev.interposer.engine.model.Health;
import dev.interposer.engine.model.NodeInfo;
import dev.interposer.engine.model.NodeReport;
import dev.interposer.proto.agent.v1.ServerMessage;
import dev.interposer.proto.agent.v1.WorkerAssignment;
import dev.interposer.proto.agent.v1.WorkerKey;
import dev.interposer.proto.agent.v1.WorkerState;
import dev.interposer.proto.agent.v1.WorkerStatus;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * An agent around the production reconciler. Its journal and its processes outlive it, as a disk and a kernel let them.
 */
final class SimulatedAgent {
    private static final int HEARTBEAT_MILLIS = 500;
    private static final int MOST_RUN_MILLIS = 60_000;

    private final VirtualTime time;
    private final List<SimulatedServer> servers;
    private final Bug bug;
    private final Testimony testimony;
    private NodeReport report;
    private final List<JournalEntry> journal = new ArrayList<>();
    private final Map<WorkerKey, Long> processes = new HashMap<>();
    private Reconciler reconciler = new Reconciler();
    private @Nullable SimulatedLink link;
    private long life;
    private long processNumber;
    private boolean down = true;
    private long leaderHeardMillis;
    private long isolatedUntilMillis;
    private int boots;

    SimulatedAgent(NodeReport report, List<SimulatedServer> servers, World world) {
        this.time = world.time();
        this.servers = servers;
        this.bug = world.bug();
        this.testimony = world.testimony();
        this.report = report;
        leaderHeardMillis = time.nowMillis();
        begin();
    }

    String name() {
        return report.info().name();
    }

    boolean isInTouch() {
        return link != null;
    }

    /** Whether nothing runs on its machine, and nothing can before it is back. */
    boolean isDead() {
        return down && processes.isEmpty();
    }

    /** Dies and comes back after so long: the journal is read, live processes are adopted. */
    void restart(long downMillis) {
        if (down) {
            return;
        }
        cutLink();
        life++;
        down = true;
        time.after(downMillis, this::begin);
    }

    /** The machine goes down with all that runs on it. */
    void reboot(long downMillis) {
        if (down) {
            return;
        }
        processes.keySet().forEach(testimony::ended);
        processes.clear();
        NodeInfo info = report.info();
        String boot = "boot-" + ++boots;
        NodeInfo booted =
                new NodeInfo(info.name(), boot, info.agentVersion(), info.labels(), info.capacity(), info.address());
        report = new NodeReport(booted.observedOnly(info.observed()), report.devices());
        restart(downMillis);
    }

    /** One of its devices fails, and is well again after so long. */
    void sicken(long millis) {
        if (!report.devices().isEmpty()) {
            int index = time.random(report.devices().size());
            health(index, Health.FAILED);
            time.after(millis, () -> health(index, Health.HEALTHY));
        }
    }

    private void health(int index, Health health) {
        List<DeviceReport> devices = new ArrayList<>(report.devices());
        String cause = health == Health.HEALTHY ? "" : "ECC";
        DeviceReport device = devices.get(index).withHealth(health, cause);
        devices.set(index, device);
        report = new NodeReport(report.info(), devices);
        SimulatedLink open = link;
        if (open != null) {
            String node = name();
            Command change = new Command.ChangeDeviceHealth(Actor.agent(node), node, device.name(), health, cause);
            open.toServer(() -> open.server().submit(change, outcome -> {
                if (!(outcome instanceof Outcome.Accepted)) {
                    open.cut();
                }
            }));
        }
    }

    /** Somebody whom the ledger does not know uses one of its devices for so long. */
    void lend(long millis) {
        if (!report.devices().isEmpty()) {
            int index = time.random(report.devices().size());
            used(index, "batch/other-" + index);
            time.after(millis, () -> used(index, ""));
        }
    }

    private void used(int index, String who) {
        List<DeviceReport> devices = new ArrayList<>(report.devices());
        devices.set(index, devices.get(index).usedBy(who));
        changed(new NodeReport(report.info(), devices));
    }

    /** Another scheduler owns the node for so long. */
    void giveAway(long millis) {
        changed(new NodeReport(report.info().observedOnly(true), report.devices()));
        time.after(millis, () -> changed(new NodeReport(report.info().observedOnly(false), report.devices())));
    }

    private void changed(NodeReport now) {
        report = now;
        SimulatedLink open = link;
        if (open != null) {
            Command change = new Command.ReportInventory(Actor.agent(name()), now);
            open.toServer(() -> open.server().submit(change, outcome -> {
                if (!(outcome instanceof Outcome.Accepted)) {
                    open.cut();
                }
            }));
        }
    }

    void cutLink() {
        if (link != null) {
            link.cut();
            link = null;
        }
    }

    /** No leader can be reached for so long. */
    void isolate(long millis) {
        cutLink();
        isolatedUntilMillis = time.nowMillis() + millis;
    }

    private void begin() {
        down = false;
        reconciler = new Reconciler();
        reconciler.countLeasesFrom(bug == Bug.LENGTHENS_LEASES ? time.nowMillis() : leaderHeardMillis);
        journal.forEach(reconciler::recover);
        for (WorkerAssignment assignment : reconciler.unsettled()) {
            WorkerKey key = assignment.getKey();
            if (bug == Bug.BEGINS_AGAIN) {
                start(assignment);
            } else if (processes.containsKey(key)) {
                long ofLife = life;
                time.after(1, () -> ifAlive(ofLife, () -> perform(reconciler.started(key))));
            } else {
                ended(key, dev.interposer.proto.agent.v1.EndCause.END_CAUSE_UNKNOWN);
            }
        }
        perform(reconciler.resumed());
        connectSoon();
        tick(life);
    }

    private void tick(long ofLife) {
        ifAlive(ofLife, () -> {
            perform(reconciler.tick(time.nowMillis()));
            SimulatedLink open = link;
            if (open != null) {
                open.toServer(() -> {
                    open.server().heard(name());
                    if (open.server().leads()) {
                        open.ping();
                    }
                });
            }
            time.after(HEARTBEAT_MILLIS, () -> tick(ofLife));
        });
    }

    private void connectSoon() {
        long ofLife = life;
        time.after(50 + time.random(500), () -> ifAlive(ofLife, this::connect));
    }

    private void connect() {
        if (link != null || down) {
            return;
        }
        SimulatedServer server = servers.get(time.random(servers.size()));
        if (!server.leads() || time.nowMillis() < isolatedUntilMillis) {
            connectSoon();
            return;
        }
        SimulatedLink opened = new SimulatedLink(time, server, this);
        link = opened;
        List<WorkerStatus> statuses = reconciler.statuses();
        Command.AgentHello hello = new Command.AgentHello(
                Actor.agent(name()),
                report,
                statuses.stream().map(SimulatedAgent::worker).toList(),
                reconciler.incarnation(),
                reconciler.highestEpoch(),
                reconciler.revision());
        opened.toServer(() -> {
            server.heard(name());
            server.submit(hello, outcome -> {
                if (outcome instanceof Outcome.Accepted accepted && opened.isOpen()) {
                    server.join(opened, accepted.id());
                } else {
                    opened.cut();
                }
            });
        });
        statuses.stream()
                .filter(status -> status.getState() == WorkerState.WORKER_STATE_ENDED)
                .forEach(this::report);
    }

    /** The stream broke. */
    void lost(SimulatedLink broken) {
        if (link == broken || link == null) {
            link = null;
            connectSoon();
        }
    }

    void received(SimulatedLink from, ServerMessage message) {
        if (from != link) {
            return;
        }
        if (bug == Bug.SAYS_ENDED_AT_RELEASE && message.hasRelease()) {
            report(WorkerStatus.newBuilder()
                    .setKey(message.getRelease().getKey())
                    .setState(WorkerState.WORKER_STATE_ENDED)
                    .setCause(dev.interposer.proto.agent.v1.EndCause.END_CAUSE_RELEASED)
                    .build());
        }
        perform(reconciler.received(message, time.nowMillis()));
        leaderHeardMillis = Math.max(leaderHeardMillis, reconciler.leaderHeardMillis());
    }

    private void perform(List<Action> actions) {
        for (Action action : actions) {
            switch (action) {
                case Action.Note note -> journal.add(note.entry());
                case Action.Start start -> start(start.assignment());
                case Action.Terminate terminate -> {
                    testimony.askedToEnd(terminate.key());
                    endSoon(terminate.key(), 2_000);
                }
                case Action.Kill kill -> {
                    testimony.askedToEnd(kill.key());
                    endSoon(kill.key(), 50);
                }
                case Action.Report said -> report(said.status());
            }
        }
    }

    private void start(WorkerAssignment assignment) {
        WorkerKey key = assignment.getKey();
        long number = ++processNumber;
        processes.put(key, number);
        testimony.began(name(), assignment);
        long ofLife = life;
        time.after(time.random(50), () -> ifAlive(ofLife, () -> perform(reconciler.started(key))));
        time.after(500 + time.random(MOST_RUN_MILLIS), () -> end(key, number, true));
        if (assignment.getSelfFenceSeconds() > 0 && bug != Bug.LENGTHENS_LEASES) {
            watch(key, number, assignment.getSelfFenceSeconds() * 1000);
        }
    }

    /** The watchdog beside a process, which needs no agent. */
    private void watch(WorkerKey key, long number, long leaseMillis) {
        if (time.nowMillis() - leaderHeardMillis >= leaseMillis) {
            end(key, number, false);
        } else if (Long.valueOf(number).equals(processes.get(key))) {
            time.after(1_000, () -> watch(key, number, leaseMillis));
        }
    }

    private void endSoon(WorkerKey key, int mostMillis) {
        Long number = processes.get(key);
        if (number != null) {
            time.after(1 + time.random(mostMillis), () -> end(key, number, false));
        }
    }

    private void end(WorkerKey key, long number, boolean byItself) {
        if (!Long.valueOf(number).equals(processes.get(key))) {
            return;
        }
        processes.remove(key);
        testimony.ended(key);
        boolean well = byItself && !time.chance(5);
        ended(
                key,
                well
                        ? dev.interposer.proto.agent.v1.EndCause.END_CAUSE_COMPLETED
                        : dev.interposer.proto.agent.v1.EndCause.END_CAUSE_EXIT_CODE);
    }

    private void ended(WorkerKey key, dev.interposer.proto.agent.v1.EndCause cause) {
        long ofLife = life;
        WorkerStatus status = WorkerStatus.newBuilder()
                .setKey(key)
                .setState(WorkerState.WORKER_STATE_ENDED)
                .setCause(cause)
                .setExitCode(cause == dev.interposer.proto.agent.v1.EndCause.END_CAUSE_EXIT_CODE ? 1 : 0)
                .build();
        time.after(1, () -> ifAlive(ofLife, () -> perform(reconciler.exited(status))));
    }

    private void report(WorkerStatus status) {
        SimulatedLink open = link;
        if (open == null) {
            return;
        }
        Command.ReportWorker command = new Command.ReportWorker(Actor.agent(name()), name(), worker(status));
        open.toServer(() -> open.server().submit(command, outcome -> {
            if (outcome instanceof Outcome.Accepted) {
                open.acknowledge(status.getKey(), status.getState());
            } else {
                open.cut();
            }
        }));
    }

    private void ifAlive(long ofLife, Runnable what) {
        if (ofLife == life) {
            what.run();
        }
    }

    private static ReportedWorker worker(WorkerStatus status) {
        EndCause cause = switch (status.getCause()) {
            case END_CAUSE_COMPLETED -> EndCause.COMPLETED;
            case END_CAUSE_EXIT_CODE -> EndCause.EXIT_CODE;
            case END_CAUSE_RELEASED -> EndCause.RELEASED;
            default -> EndCause.UNKNOWN;
        };
        WorkerKey key = status.getKey();
        return new ReportedWorker(
                new dev.interposer.engine.model.WorkerKey(
                        key.getJobId(), key.getGang(), key.getAttempt(), key.getWorker()),
                status.getState() == WorkerState.WORKER_STATE_RUNNING,
                cause,
                status.getExitCode(),
                "",
                status.getDeviceNamesList(),
                status.getProfileName(),
                status.getRoleName(),
                status.getWorldSize());
    }
}

package dev.interposer.control.core;

import dev.interposer.control.agents.Desired;
import dev.interposer.control.command.Command;
import dev.interposer.control.command.ErrorCode;
import dev.interposer.control.command.Outcome;
import dev.interposer.control.command.Rejection;
import dev.interposer.control.command.ReportedWorker;
import dev.interposer.control.validate.NodeCheck;
import dev.interposer.engine.event.FleetEvent;
import dev.interposer.engine.event.JobEvent;
import dev.interposer.engine.event.SettingEvent;
import dev.interposer.engine.model.Actor;
import dev.interposer.engine.model.Device;
import dev.interposer.engine.model.DeviceReport;
import dev.interposer.engine.model.EndCause;
import dev.interposer.engine.model.FailurePolicy.OnNodeLost;
import dev.interposer.engine.model.Health;
import dev.interposer.engine.model.Hold;
import dev.interposer.engine.model.Ids;
import dev.interposer.engine.model.NodePhase;
import dev.interposer.engine.model.NodeReport;
import dev.interposer.engine.model.StopCause;
import dev.interposer.engine.model.WorkerKey;
import dev.interposer.engine.model.WorkerPhase;
import dev.interposer.engine.state.GangState;
import dev.interposer.engine.state.JobState;
import dev.interposer.engine.state.NodeState;
import dev.interposer.engine.state.State;
import dev.interposer.engine.state.WorkerState;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** What agents say of their nodes, and what becomes of nodes that say nothing. */
final class NodeLifecycle {
    private final State state;
    private final PageDraft page;
    private final GangLifecycle gangs;

    NodeLifecycle(State state, PageDraft page, GangLifecycle gangs) {
        this.state = state;
        this.page = page;
        this.gangs = gangs;
    }

    Outcome hello(Command.AgentHello hello) {
        Optional<Rejection> bad = NodeCheck.check(hello.report());
        if (bad.isPresent()) {
            return new Outcome.Rejected(bad.get());
        }
        if (hello.highestRevision() > state.revision()
                || hello.incarnation() > state.settings().incarnation()) {
            beginIncarnation(hello);
        }
        NodeState before = state.nodes().find(hello.report().info().name());
        boolean rebooted = before != null
                && !before.info().bootId().equals(hello.report().info().bootId());
        NodeState node = report(hello.actor(), hello.report());
        Map<WorkerKey, ReportedWorker> reported = new HashMap<>();
        hello.workers().forEach(worker -> reported.put(worker.key(), worker));
        returned(hello, node);
        for (WorkerState worker : node.workers()) {
            ReportedWorker said = reported.get(worker.key());
            if (said != null) {
                follow(hello.actor(), worker, said);
            } else if (worker.phase() == WorkerPhase.RUNNING) {
                // It ran and its agent knows nothing of it: the machine or the agent's own record is new.
                EndCause cause = rebooted ? EndCause.NODE_LOST : EndCause.UNKNOWN;
                gangs.end(hello.actor(), worker, cause, -1, "the agent came back without it");
            }
        }
        return new Outcome.Accepted(state.revision(), node.id(), false);
    }

    Outcome inventory(Command.ReportInventory inventory) {
        Optional<Rejection> bad = NodeCheck.check(inventory.report());
        if (bad.isPresent()) {
            return new Outcome.Rejected(bad.get());
        }
        NodeState node = report(inventory.actor(), inventory.report());
        return new Outcome.Accepted(state.revision(), node.id(), false);
    }

    Outcome health(Command.ChangeDeviceHealth change) {
        NodeState node = state.nodes().find(change.node());
        Optional<Device> found = node == null
                ? Optional.empty()
                : node.devices().stream()
                        .filter(device -> device.report().name().equals(change.device()))
                        .findFirst();
        if (node == null || found.isEmpty()) {
            return rejected(ErrorCode.NOT_FOUND, "device " + change.device() + " of node " + change.node());
        }
        Device device = found.get();
        if (device.report().health() != change.health()) {
            page.add(
                    change.actor(),
                    new FleetEvent.DeviceHealthChanged(node.id(), device.id(), change.health(), change.cause()));
            if (change.health() == Health.FAILED) {
                node.workers().stream()
                        .filter(worker -> worker.placement().devices().contains(device.id()))
                        .forEach(worker -> gangs.stop(change.actor(), worker.gang(), StopCause.DEVICE_FAILED));
            }
        }
        return new Outcome.Accepted(state.revision(), node.id(), false);
    }

    Outcome worker(Command.ReportWorker command) {
        ReportedWorker said = command.worker();
        NodeState node = state.nodes().find(command.node());
        if (node == null) {
            return rejected(ErrorCode.NOT_FOUND, "node " + command.node());
        }
        WorkerState worker = find(said.key());
        if (worker != null && worker.nodeId() == node.id() && !worker.ended()) {
            follow(command.actor(), worker, said);
        }
        boolean held = node.holds().stream().anyMatch(hold -> hold.key().equals(said.key()));
        if (!said.running() && held) {
            page.add(command.actor(), new FleetEvent.HoldReleased(node.id(), said.key()));
        }
        return new Outcome.Accepted(state.revision(), node.id(), worker == null);
    }

    Outcome silent(Command.NodeSilent silent) {
        NodeState node = state.nodes().find(silent.node());
        if (node == null || node.phase() != NodePhase.READY) {
            return new Outcome.Accepted(state.revision(), 0, true);
        }
        long revision = page.add(silent.actor(), new FleetEvent.NodeLost(node.id()));
        endWorkers(node, OnNodeLost.REPLACE_AFTER_TIMEOUT, "its node was lost");
        return new Outcome.Accepted(revision, node.id(), false);
    }

    /** Workers that promised to stop themselves have had the time to. */
    void selfFenced(long nodeId) {
        NodeState node = state.nodes().find(nodeId);
        if (node != null && node.phase() == NodePhase.LOST) {
            endWorkers(node, OnNodeLost.SELF_FENCE, "its lease ran out on a lost node");
        }
    }

    Outcome fence(Command.FenceNode fence) {
        NodeState node = state.nodes().find(fence.node());
        if (node == null) {
            return rejected(ErrorCode.NOT_FOUND, "node " + fence.node());
        }
        if (node.phase() == NodePhase.READY) {
            return new Outcome.Rejected(Rejection.of(
                    ErrorCode.CONFLICT,
                    "node " + fence.node() + " is in touch and says itself what runs there. Maybe cordon it?"));
        }
        if (node.phase() == NodePhase.FENCED) {
            return new Outcome.Accepted(node.revision(), node.id(), true);
        }
        for (WorkerState worker : node.workers()) {
            gangs.end(fence.actor(), worker, EndCause.NODE_LOST, -1, "its node was fenced: " + fence.how());
        }
        long revision = page.add(fence.actor(), new FleetEvent.NodeFenced(node.id(), fence.how()));
        return new Outcome.Accepted(revision, node.id(), false);
    }

    Outcome cordon(Command.CordonNode cordon) {
        NodeState node = state.nodes().find(cordon.node());
        if (node == null) {
            return rejected(ErrorCode.NOT_FOUND, "node " + cordon.node());
        }
        if (node.cordoned() == cordon.cordoned()) {
            return new Outcome.Accepted(node.revision(), node.id(), true);
        }
        long revision = page.add(cordon.actor(), new FleetEvent.NodeCordoned(node.id(), cordon.cordoned()));
        return new Outcome.Accepted(revision, node.id(), false);
    }

    Outcome remove(Command.RemoveNode remove) {
        NodeState node = state.nodes().find(remove.node());
        if (node == null) {
            return rejected(ErrorCode.NOT_FOUND, "node " + remove.node());
        }
        if (node.phase() == NodePhase.READY || !node.workers().isEmpty()) {
            return new Outcome.Rejected(Rejection.of(
                    ErrorCode.CONFLICT,
                    "node " + remove.node() + " is " + node.phase() + " with "
                            + node.workers().size() + " workers. Maybe stop its agent and fence it first?"));
        }
        long revision = page.add(remove.actor(), new FleetEvent.NodeRemoved(node.id()));
        return new Outcome.Accepted(revision, node.id(), false);
    }

    /** Devices get their class anew; called after classes changed. */
    void reclassify(Actor actor) {
        for (NodeState node : List.copyOf(state.nodes().all())) {
            List<Device> devices = node.devices().stream()
                    .map(device -> Classifier.classify(
                            device.id(),
                            device.report(),
                            node.info(),
                            state.settings().classes()))
                    .toList();
            if (!devices.equals(List.copyOf(node.devices()))) {
                page.add(actor, new FleetEvent.NodeReported(node.id(), node.info(), devices));
            }
        }
    }

    /** The agent has seen more than the ledger holds: a backup was restored under running work. */
    private void beginIncarnation(Command.AgentHello hello) {
        long next = Math.max(state.settings().incarnation(), hello.incarnation()) + 1;
        page.add(Actor.SCHEDULER, new SettingEvent.IncarnationStarted(next));
        page.add(
                Actor.SCHEDULER,
                new SettingEvent.PlacementHalted("the ledger is older than what node "
                        + hello.report().info().name() + " has seen (revision " + hello.highestRevision()
                        + "); a backup was restored"));
    }

    private NodeState report(Actor actor, NodeReport report) {
        NodeState node = state.nodes().find(report.info().name());
        long nextId = state.settings().nextId();
        long nodeId = node == null ? nextId++ : node.id();
        Map<String, Long> known = new HashMap<>();
        if (node != null) {
            node.devices().forEach(device -> known.put(device.report().name(), device.id()));
        }
        List<Device> devices = new ArrayList<>();
        for (DeviceReport device : report.devices()) {
            Long id = known.get(device.name());
            devices.add(Classifier.classify(
                    id == null ? nextId++ : id,
                    device,
                    report.info(),
                    state.settings().classes()));
        }
        boolean same = node != null
                && node.info().equals(report.info())
                && List.copyOf(node.devices()).equals(devices);
        if (!same) {
            page.add(actor, new FleetEvent.NodeReported(nodeId, report.info(), devices));
        }
        NodeState now = state.nodes().find(nodeId);
        if (now == null) {
            throw new IllegalStateException("node " + report.info().name() + " did not come");
        }
        return now;
    }

    /** In touch again, or for the first time: whatever runs there and is not expected keeps its devices. */
    private void returned(Command.AgentHello hello, NodeState node) {
        List<Hold> holds = new ArrayList<>();
        for (ReportedWorker said : hello.workers()) {
            WorkerState worker = find(said.key());
            boolean expected = worker != null && worker.nodeId() == node.id() && !worker.ended();
            if (said.running() && !expected) {
                holds.add(new Hold(said.key(), devices(node, said.deviceNames())));
            }
        }
        if (node.phase() != NodePhase.READY || !node.holds().equals(holds)) {
            page.add(hello.actor(), new FleetEvent.NodeReturned(node.id(), holds));
        }
    }

    private static Ids devices(NodeState node, List<String> names) {
        return Ids.of(node.devices().stream()
                .filter(device -> names.contains(device.report().name()))
                .mapToLong(Device::id)
                .toArray());
    }

    private void follow(Actor actor, WorkerState worker, ReportedWorker said) {
        if (!said.running()) {
            gangs.end(actor, worker, said.cause(), said.exitCode(), said.message());
        } else if (worker.phase() == WorkerPhase.ASSIGNED) {
            page.add(actor, new JobEvent.WorkerStarted(worker.key()));
        }
    }

    private void endWorkers(NodeState node, OnNodeLost policy, String message) {
        for (WorkerState worker : node.workers()) {
            GangState gang = worker.gang();
            if (!worker.ended() && Desired.failurePolicy(gang.job().spec()).onNodeLost() == policy) {
                gangs.end(Actor.SCHEDULER, worker, EndCause.NODE_LOST, -1, message);
            }
        }
    }

    private @Nullable WorkerState find(WorkerKey key) {
        JobState job = state.jobs().find(key.jobId());
        if (job == null || key.gang() < 0 || key.gang() >= job.gangs().size()) {
            return null;
        }
        return job.gangs().get(key.gang()).worker(key.attempt(), key.worker());
    }

    private static Outcome rejected(ErrorCode code, String what) {
        return new Outcome.Rejected(Rejection.of(code, "there is no " + what));
    }
}

package dev.interposer.control.core;

import dev.interposer.control.agents.Desired;
import dev.interposer.control.command.Command;
import dev.interposer.control.command.ErrorCode;
import dev.interposer.control.command.Outcome;
import dev.interposer.control.command.Rejection;
import dev.interposer.control.command.ReportedWorker;
import dev.interposer.control.command.Utf8;
import dev.interposer.control.validate.NodeCheck;
import dev.interposer.engine.event.FleetEvent;
import dev.interposer.engine.event.JobEvent;
import dev.interposer.engine.event.SettingEvent;
import dev.interposer.engine.model.Actor;
import dev.interposer.engine.model.Device;
import dev.interposer.engine.model.EndCause;
import dev.interposer.engine.model.FailurePolicy;
import dev.interposer.engine.model.FailurePolicy.OnNodeLost;
import dev.interposer.engine.model.Hold;
import dev.interposer.engine.model.Ids;
import dev.interposer.engine.model.NodePhase;
import dev.interposer.engine.model.NodeReport;
import dev.interposer.engine.model.WorkerKey;
import dev.interposer.engine.model.WorkerPhase;
import dev.interposer.engine.state.JobState;
import dev.interposer.engine.state.NodeState;
import dev.interposer.engine.state.State;
import dev.interposer.engine.state.WorkerState;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** What agents say of their nodes, and what becomes of nodes that say nothing. */
final class NodeLifecycle {
    /** An agent that reports more workers than this is not believed. */
    static final int MOST_REPORTED = 2048;

    /** With more workers than this their messages are cut short, so that all of them fit into one page. */
    private static final int MANY_REPORTED = 64;

    private static final int SHORT_MESSAGE = 128;
    /** A report is one event and must leave room in its page for the classes of its devices. */
    private static final long MOST_REPORT_BYTES = 224 * 1024;

    private static final int MOST_FENCE_REASON = 1024;
    private static final long MOST_GRACE_SECONDS = 86_400;

    private final State state;
    private final PageDraft page;
    private final GangLifecycle gangs;
    private final Inventory inventory;
    private final Term term;
    private final Adoption adoption;
    private final long selfFenceMarginMicros;

    NodeLifecycle(State state, PageDraft page, GangLifecycle gangs, Inventory inventory, long selfFenceMarginMicros) {
        this.state = state;
        this.page = page;
        this.gangs = gangs;
        this.inventory = inventory;
        this.term = new Term(state);
        this.adoption = new Adoption(state, page);
        this.selfFenceMarginMicros = selfFenceMarginMicros;
    }

    Term term() {
        return term;
    }

    Outcome hello(Command.AgentHello hello) {
        Optional<Rejection> bad = check(hello.report());
        if (bad.isPresent()) {
            return new Outcome.Rejected(bad.get());
        }
        if (hello.workers().size() > MOST_REPORTED) {
            return new Outcome.Rejected(Rejection.of(
                    ErrorCode.INVALID,
                    "hello.workers",
                    Integer.toString(hello.workers().size()),
                    "must be at most " + MOST_REPORTED));
        }
        if (term.isBehind(hello)) {
            beginIncarnation(
                    hello.incarnation(),
                    "what node " + hello.report().info().name() + " has seen (revision " + hello.highestRevision()
                            + ")");
        }
        term.greet(hello.report().info().name());
        NodeState before = state.nodes().find(hello.report().info().name());
        boolean rebooted = before != null
                && !before.info().bootId().equals(hello.report().info().bootId());
        NodeState node = inventory.report(hello.actor(), hello.report());
        Map<WorkerKey, ReportedWorker> reported = new LinkedHashMap<>();
        int mostMessage = hello.workers().size() > MANY_REPORTED ? SHORT_MESSAGE : ReportedWorker.MOST_MESSAGE;
        hello.workers().forEach(worker -> reported.put(worker.key(), worker.shortened(mostMessage)));
        returned(hello.actor(), node, reported.values());
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
        inventory.stopOnFailed(hello.actor(), node);
        adoption.adopt();
        adoption.stopParts(List.of(node), gangs);
        return new Outcome.Accepted(state.revision(), node.id(), false);
    }

    /** Work is placed again; what has been found by now is taken over first. */
    Outcome resume(Command.ResumePlacement resume) {
        if (state.settings().placementHalted().isEmpty()) {
            return new Outcome.Accepted(state.revision(), 0, true);
        }
        adoption.adopt();
        long revision = page.add(resume.actor(), new SettingEvent.PlacementHalted(""));
        adoption.stopParts(state.nodes().all(), gangs);
        return new Outcome.Accepted(revision, 0, false);
    }

    private static Optional<Rejection> check(NodeReport report) {
        Optional<Rejection> bad = NodeCheck.check(report);
        long bytes = bad.isPresent() ? 0 : Weights.record(report);
        return bytes <= MOST_REPORT_BYTES
                ? bad
                : Optional.of(Rejection.of(
                        ErrorCode.INVALID, "inventory", bytes + " bytes", "is larger than " + MOST_REPORT_BYTES));
    }

    Outcome inventory(Command.ReportInventory command) {
        Optional<Rejection> bad = check(command.report());
        if (bad.isPresent()) {
            return new Outcome.Rejected(bad.get());
        }
        NodeState node = inventory.report(command.actor(), command.report());
        inventory.stopOnFailed(command.actor(), node);
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
        Optional<Rejection> bad = NodeCheck.cause("deviceHealth.cause", change.cause());
        if (bad.isPresent()) {
            return new Outcome.Rejected(bad.get());
        }
        Device device = found.get();
        boolean other = device.report().health() != change.health();
        if (other || !device.report().healthCause().equals(change.cause())) {
            page.add(
                    change.actor(),
                    new FleetEvent.DeviceHealthChanged(node.id(), device.id(), change.health(), change.cause()));
            if (other) {
                inventory.healthChanged(change.actor(), node);
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
        for (WorkerState worker : node.workers()) {
            if (policy(worker).onNodeLost() == OnNodeLost.REPLACE_AFTER_TIMEOUT) {
                gangs.end(Actor.SCHEDULER, worker, EndCause.NODE_LOST, -1, "its node was lost");
            }
        }
        return new Outcome.Accepted(revision, node.id(), false);
    }

    /**
     * Workers that promised to stop themselves and have had the time to. The node may have been back in between, and
     * each job has its own lease, so the timer is only a hint to look. Only time that this leader has seen pass counts:
     * another leader's clock may have been behind.
     *
     * @return when to look again, microseconds; the greatest long for never
     */
    long selfFenced(long nodeId) {
        NodeState node = state.nodes().find(nodeId);
        if (node == null || node.phase() != NodePhase.LOST) {
            return Long.MAX_VALUE;
        }
        long since = Math.max(node.phaseSinceMicros(), page.termBeganMicros());
        long again = Long.MAX_VALUE;
        for (WorkerState worker : node.workers()) {
            FailurePolicy policy = policy(worker);
            if (policy.onNodeLost() != OnNodeLost.SELF_FENCE) {
                continue;
            }
            long due = since + policy.leaseSeconds() * 1_000_000 + selfFenceMarginMicros;
            if (due <= page.atMicros()) {
                gangs.end(Actor.SCHEDULER, worker, EndCause.NODE_LOST, -1, "its lease ran out on a lost node");
            } else {
                again = Math.min(again, due);
            }
        }
        return again;
    }

    Outcome fence(Command.FenceNode fence) {
        if (Utf8.bytes(fence.how()) > MOST_FENCE_REASON) {
            return new Outcome.Rejected(Rejection.of(
                    ErrorCode.INVALID, "reason", fence.how(), "is longer than " + MOST_FENCE_REASON + " bytes"));
        }
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
            String how = Utf8.head(fence.how(), SHORT_MESSAGE);
            gangs.end(fence.actor(), worker, EndCause.NODE_LOST, -1, "its node was fenced: " + how);
        }
        long revision = page.add(fence.actor(), new FleetEvent.NodeFenced(node.id(), fence.how()));
        return new Outcome.Accepted(revision, node.id(), false);
    }

    Outcome cordon(Command.CordonNode cordon) {
        NodeState node = state.nodes().find(cordon.node());
        if (node == null) {
            return rejected(ErrorCode.NOT_FOUND, "node " + cordon.node());
        }
        // To cordon a draining node changes nothing: it is cordoned, and goes on draining.
        if (node.cordoned() == cordon.cordoned()) {
            return new Outcome.Accepted(node.revision(), node.id(), true);
        }
        long revision = page.add(cordon.actor(), new FleetEvent.NodeCordoned(node.id(), cordon.cordoned()));
        return new Outcome.Accepted(revision, node.id(), false);
    }

    Outcome drain(Command.DrainNode drain) {
        Long grace = drain.graceSeconds();
        if (grace != null && (grace < 0 || grace > MOST_GRACE_SECONDS)) {
            return new Outcome.Rejected(Rejection.of(
                    ErrorCode.INVALID, "graceSeconds", grace.toString(), "must be from 0 to " + MOST_GRACE_SECONDS));
        }
        NodeState node = state.nodes().find(drain.node());
        if (node == null) {
            return rejected(ErrorCode.NOT_FOUND, "node " + drain.node());
        }
        long seconds = grace == null ? -1 : grace;
        if (node.draining() && node.drainGraceSeconds() == seconds) {
            return new Outcome.Accepted(node.revision(), node.id(), true);
        }
        long revision = page.add(drain.actor(), new FleetEvent.NodeDraining(node.id(), seconds));
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
                    "node " + remove.node() + " is "
                            + node.phase().name().toLowerCase(Locale.ROOT) + " with "
                            + node.workers().size() + " workers. Maybe stop its agent and fence it first?"));
        }
        long revision = page.add(remove.actor(), new FleetEvent.NodeRemoved(node.id()));
        return new Outcome.Accepted(revision, node.id(), false);
    }

    /** This server itself has seen more than the ledger holds. */
    Outcome restored(Command.LedgerRestored command) {
        if (state.settings().incarnation() > command.incarnation()) {
            return new Outcome.Accepted(state.revision(), 0, true);
        }
        beginIncarnation(command.incarnation(), "what was durable already (revision " + command.revision() + ")");
        return new Outcome.Accepted(state.revision(), 0, false);
    }

    /** More was seen than the ledger holds: a backup was restored under running work. */
    private void beginIncarnation(long seen, String than) {
        long next = Math.max(state.settings().incarnation(), seen) + 1;
        page.add(Actor.SCHEDULER, new SettingEvent.IncarnationStarted(next));
        // Ids that the lost part of the ledger gave out still live on nodes; none of them may come again.
        page.add(
                Actor.SCHEDULER,
                new SettingEvent.IdsTaken(Math.max(state.settings().nextId(), Desired.firstId(next))));
        page.add(
                Actor.SCHEDULER,
                new SettingEvent.PlacementHalted("the ledger is older than " + than + "; a backup was restored"));
    }

    /** In touch again, or for the first time: whatever runs there and is not expected keeps its devices. */
    private void returned(Actor actor, NodeState node, Collection<ReportedWorker> reported) {
        List<Hold> holds = new ArrayList<>();
        for (ReportedWorker said : reported) {
            WorkerState worker = find(said.key());
            boolean expected = worker != null && worker.nodeId() == node.id() && !worker.ended();
            if (said.running() && !expected) {
                holds.add(new Hold(
                        said.key(),
                        devices(node, said.deviceNames()),
                        said.profileName(),
                        said.roleName(),
                        said.worldSize()));
            }
        }
        if (node.phase() != NodePhase.READY || !node.holds().equals(holds)) {
            page.add(actor, new FleetEvent.NodeReturned(node.id(), holds));
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

    private static FailurePolicy policy(WorkerState worker) {
        return Desired.failurePolicy(worker.gang().job().spec());
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

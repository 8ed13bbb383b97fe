package dev.interposer.control.command;

import dev.interposer.engine.model.AcceleratorClass;
import dev.interposer.engine.model.Actor;
import dev.interposer.engine.model.Health;
import dev.interposer.engine.model.JobQueue;
import dev.interposer.engine.model.JobSpec;
import dev.interposer.engine.model.NodeReport;
import dev.interposer.engine.model.ObjectKind;
import dev.interposer.engine.model.SourcingPolicy;
import dev.interposer.engine.model.Supplier;
import dev.interposer.engine.model.SupplyOrder;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Something asked of the scheduler, by somebody. */
public sealed interface Command {
    Actor actor();

    /** Whether it is lost without harm: a repeated agent will say it again. */
    default boolean fromAgent() {
        return false;
    }

    /** A new job. {@code requestId} is a UUIDv7 in its text form. */
    record SubmitJob(Actor actor, String requestId, String namespace, String name, JobSpec spec) implements Command {}

    /** By {@code namespace/name}, or by id when the id is not 0. */
    record CancelJob(Actor actor, String fullName, long jobId) implements Command {}

    /**
     * Another size of a live job. By {@code namespace/name}, or by id when the id is not 0.
     *
     * @param requestId a UUIDv7 in its text form: said twice, it is done once
     */
    record ScaleJob(Actor actor, String requestId, String fullName, long jobId, JobSize size) implements Command {}

    /** Objects of one manifest: all are checked, each against the others too, before any is applied. */
    record ApplyObjects(
            Actor actor,
            List<Supplier> suppliers,
            List<AcceleratorClass> classes,
            List<JobQueue> queues,
            List<SupplyOrder> orders,
            List<SourcingPolicy> policies)
            implements Command {
        public ApplyObjects {
            suppliers = List.copyOf(suppliers);
            classes = List.copyOf(classes);
            queues = List.copyOf(queues);
            orders = List.copyOf(orders);
            policies = List.copyOf(policies);
        }

        /** Without orders and policies. */
        public ApplyObjects(
                Actor actor, List<Supplier> suppliers, List<AcceleratorClass> classes, List<JobQueue> queues) {
            this(actor, suppliers, classes, queues, List.of(), List.of());
        }
    }

    /** Refused while something refers to the object. */
    record DeleteObject(Actor actor, ObjectKind kind, String name) implements Command {}

    /** A lost node is confirmed to run nothing. */
    record FenceNode(Actor actor, String node, String how) implements Command {}

    record CordonNode(Actor actor, String node, boolean cordoned) implements Command {}

    /**
     * A node takes no new work and what runs there is asked to leave.
     *
     * @param graceSeconds for whoever leaves; null for what each job has chosen
     */
    record DrainNode(Actor actor, String node, @Nullable Long graceSeconds) implements Command {}

    /** A lost or fenced node without workers is forgotten. */
    record RemoveNode(Actor actor, String node) implements Command {}

    /** Ends the halt that follows a restored backup. Workers that nobody knows, held until then, are released. */
    record ResumePlacement(Actor actor) implements Command {}

    /**
     * The ledger ends before a revision that this server has seen to be durable: a backup was restored.
     *
     * @param incarnation that the lost part had
     * @param revision that was durable
     */
    record LedgerRestored(Actor actor, long incarnation, long revision) implements Command {}

    /**
     * First word of an agent's stream.
     *
     * @param report the node
     * @param workers what runs there, and what ended without acknowledgement
     * @param incarnation that the agent last obeyed; 0 for none
     * @param highestEpoch of any leader that the agent has heard in that incarnation; 0 for none
     * @param highestRevision that the agent has seen; 0 for none
     */
    record AgentHello(
            Actor actor,
            NodeReport report,
            List<ReportedWorker> workers,
            long incarnation,
            long highestEpoch,
            long highestRevision)
            implements Command {
        public AgentHello {
            workers = List.copyOf(workers);
        }

        @Override
        public boolean fromAgent() {
            return true;
        }
    }

    /** The node's inventory changed. */
    record ReportInventory(Actor actor, NodeReport report) implements Command {
        @Override
        public boolean fromAgent() {
            return true;
        }
    }

    record ChangeDeviceHealth(Actor actor, String node, String device, Health health, String cause) implements Command {
        @Override
        public boolean fromAgent() {
            return true;
        }
    }

    record ReportWorker(Actor actor, String node, ReportedWorker worker) implements Command {
        @Override
        public boolean fromAgent() {
            return true;
        }
    }

    /** Nothing was heard of a node for longer than the fleet allows. */
    record NodeSilent(Actor actor, String node) implements Command {}
}

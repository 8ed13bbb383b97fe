package dev.interposer.server.grpc;

import dev.interposer.control.command.Command;
import dev.interposer.control.port.LedgerException;
import dev.interposer.engine.state.NodeState;
import dev.interposer.proto.fleet.v1.CordonNodeRequest;
import dev.interposer.proto.fleet.v1.DrainNodeRequest;
import dev.interposer.proto.fleet.v1.FenceNodeRequest;
import dev.interposer.proto.fleet.v1.NodeResponse;
import dev.interposer.proto.fleet.v1.RemoveNodeRequest;
import dev.interposer.proto.job.v1.JobReference;
import dev.interposer.server.loop.SchedulerLoop;
import dev.interposer.server.tls.JoinTokens;
import dev.interposer.server.view.LiveView;
import io.grpc.Status;
import jakarta.inject.Singleton;
import java.util.List;

/** What operators do with nodes. */
@Singleton
final class NodeCalls {
    private final SchedulerLoop loop;
    private final LiveView view;
    private final JoinTokens tokens;

    NodeCalls(SchedulerLoop loop, LiveView view, JoinTokens tokens) {
        this.loop = loop;
        this.view = view;
        this.tokens = tokens;
    }

    NodeResponse fence(FenceNodeRequest request) {
        String how = request.getReason().isEmpty() ? "an operator's word" : request.getReason();
        List<JobReference> jobs = view.read(state -> {
            NodeState node = state.nodes().find(request.getName());
            return node == null ? List.of() : jobsOn(node);
        });
        long revision = changed(new Command.FenceNode(Calls.actor(), request.getName(), how));
        refuse(request.getName(), "fenced");
        return NodeResponse.newBuilder().setRevision(revision).addAllJobs(jobs).build();
    }

    NodeResponse cordon(CordonNodeRequest request) {
        return response(new Command.CordonNode(Calls.actor(), request.getName(), request.getCordoned()));
    }

    NodeResponse drain(DrainNodeRequest request) {
        Long grace = request.hasGraceSeconds() ? (Long) request.getGraceSeconds() : null;
        return response(new Command.DrainNode(Calls.actor(), request.getName(), grace));
    }

    NodeResponse remove(RemoveNodeRequest request) {
        NodeResponse removed = response(new Command.RemoveNode(Calls.actor(), request.getName()));
        refuse(request.getName(), "deleted");
        return removed;
    }

    /** Revision at which it is in the ledger. */
    long changed(Command command) {
        return Calls.accepted(loop.submit(command)).revision();
    }

    private NodeResponse response(Command command) {
        return NodeResponse.newBuilder().setRevision(changed(command)).build();
    }

    /** An agent that nobody expects back has to join again. */
    private void refuse(String node, String done) {
        try {
            tokens.revokeNode(node);
        } catch (LedgerException e) {
            throw Status.UNAVAILABLE
                    .withDescription("node " + node + " is " + done + ", but its certificate may still be good: "
                            + e.getMessage() + ". Maybe `interposer revoke node " + node + "`?")
                    .asRuntimeException();
        }
    }

    private static List<JobReference> jobsOn(NodeState node) {
        return node.workers().stream()
                .map(worker -> worker.gang().job())
                .distinct()
                .map(job -> JobReference.newBuilder()
                        .setNamespace(job.namespace())
                        .setName(job.name())
                        .setId(job.id())
                        .build())
                .toList();
    }
}

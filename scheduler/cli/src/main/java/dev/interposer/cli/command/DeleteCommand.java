package dev.interposer.cli.command;

import dev.interposer.cli.client.CliException;
import dev.interposer.cli.client.Client;
import dev.interposer.proto.fleet.v1.DeleteRequest;
import dev.interposer.proto.fleet.v1.DeleteResponse;
import dev.interposer.proto.fleet.v1.NodeResponse;
import dev.interposer.proto.fleet.v1.RemoveNodeRequest;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** {@code delete}. */
@Command(
        name = "delete",
        mixinStandardHelpOptions = true,
        description = "Delete a supplier, class, queue, order, policy or lost node that nothing refers to.",
        footer = {"", "Example: interposer delete queue research"})
public final class DeleteCommand implements Callable<Integer> {
    /** Offered by a shell. */
    static final class Kinds implements Iterable<String> {
        @Override
        public Iterator<String> iterator() {
            return List.of("supplier", "class", "queue", "order", "policy", "node")
                    .iterator();
        }
    }

    @Mixin
    private Context context;

    @Parameters(
            index = "0",
            paramLabel = "KIND",
            completionCandidates = Kinds.class,
            description = "supplier, class, queue, order, policy or node.")
    private String kind;

    @Parameters(index = "1", paramLabel = "NAME")
    private String name;

    @Override
    public Integer call() {
        try (Client client = context.connect()) {
            switch (Kind.of(kind)) {
                case NODE -> removeNode(client);
                case SUPPLIER -> delete(client, "Supplier");
                case CLASS -> delete(client, "AcceleratorClass");
                case QUEUE -> delete(client, "JobQueue");
                case ORDER -> delete(client, "SupplyOrder");
                case POLICY -> delete(client, "SourcingPolicy");
                case TOKEN ->
                    throw new CliException(
                            CliException.USAGE,
                            "a token is not deleted, it ends. Maybe `interposer revoke token " + name + "`?");
                case JOB, HISTORY, DEVICE, AUTHORITY ->
                    throw new CliException(
                            CliException.USAGE,
                            "kind (" + kind + ") must be supplier, class, queue, order, policy or node"
                                    + (Kind.JOB.is(kind) ? ". Maybe `interposer cancel job " + name + "`?" : ""));
            }
        }
        return 0;
    }

    private void removeNode(Client client) {
        NodeResponse response = client.fleet()
                .removeNode(RemoveNodeRequest.newBuilder().setName(name).build());
        context.say(response, name, deleted(response.getRevision()));
    }

    private void delete(Client client, String resource) {
        DeleteResponse response = client.fleet()
                .delete(DeleteRequest.newBuilder()
                        .setKind(resource)
                        .setName(name)
                        .build());
        context.say(response, name, deleted(response.getRevision()));
    }

    private String deleted(long revision) {
        return Kind.of(kind).word() + " " + name + " deleted at revision " + revision;
    }
}

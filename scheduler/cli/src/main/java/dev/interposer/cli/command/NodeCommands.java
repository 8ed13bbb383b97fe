package dev.interposer.cli.command;

import dev.interposer.cli.client.CliException;
import dev.interposer.cli.client.Client;
import dev.interposer.proto.fleet.v1.CordonNodeRequest;
import dev.interposer.proto.fleet.v1.DrainNodeRequest;
import dev.interposer.proto.fleet.v1.FenceNodeRequest;
import dev.interposer.proto.fleet.v1.NodeResponse;
import dev.interposer.proto.job.v1.JobReference;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Verbs of an operator on nodes. */
public final class NodeCommands {
    private NodeCommands() {}

    /** {@code fence}. */
    @Command(
            name = "fence",
            mixinStandardHelpOptions = true,
            description = "Confirm that a lost node runs nothing: its work is placed again.",
            footer = {
                "",
                "Be sure: a job may run twice if the node still runs it.",
                "Example: interposer fence node sim/h100-0 --reason \"power is off\""
            })
    public static final class Fence implements Callable<Integer> {
        @Mixin
        private Context context;

        @Parameters(paramLabel = "NODE", arity = "1..2", description = "cluster/node; \"node\" may stand before it.")
        private List<String> words;

        @Option(names = "--reason", defaultValue = "", description = "How that is known; enters the ledger.")
        private String reason;

        @Override
        public Integer call() {
            String name = Kind.NODE.name("fence", words);
            try (Client client = context.connect()) {
                NodeResponse response = client.fleet()
                        .fenceNode(FenceNodeRequest.newBuilder()
                                .setName(name)
                                .setReason(reason)
                                .build());
                StringBuilder said = new StringBuilder(name + " is fenced at revision " + response.getRevision());
                for (JobReference job : response.getJobsList()) {
                    said.append("\n  job ")
                            .append(job.getNamespace())
                            .append('/')
                            .append(job.getName())
                            .append(" goes back to its queue");
                }
                context.say(response, name, said.toString());
            }
            return 0;
        }
    }

    /** {@code cordon}. */
    @Command(
            name = "cordon",
            mixinStandardHelpOptions = true,
            description = "A node takes no new work; what runs goes on.",
            footer = {"", "Example: interposer cordon node sim/h100-0"})
    public static final class Cordon implements Callable<Integer> {
        @Mixin
        private Context context;

        @Parameters(paramLabel = "NODE", arity = "1..2", description = "cluster/node; \"node\" may stand before it.")
        private List<String> words;

        @Override
        public Integer call() {
            return cordon(context, Kind.NODE.name("cordon", words), true);
        }
    }

    /** {@code drain}. */
    @Command(
            name = "drain",
            mixinStandardHelpOptions = true,
            description = "A node takes no new work and what runs there is asked to leave.",
            footer = {
                "",
                "Gangs may finish their least run time, replicas leave within their disruption budget, and what is",
                "never to be evicted ends by itself; \"get nodes\" says Drained when nothing is left.",
                "\"uncordon\" ends it.",
                "Example: interposer drain node sim/h100-0 --grace 60"
            })
    public static final class Drain implements Callable<Integer> {
        @Mixin
        private Context context;

        @Parameters(paramLabel = "NODE", arity = "1..2", description = "cluster/node; \"node\" may stand before it.")
        private List<String> words;

        @Option(
                names = "--grace",
                paramLabel = "SECONDS",
                description = "Seconds between asking and killing; else what each job has chosen.")
        private @Nullable Long graceSeconds;

        @Override
        public Integer call() {
            String name = Kind.NODE.name("drain", words);
            try (Client client = context.connect()) {
                DrainNodeRequest.Builder request = DrainNodeRequest.newBuilder().setName(name);
                if (graceSeconds != null) {
                    if (graceSeconds < 0) {
                        throw new CliException(CliException.USAGE, "--grace (" + graceSeconds + ") is below 0");
                    }
                    request.setGraceSeconds(graceSeconds);
                }
                context.say(client.fleet().drainNode(request.build()), name, name + " is draining");
            }
            return 0;
        }
    }

    /** {@code uncordon}. */
    @Command(
            name = "uncordon",
            mixinStandardHelpOptions = true,
            description = "A node takes new work again.",
            footer = {"", "Example: interposer uncordon node sim/h100-0"})
    public static final class Uncordon implements Callable<Integer> {
        @Mixin
        private Context context;

        @Parameters(paramLabel = "NODE", arity = "1..2", description = "cluster/node; \"node\" may stand before it.")
        private List<String> words;

        @Override
        public Integer call() {
            return cordon(context, Kind.NODE.name("uncordon", words), false);
        }
    }

    private static int cordon(Context context, String name, boolean cordoned) {
        try (Client client = context.connect()) {
            NodeResponse response = client.fleet()
                    .cordonNode(CordonNodeRequest.newBuilder()
                            .setName(name)
                            .setCordoned(cordoned)
                            .build());
            context.say(response, name, name + (cordoned ? " is cordoned" : " takes new work"));
        }
        return 0;
    }
}

package dev.interposer.cli.command;

import dev.interposer.cli.client.Client;
import dev.interposer.cli.output.Messages;
import dev.interposer.proto.job.v1.ExplainRequest;
import dev.interposer.proto.job.v1.ExplainResponse;
import dev.interposer.proto.job.v1.Gang;
import dev.interposer.proto.job.v1.GangExplanation;
import dev.interposer.proto.job.v1.Job;
import dev.interposer.proto.job.v1.ProfileExplanation;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** {@code explain}. */
@Command(
        name = "explain",
        mixinStandardHelpOptions = true,
        description = "Why a job is where it is, profile by profile, and what would start it.",
        footer = {"", "Example: interposer explain too-big -n research"})
public final class ExplainCommand implements Callable<Integer> {
    @Mixin
    private Context context;

    @Parameters(paramLabel = "JOB", description = "Name, namespace/name or id.")
    private String name;

    @Override
    public Integer call() {
        try (Client client = context.connect()) {
            ExplainResponse response = client.jobs()
                    .explain(ExplainRequest.newBuilder()
                            .setJob(Client.job(name, context.namespace()))
                            .setNearestChange(true)
                            .build());
            if (context.structured()) {
                context.out().print(Messages.text(response, context.format()));
            } else {
                print(response);
            }
        }
        context.out().flush();
        return 0;
    }

    private void print(ExplainResponse response) {
        Job job = response.getJob();
        String reason = job.getReason().getText();
        context.out()
                .printf(
                        "%s/%s is %s%s%n",
                        job.getNamespace(), job.getName(), job.getPhase(), reason.isEmpty() ? "" : ": " + reason);
        for (Gang gang : job.getGangsList()) {
            if (gang.getAvoidedNodesCount() > 0) {
                context.out()
                        .printf(
                                "gang %d avoids %s, where it failed%n",
                                gang.getIndex(), String.join(", ", gang.getAvoidedNodesList()));
            }
        }
        for (GangExplanation gang : response.getGangsList()) {
            context.out()
                    .printf(
                            "gang %d waits: %s%n",
                            gang.getGang(), gang.getReason().getText());
            context.out().printf("  place %d in queue %s%n", gang.getQueuePosition(), job.getQueueName());
            for (ProfileExplanation profile : gang.getProfilesList()) {
                context.out()
                        .printf(
                                "  profile %s: %s [%s]%n",
                                profile.getProfileName(),
                                profile.getReason().getText(),
                                profile.getReason().getCode());
            }
            if (gang.hasNearestChange()) {
                context.out()
                        .println("  nearest change: " + gang.getNearestChange().getText());
            }
        }
    }
}

package dev.interposer.cli.command;

import dev.interposer.cli.client.Client;
import dev.interposer.cli.output.Explanations;
import dev.interposer.cli.output.Format;
import dev.interposer.cli.output.Messages;
import dev.interposer.proto.job.v1.ExplainRequest;
import dev.interposer.proto.job.v1.ExplainResponse;
import dev.interposer.proto.job.v1.Job;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** {@code explain}. */
@Command(
        name = "explain",
        mixinStandardHelpOptions = true,
        description = "Why a job is where it is, profile by profile, and what would start it.",
        footer = {"", "Example: interposer explain job too-big -n research"})
public final class ExplainCommand implements Callable<Integer> {
    @Mixin
    private Context context;

    @Parameters(
            paramLabel = "JOB",
            arity = "1..2",
            description = "Name, namespace/name or id; \"job\" may stand before it.")
    private List<String> words;

    @Override
    public Integer call() {
        try (Client client = context.connect()) {
            ExplainResponse response = client.jobs()
                    .explain(ExplainRequest.newBuilder()
                            .setJob(context.job(Kind.JOB.name("explain", words)))
                            .setNearestChange(true)
                            .build());
            if (context.structured()) {
                context.out().print(Messages.text(response, context.format()));
            } else if (context.format() == Format.NAME) {
                Job job = response.getJob();
                context.out().println(job.getNamespace() + "/" + job.getName());
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
                        job.getNamespace(),
                        job.getName(),
                        context.page().colours().state(job.getPhase()),
                        reason.isEmpty() ? "" : ": " + reason);
        Explanations.lines(response).forEach(context.out()::println);
    }
}

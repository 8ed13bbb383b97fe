package dev.interposer.cli.command;

import dev.interposer.cli.client.Client;
import dev.interposer.proto.job.v1.CancelRequest;
import dev.interposer.proto.job.v1.CancelResponse;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** {@code cancel}. */
@Command(
        name = "cancel",
        mixinStandardHelpOptions = true,
        description = "End jobs: what runs is released with its grace.",
        footer = {"", "Example: interposer cancel job chat -n serving"})
public final class CancelCommand implements Callable<Integer> {
    @Mixin
    private Context context;

    @Parameters(
            paramLabel = "JOB",
            arity = "1..*",
            description = "Names, namespace/name or ids; \"job\" may stand before them.")
    private List<String> names;

    @Override
    public Integer call() {
        List<String> jobs = Kind.JOB.names(names);
        try (Client client = context.connect()) {
            for (String name : jobs) {
                CancelResponse response = client.jobs()
                        .cancel(CancelRequest.newBuilder()
                                .setJob(context.job(name))
                                .build());
                String line = name + (response.getAlreadyEnded() ? " had ended before" : " is being cancelled");
                if (jobs.size() == 1) {
                    context.say(response, context.jobName(name), line);
                } else {
                    context.sayOneOfMany(response, context.jobName(name), line);
                }
            }
        }
        return 0;
    }
}

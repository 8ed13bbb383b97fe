package dev.interposer.cli.command;

import dev.interposer.cli.client.CliException;
import dev.interposer.cli.client.Client;
import dev.interposer.cli.output.Format;
import dev.interposer.proto.job.v1.LogsRequest;
import dev.interposer.proto.job.v1.LogsResponse;
import java.io.IOException;
import java.util.Iterator;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code logs}. */
@Command(
        name = "logs",
        mixinStandardHelpOptions = true,
        description = "Standard output and error of a worker.",
        footer = {
            "",
            "Examples: interposer logs job hello -n research --worker 1 -f",
            "          interposer logs job hello --previous --tail 20   what the attempt before this one said last"
        })
public final class LogsCommand implements Callable<Integer> {
    @Mixin
    private Context context;

    @Parameters(
            paramLabel = "JOB",
            arity = "1..2",
            description = "Name, namespace/name or id; \"job\" may stand before it.")
    private List<String> words;

    @Option(
            names = {"-f", "--follow"},
            description = "Go on until the worker ends.")
    private boolean follow;

    @Option(names = "--gang", defaultValue = "0", description = "Replica of an inference job.")
    private int gang;

    @Option(names = "--worker", defaultValue = "0", description = "Rank of the worker.")
    private int worker;

    @Option(names = "--tail", defaultValue = "0", description = "Only the last so many lines; 0 for all.")
    private int tail;

    @ArgGroup
    private Attempt attempt = new Attempt();

    /** Which attempt; the present one when nothing is said. */
    private static final class Attempt {
        @Option(
                names = "--attempt",
                defaultValue = "0",
                description = "Number of the attempt, from 1; 0 for the present or the last one.")
        private int number;

        @Option(
                names = {"-p", "--previous"},
                description = "The attempt before the present one.")
        private boolean previous;

        int said() {
            return previous ? -1 : number;
        }
    }

    @Override
    public Integer call() throws IOException {
        if (context.structured() || context.format() == Format.NAME) {
            throw new CliException(
                    CliException.USAGE,
                    "--output (" + context.format().name().toLowerCase(Locale.ROOT)
                            + ") does not go with logs: a worker writes what it likes");
        }
        try (Client client = context.connectQuietly()) {
            Iterator<LogsResponse> chunks = client.jobStreams()
                    .logs(LogsRequest.newBuilder()
                            .setJob(context.job(Kind.JOB.name("logs", words)))
                            .setGang(gang)
                            .setWorker(worker)
                            .setTailLines(tail)
                            .setFollow(follow)
                            .setAttempt(attempt.said())
                            .build());
            // A reader that is gone, such as head, is no reason to go on.
            while (!System.out.checkError() && chunks.hasNext()) {
                chunks.next().getData().writeTo(System.out);
            }
        }
        return 0;
    }
}

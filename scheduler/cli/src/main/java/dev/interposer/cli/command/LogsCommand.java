package dev.interposer.cli.command;

import dev.interposer.cli.client.Client;
import dev.interposer.proto.job.v1.LogsRequest;
import dev.interposer.proto.job.v1.LogsResponse;
import java.io.IOException;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code logs}. */
@Command(
        name = "logs",
        mixinStandardHelpOptions = true,
        description = "Standard output and error of a worker.",
        footer = {"", "Example: interposer logs job hello -n research --worker 1 -f"})
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

    @Override
    public Integer call() throws IOException {
        try (Client client = context.connect()) {
            Iterator<LogsResponse> chunks = client.jobStreams()
                    .logs(LogsRequest.newBuilder()
                            .setJob(Client.job(Kind.JOB.name("logs", words), context.namespace()))
                            .setGang(gang)
                            .setWorker(worker)
                            .setTailLines(tail)
                            .setFollow(follow)
                            .build());
            while (chunks.hasNext()) {
                chunks.next().getData().writeTo(System.out);
                System.out.flush();
            }
        }
        return 0;
    }
}

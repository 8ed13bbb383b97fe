package dev.interposer.cli.bench;

import dev.interposer.cli.client.Client;
import dev.interposer.cli.client.Trust;
import dev.interposer.proto.job.v1.SubmitRequest;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/**
 * The submitting process of {@code bench live}. Builds the backlog and says {@code ready}; reads the time of the first
 * job, submits all of them, and says what was acknowledged.
 */
@Command(name = "submitter", hidden = true, description = "Part of bench live: submits.")
public final class SubmitterCommand implements Callable<Integer> {
    @Option(names = "--server", required = true)
    private String server;

    @Option(names = "--token-file", required = true)
    private Path tokenFile;

    @Option(names = "--requests", required = true)
    private Path requests;

    @Option(names = "--backlog-requests", required = true)
    private Path backlogRequests;

    @Option(names = "--backlog", required = true)
    private int backlog;

    @Option(names = "--rate", required = true)
    private double rate;

    @Option(names = "--warmup-seconds", required = true)
    private int warmupSeconds;

    @Option(names = "--measure-seconds", required = true)
    private int measureSeconds;

    @Option(names = "--out", required = true)
    private Path out;

    @Option(names = "--backlog-out", required = true)
    private Path backlogOut;

    @Override
    public Integer call() throws IOException, InterruptedException {
        BufferedReader in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        try (Client client = new Client(
                server, Trust.plaintextHere(server), Files.readString(tokenFile).strip())) {
            Submitter waiting = new Submitter(client.asyncJobs(), "w", read(backlogRequests), backlog);
            waiting.runAtOnce();
            Columns.write(backlogOut, waiting.jobIds());
            System.out.println("ready " + waiting.acknowledged() + " " + waiting.refused());
            List<SubmitRequest> templates = read(requests);
            String start = in.readLine();
            if (start == null) {
                return 1;
            }
            Schedule schedule = new Schedule(Long.parseLong(start), rate, warmupSeconds, measureSeconds);
            Submitter submitter = new Submitter(client.asyncJobs(), "j", templates, schedule.jobs());
            submitter.run(schedule);
            Columns.write(out, submitter.jobIds());
            System.out.println(
                    "done " + submitter.acknowledged() + " " + submitter.refused() + " " + submitter.firstProblem());
        }
        return 0;
    }

    private static List<SubmitRequest> read(Path file) throws IOException {
        List<SubmitRequest> read = new ArrayList<>();
        try (InputStream in = Files.newInputStream(file)) {
            for (SubmitRequest one = SubmitRequest.parseDelimitedFrom(in);
                    one != null;
                    one = SubmitRequest.parseDelimitedFrom(in)) {
                read.add(one);
            }
        }
        return read;
    }
}

package dev.interposer.cli.bench;

import dev.interposer.cli.client.Client;
import dev.interposer.cli.client.Trust;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/**
 * The watching process of {@code bench live}: notes when it first sees each job assigned. Says {@code ready}; reads how
 * many jobs were acknowledged, waits until it has seen so many or for some seconds in vain, and writes what it saw.
 */
@Command(name = "watcher", hidden = true, description = "Part of bench live: watches.")
public final class WatcherCommand implements Callable<Integer> {
    @Option(names = "--server", required = true)
    private String server;

    @Option(names = "--token-file", required = true)
    private Path tokenFile;

    @Option(names = "--from-revision", required = true)
    private long revision;

    @Option(names = "--jobs", required = true)
    private int jobs;

    @Option(names = "--patience-seconds", required = true)
    private int patience;

    @Option(names = "--out", required = true)
    private Path out;

    @Override
    public Integer call() throws IOException, InterruptedException {
        BufferedReader in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        try (Client client = new Client(
                server, Trust.plaintextHere(server), Files.readString(tokenFile).strip())) {
            Watcher watcher = new Watcher(client, jobs);
            Thread.ofPlatform().daemon().start(() -> watcher.run(revision));
            System.out.println("ready");
            String expected = in.readLine();
            if (expected == null) {
                return 1;
            }
            watcher.await(Integer.parseInt(expected), patience);
            Columns.write(out, watcher.seenMicros());
            System.out.println("done " + watcher.seen() + " " + watcher.again() + " " + watcher.events() + " "
                    + watcher.relisted());
        }
        return 0;
    }
}

package dev.interposer.cli.bench;

import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** {@code bench}: the verbs that measure. */
@Command(
        name = "bench",
        mixinStandardHelpOptions = true,
        description = "Measure a whole installation.",
        subcommands = {LiveCommand.class, SubmitterCommand.class, WatcherCommand.class, TrainCommand.class},
        footer = {"", "Example: interposer bench live --rate 1000"})
public final class BenchCommand implements Runnable {
    @Spec
    private CommandSpec spec;

    @Override
    public void run() {
        spec.commandLine().usage(spec.commandLine().getOut());
    }
}

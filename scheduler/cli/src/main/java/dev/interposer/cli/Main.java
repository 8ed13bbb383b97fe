package dev.interposer.cli;

import dev.interposer.cli.bench.BenchCommand;
import dev.interposer.cli.client.CliException;
import dev.interposer.cli.command.ApplyCommand;
import dev.interposer.cli.command.CancelCommand;
import dev.interposer.cli.command.DeleteCommand;
import dev.interposer.cli.command.ExplainCommand;
import dev.interposer.cli.command.FsckCommand;
import dev.interposer.cli.command.GetCommand;
import dev.interposer.cli.command.LogsCommand;
import dev.interposer.cli.command.NodeCommands;
import dev.interposer.cli.command.ReplayCommand;
import dev.interposer.cli.command.ResumeCommand;
import dev.interposer.cli.command.StatusCommand;
import dev.interposer.cli.command.SubmitCommand;
import dev.interposer.cli.command.SupplyCommand;
import dev.interposer.cli.command.WatchCommand;
import dev.interposer.cli.output.Failures;
import dev.interposer.cli.up.DownCommand;
import dev.interposer.cli.up.UpCommand;
import io.grpc.StatusRuntimeException;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.HelpCommand;

/** The {@code interposer} command. */
@Command(
        name = "interposer",
        mixinStandardHelpOptions = true,
        versionProvider = Version.class,
        description = "One scheduler for accelerators of several suppliers.",
        subcommands = {
            UpCommand.class,
            DownCommand.class,
            StatusCommand.class,
            SupplyCommand.class,
            SubmitCommand.class,
            ApplyCommand.class,
            GetCommand.class,
            WatchCommand.class,
            ExplainCommand.class,
            LogsCommand.class,
            CancelCommand.class,
            DeleteCommand.class,
            NodeCommands.Fence.class,
            NodeCommands.Cordon.class,
            NodeCommands.Drain.class,
            NodeCommands.Uncordon.class,
            ResumeCommand.class,
            FsckCommand.class,
            ReplayCommand.class,
            BenchCommand.class,
            HelpCommand.class
        },
        footer = {
            "",
            "Exit codes: 0 done; 1 refused; 2 wrong usage; 3 not found; 4 the server can't be reached;",
            "5 no permission; 6 no room or no answer in time, may be tried again;",
            "7 a replay that explains too little.",
            "The server and the token come from ~/.interposer (INTERPOSER_HOME), or from",
            "INTERPOSER_SERVER and INTERPOSER_TOKEN_FILE."
        })
public final class Main {
    private Main() {}

    public static void main(String[] arguments) {
        System.exit(run(arguments));
    }

    static int run(String[] arguments) {
        return new CommandLine(new Main())
                .setCaseInsensitiveEnumValuesAllowed(true)
                .setExecutionExceptionHandler((error, line, parsed) -> {
                    if (error instanceof CliException refused) {
                        line.getErr().println("error: " + refused.getMessage());
                        return refused.exitCode();
                    }
                    if (error instanceof StatusRuntimeException status) {
                        Failures.print(status, line.getErr());
                        return Failures.exitCode(status);
                    }
                    throw error;
                })
                .execute(arguments);
    }
}

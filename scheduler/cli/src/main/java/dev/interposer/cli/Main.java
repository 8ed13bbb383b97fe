package dev.interposer.cli;

import dev.interposer.cli.bench.BenchCommand;
import dev.interposer.cli.client.CliException;
import dev.interposer.cli.command.ApplyCommand;
import dev.interposer.cli.command.CancelCommand;
import dev.interposer.cli.command.CompletionCommand;
import dev.interposer.cli.command.ConvertCommand;
import dev.interposer.cli.command.CreateCommand;
import dev.interposer.cli.command.DeleteCommand;
import dev.interposer.cli.command.DescribeCommand;
import dev.interposer.cli.command.ExplainCommand;
import dev.interposer.cli.command.FsckCommand;
import dev.interposer.cli.command.GetCommand;
import dev.interposer.cli.command.LogsCommand;
import dev.interposer.cli.command.NodeCommands;
import dev.interposer.cli.command.ReplayCommand;
import dev.interposer.cli.command.ResumeCommand;
import dev.interposer.cli.command.RevokeCommand;
import dev.interposer.cli.command.RotateCommand;
import dev.interposer.cli.command.ScaleCommand;
import dev.interposer.cli.command.StatusCommand;
import dev.interposer.cli.command.SubmitCommand;
import dev.interposer.cli.command.SupplyCommand;
import dev.interposer.cli.command.WatchCommand;
import dev.interposer.cli.output.Failures;
import dev.interposer.cli.up.DownCommand;
import dev.interposer.cli.up.UpCommand;
import io.grpc.StatusRuntimeException;
import java.util.LinkedHashMap;
import java.util.Map;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.HelpCommand;

/** The {@code interposer} command. */
@Command(
        name = "interposer",
        mixinStandardHelpOptions = true,
        versionProvider = Version.class,
        description = "One scheduler for accelerators of several suppliers.",
        footer = {
            "",
            "Kinds: jobs, history, nodes, devices, classes, suppliers, queues, orders, policies, tokens, authorities;",
            "one is meant by the singular, and names go last: interposer VERB KIND NAME.",
            "",
            "Exit codes: 0 done; 1 refused; 2 wrong usage; 3 not found; 4 the server can't be reached;",
            "5 no permission; 6 no room or no answer in time, may be tried again;",
            "7 a replay that explains too little; 8 the job that was watched failed or was cancelled;",
            "9 what was not foreseen.",
            "",
            "The server and the token come from ~/.interposer (INTERPOSER_HOME), or from",
            "INTERPOSER_SERVER and INTERPOSER_TOKEN_FILE."
        })
public final class Main {
    private Main() {}

    public static void main(String[] arguments) {
        System.exit(run(arguments));
    }

    static int run(String[] arguments) {
        return line(arguments).execute(arguments);
    }

    /** Reading what every verb takes is a fifth of a start: a verb that is named needs no other. */
    static CommandLine line(String[] arguments) {
        CommandLine whole = new CommandLine(new Main());
        Map<String, Class<?>> verbs = verbs();
        Class<?> named = arguments.length == 0 ? null : verbs.get(arguments[0]);
        if (named != null && !named.equals(CompletionCommand.class)) {
            whole.addSubcommand(named);
        } else {
            verbs.values().forEach(whole::addSubcommand);
            whole.addSubcommand(HelpCommand.class);
        }
        return whole.setCaseInsensitiveEnumValuesAllowed(true).setExecutionExceptionHandler((error, line, parsed) -> {
            if (error instanceof CliException refused) {
                line.getErr().println("error: " + refused.getMessage());
                line.getErr().flush();
                return refused.exitCode();
            }
            if (error instanceof StatusRuntimeException status) {
                Failures.print(status, line.getErr());
                return Failures.exitCode(status);
            }
            line.getErr().println("error: " + Failures.unforeseen(error));
            line.getErr().flush();
            return CliException.FAULT;
        });
    }

    /** In the order of the help. */
    private static Map<String, Class<?>> verbs() {
        Map<String, Class<?>> verbs = new LinkedHashMap<>();
        verbs.put("up", UpCommand.class);
        verbs.put("down", DownCommand.class);
        verbs.put("status", StatusCommand.class);
        verbs.put("supply", SupplyCommand.class);
        verbs.put("convert", ConvertCommand.class);
        verbs.put("submit", SubmitCommand.class);
        verbs.put("apply", ApplyCommand.class);
        verbs.put("get", GetCommand.class);
        verbs.put("describe", DescribeCommand.class);
        verbs.put("watch", WatchCommand.class);
        verbs.put("explain", ExplainCommand.class);
        verbs.put("logs", LogsCommand.class);
        verbs.put("cancel", CancelCommand.class);
        verbs.put("scale", ScaleCommand.class);
        verbs.put("delete", DeleteCommand.class);
        verbs.put("fence", NodeCommands.Fence.class);
        verbs.put("cordon", NodeCommands.Cordon.class);
        verbs.put("drain", NodeCommands.Drain.class);
        verbs.put("uncordon", NodeCommands.Uncordon.class);
        verbs.put("create", CreateCommand.class);
        verbs.put("revoke", RevokeCommand.class);
        verbs.put("rotate", RotateCommand.class);
        verbs.put("resume", ResumeCommand.class);
        verbs.put("fsck", FsckCommand.class);
        verbs.put("replay", ReplayCommand.class);
        verbs.put("bench", BenchCommand.class);
        verbs.put("completion", CompletionCommand.class);
        return verbs;
    }
}

package dev.interposer.cli.bench;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.interposer.cli.client.CliException;
import dev.interposer.cli.output.Format;
import dev.interposer.simulation.openb.TraceException;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;
import picocli.CommandLine.TypeConversionException;

/** {@code bench live}: what a whole installation of real processes does under an open load. */
@Command(
        name = "live",
        mixinStandardHelpOptions = true,
        description = {
            "Start PostgreSQL, a server, simulated agents, a submitting and a watching process, and measure.",
            "Jobs come at a fixed rate, whatever becomes of those before. A job counts when its assignment is durable",
            "and has reached the watching process; its latency runs from the time at which it was due to be sent."
        },
        footer = {
            "",
            "Example, with the folder of the public trace in $T:",
            "  interposer bench live --rate 1000 --backlog 100000 \\",
            "    --nodes $T/openb_node_list_gpu_node.csv --pods $T/openb_pod_list_default.csv"
        })
public final class LiveCommand implements Callable<Integer> {
    /** Offered by a shell. */
    static final class Forms implements Iterable<String> {
        @Override
        public Iterator<String> iterator() {
            return List.of("table", "json").iterator();
        }
    }

    @Option(names = "--server", paramLabel = "HOST:PORT", description = "A server of yours in place of one of its own.")
    private @Nullable String server;

    @Option(names = "--token-file", paramLabel = "FILE", description = "Token of role admin for --server.")
    private @Nullable Path tokenFile;

    @Option(names = "--agent-token-file", paramLabel = "FILE", description = "Token of role agent for --server.")
    private @Nullable Path agentTokenFile;

    @Option(names = "--nodes", paramLabel = "FILE", description = "openb list of nodes, looped; else synthetic nodes.")
    private @Nullable Path nodes;

    @Option(names = "--pods", paramLabel = "FILE", description = "openb list of pods, looped; else a synthetic mix.")
    private @Nullable Path pods;

    @Option(names = "--fleet-size", defaultValue = "10000", description = "Nodes; default: ${DEFAULT-VALUE}.")
    private int fleetSize;

    @Option(names = "--agent-processes", defaultValue = "2", description = "Default: ${DEFAULT-VALUE}.")
    private int agentProcesses;

    @Option(names = "--rate", defaultValue = "10000", description = "Jobs a second; default: ${DEFAULT-VALUE}.")
    private double rate;

    @Option(names = "--backlog", defaultValue = "0", description = "Jobs that wait all the while.")
    private int backlog;

    @Option(
            names = "--warmup",
            defaultValue = "30s",
            converter = Seconds.class,
            description = "In which the rate rises from nothing; default: ${DEFAULT-VALUE}.")
    private int warmupSeconds;

    @Option(
            names = "--measure",
            defaultValue = "120s",
            converter = Seconds.class,
            description = "Default: ${DEFAULT-VALUE}.")
    private int measureSeconds;

    @Option(
            names = "--server-option",
            paramLabel = "OPTION",
            description = "More options of the server's JVM, such as -Xmx600m or -Dinterposer.agents.heartbeat=1s.")
    private List<String> serverOptions = List.of();

    @Option(names = "--folder", paramLabel = "FOLDER", description = "Logs and data; default: a new temporary one.")
    private @Nullable Path folder;

    @Option(
            names = {"-o", "--output"},
            defaultValue = "table",
            completionCandidates = Forms.class,
            description = "table or json.")
    private Format format;

    @Spec
    private CommandSpec spec;

    /** {@code 30s}, {@code 2m} or {@code 30}. */
    static final class Seconds implements ITypeConverter<Integer> {
        @Override
        public Integer convert(String value) {
            if (!value.matches("\\d{1,5}[sm]?")) {
                throw new TypeConversionException("'" + value + "' must be a time such as 30s or 2m");
            }
            int number = Integer.parseInt(value.replaceAll("[sm]", ""));
            return value.endsWith("m") ? number * 60 : number;
        }
    }

    @Override
    public Integer call() throws IOException, InterruptedException {
        check();
        PrintWriter out = spec.commandLine().getOut();
        LiveResult result;
        try (LiveRun run = new LiveRun(options(), spec.commandLine().getErr())) {
            result = run.run();
        } catch (TraceException e) {
            throw new CliException(CliException.USAGE, String.valueOf(e.getMessage()));
        }
        if (format == Format.JSON) {
            out.println(json(result));
        } else {
            result.print(out);
        }
        out.flush();
        return result.lost() + result.doubled() > 0 ? 1 : 0;
    }

    private LiveOptions options() {
        return new LiveOptions(
                server == null ? null : new LiveOptions.Given(server, require(tokenFile), require(agentTokenFile)),
                nodes,
                pods,
                fleetSize,
                agentProcesses,
                rate,
                backlog,
                warmupSeconds,
                measureSeconds,
                serverOptions,
                folder,
                null);
    }

    private static Path require(@Nullable Path file) {
        if (file == null) {
            throw new CliException(CliException.USAGE, "--server needs --token-file and --agent-token-file");
        }
        return file;
    }

    private void check() {
        if (rate <= 0 || rate > 1_000_000) {
            throw new CliException(CliException.USAGE, "--rate (" + rate + ") must be above 0 and at most 1000000");
        }
        if (fleetSize < 1 || fleetSize > 100_000 || agentProcesses < 1 || agentProcesses > fleetSize) {
            throw new CliException(
                    CliException.USAGE,
                    "--fleet-size (" + fleetSize + ") must be 1 to 100000 and --agent-processes (" + agentProcesses
                            + ") 1 to that");
        }
        if (backlog < 0 || measureSeconds < 1) {
            throw new CliException(
                    CliException.USAGE,
                    "--backlog (" + backlog + ") must be at least 0, --measure (" + measureSeconds + ") at least 1s");
        }
    }

    private static String json(LiveResult result) throws JsonProcessingException {
        return new ObjectMapper().writerWithDefaultPrettyPrinter().writeValueAsString(result.json());
    }
}

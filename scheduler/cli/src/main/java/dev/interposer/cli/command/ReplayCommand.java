package dev.interposer.cli.command;

import dev.interposer.cli.client.CliException;
import dev.interposer.cli.client.Client;
import dev.interposer.cli.client.ServerOptions;
import dev.interposer.cli.output.Format;
import dev.interposer.cli.output.Messages;
import dev.interposer.cli.output.Progress;
import dev.interposer.cli.output.Table;
import dev.interposer.engine.placement.BestFit;
import dev.interposer.engine.placement.PlacementPolicy;
import dev.interposer.simulation.openb.Fgd;
import dev.interposer.simulation.openb.OpenbReplay;
import dev.interposer.simulation.openb.ReplayResult;
import dev.interposer.simulation.openb.TaskMix;
import dev.interposer.simulation.openb.Trace;
import dev.interposer.simulation.openb.TraceException;
import dev.interposer.simulation.redecide.Redecision;
import dev.interposer.simulation.redecide.StillWaiting;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code replay}: a public trace in virtual time, or the decisions of a live server once more. */
@Command(
        name = "replay",
        mixinStandardHelpOptions = true,
        description = "Replay a public trace in virtual time, or take a live server's decisions again.",
        footer = {
            "",
            "Example, with the traces' folder in $T:",
            "  interposer replay --format openb --nodes $T/openb_node_list_gpu_node.csv \\",
            "    --pods $T/openb_pod_list_default.csv --order $T/order/default_pods.csv \\",
            "    --labels $T/order/default_nodes.csv --seed 42 --policy fgd",
            "",
            "A live server's state to a file, which needs an operator's token; and its decisions again, here,",
            "with what those are told who wait at the end:",
            "  interposer replay --dump state.dump",
            "  interposer replay --load state.dump"
        })
public final class ReplayCommand implements Callable<Integer> {
    private static final int MOST_SHOWN = 20;

    /** Offered by a shell. */
    static final class Policies implements Iterable<String> {
        @Override
        public Iterator<String> iterator() {
            return List.of("best-fit", "fgd").iterator();
        }
    }

    /** Offered by a shell. */
    static final class Forms implements Iterable<String> {
        @Override
        public Iterator<String> iterator() {
            return List.of("table", "json", "yaml").iterator();
        }
    }

    @Option(names = "--format", defaultValue = "openb", description = "Form of the trace: openb.")
    private String form;

    @Option(names = "--dump", paramLabel = "FILE", description = "Write a live server's state to this file.")
    private @Nullable Path dump;

    @Option(names = "--load", paramLabel = "FILE", description = "Take the decisions in this file again.")
    private @Nullable Path load;

    @Mixin
    private ServerOptions server;

    @Option(names = "--nodes", paramLabel = "FILE", description = "List of nodes.")
    private @Nullable Path nodes;

    @Option(names = "--pods", paramLabel = "FILE", description = "List of pods.")
    private @Nullable Path pods;

    @Option(names = "--order", paramLabel = "FILE", description = "Order of arrival, a column a seed.")
    private @Nullable Path order;

    @Option(names = "--labels", paramLabel = "FILE", description = "Order of nodes, a column a seed.")
    private @Nullable Path labels;

    @Option(
            names = "--seed",
            defaultValue = "42",
            description = "Column of the order files; default: ${DEFAULT-VALUE}.")
    private int seed;

    @Option(
            names = "--policy",
            defaultValue = "best-fit",
            completionCandidates = Policies.class,
            description = "best-fit or fgd; default: ${DEFAULT-VALUE}.")
    private String policy;

    @Option(
            names = {"-o", "--output"},
            defaultValue = "table",
            completionCandidates = Forms.class,
            description = "table, json or yaml.")
    private Format format;

    @Spec
    private CommandSpec spec;

    @Override
    public Integer call() {
        if (format == Format.WIDE || format == Format.NAME) {
            throw new CliException(
                    CliException.USAGE,
                    "--output (" + format.name().toLowerCase(Locale.ROOT) + ") must be table, json or yaml");
        }
        if (dump != null) {
            return dump(dump);
        }
        if (load != null) {
            return load(load);
        }
        if (!form.equals("openb")) {
            throw new CliException(CliException.USAGE, "--format (" + form + ") must be openb");
        }
        PrintWriter out = spec.commandLine().getOut();
        try {
            Trace trace = Trace.read(
                    new Trace.Files(
                            given("--nodes", nodes),
                            given("--pods", pods),
                            given("--order", order),
                            given("--labels", labels)),
                    seed);
            int pods = trace.arrivals().size();
            ReplayResult result;
            try (Progress progress = Progress.of("of " + pods + " pods", pods)) {
                result = new OpenbReplay(trace, policy(trace)).run(progress::at);
            }
            if (format == Format.TABLE) {
                print(trace, result, out);
            } else {
                out.print(Messages.text(json(result), format));
            }
            out.flush();
            explained(result);
        } catch (TraceException e) {
            throw new CliException(CliException.USAGE, String.valueOf(e.getMessage()));
        }
        out.flush();
        return 0;
    }

    /** A replay whose reasons say too little has failed. */
    static void explained(ReplayResult result) {
        explained("pods that found no place", result.vaguePods(), result.unplacedPods());
    }

    private static void explained(String who, long vague, long all) {
        if (ReplayResult.tooVague(vague, all)) {
            throw new CliException(
                    CliException.UNEXPLAINED,
                    vague + " of " + all + " " + who + " are told only that they wait; at most "
                            + ReplayResult.MOST_VAGUE_PERCENT + " % may be");
        }
    }

    private static Path given(String option, @Nullable Path file) {
        if (file == null) {
            throw new CliException(CliException.USAGE, option + " is missing. Maybe --load to decide a dump again?");
        }
        return file;
    }

    private int dump(Path file) {
        try (Client client = server.connect()) {
            long bytes = Progress.during("writing " + file, () -> StateDump.write(client, file));
            spec.commandLine().getOut().printf("%s has %d bytes%n", file, bytes);
        }
        spec.commandLine().getOut().flush();
        return 0;
    }

    private int load(Path file) {
        StateDump.Loaded loaded;
        try (Progress progress = Progress.of("deciding again", StateDump.bytes(file))) {
            loaded = StateDump.load(file, progress::at);
        }
        Redecision again = loaded.redecision();
        StillWaiting waiting = again.stillWaiting();
        PrintWriter out = spec.commandLine().getOut();
        if (format == Format.JSON || format == Format.YAML) {
            Map<String, Object> json = new LinkedHashMap<>();
            json.put("engineVersion", loaded.head().getEngineVersion());
            json.put("revision", again.revision());
            json.put("decisions", again.decisions());
            json.put("sameState", loaded.sameState());
            json.put("differences", again.differences());
            json.put("stillWaiting", waiting.gangs());
            json.put("vague", waiting.vague());
            json.put("reasons", waiting.reasons());
            out.print(Messages.text(json, format));
        } else {
            Table table = new Table("REVISION", "RECORDED", "NOW");
            again.differences().stream()
                    .limit(MOST_SHOWN)
                    .forEach(found -> table.row(found.revision(), found.recorded(), found.decided()));
            if (!again.differences().isEmpty()) {
                table.print(out);
            }
            out.printf(
                    "%d decisions of engine %s up to revision %d: %s; the state at the end is %s%n",
                    again.decisions(),
                    loaded.head().getEngineVersion(),
                    again.revision(),
                    again.differences().isEmpty()
                            ? "all the same"
                            : again.differences().size() + " differ",
                    loaded.sameState() ? "the same" : "another");
            out.printf("%d gangs still wait for a place%n", waiting.gangs());
            waiting.reasons().forEach((reason, count) -> out.printf("  %s  %d%n", reason, count));
        }
        out.flush();
        if (!loaded.same()) {
            return 1;
        }
        explained("gangs that wait at the end", waiting.vague(), waiting.gangs());
        return 0;
    }

    private PlacementPolicy policy(Trace trace) {
        return switch (policy) {
            case "best-fit" -> new BestFit();
            case "fgd" -> new Fgd(TaskMix.of(trace.pods()));
            default -> throw new CliException(CliException.USAGE, "--policy (" + policy + ") must be best-fit or fgd");
        };
    }

    private void print(Trace trace, ReplayResult result, PrintWriter out) {
        out.printf(
                "%d nodes, %d devices, %d pods arrived, policy %s, seed %d%n%n",
                trace.nodes().size(), trace.capacityMilli() / 1000, result.arrivedPods(), policy, seed);
        Table table = new Table("ARRIVED", "ALLOCATED");
        for (int percent = 80; percent <= 130; percent += 10) {
            Double allocated = result.allocatedPercentByArrived().get(percent);
            if (allocated != null) {
                table.row(percent + " %", String.format(Locale.ROOT, "%.2f %%", allocated));
            }
        }
        table.print(out);
        out.printf("%n%d pods found no place and were dropped:%n", result.unplacedPods());
        int width = result.reasons().keySet().stream()
                .mapToInt(String::length)
                .max()
                .orElse(0);
        result.reasons().forEach((reason, count) -> out.printf("  %-" + width + "s  %d%n", reason, count));
        ReplayResult.Waiting waiting = result.waiting();
        out.printf(
                Locale.ROOT,
                "waited from arrival to placement: mean %.1f s, at most %.1f s of virtual time; %d still wait%n",
                waiting.meanMicros() / 1e6,
                waiting.mostMicros() / 1e6,
                waiting.stillWaiting());
        out.printf(
                Locale.ROOT,
                "%.0f placements a second, everything included; a decision took %d µs (p50), %d µs (p99)%n",
                result.placementsPerSecond(),
                waiting.decisionP50Micros(),
                waiting.decisionP99Micros());
    }

    private static Map<String, @Nullable Object> json(ReplayResult result) {
        Map<String, @Nullable Object> json = new LinkedHashMap<>();
        json.put("allocatedPercentAt100", known(result.allocatedPercentAt100()));
        json.put("allocatedPercentAt130", known(result.allocatedPercentAt130()));
        json.put("unplacedPods", result.unplacedPods());
        json.put("vaguePods", result.vaguePods());
        json.put("placementsPerSecond", result.placementsPerSecond());
        json.put("arrivedPods", result.arrivedPods());
        json.put("waiting", waiting(result.waiting()));
        json.put("reasons", result.reasons());
        return json;
    }

    private static Map<String, Object> waiting(ReplayResult.Waiting waiting) {
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("meanSeconds", waiting.meanMicros() / 1e6);
        json.put("mostSeconds", waiting.mostMicros() / 1e6);
        json.put("stillWaiting", waiting.stillWaiting());
        json.put("decisionP50Micros", waiting.decisionP50Micros());
        json.put("decisionP99Micros", waiting.decisionP99Micros());
        return json;
    }

    /** JSON has no NaN: so much never arrived. */
    private static @Nullable Double known(double value) {
        return Double.isNaN(value) ? null : value;
    }
}

package dev.interposer.cli.command;

import dev.interposer.cli.client.CliException;
import java.io.PrintWriter;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.AutoComplete;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code completion}. */
@Command(
        name = "completion",
        mixinStandardHelpOptions = true,
        description = "Print what makes a shell complete verbs, kinds and options.",
        footer = {
            "",
            "Examples: source <(interposer completion bash)",
            "          source <(interposer completion zsh)",
            "          interposer completion fish > ~/.config/fish/completions/interposer.fish"
        })
public final class CompletionCommand implements Callable<Integer> {
    @Parameters(paramLabel = "SHELL", completionCandidates = Shells.class, description = "bash, zsh or fish.")
    private String shell;

    @Spec
    private CommandSpec spec;

    /** Offered after the verb. */
    static final class Shells implements Iterable<String> {
        @Override
        public Iterator<String> iterator() {
            return List.of("bash", "zsh", "fish").iterator();
        }
    }

    @Override
    public Integer call() {
        CommandLine whole = spec.root().commandLine();
        PrintWriter out = spec.commandLine().getOut();
        switch (shell) {
            // The script for bash asks which shell reads it, and calls zsh's translation of bash's completions.
            case "bash", "zsh" -> out.print(AutoComplete.bash("interposer", whole));
            case "fish" -> fish(whole, out);
            default ->
                throw new CliException(CliException.USAGE, "shell (" + shell + ") must be one of bash, zsh, fish");
        }
        out.flush();
        return 0;
    }

    private static void fish(CommandLine whole, PrintWriter out) {
        out.println("complete -c interposer -f");
        for (Map.Entry<String, CommandLine> verb : whole.getSubcommands().entrySet()) {
            CommandSpec spec = verb.getValue().getCommandSpec();
            if (spec.usageMessage().hidden()) {
                continue;
            }
            out.println("complete -c interposer -n __fish_use_subcommand -a " + verb.getKey() + " -d "
                    + quoted(String.join(" ", spec.usageMessage().description())));
            String after = " -n '__fish_seen_subcommand_from " + verb.getKey() + "'";
            spec.positionalParameters().stream()
                    .map(CommandLine.Model.ArgSpec::completionCandidates)
                    .filter(candidates ->
                            candidates != null && candidates.iterator().hasNext())
                    .findFirst()
                    .ifPresent(candidates -> out.println(
                            "complete -c interposer" + after + " -a '" + String.join(" ", candidates) + "'"));
            for (OptionSpec option : spec.options()) {
                out.println("complete -c interposer" + after + names(option)
                        + (option.arity().max() > 0 ? " -r" : "") + " -d "
                        + quoted(String.join(" ", option.description())));
            }
        }
    }

    private static String names(OptionSpec option) {
        StringBuilder names = new StringBuilder();
        Arrays.stream(option.names())
                .forEach(name ->
                        names.append(name.startsWith("--") ? " -l " + name.substring(2) : " -s " + name.substring(1)));
        return names.toString();
    }

    private static String quoted(String text) {
        return "'" + text.replace("\\", "\\\\").replace("'", "\\'") + "'";
    }
}

package dev.interposer.cli.command;

import dev.interposer.cli.client.CliException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.AutoComplete;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.ArgSpec;
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
        // No files but where one is meant.
        out.println("complete -c interposer -f");
        for (Map.Entry<String, CommandLine> verb : shown(whole).entrySet()) {
            offer("__fish_use_subcommand", verb, out);
            fish(verb.getValue(), "__fish_seen_subcommand_from " + verb.getKey(), out);
        }
    }

    /** What may come after a verb, or after a word that a verb has below it. */
    private static void fish(CommandLine command, String seen, PrintWriter out) {
        Map<String, CommandLine> below = shown(command);
        String here = below.isEmpty()
                ? seen
                : seen + "; and not __fish_seen_subcommand_from " + String.join(" ", below.keySet());
        for (Map.Entry<String, CommandLine> word : below.entrySet()) {
            offer(here, word, out);
            fish(word.getValue(), seen + "; and __fish_seen_subcommand_from " + word.getKey(), out);
        }
        CommandSpec spec = command.getCommandSpec();
        String start = "complete -c interposer -n '" + here + "'";
        spec.positionalParameters().stream()
                .map(CompletionCommand::values)
                .filter(values -> !values.isEmpty())
                .findFirst()
                .ifPresent(values -> out.println(start + values));
        for (OptionSpec option : spec.options()) {
            String values = values(option);
            out.println(start + names(option)
                    + (values.isEmpty() && option.arity().max() > 0 ? " -r" : values) + " -d "
                    + quoted(String.join(" ", option.description())));
        }
    }

    private static Map<String, CommandLine> shown(CommandLine command) {
        Map<String, CommandLine> shown = new LinkedHashMap<>();
        command.getSubcommands().forEach((name, below) -> {
            if (!below.getCommandSpec().usageMessage().hidden()) {
                shown.put(name, below);
            }
        });
        return shown;
    }

    private static void offer(String when, Map.Entry<String, CommandLine> word, PrintWriter out) {
        String about =
                String.join(" ", word.getValue().getCommandSpec().usageMessage().description());
        out.println("complete -c interposer -n " + (when.contains(" ") ? "'" + when + "'" : when) + " -a "
                + word.getKey() + " -d " + quoted(about));
    }

    /** What fish is told of the values of an option, or of what stands by itself; empty if nothing is known. */
    private static String values(ArgSpec argument) {
        Iterable<String> candidates = argument.completionCandidates();
        if (candidates != null && candidates.iterator().hasNext()) {
            return (argument.isOption() ? " -x" : "") + " -a '" + String.join(" ", candidates) + "'";
        }
        boolean file = Arrays.asList(argument.auxiliaryTypes()).contains(Path.class);
        return file ? (argument.isOption() ? " -r -F" : " -F") : "";
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

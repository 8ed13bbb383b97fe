package dev.interposer.cli.command;

import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code submit}. */
@Command(
        name = "submit",
        mixinStandardHelpOptions = true,
        description = "Submit new jobs; a name that is taken is an error.",
        footer = {"", "Example: interposer submit examples/hello.yaml"})
public final class SubmitCommand implements Callable<Integer> {
    @Mixin
    private Context context;

    @Parameters(paramLabel = "FILE", arity = "1..*", description = "Manifests; - for standard input.")
    private List<Path> files;

    @Option(names = "--dry-run", description = "Check only, and say what would become of each job.")
    private boolean dryRun;

    @Override
    public Integer call() {
        return ManifestSender.send(context, files, dryRun, true);
    }
}

package dev.interposer.cli.command;

import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code apply}. */
@Command(
        name = "apply",
        mixinStandardHelpOptions = true,
        description = "Create or change the objects of manifests: the same files that kubectl applies.",
        footer = {"", "Example: interposer apply -f examples/queues.yaml"})
public final class ApplyCommand implements Callable<Integer> {
    @Mixin
    private Context context;

    @Option(
            names = {"-f", "--filename"},
            required = true,
            paramLabel = "FILE",
            description = "Manifests; - for standard input.")
    private List<Path> files;

    @Option(names = "--dry-run", description = "Check only, and say what would become of each job.")
    private boolean dryRun;

    @Override
    public Integer call() {
        return ManifestSender.send(context, files, dryRun, false);
    }
}

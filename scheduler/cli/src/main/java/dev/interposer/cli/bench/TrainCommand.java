package dev.interposer.cli.bench;

import dev.interposer.cli.client.CliException;
import dev.interposer.cli.up.Installation;
import dev.interposer.simulation.openb.TraceException;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/**
 * {@code bench train}: lets a server do for some seconds what servers do, so that later ones find its classes linked
 * and know from their first moment which methods to compile, and how (an AOT cache of the JDK).
 *
 * <p>A restart is a third of it: a first server, not trained, leaves a snapshot and pages; the second reads them and
 * leads, and is trained. What it leaves is tied to the build and the JDK, so whoever builds the server trains it.
 */
@Command(
        name = "train",
        hidden = true,
        mixinStandardHelpOptions = true,
        description = "Run a small installation twice, so that the server starts faster from then on.")
public final class TrainCommand implements Callable<Integer> {
    private static final int NODES = 500;
    private static final int RATE = 500;
    private static final int WARMUP_SECONDS = 1;
    private static final int MEASURE_SECONDS = 5;
    private static final int BACKLOG = 5000;

    private final Installation installation = new Installation();

    @Spec
    private CommandSpec spec;

    @Override
    public Integer call() throws IOException, InterruptedException {
        Path trained = installation.trainedServer();
        Path folder = Files.createTempDirectory("interposer-train");
        Path result = trained.resolveSibling(
                trained.getFileName() + "." + ProcessHandle.current().pid());
        try {
            run(folder, BACKLOG, null);
            run(folder, 0, result);
            if (!Files.exists(result)) {
                throw new CliException(1, "the server left nothing; the end of its log may say why");
            }
            deleteOthers(trained);
            Files.move(result, trained, StandardCopyOption.ATOMIC_MOVE);
        } finally {
            Files.deleteIfExists(result);
            delete(folder);
        }
        PrintWriter out = spec.commandLine().getOut();
        out.println("the server starts with " + trained);
        out.flush();
        return 0;
    }

    private void run(Path folder, int backlog, @Nullable Path trainedTo) throws IOException, InterruptedException {
        LiveOptions options = new LiveOptions(
                null,
                null,
                null,
                NODES,
                1,
                RATE,
                backlog,
                WARMUP_SECONDS,
                MEASURE_SECONDS,
                List.of("-Dinterposer.ledger.snapshot-every=2s"),
                folder,
                trainedTo);
        try (LiveRun run = new LiveRun(options, spec.commandLine().getErr())) {
            run.run();
        } catch (TraceException e) {
            throw new IllegalStateException("a run without a trace has none to read", e);
        }
    }

    private static void deleteOthers(Path trained) throws IOException {
        try (Stream<Path> files = Files.list(trained.getParent())) {
            for (Path file :
                    files.filter(one -> one.toString().endsWith(".aot")).toList()) {
                Files.delete(file);
            }
        }
    }

    private static void delete(Path folder) throws IOException {
        try (Stream<Path> files = Files.walk(folder)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(file);
            }
        }
    }
}

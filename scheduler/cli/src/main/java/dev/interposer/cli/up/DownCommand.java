package dev.interposer.cli.up;

import dev.interposer.cli.client.CliException;
import dev.interposer.cli.client.ServerOptions;
import dev.interposer.cli.output.Progress;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** {@code down}: ends what {@code up} started, also when that {@code up} was killed. */
@Command(
        name = "down",
        mixinStandardHelpOptions = true,
        description = "End what `interposer up` started on this machine.",
        footer = {"", "Example: interposer down"})
public final class DownCommand implements Callable<Integer> {
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    @Spec
    private CommandSpec spec;

    @Override
    public Integer call() throws IOException {
        Path home = ServerOptions.home().toAbsolutePath();
        UpProcesses processes = new UpProcesses(home);
        PrintWriter out = spec.commandLine().getOut();
        Optional<UpProcesses.Living> up = processes.up();
        if (up.isPresent()) {
            end(up.get().process(), PATIENCE);
        }
        List<UpProcesses.Living> left;
        Progress progress = Progress.of("ending what was left behind", 0);
        try {
            left = processes.endLeftBehind();
        } finally {
            progress.close();
        }
        up.ifPresent(ended -> out.println("process " + ended.process().pid()
                + (left.isEmpty() ? " and all that it started have ended" : " has ended")));
        left.forEach(living -> out.println(living + " had been left behind and has ended"));
        out.flush();
        if (up.isEmpty() && left.isEmpty()) {
            throw new CliException(CliException.NOT_FOUND, "nothing runs here");
        }
        return 0;
    }

    /** Not by force: it would leave behind what it can end itself. */
    static void end(ProcessHandle process, Duration patience) {
        process.destroy();
        Progress progress = Progress.of("process " + process.pid() + " ends what it started", 0);
        try {
            process.onExit().get(patience.toMillis(), TimeUnit.MILLISECONDS);
        } catch (TimeoutException e) {
            throw new CliException(
                    CliException.LATER,
                    "process " + process.pid() + " has not ended in " + patience.toSeconds() + " s. Maybe `kill -9 "
                            + process.pid() + "`, and `interposer down` once more for what it started?");
        } catch (ExecutionException e) {
            throw new IllegalStateException("the end of process " + process.pid() + " can't be awaited", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new CliException(CliException.LATER, "process " + process.pid() + " was not awaited to its end");
        } finally {
            progress.close();
        }
    }
}

package dev.interposer.cli.up;

import dev.interposer.cli.client.CliException;
import dev.interposer.cli.client.ServerOptions;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
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
    private static final long PATIENCE_SECONDS = 60;

    @Spec
    private CommandSpec spec;

    @Override
    public Integer call() throws IOException {
        Path home = ServerOptions.home().toAbsolutePath();
        UpProcesses processes = new UpProcesses(home);
        PrintWriter out = spec.commandLine().getOut();
        Optional<UpProcesses.Living> up = processes.up();
        if (up.isPresent()) {
            ProcessHandle process = up.get().process();
            process.destroy();
            process.onExit().orTimeout(PATIENCE_SECONDS, TimeUnit.SECONDS).join();
        }
        List<UpProcesses.Living> left = processes.endLeftBehind();
        up.ifPresent(ended -> out.println("process " + ended.process().pid()
                + (left.isEmpty() ? " and all that it started have ended" : " has ended")));
        left.forEach(living -> out.println(living + " had been left behind and has ended"));
        out.flush();
        if (up.isEmpty() && left.isEmpty()) {
            throw new CliException(CliException.NOT_FOUND, "nothing runs here");
        }
        return 0;
    }
}

package dev.interposer.cli.up;

import dev.interposer.cli.client.CliException;
import dev.interposer.cli.client.ServerOptions;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** {@code down}: ends what {@code up} started. */
@Command(
        name = "down",
        mixinStandardHelpOptions = true,
        description = "End what `interposer up` started on this machine.")
public final class DownCommand implements Callable<Integer> {
    @Spec
    private CommandSpec spec;

    @Override
    public Integer call() throws IOException {
        Path file = ServerOptions.home().resolve("up.pid");
        if (!Files.exists(file)) {
            throw new CliException(CliException.NOT_FOUND, "nothing runs here");
        }
        long pid = Long.parseLong(Files.readString(file).strip());
        Optional<ProcessHandle> process = ProcessHandle.of(pid)
                .filter(ProcessHandle::isAlive)
                .filter(found -> found.info().command().orElse("").contains("java"));
        if (process.isEmpty()) {
            throw new CliException(CliException.NOT_FOUND, "nothing runs here");
        }
        process.get().destroy();
        process.get().onExit().orTimeout(60, TimeUnit.SECONDS).join();
        spec.commandLine().getOut().println("process " + pid + " and all that it started have ended");
        spec.commandLine().getOut().flush();
        return 0;
    }
}

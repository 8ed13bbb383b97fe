package dev.interposer.cli.up;

import dev.interposer.cli.Main;
import dev.interposer.cli.client.CliException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Where the parts are, and how each is started. */
public final class Installation {
    private final Path root;

    public Installation() {
        String given = System.getenv("INTERPOSER_ROOT");
        this.root = Path.of(given == null ? "." : given).toAbsolutePath().normalize();
    }

    public Path file(String relative) {
        return root.resolve(relative);
    }

    /**
     * The server; settings are system properties and options of the JVM. It begins with what {@code bench train} left
     * for it, if that was done.
     */
    public List<String> server(Path home, List<String> settings) {
        Path trained = trainedServer();
        return server(home, settings, Files.exists(trained) ? List.of("-XX:AOTCache=" + trained) : List.of());
    }

    /** The server as it is trained: at its end it writes what a later one begins with. */
    public List<String> serverInTraining(Path home, List<String> settings, Path result) {
        return server(home, settings, List.of("-XX:AOTCacheOutput=" + result));
    }

    private List<String> server(Path home, List<String> settings, List<String> cache) {
        List<String> command = new ArrayList<>(List.of(java(), "@" + file("scheduler/server/server.jvmoptions")));
        command.addAll(cache);
        command.add("-Dinterposer.home=" + home);
        command.addAll(settings);
        command.addAll(List.of("-jar", serverJar().toString()));
        return command;
    }

    /** The AOT cache of this build of the server and this Java; of use to no other, so their marks are in its name. */
    public Path trainedServer() {
        Path jar = serverJar();
        return jar.resolveSibling(
                "server-" + Runtime.version() + "-" + jar.toFile().lastModified() + ".aot");
    }

    private Path serverJar() {
        return require("scheduler/server/target/quarkus-app/quarkus-run.jar");
    }

    List<String> agent(List<String> options) {
        return agent(List.of(), options);
    }

    /** The agent, with options of the JVM that go beyond those of one machine's agent. */
    public List<String> agent(List<String> jvm, List<String> options) {
        Path jar = require("agent/target/interposer-agent.jar");
        List<String> command = new ArrayList<>(List.of(java(), "@" + file("agent/agent.jvmoptions")));
        command.addAll(jvm);
        command.addAll(List.of("-jar", jar.toString()));
        command.addAll(options);
        return command;
    }

    /** This program once more, as another process. */
    public List<String> self(List<String> jvm, List<String> arguments) {
        List<String> command = new ArrayList<>(List.of(java()));
        command.addAll(jvm);
        command.addAll(List.of("-cp", System.getProperty("java.class.path"), Main.class.getName()));
        command.addAll(arguments);
        return command;
    }

    private Path require(String relative) {
        Path path = file(relative);
        if (!Files.exists(path)) {
            throw new CliException(
                    CliException.USAGE,
                    path + " is missing. Maybe run ./interposer, which builds it, or ./mvnw package?");
        }
        return path;
    }

    private static String java() {
        return Path.of(System.getProperty("java.home"), "bin", "java").toString();
    }
}

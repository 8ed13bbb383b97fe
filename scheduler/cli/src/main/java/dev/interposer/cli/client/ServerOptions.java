package dev.interposer.cli.client;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Where the server is and who we are. */
public final class ServerOptions {
    private static final int MOST_PORT = 65_535;

    @Option(
            names = "--server",
            paramLabel = "HOST:PORT",
            description = "Server; else INTERPOSER_SERVER, else what `interposer up` left.")
    private @Nullable String server;

    @Option(
            names = "--token-file",
            paramLabel = "FILE",
            description = "Token; else INTERPOSER_TOKEN_FILE, else what `interposer up` left.")
    private @Nullable Path tokenFile;

    /** Folder of this user's server. */
    public static Path home() {
        String home = System.getenv("INTERPOSER_HOME");
        return home == null || home.isEmpty() ? Path.of(System.getProperty("user.home"), ".interposer") : Path.of(home);
    }

    public Client connect() {
        return new Client(address(), token());
    }

    private String address() {
        String environment = System.getenv("INTERPOSER_SERVER");
        String given = server != null
                ? server
                : environment != null
                        ? environment
                        : read(home().resolve("server"), "no server is known. Maybe `interposer up` first?");
        if (!given.matches("([^:/\\s]+|\\[[0-9a-fA-F:]+]):[0-9]{1,5}")
                || Integer.parseInt(given.substring(given.lastIndexOf(':') + 1)) > MOST_PORT) {
            String source = server != null ? "--server" : environment != null ? "INTERPOSER_SERVER" : "the server";
            throw new CliException(CliException.USAGE, source + " (" + given + ") must be HOST:PORT");
        }
        return given;
    }

    private String token() {
        String environment = System.getenv("INTERPOSER_TOKEN_FILE");
        Path file =
                tokenFile != null ? tokenFile : environment == null ? home().resolve("token") : Path.of(environment);
        return read(file, "token file " + file + " can't be read. Maybe `interposer up` first, or --token-file?");
    }

    private static String read(Path file, String otherwise) {
        try {
            return Files.readString(file).strip();
        } catch (IOException e) {
            throw new CliException(CliException.UNREACHABLE, otherwise);
        }
    }
}

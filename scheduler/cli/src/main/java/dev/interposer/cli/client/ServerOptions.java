package dev.interposer.cli.client;

import io.grpc.ChannelCredentials;
import io.grpc.ClientInterceptor;
import io.grpc.InsecureChannelCredentials;
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

    @Option(
            names = "--ca-file",
            paramLabel = "FILE",
            description = "Who signs the server's certificate; else INTERPOSER_CA_FILE, else what the server left.")
    private @Nullable Path caFile;

    @Option(names = "--plaintext", description = "Not encrypted, as behind a tunnel of yours.")
    private boolean plaintext;

    /** Folder of this user's server. */
    public static Path home() {
        String home = System.getenv("INTERPOSER_HOME");
        return home == null || home.isEmpty() ? Path.of(System.getProperty("user.home"), ".interposer") : Path.of(home);
    }

    /** @param around what is done about every call */
    public Client connect(ClientInterceptor... around) {
        String address = address();
        return new Client(address, trust(address), token(), around);
    }

    private ChannelCredentials trust(String address) {
        String environment = System.getenv("INTERPOSER_CA_FILE");
        if (plaintext) {
            return InsecureChannelCredentials.create();
        }
        if (caFile != null) {
            return Trust.signedBy(caFile);
        }
        if (environment != null && !environment.isEmpty()) {
            return Trust.signedBy(Path.of(environment));
        }
        Path own = Trust.caFile(home());
        return Files.exists(own) ? Trust.signedBy(own) : Trust.plaintextHere(address);
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

package dev.interposer.server.security;

import dev.interposer.server.config.ServerConfig;
import io.quarkus.logging.Log;
import jakarta.inject.Singleton;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * The tokens that are known, by their digests. On first start two are made in the home folder: {@code token} for its
 * owner (admin) and {@code agent-token} for agents, readable by the owner alone. A token itself is never logged.
 */
@Singleton
public final class Tokens {
    private static final int RANDOM_BYTES = 32;

    private final List<Known> known = new ArrayList<>();

    private record Known(Caller caller, String digest) {}

    public Tokens(ServerConfig config) {
        try {
            if (config.security().tokensFile().isPresent()) {
                read(config.security().tokensFile().get());
            } else {
                Files.createDirectories(config.home());
                String user = System.getProperty("user.name", "admin");
                add(new Caller(user, Role.ADMIN), own(config.home().resolve("token")));
                add(new Caller("agent", Role.AGENT), own(config.home().resolve("agent-token")));
                Log.infof("tokens are in %s (token, agent-token)", config.home());
            }
        } catch (IOException e) {
            throw new UncheckedIOException("tokens can't be read: " + e.getMessage(), e);
        }
    }

    /** Whose token that is; null for nobody's. Compares with all, in constant time. */
    public @Nullable Caller caller(String token) {
        byte[] digest = digest(token).getBytes(StandardCharsets.US_ASCII);
        Caller found = null;
        for (Known candidate : known) {
            if (MessageDigest.isEqual(candidate.digest.getBytes(StandardCharsets.US_ASCII), digest)) {
                found = candidate.caller;
            }
        }
        return found;
    }

    private void add(Caller caller, String token) {
        known.add(new Known(caller, digest(token)));
    }

    private void read(Path file) throws IOException {
        int number = 0;
        for (String line : Files.readAllLines(file)) {
            number++;
            if (line.isBlank() || line.startsWith("#")) {
                continue;
            }
            String[] words = line.strip().split("\\s+", -1);
            try {
                Role role = Role.valueOf(words[1].toUpperCase(Locale.ROOT));
                known.add(new Known(new Caller(words[0], role), words[2].toLowerCase(Locale.ROOT)));
            } catch (IllegalArgumentException | ArrayIndexOutOfBoundsException e) {
                throw new IOException("line " + number + " of " + file + " must be: name role sha256", e);
            }
        }
    }

    private static String own(Path file) throws IOException {
        if (!Files.exists(file)) {
            byte[] random = new byte[RANDOM_BYTES];
            new SecureRandom().nextBytes(random);
            Files.createFile(file, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
            Files.writeString(file, HexFormat.of().formatHex(random) + "\n");
        }
        return Files.readString(file).strip();
    }

    /** In lower-case hexadecimal digits. */
    private static String digest(String token) {
        try {
            byte[] digest = MessageDigest.getInstance("SHA-256").digest(token.getBytes(StandardCharsets.UTF_8));
            return HexFormat.of().formatHex(digest);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has SHA-256", e);
        }
    }
}

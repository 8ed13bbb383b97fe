package dev.interposer.agent.config;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * Where an agent without a token file finds what it joins with.
 *
 * @param said on the command line; null if elsewhere
 * @param file null if elsewhere
 */
public record JoinOptions(@Nullable String said, @Nullable Path file) {
    public static final String VARIABLE = "INTERPOSER_JOIN_TOKEN";

    static final String USAGE = """
              --join-file             file with a join token, of `interposer create token`: the agent gets a certificate
                                      for its nodes, keeps it in the state folder and renews it; needed until it has one
              --join                  the token itself, which whoever lists processes sees; else INTERPOSER_JOIN_TOKEN
            """;

    static final JoinOptions DEFAULT = new JoinOptions(null, null);

    JoinOptions with(String token) {
        return new JoinOptions(token, file);
    }

    JoinOptions with(Path path) {
        return new JoinOptions(said, path);
    }

    boolean given() {
        return said != null || file != null;
    }

    /** As it is now, for a file may be replaced while the agent runs; null for none. */
    public @Nullable String token() throws ConfigException {
        if (said != null) {
            return said;
        }
        if (file == null) {
            String variable = System.getenv(VARIABLE);
            return variable == null || variable.isBlank() ? null : variable;
        }
        if (!Files.exists(file)) {
            return null;
        }
        try {
            return Files.readString(file).strip();
        } catch (IOException e) {
            throw new ConfigException("--join-file (" + file + ") can't be read: " + e.getMessage());
        }
    }

    /** Where it was said, for people. */
    public String source() {
        return said != null ? "--join" : file != null ? "--join-file (" + file + ")" : VARIABLE;
    }

    /** Without the token. */
    @Override
    public String toString() {
        return source();
    }
}

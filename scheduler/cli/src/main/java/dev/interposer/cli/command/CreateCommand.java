package dev.interposer.cli.command;

import dev.interposer.cli.client.CliException;
import dev.interposer.cli.client.Client;
import dev.interposer.cli.output.Ages;
import dev.interposer.cli.output.Format;
import dev.interposer.proto.fleet.v1.CreateTokenRequest;
import dev.interposer.proto.fleet.v1.CreateTokenResponse;
import java.time.Duration;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code create}. */
@Command(
        name = "create",
        mixinStandardHelpOptions = true,
        description = "Make a token with which agents join. It is printed once and can't be shown again.",
        footer = {
            "",
            "The token alone goes to standard output, so that it can go into a file that nobody else reads.",
            "Example: (umask 077; interposer create token --uses 40 --ttl 2h --node 'main/*' > join-token)",
            "         interposer-agent --join-file join-token …"
        })
public final class CreateCommand implements Callable<Integer> {
    /** Offered by a shell. */
    static final class Kinds implements Iterable<String> {
        @Override
        public Iterator<String> iterator() {
            return List.of("token").iterator();
        }
    }

    @Mixin
    private Context context;

    @Parameters(index = "0", paramLabel = "KIND", completionCandidates = Kinds.class, description = "token.")
    private String kind;

    @Option(
            names = "--ttl",
            paramLabel = "TIME",
            converter = GetCommand.Ago.class,
            description = "How long it may be used, such as 90m, 24h (the default) or 7d.")
    private @Nullable Duration ttl;

    @Option(
            names = "--uses",
            paramLabel = "N",
            defaultValue = "1",
            description = "How many agents may join with it; default: ${DEFAULT-VALUE}.")
    private int uses;

    @Option(
            names = "--node",
            paramLabel = "PATTERN",
            defaultValue = "",
            description = "Which nodes they may speak for: cluster/node, with * for any characters; all if absent.")
    private String pattern;

    @Override
    public Integer call() {
        if (Kind.of(kind) != Kind.TOKEN) {
            throw new CliException(
                    CliException.USAGE,
                    "kind (" + kind + ") must be token; other things are made by `interposer apply -f FILE`");
        }
        if (context.format() == Format.NAME) {
            throw new CliException(
                    CliException.USAGE,
                    "--output (name) does not go with create: the token itself is said, once. Maybe json?");
        }
        if (uses < 1) {
            throw new CliException(CliException.USAGE, "--uses (" + uses + ") must be at least 1");
        }
        if (ttl != null && ttl.isZero()) {
            throw new CliException(CliException.USAGE, "--ttl (0) must be more than nothing");
        }
        try (Client client = context.connect()) {
            CreateTokenResponse made = client.access()
                    .createToken(CreateTokenRequest.newBuilder()
                            .setTtlSeconds(ttl == null ? 0 : ttl.toSeconds())
                            .setUses(uses)
                            .setNodePattern(pattern)
                            .build());
            context.say(made, made.getToken(), made.getToken());
            if (!context.structured()) {
                context.err()
                        .println("token " + made.getShown().getId() + " lets "
                                + (uses == 1 ? "one agent" : uses + " agents") + " join"
                                + (pattern.isEmpty() ? "" : " for " + pattern) + ", for "
                                + Ages.until(made.getShown().getExpiresAtMicros()));
                context.err().flush();
            }
        }
        return 0;
    }
}

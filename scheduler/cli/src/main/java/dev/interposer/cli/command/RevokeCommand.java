package dev.interposer.cli.command;

import dev.interposer.cli.client.CliException;
import dev.interposer.cli.client.Client;
import dev.interposer.proto.fleet.v1.RevokeNodeRequest;
import dev.interposer.proto.fleet.v1.RevokeResponse;
import dev.interposer.proto.fleet.v1.RevokeTokenRequest;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code revoke}. */
@Command(
        name = "revoke",
        mixinStandardHelpOptions = true,
        description = "Refuse a token, or the certificates of a node's agent, from now on.",
        footer = {
            "",
            "An agent whose certificate is refused is cut off within seconds; what it runs goes on. It comes back",
            "when it is given another token.",
            "Examples: interposer revoke token 3f9a01c4de --certificates",
            "          interposer revoke node main/gpu-17"
        })
public final class RevokeCommand implements Callable<Integer> {
    /** Offered by a shell. */
    static final class Kinds implements Iterable<String> {
        @Override
        public Iterator<String> iterator() {
            return List.of("token", "node").iterator();
        }
    }

    @Mixin
    private Context context;

    @Parameters(index = "0", paramLabel = "KIND", completionCandidates = Kinds.class, description = "token or node.")
    private String kind;

    @Parameters(index = "1", paramLabel = "NAME", description = "Id of the token, or cluster/node.")
    private String name;

    @Option(
            names = "--certificates",
            description = "Of a token: also refuse the certificates of all who joined with it.")
    private boolean certificates;

    @Override
    public Integer call() {
        Kind known = Kind.of(kind);
        if (known != Kind.TOKEN && known != Kind.NODE) {
            throw new CliException(CliException.USAGE, "kind (" + kind + ") must be token or node");
        }
        if (certificates && known == Kind.NODE) {
            throw new CliException(
                    CliException.USAGE, "--certificates is of a token; of a node they are what is revoked");
        }
        try (Client client = context.connect()) {
            if (known == Kind.TOKEN) {
                RevokeResponse revoked = client.access()
                        .revokeToken(RevokeTokenRequest.newBuilder()
                                .setId(name)
                                .setCertificates(certificates)
                                .build());
                String id = name.startsWith("itp-") ? name.replaceAll("^itp-|\\..*", "") : name;
                context.say(
                        revoked,
                        id,
                        "token " + id + " is revoked"
                                + (certificates ? "; " + refused(revoked) : "; who joined with it stays"));
            } else {
                RevokeResponse revoked = client.access()
                        .revokeNode(RevokeNodeRequest.newBuilder().setName(name).build());
                context.say(revoked, name, "node " + name + ": " + refused(revoked));
            }
        }
        return 0;
    }

    private static String refused(RevokeResponse revoked) {
        int count = revoked.getCertificates();
        return switch (count) {
            case 0 -> "there was no good certificate to refuse";
            case 1 -> "one certificate is refused";
            default -> count + " certificates are refused";
        };
    }
}

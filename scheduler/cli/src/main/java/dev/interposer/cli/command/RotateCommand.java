package dev.interposer.cli.command;

import dev.interposer.cli.client.CliException;
import dev.interposer.cli.client.Client;
import dev.interposer.cli.output.Ages;
import dev.interposer.proto.fleet.v1.RotateAuthorityRequest;
import dev.interposer.proto.fleet.v1.RotateAuthorityResponse;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** {@code rotate}. */
@Command(
        name = "rotate",
        mixinStandardHelpOptions = true,
        description = "Make a successor of the authority that signs the certificates of servers and agents.",
        footer = {
            "",
            "It is trusted at once and signs when every agent has renewed its certificate and so heard of it; the",
            "old one leaves when all that it signed has run out. \"get authorities\" shows how far that is.",
            "Copies of ca.pem on other machines have to be replaced before it signs.",
            "Example: interposer rotate authority"
        })
public final class RotateCommand implements Callable<Integer> {
    /** Offered by a shell. */
    static final class Kinds implements Iterable<String> {
        @Override
        public Iterator<String> iterator() {
            return List.of("authority").iterator();
        }
    }

    @Mixin
    private Context context;

    @Parameters(index = "0", paramLabel = "KIND", completionCandidates = Kinds.class, description = "authority.")
    private String kind;

    @Override
    public Integer call() {
        if (Kind.of(kind) != Kind.AUTHORITY) {
            throw new CliException(CliException.USAGE, "kind (" + kind + ") must be authority");
        }
        try (Client client = context.connect()) {
            RotateAuthorityResponse begun =
                    client.access().rotateAuthority(RotateAuthorityRequest.getDefaultInstance());
            String in = Ages.until(begun.getSuccessor().getSignsFromMicros());
            StringBuilder said =
                    new StringBuilder("authority " + begun.getSuccessor().getNumber() + " is trusted and signs in " + in
                            + "; replace copies of ca.pem before that");
            if (begun.getUselessTokensCount() > 0) {
                said.append("\n  of no use from then on: token ")
                        .append(String.join(", token ", begun.getUselessTokensList()))
                        .append(". Maybe make others: `interposer create token`?");
            }
            context.say(begun, Integer.toString(begun.getSuccessor().getNumber()), said.toString());
        }
        return 0;
    }
}

package dev.interposer.cli.command;

import dev.interposer.cli.client.CliException;
import dev.interposer.cli.client.Client;
import dev.interposer.cli.output.Messages;
import dev.interposer.cli.output.Progress;
import dev.interposer.cli.output.Table;
import dev.interposer.control.port.LedgerException;
import dev.interposer.ledger.check.Finding;
import dev.interposer.ledger.check.HistoryRebuild;
import dev.interposer.ledger.check.LedgerCheck;
import dev.interposer.ledger.check.Report;
import dev.interposer.ledger.jdbc.Durability;
import dev.interposer.ledger.jdbc.LedgerDatabase;
import dev.interposer.proto.fleet.v1.CheckFinding;
import dev.interposer.proto.fleet.v1.CheckRequest;
import dev.interposer.proto.fleet.v1.CheckResponse;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code fsck}. */
@Command(
        name = "fsck",
        mixinStandardHelpOptions = true,
        description =
                "Check the ledger, its snapshots, the history of ended jobs, the live state and what agents run against"
                        + " each other.",
        footer = {
            "",
            "Without a server that runs, the ledger alone: its chain, its fold, its snapshots, its history:",
            "  interposer fsck --jdbc-url jdbc:postgresql://db/interposer --user interposer",
            "",
            "Example: interposer fsck",
            "Exit code: 0 nothing found, 1 something found; others as everywhere."
        })
public final class FsckCommand implements Callable<Integer> {
    @Mixin
    private Context context;

    @Option(names = "--jdbc-url", paramLabel = "URL", description = "The database itself, without a server.")
    private @Nullable String jdbcUrl;

    @Option(names = "--user", defaultValue = "interposer", description = "Its user; default: ${DEFAULT-VALUE}.")
    private String user;

    @Option(
            names = "--password-variable",
            defaultValue = "INTERPOSER_LEDGER_PASSWORD",
            description = "Environment variable with its password; default: ${DEFAULT-VALUE}.")
    private String passwordVariable;

    @Option(names = "--rebuild-history", description = "First make the history of ended jobs anew from the ledger.")
    private boolean rebuildHistory;

    @Override
    public Integer call() {
        context.refuseNames("fsck");
        CheckResponse response =
                Progress.during("checking the ledger", () -> jdbcUrl == null ? ofServer() : ofDatabase(jdbcUrl));
        if (context.structured()) {
            context.out().print(Messages.text(response, context.format()));
        } else {
            print(response);
        }
        context.out().flush();
        return response.getFindingsCount() == 0 ? 0 : 1;
    }

    private CheckResponse ofServer() {
        try (Client client = context.connectQuietly()) {
            return client.inspection()
                    .check(CheckRequest.newBuilder()
                            .setRebuildHistory(rebuildHistory)
                            .build());
        }
    }

    private CheckResponse ofDatabase(String url) {
        String password = Optional.ofNullable(System.getenv(passwordVariable)).orElse("");
        Report report;
        try {
            LedgerDatabase database = database(url, password);
            if (rebuildHistory) {
                new HistoryRebuild(database).run();
            }
            report = new LedgerCheck(database).run();
        } catch (LedgerException e) {
            boolean away = e.kind() == LedgerException.Kind.UNREACHABLE;
            throw new CliException(
                    away ? CliException.UNREACHABLE : CliException.REFUSED,
                    "--jdbc-url (" + url + "): " + e.getMessage()
                            + (away ? ". Maybe start it, or another --jdbc-url, --user or --password-variable?" : ""));
        }
        CheckResponse.Builder response = CheckResponse.newBuilder()
                .setPages(report.pages())
                .setSnapshots(report.snapshots())
                .setRevision(report.revision())
                .setDigest(report.digest());
        for (Finding finding : report.findings()) {
            response.addFindings(CheckFinding.newBuilder()
                    .setKind(finding.kind().name())
                    .setRevision(finding.revision())
                    .setMessage(finding.words()));
        }
        return response.build();
    }

    private LedgerDatabase database(String url, String password) {
        try {
            return new LedgerDatabase(url, user, password, Durability.LOCAL);
        } catch (IllegalArgumentException e) {
            throw new CliException(
                    CliException.USAGE,
                    "--jdbc-url (" + url + ") must be a URL such as jdbc:postgresql://HOST:PORT/DATABASE");
        }
    }

    private void print(CheckResponse response) {
        if (response.getFindingsCount() > 0) {
            Table table = new Table("FINDING", "REVISION", "WHAT");
            response.getFindingsList()
                    .forEach(finding -> table.row(
                            finding.getKind(),
                            finding.getRevision() == 0 ? "" : finding.getRevision(),
                            finding.getMessage()));
            table.print(context.out());
            context.out().println();
        }
        context.out()
                .printf(
                        "%d pages up to revision %d, %d snapshots, %d agents: %s%n",
                        response.getPages(),
                        response.getRevision(),
                        response.getSnapshots(),
                        response.getNodes(),
                        context.page()
                                .colours()
                                .verdict(
                                        response.getFindingsCount() == 0,
                                        response.getFindingsCount() == 0
                                                ? "nothing found"
                                                : response.getFindingsCount() + " findings"));
    }
}

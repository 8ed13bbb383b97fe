package dev.interposer.cli.command;

import dev.interposer.cli.client.Client;
import dev.interposer.cli.output.Messages;
import dev.interposer.cli.output.SupplyTables;
import dev.interposer.proto.fleet.v1.Coverage;
import dev.interposer.proto.fleet.v1.GetCoverageRequest;
import dev.interposer.proto.fleet.v1.GetSupplyRequest;
import dev.interposer.proto.fleet.v1.Supply;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code supply}. */
@Command(
        name = "supply",
        mixinStandardHelpOptions = true,
        description = "Who stands behind the fleet: shares, concentration, scarcity, policies, pinned work.",
        subcommands = SupplyCommand.CoverageCommand.class,
        footer = {
            "",
            "Examples: interposer supply",
            "          interposer supply --horizon 168",
            "          interposer supply coverage --without tsmc",
            "What is measured, and how: docs/SUPPLY.md"
        })
public final class SupplyCommand implements Callable<Integer> {
    @Mixin
    private Context context;

    @Option(
            names = "--horizon",
            paramLabel = "HOURS",
            defaultValue = "24",
            description = "How far ahead work and deliveries count. Default: ${DEFAULT-VALUE}.")
    private int horizonHours;

    @Override
    public Integer call() {
        context.refuseNames("supply");
        try (Client client = context.connect()) {
            Supply supply = client.fleet()
                    .getSupply(GetSupplyRequest.newBuilder()
                            .setHorizonSeconds(3600L * horizonHours)
                            .build());
            if (context.structured()) {
                context.out().print(Messages.text(supply, context.format()));
            } else {
                SupplyTables.supply(supply, context.page());
            }
        }
        context.out().flush();
        return 0;
    }

    /** {@code supply coverage}. */
    @Command(
            name = "coverage",
            mixinStandardHelpOptions = true,
            description = "How much of the work is still placed when a supplier is lost; a lower bound.",
            footer = {"", "Example: interposer supply coverage --without nvidia"})
    public static final class CoverageCommand implements Callable<Integer> {
        @Mixin
        private Context context;

        @Option(
                names = "--without",
                paramLabel = "NAME",
                defaultValue = "",
                description = "Only this supplier, at each of its tiers.")
        private String without;

        @Override
        public Integer call() {
            context.refuseNames("supply coverage");
            try (Client client = context.connect()) {
                Coverage coverage = client.fleet()
                        .getCoverage(GetCoverageRequest.newBuilder()
                                .setSupplierName(without)
                                .build());
                if (context.structured()) {
                    context.out().print(Messages.text(coverage, context.format()));
                } else {
                    SupplyTables.coverage(coverage, !without.isEmpty(), context.page());
                }
            }
            context.out().flush();
            return 0;
        }
    }
}

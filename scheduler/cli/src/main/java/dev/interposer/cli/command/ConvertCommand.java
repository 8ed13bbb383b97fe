package dev.interposer.cli.command;

import dev.interposer.cli.client.CliException;
import dev.interposer.cli.client.Client;
import dev.interposer.cli.output.ConversionTables;
import dev.interposer.cli.output.Format;
import dev.interposer.cli.output.Messages;
import dev.interposer.proto.fleet.v1.Conversion;
import dev.interposer.proto.fleet.v1.GetConversionRequest;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code convert}. */
@Command(
        name = "convert",
        mixinStandardHelpOptions = true,
        description = "What chips of one class are worth in chips of another: measured throughput by workload family.",
        footer = {
            "",
            "Examples: interposer convert",
            "          interposer convert llm-70b-sft --to h100-sxm-80g",
            "What is measured, and how: docs/CONVERSION.md"
        })
public final class ConvertCommand implements Callable<Integer> {
    @Mixin
    private Context context;

    @Parameters(
            index = "0",
            arity = "0..1",
            paramLabel = "FAMILY",
            defaultValue = "",
            description = "Only this workload family, as spec.workloadFamily of jobs names it.")
    private String family;

    @Option(
            names = "--to",
            paramLabel = "CLASS",
            defaultValue = "",
            description = "Compare with this class. Default: in each family the class of most attempts.")
    private String referenceClass;

    @Override
    public Integer call() {
        Conversion conversion;
        try (Client client = context.connect()) {
            conversion = client.fleet()
                    .getConversion(GetConversionRequest.newBuilder()
                            .setWorkloadFamily(family)
                            .setReferenceClass(referenceClass)
                            .build());
        }
        if (context.structured()) {
            context.out().print(Messages.text(conversion, context.format()));
        } else if (!conversion.getAdvice().isEmpty() && !family.isEmpty()) {
            throw new CliException(CliException.NOT_FOUND, conversion.getAdvice());
        } else if (context.format() == Format.NAME) {
            ConversionTables.names(conversion).forEach(context.out()::println);
        } else {
            ConversionTables.print(conversion, context.page());
        }
        context.out().flush();
        return 0;
    }
}

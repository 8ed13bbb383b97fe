package dev.interposer.cli.command;

import com.google.protobuf.MessageOrBuilder;
import dev.interposer.cli.client.CliException;
import dev.interposer.cli.client.Client;
import dev.interposer.cli.output.FleetTables;
import dev.interposer.cli.output.Format;
import dev.interposer.cli.output.JobTables;
import dev.interposer.cli.output.Messages;
import dev.interposer.cli.output.Page;
import dev.interposer.cli.output.SupplyTables;
import dev.interposer.proto.fleet.v1.Device;
import dev.interposer.proto.fleet.v1.ListClassesRequest;
import dev.interposer.proto.fleet.v1.ListDevicesRequest;
import dev.interposer.proto.fleet.v1.ListDevicesResponse;
import dev.interposer.proto.fleet.v1.ListNodesResponse;
import dev.interposer.proto.fleet.v1.ListOrdersRequest;
import dev.interposer.proto.fleet.v1.ListPoliciesRequest;
import dev.interposer.proto.fleet.v1.ListQueuesRequest;
import dev.interposer.proto.fleet.v1.ListSuppliersRequest;
import dev.interposer.proto.fleet.v1.Node;
import dev.interposer.proto.job.v1.HistoryRequest;
import dev.interposer.proto.job.v1.HistoryResponse;
import dev.interposer.proto.job.v1.Job;
import dev.interposer.proto.job.v1.ListRequest;
import dev.interposer.proto.job.v1.ListResponse;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.TypeConversionException;

/** {@code get}. */
@Command(
        name = "get",
        mixinStandardHelpOptions = true,
        description =
                "Show jobs, history (jobs that ended), nodes, devices, classes, suppliers, queues, orders or policies.",
        footer = {
            "",
            "Examples: interposer get jobs -A",
            "          interposer get nodes -o wide",
            "          interposer get job hello -n research -o yaml",
            "          interposer get history -A --since 24h"
        })
public final class GetCommand implements Callable<Integer> {
    private static final int PAGE = 1000;

    @Mixin
    private Context context;

    @Parameters(
            index = "0",
            paramLabel = "KIND",
            completionCandidates = Kind.Candidates.class,
            description = "jobs, history, nodes, devices, classes, suppliers, queues, orders or policies.")
    private String kind;

    @Parameters(
            index = "1",
            arity = "0..1",
            paramLabel = "NAME",
            description = "Only this one; of devices: those of this node; of the history: jobs of this name.")
    private @Nullable String name;

    @Option(
            names = {"-A", "--all-namespaces"},
            description = "Jobs of every namespace.")
    private boolean all;

    @Option(
            names = "--since",
            paramLabel = "TIME",
            converter = Ago.class,
            description = "History: only jobs that ended in the last so long, such as 90m, 24h or 7d.")
    private @Nullable Duration since;

    @Option(
            names = "--limit",
            paramLabel = "N",
            defaultValue = "100",
            description = "History: at most so many jobs, the last to end first; default: ${DEFAULT-VALUE}.")
    private int limit;

    /** {@code 90s}, {@code 15m}, {@code 24h}, {@code 7d}. */
    static final class Ago implements ITypeConverter<Duration> {
        private static final Pattern FORM = Pattern.compile("(\\d{1,6})([smhd])");

        @Override
        public Duration convert(String text) {
            Matcher matcher = FORM.matcher(text);
            if (!matcher.matches()) {
                throw new TypeConversionException("'" + text + "' is no time such as 90s, 15m, 24h or 7d");
            }
            long number = Long.parseLong(matcher.group(1));
            return switch (matcher.group(2)) {
                case "s" -> Duration.ofSeconds(number);
                case "m" -> Duration.ofMinutes(number);
                case "h" -> Duration.ofHours(number);
                default -> Duration.ofDays(number);
            };
        }
    }

    @Override
    public Integer call() {
        try (Client client = context.connect()) {
            switch (Kind.of(kind)) {
                case JOB -> jobs(client);
                case HISTORY -> history(client);
                case NODE -> nodes(client);
                case DEVICE -> devices(client);
                case CLASS -> {
                    var response = client.fleet().listClasses(ListClassesRequest.getDefaultInstance());
                    var rows = Reads.named(Kind.of(kind), response.getClassesList(), c -> c.getName(), name);
                    var whole = response.toBuilder()
                            .clearClasses()
                            .addAllClasses(rows)
                            .build();
                    show(whole, rows, c -> c.getName(), (found, page) -> FleetTables.classes(found, page.out()));
                }
                case SUPPLIER -> {
                    var response = client.fleet().listSuppliers(ListSuppliersRequest.getDefaultInstance());
                    var rows = Reads.named(Kind.of(kind), response.getSuppliersList(), s -> s.getName(), name);
                    var whole = response.toBuilder()
                            .clearSuppliers()
                            .addAllSuppliers(rows)
                            .build();
                    show(whole, rows, s -> s.getName(), (found, page) -> FleetTables.suppliers(found, page.out()));
                }
                case QUEUE -> {
                    var response = client.fleet().listQueues(ListQueuesRequest.getDefaultInstance());
                    var rows = Reads.named(Kind.of(kind), response.getQueuesList(), q -> q.getName(), name);
                    var whole = response.toBuilder()
                            .clearQueues()
                            .addAllQueues(rows)
                            .build();
                    show(whole, rows, q -> q.getName(), FleetTables::queues);
                }
                case ORDER -> {
                    var response = client.fleet().listOrders(ListOrdersRequest.getDefaultInstance());
                    var rows = Reads.named(Kind.of(kind), response.getOrdersList(), o -> o.getName(), name);
                    var whole = response.toBuilder()
                            .clearOrders()
                            .addAllOrders(rows)
                            .build();
                    show(whole, rows, o -> o.getName(), (found, page) -> SupplyTables.orders(found, page.out()));
                }
                case POLICY -> {
                    var response = client.fleet().listPolicies(ListPoliciesRequest.getDefaultInstance());
                    var rows = Reads.named(Kind.of(kind), response.getPoliciesList(), p -> p.getName(), name);
                    var whole = response.toBuilder()
                            .clearPolicies()
                            .addAllPolicies(rows)
                            .build();
                    show(whole, rows, p -> p.getName(), (found, page) -> SupplyTables.policies(found, page.out()));
                }
            }
        }
        context.out().flush();
        return 0;
    }

    private void jobs(Client client) {
        if (name != null) {
            Job job = new Reads(client).job(Client.job(name, context.namespace()));
            show(job, List.of(job), GetCommand::fullName, JobTables::print);
            return;
        }
        ListResponse whole = new Reads(client)
                .jobs(ListRequest.newBuilder()
                        .setNamespace(all ? "" : context.listedNamespace())
                        .build());
        show(whole, whole.getJobsList(), GetCommand::fullName, JobTables::print);
    }

    private void history(Client client) {
        if (limit < 1) {
            throw new CliException(CliException.USAGE, "--limit (" + limit + ") must be at least 1");
        }
        HistoryResponse.Builder whole = HistoryResponse.newBuilder();
        HistoryRequest.Builder request = HistoryRequest.newBuilder()
                .setName(name == null ? "" : name)
                .setSinceMicros(
                        since == null
                                ? 0
                                : ChronoUnit.MICROS.between(
                                        Instant.EPOCH, Instant.now().minus(since)));
        if (!all) {
            request.setNamespace(context.listedNamespace());
        }
        do {
            request.setPageSize(Math.min(PAGE, limit - whole.getJobsCount()));
            HistoryResponse page = client.jobs().history(request.build());
            whole.addAllJobs(page.getJobsList());
            request.setPageToken(page.getNextPageToken());
        } while (!request.getPageToken().isEmpty() && whole.getJobsCount() < limit);
        show(whole, whole.getJobsList(), job -> job.getNamespace() + "/" + job.getName(), JobTables::ended);
    }

    private void nodes(Client client) {
        if (name != null) {
            Node node = new Reads(client).node(name);
            show(node, List.of(node), Node::getName, FleetTables::nodes);
            return;
        }
        ListNodesResponse whole = new Reads(client).nodes();
        show(whole, whole.getNodesList(), Node::getName, FleetTables::nodes);
    }

    private void devices(Client client) {
        Reads reads = new Reads(client);
        ListDevicesRequest.Builder request = ListDevicesRequest.newBuilder();
        if (name != null) {
            // Of a node that does not exist there are no devices, which would say nothing.
            request.setNode(reads.node(name).getName());
        }
        ListDevicesResponse whole = reads.devices(request.build());
        show(whole, whole.getDevicesList(), Device::getName, FleetTables::devices);
    }

    /** How a list is printed as a table. */
    private interface TablePrinter<T> {
        void print(List<T> rows, Page page);
    }

    private <T> void show(MessageOrBuilder whole, List<T> rows, Function<T, String> naming, TablePrinter<T> table) {
        if (context.structured()) {
            context.out().print(Messages.text(whole, context.format()));
        } else if (context.format() == Format.NAME) {
            rows.forEach(row -> context.out().println(naming.apply(row)));
        } else {
            table.print(rows, context.page());
        }
    }

    private static String fullName(Job job) {
        return job.getNamespace() + "/" + job.getName();
    }
}

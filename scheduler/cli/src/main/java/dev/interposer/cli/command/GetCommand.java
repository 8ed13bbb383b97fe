package dev.interposer.cli.command;

import dev.interposer.cli.client.CliException;
import dev.interposer.cli.client.Client;
import dev.interposer.cli.output.AccessTables;
import dev.interposer.cli.output.FleetTables;
import dev.interposer.cli.output.Format;
import dev.interposer.cli.output.JobTables;
import dev.interposer.cli.output.SupplyTables;
import dev.interposer.proto.fleet.v1.AcceleratorClass;
import dev.interposer.proto.fleet.v1.Device;
import dev.interposer.proto.fleet.v1.JoinToken;
import dev.interposer.proto.fleet.v1.ListAuthoritiesResponse;
import dev.interposer.proto.fleet.v1.ListClassesResponse;
import dev.interposer.proto.fleet.v1.ListDevicesRequest;
import dev.interposer.proto.fleet.v1.ListDevicesResponse;
import dev.interposer.proto.fleet.v1.ListNodesResponse;
import dev.interposer.proto.fleet.v1.ListOrdersResponse;
import dev.interposer.proto.fleet.v1.ListPoliciesResponse;
import dev.interposer.proto.fleet.v1.ListQueuesResponse;
import dev.interposer.proto.fleet.v1.ListSuppliersResponse;
import dev.interposer.proto.fleet.v1.ListTokensResponse;
import dev.interposer.proto.fleet.v1.Node;
import dev.interposer.proto.fleet.v1.Order;
import dev.interposer.proto.fleet.v1.Policy;
import dev.interposer.proto.fleet.v1.Queue;
import dev.interposer.proto.fleet.v1.Supplier;
import dev.interposer.proto.job.v1.HistoryRequest;
import dev.interposer.proto.job.v1.HistoryResponse;
import dev.interposer.proto.job.v1.Job;
import dev.interposer.proto.job.v1.JobReference;
import dev.interposer.proto.job.v1.ListRequest;
import dev.interposer.proto.job.v1.ListResponse;
import dev.interposer.proto.job.v1.WatchEvent;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.concurrent.Callable;
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
                "Show jobs, history (jobs that ended), nodes, devices, classes, suppliers, queues, orders, policies,"
                        + " tokens or authorities.",
        footer = {
            "",
            "Examples: interposer get jobs -A",
            "          interposer get nodes -o wide",
            "          interposer get job hello -n research -o yaml",
            "          interposer get queues --watch",
            "          interposer get history -A --since 24h"
        })
public final class GetCommand implements Callable<Integer> {
    private static final int PAGE = 1000;
    /** Of two jobs of a name, one that ended and one that lives, only the id tells which is which. */
    private static final Listing.Naming<Job> JOBS = new Listing.Naming<>(
            job -> job.getNamespace() + "/" + job.getName(),
            job -> job.getId() + "/" + job.getNamespace() + "/" + job.getName());

    private static final Listing.Naming<Node> NODES = Listing.Naming.by(Node::getName);

    @Mixin
    private Context context;

    @Parameters(
            index = "0",
            paramLabel = "KIND",
            completionCandidates = Kind.Candidates.class,
            description = "jobs, history, nodes, devices, classes, suppliers, queues, orders, policies, tokens or"
                    + " authorities.")
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

    @Option(
            names = {"-w", "--watch"},
            description = "Go on, with a new line for whatever changes, until Ctrl-C; -o json: an object a line.")
    private boolean watch;

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
    public Integer call() throws InterruptedException {
        Kind known = Kind.of(kind);
        try (Client client = watch ? context.connectQuietly() : context.connect()) {
            Reads reads = new Reads(client);
            if (watch && known == Kind.JOB) {
                watchJobs(reads);
            } else if (watch) {
                listing(known, reads).watch(context);
            } else {
                // What is called by a name of its own is one; a node has devices and a name a history.
                boolean one = name != null && known != Kind.DEVICE && known != Kind.HISTORY;
                listing(known, reads).show(context, one);
            }
        }
        return 0;
    }

    private Listing<?, ?> listing(Kind known, Reads reads) {
        return switch (known) {
            case JOB -> jobs(reads);
            case HISTORY ->
                new Listing<>(
                        () -> history(reads.client()),
                        HistoryResponse::getJobsList,
                        new Listing.Naming<>(
                                job -> job.getNamespace() + "/" + job.getName(), job -> Long.toString(job.getId())),
                        JobTables::ended);
            case NODE -> nodes(reads);
            case DEVICE ->
                new Listing<>(
                        () -> devices(reads),
                        ListDevicesResponse::getDevicesList,
                        new Listing.Naming<>(Device::getName, device -> device.getNode() + "/" + device.getName()),
                        FleetTables::devices);
            case CLASS ->
                new Listing<>(
                        () -> reads.classes(name),
                        ListClassesResponse::getClassesList,
                        Listing.Naming.by(AcceleratorClass::getName),
                        (rows, wide) -> FleetTables.classes(rows));
            case SUPPLIER ->
                new Listing<>(
                        () -> reads.suppliers(name),
                        ListSuppliersResponse::getSuppliersList,
                        Listing.Naming.by(Supplier::getName),
                        (rows, wide) -> FleetTables.suppliers(rows));
            case QUEUE ->
                new Listing<>(
                        () -> reads.queues(name),
                        ListQueuesResponse::getQueuesList,
                        Listing.Naming.by(Queue::getName),
                        (rows, wide) -> FleetTables.queues(rows));
            case ORDER ->
                new Listing<>(
                        () -> reads.orders(name),
                        ListOrdersResponse::getOrdersList,
                        Listing.Naming.by(Order::getName),
                        (rows, wide) -> SupplyTables.orders(rows));
            case POLICY ->
                new Listing<>(
                        () -> reads.policies(name),
                        ListPoliciesResponse::getPoliciesList,
                        Listing.Naming.by(Policy::getName),
                        (rows, wide) -> SupplyTables.policies(rows));
            case TOKEN ->
                new Listing<>(
                        () -> reads.tokens(name),
                        ListTokensResponse::getTokensList,
                        Listing.Naming.by(JoinToken::getId),
                        (rows, wide) -> AccessTables.tokens(rows));
            case AUTHORITY ->
                new Listing<>(
                        () -> reads.authorities(name),
                        ListAuthoritiesResponse::getAuthoritiesList,
                        Listing.Naming.by(authority -> Integer.toString(authority.getNumber())),
                        (rows, wide) -> AccessTables.authorities(rows));
        };
    }

    private Listing<?, ?> jobs(Reads reads) {
        String one = name;
        if (one != null) {
            return new Listing<>(() -> reads.job(context.job(one)), List::of, JOBS, JobTables::table);
        }
        ListRequest request = ListRequest.newBuilder().setNamespace(namespace()).build();
        return new Listing<>(() -> reads.jobs(request), ListResponse::getJobsList, JOBS, JobTables::table);
    }

    private String namespace() {
        return all ? "" : context.listedNamespace();
    }

    private void watchJobs(Reads reads) throws InterruptedException {
        boolean one = name != null;
        JobFeed.Wanted wanted =
                name == null ? JobFeed.Wanted.all(namespace()) : JobFeed.Wanted.only(reads.job(context.job(name)));
        Changes<Job> changes = new Changes<>(context, JOBS, JobTables::watched);
        new JobFeed(reads.client(), wanted, 0).run(new JobFeed.Sink() {
            @Override
            public boolean whole(List<Job> jobs) {
                changes.whole(jobs);
                return !one || !jobs.isEmpty();
            }

            @Override
            public boolean changed(WatchEvent event) {
                JobReference gone = event.getForgotten();
                if (event.hasForgotten()) {
                    changes.goneJob(gone.getId(), gone.getNamespace(), gone.getName());
                } else {
                    changes.some(List.of(event.getChanged()));
                }
                return !one || !event.hasForgotten();
            }

            @Override
            public boolean wantsFresh() {
                // A name says nothing of either.
                return context.format() != Format.NAME;
            }

            @Override
            public void refreshed(List<Job> jobs) {
                changes.some(jobs);
            }
        });
    }

    private HistoryResponse history(Client client) {
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
        request.setNamespace(namespace());
        do {
            request.setPageSize(Math.min(PAGE, limit - whole.getJobsCount()));
            HistoryResponse page = client.jobs().history(request.build());
            whole.addAllJobs(page.getJobsList());
            request.setPageToken(page.getNextPageToken());
        } while (!request.getPageToken().isEmpty() && whole.getJobsCount() < limit);
        return whole.build();
    }

    private Listing<?, ?> nodes(Reads reads) {
        String one = name;
        return one == null
                ? new Listing<>(reads::nodes, ListNodesResponse::getNodesList, NODES, FleetTables::nodes)
                : new Listing<>(() -> reads.node(one), List::of, NODES, FleetTables::nodes);
    }

    private ListDevicesResponse devices(Reads reads) {
        ListDevicesRequest.Builder request = ListDevicesRequest.newBuilder();
        if (name != null) {
            // Of a node that does not exist there are no devices, which would say nothing.
            request.setNode(reads.node(name).getName());
        }
        return reads.devices(request.build());
    }
}

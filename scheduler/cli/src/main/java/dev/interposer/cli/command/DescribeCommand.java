package dev.interposer.cli.command;

import com.google.protobuf.MessageOrBuilder;
import dev.interposer.cli.client.CliException;
import dev.interposer.cli.client.Client;
import dev.interposer.cli.output.FleetDescriptions;
import dev.interposer.cli.output.Format;
import dev.interposer.cli.output.JobDescription;
import dev.interposer.cli.output.Messages;
import dev.interposer.cli.output.SupplyDescriptions;
import dev.interposer.proto.fleet.v1.AcceleratorClass;
import dev.interposer.proto.fleet.v1.Device;
import dev.interposer.proto.fleet.v1.GetCoverageRequest;
import dev.interposer.proto.fleet.v1.GetSupplyRequest;
import dev.interposer.proto.fleet.v1.ListDevicesRequest;
import dev.interposer.proto.fleet.v1.Node;
import dev.interposer.proto.fleet.v1.Order;
import dev.interposer.proto.fleet.v1.Policy;
import dev.interposer.proto.fleet.v1.Queue;
import dev.interposer.proto.fleet.v1.Supplier;
import dev.interposer.proto.fleet.v1.Supply;
import dev.interposer.proto.job.v1.EndedJob;
import dev.interposer.proto.job.v1.ExplainRequest;
import dev.interposer.proto.job.v1.HistoryRequest;
import dev.interposer.proto.job.v1.Job;
import dev.interposer.proto.job.v1.JobReference;
import dev.interposer.proto.job.v1.ListRequest;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** {@code describe}. */
@Command(
        name = "describe",
        mixinStandardHelpOptions = true,
        description = "Show one thing at length: what it is, how it stands and why, and what belongs to it.",
        footer = {
            "",
            "Examples: interposer describe job hello -n research",
            "          interposer describe node sim/h100-0",
            "          interposer describe queue research",
            "          interposer describe supplier nvidia"
        })
public final class DescribeCommand implements Callable<Integer> {
    private static final int EARLIER_JOBS = 5;
    private static final List<String> LIVING = List.of("Waiting", "Starting", "Running", "Stopping");
    /** Of which there are as many as the fleet holds; of waiting ones there is no such bound. */
    private static final List<String> WITH_WORKERS = List.of("Starting", "Running", "Stopping");

    @Mixin
    private Context context;

    @Parameters(
            index = "0",
            paramLabel = "KIND",
            completionCandidates = Kind.Candidates.class,
            description = "job, node, device, class, supplier, queue, order or policy.")
    private String kind;

    @Parameters(
            index = "1",
            paramLabel = "NAME",
            description = "Of a job: name, namespace/name or id; of a node: cluster/node; of a device: its name, with"
                    + " cluster/node/ before it where several nodes have one of the name.")
    private String name;

    @Override
    public Integer call() {
        Kind known = Kind.of(kind);
        try (Client client = context.connect()) {
            Reads reads = new Reads(client);
            switch (known) {
                case JOB -> job(reads);
                case NODE -> node(reads);
                case DEVICE -> device(reads);
                case CLASS -> chipClass(reads);
                case SUPPLIER -> supplier(reads);
                case QUEUE -> queue(reads);
                case ORDER -> order(reads);
                case POLICY -> policy(reads);
                case TOKEN, AUTHORITY ->
                    throw new CliException(
                            CliException.USAGE,
                            "kind (" + kind + ") has no more than its line. Maybe `interposer get " + known.word() + " "
                                    + name + "`?");
                case HISTORY ->
                    throw new CliException(
                            CliException.USAGE,
                            "the history is a list. Maybe `interposer get history " + name + " -A`?");
            }
        }
        context.out().flush();
        return 0;
    }

    /** Whether the answer was wanted as data or as a name, and is said. */
    private boolean said(MessageOrBuilder message, String full) {
        if (context.structured()) {
            context.out().print(Messages.text(message, context.format()));
            return true;
        }
        if (context.format() == Format.NAME) {
            context.out().println(full);
            return true;
        }
        return false;
    }

    private void job(Reads reads) {
        Job job = reads.job(context.job(name));
        if (said(job, job.getNamespace() + "/" + job.getName())) {
            return;
        }
        ExplainRequest why = ExplainRequest.newBuilder()
                .setJob(JobReference.newBuilder().setId(job.getId()))
                .build();
        JobDescription.print(job, reads.client().jobs().explain(why), earlier(reads.client(), job), context.page());
    }

    /** The history lies in the database; what is live is told without it. */
    private List<EndedJob> earlier(Client client, Job job) {
        try {
            return client.jobs()
                    .history(HistoryRequest.newBuilder()
                            .setNamespace(job.getNamespace())
                            .setName(job.getName())
                            .setPageSize(EARLIER_JOBS + 1)
                            .build())
                    .getJobsList();
        } catch (StatusRuntimeException e) {
            if (e.getStatus().getCode() != Status.Code.UNAVAILABLE) {
                throw e;
            }
            context.err()
                    .println("the history of ended jobs is away: "
                            + e.getStatus().getDescription());
            return List.of();
        }
    }

    private void node(Reads reads) {
        Node node = reads.node(name);
        if (!said(node, node.getName())) {
            FleetDescriptions.node(
                    node,
                    reads.devices(ListDevicesRequest.newBuilder()
                                    .setNode(node.getName())
                                    .build())
                            .getDevicesList(),
                    reads.jobs(ListRequest.newBuilder()
                                    .addAllPhases(WITH_WORKERS)
                                    .build())
                            .getJobsList(),
                    context.page());
        }
    }

    private void device(Reads reads) {
        int slash = name.lastIndexOf('/');
        // A device's own name may have a slash in it: then no node is meant.
        List<Device> all =
                reads.devices(ListDevicesRequest.getDefaultInstance()).getDevicesList();
        List<Device> found = all.stream()
                .filter(device -> device.getName().equals(name)
                        || (slash > 0
                                && device.getName().equals(name.substring(slash + 1))
                                && device.getNode().equals(name.substring(0, slash))))
                .toList();
        if (found.size() > 1) {
            throw new CliException(
                    CliException.USAGE,
                    found.size() + " nodes have a device " + name + ". Maybe `interposer describe device "
                            + found.getFirst().getNode() + "/" + name + "`?");
        }
        Device device = Reads.named(Kind.DEVICE, found, one -> name, name).getFirst();
        if (!said(device, device.getName())) {
            FleetDescriptions.device(device, context.page());
        }
    }

    private void chipClass(Reads reads) {
        AcceleratorClass found = reads.classes(name).getClasses(0);
        if (!said(found, name)) {
            List<Device> devices = reads.devices(
                            ListDevicesRequest.newBuilder().setClassName(name).build())
                    .getDevicesList();
            FleetDescriptions.chipClass(found, devices, supply(reads.client()), context.page());
        }
    }

    private void supplier(Reads reads) {
        Supplier found = reads.suppliers(name).getSuppliers(0);
        if (!said(found, name)) {
            GetCoverageRequest lost =
                    GetCoverageRequest.newBuilder().setSupplierName(name).build();
            SupplyDescriptions.supplier(
                    found,
                    new SupplyDescriptions.Sources(
                            reads.classes(null).getClassesList(),
                            reads.orders(null).getOrdersList(),
                            supply(reads.client()),
                            reads.client().fleet().getCoverage(lost).getPartiesList()),
                    context.page());
        }
    }

    private void queue(Reads reads) {
        // Those below it count too.
        List<Queue> all = reads.queues(null).getQueuesList();
        Queue found = Reads.named(Kind.QUEUE, all, Queue::getName, name).getFirst();
        if (!said(found, name)) {
            List<Job> jobs = reads.jobs(ListRequest.newBuilder()
                            .setQueueName(name)
                            .addAllPhases(LIVING)
                            .build())
                    .getJobsList();
            FleetDescriptions.queue(found, all, jobs, supply(reads.client()), context.page());
        }
    }

    private void order(Reads reads) {
        Order found = reads.orders(name).getOrders(0);
        if (!said(found, name)) {
            SupplyDescriptions.order(found, context.page());
        }
    }

    private void policy(Reads reads) {
        Policy found = reads.policies(name).getPolicies(0);
        if (!said(found, name)) {
            SupplyDescriptions.policy(found, supply(reads.client()), context.page());
        }
    }

    private static Supply supply(Client client) {
        return client.fleet().getSupply(GetSupplyRequest.getDefaultInstance());
    }
}

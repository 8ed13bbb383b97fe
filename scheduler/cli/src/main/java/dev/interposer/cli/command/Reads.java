package dev.interposer.cli.command;

import dev.interposer.cli.client.CliException;
import dev.interposer.cli.client.Client;
import dev.interposer.proto.fleet.v1.AcceleratorClass;
import dev.interposer.proto.fleet.v1.Authority;
import dev.interposer.proto.fleet.v1.GetNodeRequest;
import dev.interposer.proto.fleet.v1.JoinToken;
import dev.interposer.proto.fleet.v1.ListAuthoritiesRequest;
import dev.interposer.proto.fleet.v1.ListAuthoritiesResponse;
import dev.interposer.proto.fleet.v1.ListClassesRequest;
import dev.interposer.proto.fleet.v1.ListClassesResponse;
import dev.interposer.proto.fleet.v1.ListDevicesRequest;
import dev.interposer.proto.fleet.v1.ListDevicesResponse;
import dev.interposer.proto.fleet.v1.ListNodesRequest;
import dev.interposer.proto.fleet.v1.ListNodesResponse;
import dev.interposer.proto.fleet.v1.ListOrdersRequest;
import dev.interposer.proto.fleet.v1.ListOrdersResponse;
import dev.interposer.proto.fleet.v1.ListPoliciesRequest;
import dev.interposer.proto.fleet.v1.ListPoliciesResponse;
import dev.interposer.proto.fleet.v1.ListQueuesRequest;
import dev.interposer.proto.fleet.v1.ListQueuesResponse;
import dev.interposer.proto.fleet.v1.ListSuppliersRequest;
import dev.interposer.proto.fleet.v1.ListSuppliersResponse;
import dev.interposer.proto.fleet.v1.ListTokensRequest;
import dev.interposer.proto.fleet.v1.ListTokensResponse;
import dev.interposer.proto.fleet.v1.Node;
import dev.interposer.proto.fleet.v1.Order;
import dev.interposer.proto.fleet.v1.Policy;
import dev.interposer.proto.fleet.v1.Queue;
import dev.interposer.proto.fleet.v1.Supplier;
import dev.interposer.proto.job.v1.EndedJob;
import dev.interposer.proto.job.v1.GetRequest;
import dev.interposer.proto.job.v1.HistoryRequest;
import dev.interposer.proto.job.v1.HistoryResponse;
import dev.interposer.proto.job.v1.Job;
import dev.interposer.proto.job.v1.JobReference;
import dev.interposer.proto.job.v1.ListRequest;
import dev.interposer.proto.job.v1.ListResponse;
import java.util.List;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** Whole lists, page after page. */
record Reads(Client client) {
    private static final int PAGE = 1000;

    Job job(JobReference reference) {
        return client.jobs().get(GetRequest.newBuilder().setJob(reference).build());
    }

    /** Of the history, how a job ended that is not live any more. */
    EndedJob ended(Job job) {
        HistoryRequest.Builder request = HistoryRequest.newBuilder()
                .setNamespace(job.getNamespace())
                .setName(job.getName())
                .setPageSize(PAGE);
        do {
            HistoryResponse page = client.jobs().history(request.build());
            for (EndedJob ended : page.getJobsList()) {
                if (ended.getId() == job.getId()) {
                    return ended;
                }
            }
            request.setPageToken(page.getNextPageToken());
        } while (!request.getPageToken().isEmpty());
        throw new CliException(
                CliException.NOT_FOUND,
                "job " + job.getId() + " (" + job.getNamespace() + "/" + job.getName()
                        + ") is gone, and the history does"
                        + " not know yet how it ended. Maybe `interposer get history " + job.getName() + " -n "
                        + job.getNamespace() + "`?");
    }

    /** @param wanted namespace, queue and phases; no page */
    ListResponse jobs(ListRequest wanted) {
        ListResponse.Builder whole = ListResponse.newBuilder();
        ListRequest.Builder request = wanted.toBuilder().setPageSize(PAGE);
        do {
            ListResponse page = client.jobs().list(request.build());
            whole.addAllJobs(page.getJobsList()).setRevision(page.getRevision());
            request.setPageToken(page.getNextPageToken());
        } while (!request.getPageToken().isEmpty());
        return whole.build();
    }

    Node node(String name) {
        return client.fleet().getNode(GetNodeRequest.newBuilder().setName(name).build());
    }

    ListNodesResponse nodes() {
        ListNodesResponse.Builder whole = ListNodesResponse.newBuilder();
        ListNodesRequest.Builder request = ListNodesRequest.newBuilder().setPageSize(PAGE);
        do {
            ListNodesResponse page = client.fleet().listNodes(request.build());
            whole.addAllNodes(page.getNodesList()).setRevision(page.getRevision());
            request.setPageToken(page.getNextPageToken());
        } while (!request.getPageToken().isEmpty());
        return whole.build();
    }

    /** @param wanted node and class; no page */
    ListDevicesResponse devices(ListDevicesRequest wanted) {
        ListDevicesResponse.Builder whole = ListDevicesResponse.newBuilder();
        ListDevicesRequest.Builder request = wanted.toBuilder().setPageSize(PAGE);
        do {
            ListDevicesResponse page = client.fleet().listDevices(request.build());
            whole.addAllDevices(page.getDevicesList()).setRevision(page.getRevision());
            request.setPageToken(page.getNextPageToken());
        } while (!request.getPageToken().isEmpty());
        return whole.build();
    }

    ListClassesResponse classes(@Nullable String name) {
        ListClassesResponse all = client.fleet().listClasses(ListClassesRequest.getDefaultInstance());
        List<AcceleratorClass> found = named(Kind.CLASS, all.getClassesList(), AcceleratorClass::getName, name);
        return all.toBuilder().clearClasses().addAllClasses(found).build();
    }

    ListSuppliersResponse suppliers(@Nullable String name) {
        ListSuppliersResponse all = client.fleet().listSuppliers(ListSuppliersRequest.getDefaultInstance());
        List<Supplier> found = named(Kind.SUPPLIER, all.getSuppliersList(), Supplier::getName, name);
        return all.toBuilder().clearSuppliers().addAllSuppliers(found).build();
    }

    ListQueuesResponse queues(@Nullable String name) {
        ListQueuesResponse all = client.fleet().listQueues(ListQueuesRequest.getDefaultInstance());
        List<Queue> found = named(Kind.QUEUE, all.getQueuesList(), Queue::getName, name);
        return all.toBuilder().clearQueues().addAllQueues(found).build();
    }

    ListOrdersResponse orders(@Nullable String name) {
        ListOrdersResponse all = client.fleet().listOrders(ListOrdersRequest.getDefaultInstance());
        List<Order> found = named(Kind.ORDER, all.getOrdersList(), Order::getName, name);
        return all.toBuilder().clearOrders().addAllOrders(found).build();
    }

    ListPoliciesResponse policies(@Nullable String name) {
        ListPoliciesResponse all = client.fleet().listPolicies(ListPoliciesRequest.getDefaultInstance());
        List<Policy> found = named(Kind.POLICY, all.getPoliciesList(), Policy::getName, name);
        return all.toBuilder().clearPolicies().addAllPolicies(found).build();
    }

    ListTokensResponse tokens(@Nullable String name) {
        ListTokensResponse all = client.access().listTokens(ListTokensRequest.getDefaultInstance());
        List<JoinToken> found = named(Kind.TOKEN, all.getTokensList(), JoinToken::getId, name);
        return all.toBuilder().clearTokens().addAllTokens(found).build();
    }

    ListAuthoritiesResponse authorities(@Nullable String name) {
        ListAuthoritiesResponse all = client.access().listAuthorities(ListAuthoritiesRequest.getDefaultInstance());
        List<Authority> found = named(
                Kind.AUTHORITY, all.getAuthoritiesList(), authority -> Integer.toString(authority.getNumber()), name);
        return all.toBuilder().clearAuthorities().addAllAuthorities(found).build();
    }

    /** Those of a name, or all without one: these lists are short, and their calls know no filter. */
    static <T> List<T> named(Kind kind, List<T> rows, Function<T, String> naming, @Nullable String name) {
        if (name == null) {
            return rows;
        }
        List<T> found =
                rows.stream().filter(row -> naming.apply(row).equals(name)).toList();
        if (found.isEmpty()) {
            throw new CliException(
                    CliException.NOT_FOUND,
                    "there is no " + kind.word() + " " + name + ". Maybe `interposer get " + kind.plural() + "`?");
        }
        return found;
    }
}

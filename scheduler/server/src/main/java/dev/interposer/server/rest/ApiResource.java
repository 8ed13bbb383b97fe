package dev.interposer.server.rest;

import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.MessageOrBuilder;
import com.google.protobuf.util.JsonFormat;
import dev.interposer.proto.fleet.v1.GetConversionRequest;
import dev.interposer.proto.fleet.v1.ListClassesResponse;
import dev.interposer.proto.fleet.v1.ListDevicesRequest;
import dev.interposer.proto.fleet.v1.ListNodesRequest;
import dev.interposer.proto.fleet.v1.ListQueuesResponse;
import dev.interposer.proto.fleet.v1.ListSuppliersResponse;
import dev.interposer.proto.job.v1.ExplainRequest;
import dev.interposer.proto.job.v1.HistoryRequest;
import dev.interposer.proto.job.v1.JobReference;
import dev.interposer.proto.job.v1.ListRequest;
import dev.interposer.server.grpc.ApplyCall;
import dev.interposer.server.grpc.Errors;
import dev.interposer.server.grpc.Reads;
import dev.interposer.server.security.Caller;
import dev.interposer.server.security.Role;
import dev.interposer.server.telemetry.StatusReader;
import dev.interposer.server.view.FleetViews;
import dev.interposer.server.view.LiveView;
import dev.interposer.server.view.SupplyViews;
import jakarta.annotation.security.RolesAllowed;
import jakarta.ws.rs.BeanParam;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.DefaultValue;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.QueryParam;
import jakarta.ws.rs.core.Context;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.SecurityContext;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;

/** What is and what would be: the messages of job.v1 and fleet.v1 in protobuf's JSON form, every field present. */
@Path("/api/v1")
@Produces(MediaType.APPLICATION_JSON)
@RolesAllowed("viewer")
public class ApiResource {
    private static final JsonFormat.Printer JSON = JsonFormat.printer().alwaysPrintFieldsWithNoPresence();

    private final LiveView view;
    private final Reads reads;
    private final StatusReader status;
    private final ApplyCall apply;

    public ApiResource(LiveView view, Reads reads, StatusReader status, ApplyCall apply) {
        this.view = view;
        this.reads = reads;
        this.status = status;
        this.apply = apply;
    }

    /** As JobService.List. */
    @GET
    @Path("/jobs")
    public String jobs(
            @QueryParam("namespace") @DefaultValue("") String namespace,
            @QueryParam("queue") @DefaultValue("") String queue,
            @QueryParam("phase") List<String> phases,
            @QueryParam("pageSize") @DefaultValue("0") String pageSize,
            @QueryParam("pageToken") @DefaultValue("") String pageToken) {
        return json(reads.jobs(ListRequest.newBuilder()
                .setNamespace(namespace)
                .setQueueName(queue)
                .addAllPhases(phases)
                .setPageSize(number("pageSize", pageSize))
                .setPageToken(pageToken)
                .build()));
    }

    /** As JobService.History. */
    @GET
    @Path("/history")
    public String history(@BeanParam HistoryParameters asked) {
        return json(reads.history(HistoryRequest.newBuilder()
                .setNamespace(asked.namespace)
                .setName(asked.name)
                .setQueueName(asked.queue)
                .setSinceMicros(large("sinceMicros", asked.sinceMicros))
                .setPageSize(number("pageSize", asked.pageSize))
                .setPageToken(asked.pageToken)
                .build()));
    }

    /** What may be asked of the history. */
    public static final class HistoryParameters {
        @QueryParam("namespace")
        @DefaultValue("")
        public String namespace = "";

        @QueryParam("name")
        @DefaultValue("")
        public String name = "";

        @QueryParam("queue")
        @DefaultValue("")
        public String queue = "";

        @QueryParam("sinceMicros")
        @DefaultValue("0")
        public String sinceMicros = "0";

        @QueryParam("pageSize")
        @DefaultValue("0")
        public String pageSize = "0";

        @QueryParam("pageToken")
        @DefaultValue("")
        public String pageToken = "";
    }

    /** As JobService.Get. */
    @GET
    @Path("/jobs/{namespace}/{name}")
    public String job(@PathParam("namespace") String namespace, @PathParam("name") String name) {
        return json(reads.job(reference(namespace, name)));
    }

    /** As JobService.Explain; answered by the leader only. */
    @GET
    @Path("/jobs/{namespace}/{name}/explain")
    public String explain(
            @PathParam("namespace") String namespace,
            @PathParam("name") String name,
            @QueryParam("nearestChange") @DefaultValue("false") String nearestChange) {
        return json(reads.explain(ExplainRequest.newBuilder()
                .setJob(reference(namespace, name))
                .setNearestChange(flag("nearestChange", nearestChange))
                .build()));
    }

    /** As FleetService.Apply of a manifest with {@code dry_run}: nothing is written. Objects need an operator. */
    @POST
    @Path("/dry-run")
    @Consumes(MediaType.WILDCARD)
    @RolesAllowed("submitter")
    public String dryRun(@Context SecurityContext security, String manifest) {
        Role role = Stream.of(Role.ADMIN, Role.OPERATOR)
                .filter(held -> security.isUserInRole(held.name().toLowerCase(Locale.ROOT)))
                .findFirst()
                .orElse(Role.SUBMITTER);
        return json(apply.dryRun(new Caller(security.getUserPrincipal().getName(), role), manifest));
    }

    /** As FleetService.ListNodes. */
    @GET
    @Path("/nodes")
    public String nodes(
            @QueryParam("cluster") @DefaultValue("") String cluster,
            @QueryParam("pageSize") @DefaultValue("0") String pageSize,
            @QueryParam("pageToken") @DefaultValue("") String pageToken) {
        return json(reads.nodes(ListNodesRequest.newBuilder()
                .setCluster(cluster)
                .setPageSize(number("pageSize", pageSize))
                .setPageToken(pageToken)
                .build()));
    }

    /** As FleetService.ListDevices. */
    @GET
    @Path("/devices")
    public String devices(
            @QueryParam("node") @DefaultValue("") String node,
            @QueryParam("class") @DefaultValue("") String className,
            @QueryParam("pageSize") @DefaultValue("0") String pageSize,
            @QueryParam("pageToken") @DefaultValue("") String pageToken) {
        return json(reads.devices(ListDevicesRequest.newBuilder()
                .setNode(node)
                .setClassName(className)
                .setPageSize(number("pageSize", pageSize))
                .setPageToken(pageToken)
                .build()));
    }

    /** As FleetService.ListClasses. */
    @GET
    @Path("/classes")
    public String classes() {
        return json(view.read(state -> ListClassesResponse.newBuilder()
                .addAllClasses(FleetViews.classes(state))
                .setRevision(state.revision())
                .build()));
    }

    /** As FleetService.ListSuppliers. */
    @GET
    @Path("/suppliers")
    public String suppliers() {
        return json(view.read(state -> ListSuppliersResponse.newBuilder()
                .addAllSuppliers(FleetViews.suppliers(state))
                .setRevision(state.revision())
                .build()));
    }

    /** As FleetService.ListQueues. */
    @GET
    @Path("/queues")
    public String queues() {
        return json(view.read(state -> ListQueuesResponse.newBuilder()
                .addAllQueues(FleetViews.queues(state))
                .setRevision(state.revision())
                .build()));
    }

    /** As FleetService.ListOrders. */
    @GET
    @Path("/orders")
    public String orders() {
        return json(view.read(SupplyViews::orders));
    }

    /** As FleetService.ListPolicies. */
    @GET
    @Path("/policies")
    public String policies() {
        return json(view.read(SupplyViews::policies));
    }

    /** As FleetService.GetSupply. */
    @GET
    @Path("/supply")
    public String supply(@QueryParam("horizonSeconds") @DefaultValue("0") String horizonSeconds) {
        return json(reads.supply(number("horizonSeconds", horizonSeconds)));
    }

    /** As FleetService.GetCoverage. */
    @GET
    @Path("/supply/coverage")
    public String coverage(@QueryParam("without") @DefaultValue("") String without) {
        return json(reads.coverage(without));
    }

    /** As FleetService.GetConversion. */
    @GET
    @Path("/conversion")
    public String conversion(
            @QueryParam("workloadFamily") @DefaultValue("") String workloadFamily,
            @QueryParam("referenceClass") @DefaultValue("") String referenceClass) {
        return json(reads.conversion(GetConversionRequest.newBuilder()
                .setWorkloadFamily(workloadFamily)
                .setReferenceClass(referenceClass)
                .build()));
    }

    /** As FleetService.Status. */
    @GET
    @Path("/status")
    public String status() {
        return json(status.read());
    }

    /** Taken as a text: what is no number would else be told as a path that does not exist. */
    private static boolean flag(String name, String text) {
        return switch (text) {
            case "true" -> true;
            case "false" -> false;
            default -> throw Errors.invalid(name, text, "must be true or false");
        };
    }

    private static int number(String name, String text) {
        try {
            return Integer.parseInt(text);
        } catch (NumberFormatException e) {
            throw Errors.invalid(name, text, "must be a whole number");
        }
    }

    private static long large(String name, String text) {
        try {
            return Long.parseLong(text);
        } catch (NumberFormatException e) {
            throw Errors.invalid(name, text, "must be a whole number");
        }
    }

    private static JobReference reference(String namespace, String name) {
        return JobReference.newBuilder().setNamespace(namespace).setName(name).build();
    }

    private static String json(MessageOrBuilder message) {
        try {
            return JSON.print(message);
        } catch (InvalidProtocolBufferException e) {
            throw new IllegalStateException("a message can't be written", e);
        }
    }
}

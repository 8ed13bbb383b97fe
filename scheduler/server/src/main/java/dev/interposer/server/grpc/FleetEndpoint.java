package dev.interposer.server.grpc;

import dev.interposer.control.command.Command;
import dev.interposer.engine.model.ObjectKind;
import dev.interposer.engine.state.NodeState;
import dev.interposer.engine.state.State;
import dev.interposer.proto.fleet.v1.ApplyRequest;
import dev.interposer.proto.fleet.v1.ApplyResponse;
import dev.interposer.proto.fleet.v1.Conversion;
import dev.interposer.proto.fleet.v1.CordonNodeRequest;
import dev.interposer.proto.fleet.v1.Coverage;
import dev.interposer.proto.fleet.v1.DeleteRequest;
import dev.interposer.proto.fleet.v1.DeleteResponse;
import dev.interposer.proto.fleet.v1.DrainNodeRequest;
import dev.interposer.proto.fleet.v1.FenceNodeRequest;
import dev.interposer.proto.fleet.v1.FleetServiceGrpc;
import dev.interposer.proto.fleet.v1.GetConversionRequest;
import dev.interposer.proto.fleet.v1.GetCoverageRequest;
import dev.interposer.proto.fleet.v1.GetNodeRequest;
import dev.interposer.proto.fleet.v1.GetSupplyRequest;
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
import dev.interposer.proto.fleet.v1.Node;
import dev.interposer.proto.fleet.v1.NodeResponse;
import dev.interposer.proto.fleet.v1.RemoveNodeRequest;
import dev.interposer.proto.fleet.v1.ResumePlacementRequest;
import dev.interposer.proto.fleet.v1.ResumePlacementResponse;
import dev.interposer.proto.fleet.v1.StatusRequest;
import dev.interposer.proto.fleet.v1.StatusResponse;
import dev.interposer.proto.fleet.v1.Supply;
import dev.interposer.server.telemetry.StatusReader;
import dev.interposer.server.view.FleetViews;
import dev.interposer.server.view.LiveView;
import dev.interposer.server.view.SupplyViews;
import io.grpc.stub.StreamObserver;
import jakarta.inject.Singleton;

/** fleet.v1. */
@Singleton
public final class FleetEndpoint extends FleetServiceGrpc.FleetServiceImplBase {
    private final NodeCalls nodes;
    private final LiveView view;
    private final Reads reads;
    private final ApplyCall apply;
    private final StatusReader status;

    public FleetEndpoint(NodeCalls nodes, LiveView view, Reads reads, ApplyCall apply, StatusReader status) {
        this.nodes = nodes;
        this.view = view;
        this.reads = reads;
        this.apply = apply;
        this.status = status;
    }

    @Override
    public void apply(ApplyRequest request, StreamObserver<ApplyResponse> out) {
        Calls.answer(out, () -> apply.run(request));
    }

    @Override
    public void delete(DeleteRequest request, StreamObserver<DeleteResponse> out) {
        Calls.answer(out, () -> {
            ObjectKind kind = switch (request.getKind()) {
                case "Supplier" -> ObjectKind.SUPPLIER;
                case "AcceleratorClass" -> ObjectKind.ACCELERATOR_CLASS;
                case "JobQueue" -> ObjectKind.QUEUE;
                case "SupplyOrder" -> ObjectKind.SUPPLY_ORDER;
                case "SourcingPolicy" -> ObjectKind.SOURCING_POLICY;
                default ->
                    throw Errors.invalid(
                            "kind",
                            request.getKind(),
                            "must be one of [Supplier, AcceleratorClass, JobQueue, SupplyOrder, SourcingPolicy]");
            };
            Command.DeleteObject command = new Command.DeleteObject(Calls.actor(), kind, request.getName());
            return DeleteResponse.newBuilder()
                    .setRevision(nodes.changed(command))
                    .build();
        });
    }

    @Override
    public void listNodes(ListNodesRequest request, StreamObserver<ListNodesResponse> out) {
        Calls.answer(out, () -> reads.nodes(request));
    }

    @Override
    public void getNode(GetNodeRequest request, StreamObserver<Node> out) {
        Calls.answer(out, () -> {
            Calls.awaitRevision(view, request.getMinRevision());
            return view.read(state -> FleetViews.node(require(state, request.getName())));
        });
    }

    @Override
    public void listDevices(ListDevicesRequest request, StreamObserver<ListDevicesResponse> out) {
        Calls.answer(out, () -> reads.devices(request));
    }

    @Override
    public void listClasses(ListClassesRequest request, StreamObserver<ListClassesResponse> out) {
        Calls.answer(out, () -> {
            Calls.awaitRevision(view, request.getMinRevision());
            return view.read(state -> ListClassesResponse.newBuilder()
                    .addAllClasses(FleetViews.classes(state))
                    .setRevision(state.revision())
                    .build());
        });
    }

    @Override
    public void listSuppliers(ListSuppliersRequest request, StreamObserver<ListSuppliersResponse> out) {
        Calls.answer(out, () -> {
            Calls.awaitRevision(view, request.getMinRevision());
            return view.read(state -> ListSuppliersResponse.newBuilder()
                    .addAllSuppliers(FleetViews.suppliers(state))
                    .setRevision(state.revision())
                    .build());
        });
    }

    @Override
    public void listQueues(ListQueuesRequest request, StreamObserver<ListQueuesResponse> out) {
        Calls.answer(out, () -> {
            Calls.awaitRevision(view, request.getMinRevision());
            return view.read(state -> ListQueuesResponse.newBuilder()
                    .addAllQueues(FleetViews.queues(state))
                    .setRevision(state.revision())
                    .build());
        });
    }

    @Override
    public void listOrders(ListOrdersRequest request, StreamObserver<ListOrdersResponse> out) {
        Calls.answer(out, () -> {
            Calls.awaitRevision(view, request.getMinRevision());
            return view.read(SupplyViews::orders);
        });
    }

    @Override
    public void listPolicies(ListPoliciesRequest request, StreamObserver<ListPoliciesResponse> out) {
        Calls.answer(out, () -> {
            Calls.awaitRevision(view, request.getMinRevision());
            return view.read(SupplyViews::policies);
        });
    }

    @Override
    public void getSupply(GetSupplyRequest request, StreamObserver<Supply> out) {
        Calls.answer(out, () -> {
            Calls.awaitRevision(view, request.getMinRevision());
            return reads.supply(request.getHorizonSeconds());
        });
    }

    @Override
    public void getCoverage(GetCoverageRequest request, StreamObserver<Coverage> out) {
        Calls.answer(out, () -> {
            Calls.awaitRevision(view, request.getMinRevision());
            return reads.coverage(request.getSupplierName());
        });
    }

    @Override
    public void getConversion(GetConversionRequest request, StreamObserver<Conversion> out) {
        Calls.answer(out, () -> reads.conversion(request));
    }

    @Override
    public void fenceNode(FenceNodeRequest request, StreamObserver<NodeResponse> out) {
        Calls.answer(out, () -> nodes.fence(request));
    }

    @Override
    public void cordonNode(CordonNodeRequest request, StreamObserver<NodeResponse> out) {
        Calls.answer(out, () -> nodes.cordon(request));
    }

    @Override
    public void drainNode(DrainNodeRequest request, StreamObserver<NodeResponse> out) {
        Calls.answer(out, () -> nodes.drain(request));
    }

    @Override
    public void removeNode(RemoveNodeRequest request, StreamObserver<NodeResponse> out) {
        Calls.answer(out, () -> nodes.remove(request));
    }

    @Override
    public void resumePlacement(ResumePlacementRequest request, StreamObserver<ResumePlacementResponse> out) {
        Calls.answer(
                out,
                () -> ResumePlacementResponse.newBuilder()
                        .setRevision(nodes.changed(new Command.ResumePlacement(Calls.actor())))
                        .build());
    }

    @Override
    public void status(StatusRequest request, StreamObserver<StatusResponse> out) {
        Calls.answer(out, status::read);
    }

    private static NodeState require(State state, String name) {
        NodeState node = state.nodes().find(name);
        if (node == null) {
            throw Errors.notFound("node " + name);
        }
        return node;
    }
}

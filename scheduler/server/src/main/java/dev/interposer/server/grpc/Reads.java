package dev.interposer.server.grpc;

import dev.interposer.control.core.Controller;
import dev.interposer.control.port.LedgerException;
import dev.interposer.engine.model.GangPhase;
import dev.interposer.engine.model.JobPhase;
import dev.interposer.engine.state.GangState;
import dev.interposer.engine.state.JobState;
import dev.interposer.engine.state.NodeState;
import dev.interposer.engine.state.State;
import dev.interposer.ledger.jdbc.JdbcHistory.Query;
import dev.interposer.proto.fleet.v1.Conversion;
import dev.interposer.proto.fleet.v1.Coverage;
import dev.interposer.proto.fleet.v1.Device;
import dev.interposer.proto.fleet.v1.GetConversionRequest;
import dev.interposer.proto.fleet.v1.ListDevicesRequest;
import dev.interposer.proto.fleet.v1.ListDevicesResponse;
import dev.interposer.proto.fleet.v1.ListNodesRequest;
import dev.interposer.proto.fleet.v1.ListNodesResponse;
import dev.interposer.proto.fleet.v1.Supply;
import dev.interposer.proto.job.v1.EndedJob;
import dev.interposer.proto.job.v1.ExplainRequest;
import dev.interposer.proto.job.v1.ExplainResponse;
import dev.interposer.proto.job.v1.GangExplanation;
import dev.interposer.proto.job.v1.HistoryRequest;
import dev.interposer.proto.job.v1.HistoryResponse;
import dev.interposer.proto.job.v1.Job;
import dev.interposer.proto.job.v1.JobProgress;
import dev.interposer.proto.job.v1.JobReference;
import dev.interposer.proto.job.v1.ListRequest;
import dev.interposer.proto.job.v1.ListResponse;
import dev.interposer.proto.job.v1.NearestChange;
import dev.interposer.server.loop.SchedulerLoop;
import dev.interposer.server.view.FleetViews;
import dev.interposer.server.view.JobViews;
import dev.interposer.server.view.LiveView;
import dev.interposer.server.view.MeasureViews;
import dev.interposer.server.view.Names;
import dev.interposer.server.view.SupplyReader;
import io.grpc.Status;
import jakarta.inject.Singleton;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Lists and lookups, the same for gRPC and REST. */
@Singleton
public final class Reads {
    private static final List<String> PHASES =
            Stream.of(JobPhase.values()).map(Names::camel).toList();
    private static final long MOST_HORIZON_SECONDS = 366L * 86_400;

    private final SchedulerLoop loop;
    private final LiveView view;
    private final SupplyReader supply;
    private final Forecasts forecasts;
    private final Records records;

    public Reads(SchedulerLoop loop, LiveView view, SupplyReader supply, Forecasts forecasts, Records records) {
        this.loop = loop;
        this.view = view;
        this.supply = supply;
        this.forecasts = forecasts;
        this.records = records;
    }

    public Supply supply(long horizonSeconds) {
        if (horizonSeconds < 0 || horizonSeconds > MOST_HORIZON_SECONDS) {
            throw Errors.invalid(
                    "horizonSeconds", Long.toString(horizonSeconds), "must be between 0 and " + MOST_HORIZON_SECONDS);
        }
        return MeasureViews.supply(supply.report(horizonSeconds));
    }

    /** Of one supplier at each of its tiers, or of everybody for an empty name. */
    public Coverage coverage(String supplierName) {
        if (supplierName.isEmpty()) {
            return MeasureViews.coverage(supply.coverage());
        }
        if (view.read(state -> state.settings().supplier(supplierName)) == null) {
            throw Errors.notFound("supplier " + supplierName);
        }
        return MeasureViews.coverage(
                supply.coverage(party -> party.supplierName().equals(supplierName)));
    }

    /** Measured throughput of one family, or of all for an empty name. */
    public Conversion conversion(GetConversionRequest request) {
        Conversion conversion;
        try {
            conversion = records.conversion().read(request.getWorkloadFamily(), request.getReferenceClass());
        } catch (LedgerException e) {
            throw Status.UNAVAILABLE.withDescription(e.getMessage()).asRuntimeException();
        }
        String reference = request.getReferenceClass();
        boolean measured = conversion.getFamiliesList().stream()
                .anyMatch(family -> family.getReferenceClass().equals(reference));
        if (!reference.isEmpty()
                && !measured
                && view.read(state -> state.settings().classes().stream()
                        .noneMatch(known -> known.name().equals(reference)))) {
            throw Errors.notFound("class " + reference);
        }
        return conversion;
    }

    public Job job(JobReference reference) {
        return view.read(state -> {
            JobState job = require(state, reference);
            return told(state, job).setSpec(SpecMapper.proto(job.spec())).build();
        });
    }

    /** With what its loops say that they have done. */
    private Job.Builder told(State state, JobState job) {
        Job.Builder told = JobViews.of(state, job, view.waiting()).toBuilder();
        JobProgress progress = view.progress().of(job.id());
        return progress == null ? told : told.setProgress(progress);
    }

    public ListResponse jobs(ListRequest request) {
        int size = PageToken.size(request.getPageSize());
        long after = PageToken.read(request.getPageToken());
        for (String phase : request.getPhasesList()) {
            if (!PHASES.contains(phase)) {
                throw Errors.invalid("phases", phase, "is no phase. Maybe one of " + PHASES + "?");
            }
        }
        Calls.awaitRevision(view, request.getMinRevision());
        return view.read(state -> jobs(state, request, after, size));
    }

    /** Jobs that ended, from the database. */
    public HistoryResponse history(HistoryRequest request) {
        int size = PageToken.size(request.getPageSize());
        long before = PageToken.read(request.getPageToken());
        if (request.getSinceMicros() < 0) {
            throw Errors.invalid("sinceMicros", Long.toString(request.getSinceMicros()), "must be at least 0");
        }
        Query query = new Query(
                request.getNamespace(),
                request.getName(),
                request.getQueueName(),
                request.getSinceMicros(),
                before == 0 ? Long.MAX_VALUE : before);
        List<EndedJob> jobs;
        try {
            jobs = records.history().jobs(query, size + 1);
        } catch (LedgerException e) {
            throw Status.UNAVAILABLE.withDescription(e.getMessage()).asRuntimeException();
        }
        HistoryResponse.Builder response = HistoryResponse.newBuilder();
        if (jobs.size() > size) {
            jobs = jobs.subList(0, size);
            response.setNextPageToken(PageToken.after(jobs.getLast().getRevision()));
        }
        return response.addAllJobs(jobs).build();
    }

    public ExplainResponse explain(ExplainRequest request) {
        ExplainResponse response = Calls.get(loop.ask(controller -> explain(controller, request)))
                .orElseThrow(() -> Errors.notFound("job " + name(request.getJob())));
        return request.getNearestChange() && response.getGangsCount() > 0 ? withNearestChange(response) : response;
    }

    /** Of the first gang that waits, by a copy of the durable state: the thread that decides has no part in it. */
    private ExplainResponse withNearestChange(ExplainResponse response) {
        Calls.awaitRevision(view, response.getJob().getRevision());
        GangExplanation first = response.getGangs(0);
        NearestChange nearest = forecasts.nearest(response.getJob().getId(), first.getGang());
        return nearest == null
                ? response
                : response.toBuilder()
                        .setGangs(0, first.toBuilder().setNearestChange(nearest))
                        .build();
    }

    public ListNodesResponse nodes(ListNodesRequest request) {
        int size = PageToken.size(request.getPageSize());
        long after = PageToken.read(request.getPageToken());
        Calls.awaitRevision(view, request.getMinRevision());
        return view.read(state -> nodes(state, request.getCluster(), after, size));
    }

    /** Pages end between nodes: the token is a node's id, and a page may hold a node's devices more than asked for. */
    public ListDevicesResponse devices(ListDevicesRequest request) {
        int size = PageToken.size(request.getPageSize());
        long after = PageToken.read(request.getPageToken());
        Calls.awaitRevision(view, request.getMinRevision());
        return view.read(state -> devices(state, request, after, size));
    }

    static JobState require(State state, JobReference reference) {
        JobState job = find(state, reference);
        if (job == null) {
            throw Errors.notFound("job " + name(reference));
        }
        return job;
    }

    private static @Nullable JobState find(State state, JobReference reference) {
        return reference.getId() != 0
                ? state.jobs().find(reference.getId())
                : state.jobs().find(name(reference));
    }

    private static String name(JobReference reference) {
        return reference.getId() != 0
                ? "with id " + reference.getId()
                : reference.getNamespace() + "/" + reference.getName();
    }

    private ListResponse jobs(State state, ListRequest request, long after, int size) {
        ListResponse.Builder response = ListResponse.newBuilder().setRevision(state.revision());
        for (JobState job : state.jobs().after(after)) {
            if (matches(job, request)) {
                if (response.getJobsCount() == size) {
                    response.setNextPageToken(
                            PageToken.after(response.getJobs(size - 1).getId()));
                    break;
                }
                response.addJobs(told(state, job));
            }
        }
        return response.build();
    }

    private static boolean matches(JobState job, ListRequest request) {
        return (request.getNamespace().isEmpty() || request.getNamespace().equals(job.namespace()))
                && (request.getQueueName().isEmpty()
                        || request.getQueueName().equals(job.spec().queueName()))
                && (request.getPhasesCount() == 0 || request.getPhasesList().contains(Names.camel(job.phase())));
    }

    private Optional<ExplainResponse> explain(Controller controller, ExplainRequest request) {
        State state = controller.state();
        JobState job = find(state, request.getJob());
        if (job == null) {
            return Optional.empty();
        }
        ExplainResponse.Builder response =
                ExplainResponse.newBuilder().setJob(told(state, job)).setRevision(state.revision());
        for (GangState gang : job.gangs()) {
            boolean waits = gang.phase() == GangPhase.WAITING || gang.phase() == GangPhase.BACKOFF;
            if (waits && !job.cancelRequested()) {
                response.addGangs(JobViews.explanation(gang, controller.explain(gang)));
            }
        }
        return Optional.of(response.build());
    }

    private static ListNodesResponse nodes(State state, String cluster, long after, int size) {
        ListNodesResponse.Builder response = ListNodesResponse.newBuilder().setRevision(state.revision());
        for (NodeState node : state.nodes().after(after)) {
            if (cluster.isEmpty() || node.info().cluster().equals(cluster)) {
                if (response.getNodesCount() == size) {
                    response.setNextPageToken(
                            PageToken.after(response.getNodes(size - 1).getId()));
                    break;
                }
                response.addNodes(FleetViews.node(node));
            }
        }
        return response.build();
    }

    private ListDevicesResponse devices(State state, ListDevicesRequest request, long after, int size) {
        ListDevicesResponse.Builder response = ListDevicesResponse.newBuilder().setRevision(state.revision());
        for (NodeState node : state.nodes().after(after)) {
            if (!request.getNode().isEmpty() && !request.getNode().equals(node.name())) {
                continue;
            }
            List<Device> devices = FleetViews.devices(node, view.readings()).stream()
                    .filter(device -> request.getClassName().isEmpty()
                            || request.getClassName().equals(device.getClassName()))
                    .toList();
            response.addAllDevices(devices);
            if (response.getDevicesCount() >= size) {
                response.setNextPageToken(PageToken.after(node.id()));
                break;
            }
        }
        return response.build();
    }
}

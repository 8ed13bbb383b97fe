package dev.interposer.server.grpc;

import dev.interposer.control.command.Command;
import dev.interposer.control.command.ErrorCode;
import dev.interposer.control.command.FieldError;
import dev.interposer.control.command.JobSize;
import dev.interposer.control.command.Outcome;
import dev.interposer.control.command.Rejection;
import dev.interposer.control.core.ControlSettings;
import dev.interposer.control.core.Footprints;
import dev.interposer.control.core.SpecSize;
import dev.interposer.control.validate.JobCheck;
import dev.interposer.control.validate.ObjectCheck;
import dev.interposer.engine.event.SettingEvent;
import dev.interposer.engine.model.Actor;
import dev.interposer.engine.model.SourcingPolicy;
import dev.interposer.engine.model.SupplyOrder;
import dev.interposer.engine.state.JobState;
import dev.interposer.engine.state.Settings;
import dev.interposer.proto.fleet.v1.Applied;
import dev.interposer.proto.fleet.v1.ApplyRequest;
import dev.interposer.proto.fleet.v1.ApplyResponse;
import dev.interposer.resources.Manifest;
import dev.interposer.resources.ManifestException;
import dev.interposer.resources.Manifests;
import dev.interposer.server.loop.LedgerAccess;
import dev.interposer.server.loop.SchedulerLoop;
import dev.interposer.server.security.AccessRules;
import dev.interposer.server.security.Caller;
import dev.interposer.server.security.Role;
import dev.interposer.server.view.LiveView;
import jakarta.inject.Singleton;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * Applies a manifest: objects of the cluster first, all or none; then the jobs. A job that lives already under its
 * name and with the same spec is unchanged; with another size it is scaled; what else differs is refused, since nothing
 * else of a job's spec changes.
 */
@Singleton
public final class ApplyCall {
    /** Each is played on copies of the state. */
    private static final int MOST_DRY_RUNS = 16;

    /** About what a manifest takes of the heap, read: most of short words are headers. */
    private static final int BYTES_A_CHARACTER = 8;

    private final SchedulerLoop loop;
    private final LiveView view;
    private final LedgerAccess access;
    private final Forecasts forecasts;
    private final AccessRules rules;

    public ApplyCall(SchedulerLoop loop, LiveView view, LedgerAccess access, Forecasts forecasts, AccessRules rules) {
        this.loop = loop;
        this.view = view;
        this.access = access;
        this.forecasts = forecasts;
        this.rules = rules;
    }

    ApplyResponse run(ApplyRequest request) {
        return run(Calls.caller(), request);
    }

    /** What would become of a manifest; nothing is written. */
    public ApplyResponse dryRun(Caller caller, String manifest) {
        return run(
                caller,
                ApplyRequest.newBuilder().setManifest(manifest).setDryRun(true).build());
    }

    private ApplyResponse run(Caller caller, ApplyRequest request) {
        List<Manifest> manifests;
        try {
            manifests = Manifests.parse(request.getManifest());
        } catch (ManifestException e) {
            throw Errors.exception(e.rejection());
        }
        if (!request.getRequestId().isEmpty()
                && !JobCheck.names(request.getRequestId(), "default", "x").isEmpty()) {
            throw Errors.invalid("requestId", request.getRequestId(), "must be a UUID of version 7 in its text form");
        }
        Actor actor = Actor.user(caller.name(), "grpc");
        Command.ApplyObjects objects = objects(actor, manifests);
        boolean anyObject = manifests.stream().anyMatch(manifest -> !(manifest instanceof Manifest.Job));
        if (anyObject) {
            Calls.require(caller, Role.OPERATOR, "applying suppliers, classes, queues, orders and policies");
        }
        check(objects, manifests, request);
        for (Manifest manifest : manifests) {
            if (manifest instanceof Manifest.Job job) {
                AccessRules.Deed deed = scales(job) ? AccessRules.Deed.SCALE : AccessRules.Deed.SUBMIT;
                Rejection refusal = rules.refusal(
                        caller,
                        deed,
                        job.spec().kind(),
                        job.namespace(),
                        job.spec().queueName());
                if (refusal != null) {
                    throw Errors.exception(ManifestErrors.of(job, refusal));
                }
            }
        }
        if (request.getDryRun()) {
            return rehearsed(objects, manifests);
        }
        Map<Manifest, Applied> applied = new HashMap<>();
        long bytes = (long) BYTES_A_CHARACTER * request.getManifest().length();
        long revision = anyObject ? applyObjects(objects, bytes, manifests, applied) : 0;
        revision = Math.max(revision, submitJobs(actor, request, manifests, applied));
        // Nothing changed: it is so at what can be read now.
        ApplyResponse.Builder response =
                ApplyResponse.newBuilder().setRevision(revision == 0 ? view.revision() : revision);
        manifests.forEach(manifest -> response.addObjects(applied.get(manifest)));
        return response.build();
    }

    /** What would become of the first jobs of the manifest that are not there yet, submitted together. */
    private ApplyResponse rehearsed(Command.ApplyObjects objects, List<Manifest> manifests) {
        ApplyResponse.Builder response = ApplyResponse.newBuilder().setRevision(view.revision());
        List<SettingEvent> applied = new ArrayList<>();
        objects.suppliers().forEach(supplier -> applied.add(new SettingEvent.SupplierApplied(supplier)));
        objects.classes().forEach(chipClass -> applied.add(new SettingEvent.ClassApplied(chipClass)));
        objects.queues().forEach(queue -> applied.add(new SettingEvent.QueueApplied(queue)));
        objects.orders().forEach(order -> applied.add(new SettingEvent.OrderApplied(order)));
        objects.policies().forEach(policy -> applied.add(new SettingEvent.PolicyApplied(policy)));
        List<Forecasts.Wanted> wanted = new ArrayList<>();
        for (Manifest manifest : manifests) {
            if (manifest instanceof Manifest.Job job && wanted.size() < MOST_DRY_RUNS && !exists(job)) {
                wanted.add(new Forecasts.Wanted(job.namespace(), job.name(), job.spec()));
            }
        }
        return response.addAllDryRuns(forecasts.dryRun(objects.actor(), applied, wanted, true))
                .build();
    }

    /**
     * Everything is checked before anything is applied; what changes in between is caught once more when it is applied.
     */
    private void check(Command.ApplyObjects objects, List<Manifest> manifests, ApplyRequest request) {
        // Compiled here, where nobody waits for the view.
        loop.expressions().prepare(objects.classes());
        Rejection bad = view.read(state -> ObjectCheck.check(objects, state.settings(), loop.expressions()));
        if (bad != null) {
            throw Errors.exception(bad);
        }
        Settings settings = view.read(state -> ObjectCheck.after(objects, state.settings()));
        Set<String> names = new HashSet<>();
        for (Manifest manifest : manifests) {
            if (manifest instanceof Manifest.Job job) {
                List<FieldError> badNames = JobCheck.names(Forecasts.ANY_REQUEST, job.namespace(), job.name());
                if (!badNames.isEmpty()) {
                    // By such a name it can't be called; the names themselves are what is said.
                    throw Errors.exception(Rejection.of(ErrorCode.INVALID, badNames));
                }
                Rejection refused = check(job, settings, names);
                if (refused != null) {
                    throw Errors.exception(ManifestErrors.of(job, refused));
                }
            }
            if (request.getCreateOnly() && exists(manifest)) {
                throw Errors.exception(ManifestErrors.of(
                        manifest,
                        Rejection.of(
                                ErrorCode.ALREADY_EXISTS,
                                "metadata.name",
                                manifest.name(),
                                "a " + manifest.kind() + " of this name exists")));
            }
        }
    }

    /** A job against the objects as they will be. */
    private @Nullable Rejection check(Manifest.Job job, Settings settings, Set<String> names) {
        if (!names.add(job.namespace() + "/" + job.name())) {
            return Rejection.of(ErrorCode.INVALID, "metadata.name", job.name(), "comes twice in the manifest");
        }
        Rejection refused = JobCheck.check(job.spec(), settings, ControlSettings.DEFAULT.priorities());
        if (refused == null && exists(job) && unchanged(job) == null && !scales(job)) {
            return Rejection.of(
                    ErrorCode.ALREADY_EXISTS,
                    "metadata.name",
                    job.name(),
                    "a job of this name is there, and more than its size differs. Maybe another name, or cancel"
                            + " that one first?");
        }
        return refused == null ? SpecSize.check(job.spec()) : refused;
    }

    private boolean exists(Manifest manifest) {
        return view.read(state -> switch (manifest) {
            case Manifest.Job job -> {
                JobState found = state.jobs().find(job.namespace() + "/" + job.name());
                yield found != null && !found.ended();
            }
            case Manifest.Supplier supplier -> state.settings().supplier(supplier.name()) != null;
            case Manifest.ChipClass chipClass -> state.settings().acceleratorClass(chipClass.name()) != null;
            case Manifest.Queue queue -> state.settings().queue(queue.name()) != null;
            case Manifest.Order order -> state.settings().order(order.name()) != null;
            case Manifest.Policy policy -> state.settings().policy(policy.name()) != null;
        });
    }

    private static Command.ApplyObjects objects(Actor actor, List<Manifest> manifests) {
        List<dev.interposer.engine.model.Supplier> suppliers = new ArrayList<>();
        List<dev.interposer.engine.model.AcceleratorClass> classes = new ArrayList<>();
        List<dev.interposer.engine.model.JobQueue> queues = new ArrayList<>();
        List<SupplyOrder> orders = new ArrayList<>();
        List<SourcingPolicy> policies = new ArrayList<>();
        for (Manifest manifest : manifests) {
            switch (manifest) {
                case Manifest.Supplier supplier -> suppliers.add(supplier.supplier());
                case Manifest.ChipClass chipClass -> classes.add(chipClass.chipClass());
                case Manifest.Queue queue -> queues.add(queue.queue());
                case Manifest.Order order -> orders.add(order.order());
                case Manifest.Policy policy -> policies.add(policy.policy());
                case Manifest.Job job -> {
                    // Comes after the objects that it may refer to.
                }
            }
        }
        return new Command.ApplyObjects(actor, suppliers, classes, queues, orders, policies);
    }

    private long applyObjects(
            Command.ApplyObjects objects, long bytes, List<Manifest> manifests, Map<Manifest, Applied> applied) {
        Outcome outcome = Calls.await(loop.submit(objects, bytes));
        if (outcome instanceof Outcome.Rejected rejected) {
            throw Errors.exception(rejected.rejection());
        }
        Outcome.Applied done = (Outcome.Applied) outcome;
        List<Manifest> inOrder = new ArrayList<>();
        manifests.stream().filter(Manifest.Supplier.class::isInstance).forEach(inOrder::add);
        manifests.stream().filter(Manifest.ChipClass.class::isInstance).forEach(inOrder::add);
        manifests.stream().filter(Manifest.Queue.class::isInstance).forEach(inOrder::add);
        manifests.stream().filter(Manifest.Order.class::isInstance).forEach(inOrder::add);
        manifests.stream().filter(Manifest.Policy.class::isInstance).forEach(inOrder::add);
        for (int index = 0; index < inOrder.size(); index++) {
            Manifest manifest = inOrder.get(index);
            Applied.Result result = switch (done.changes().get(index)) {
                case CREATED -> Applied.Result.RESULT_CREATED;
                case CONFIGURED -> Applied.Result.RESULT_CONFIGURED;
                case UNCHANGED -> Applied.Result.RESULT_UNCHANGED;
            };
            applied.put(manifest, applied(manifest, "", 0, result));
        }
        return done.revision();
    }

    private long submitJobs(
            Actor actor, ApplyRequest request, List<Manifest> manifests, Map<Manifest, Applied> applied) {
        long revision = 0;
        Map<Manifest.Job, CompletableFuture<Outcome>> submitted = new HashMap<>();
        Set<Manifest.Job> scaled = new HashSet<>();
        for (int index = 0; index < manifests.size(); index++) {
            if (manifests.get(index) instanceof Manifest.Job job) {
                Applied unchanged = unchanged(job);
                if (unchanged != null) {
                    applied.put(job, unchanged);
                } else {
                    String id = derived(request.getRequestId(), index);
                    boolean scales = scales(job);
                    Command command = scales
                            ? new Command.ScaleJob(
                                    actor, id, job.namespace() + "/" + job.name(), 0, new JobSize.Of(job.spec()))
                            : new Command.SubmitJob(actor, id, job.namespace(), job.name(), job.spec());
                    if (scales) {
                        scaled.add(job);
                    }
                    submitted.put(job, loop.submit(command, Footprints.of(job.spec())));
                }
            }
        }
        for (Manifest manifest : manifests) {
            if (manifest instanceof Manifest.Job job && submitted.containsKey(job)) {
                Outcome.Accepted accepted = accepted(job, submitted.get(job));
                revision = Math.max(revision, accepted.revision());
                Applied.Result done =
                        scaled.contains(job) ? Applied.Result.RESULT_CONFIGURED : Applied.Result.RESULT_CREATED;
                Applied.Result result = accepted.repeated() ? Applied.Result.RESULT_UNCHANGED : done;
                applied.put(job, applied(job, job.namespace(), accepted.id(), result));
            }
        }
        return revision;
    }

    private static Outcome.Accepted accepted(Manifest.Job job, CompletableFuture<Outcome> outcome) {
        try {
            return Calls.accepted(outcome);
        } catch (RefusedException e) {
            throw Errors.exception(ManifestErrors.of(job, e.rejection()));
        }
    }

    private @Nullable Applied unchanged(Manifest.Job job) {
        String sha256 = access.digests().sha256(job.spec());
        return view.read(state -> {
            JobState found = state.jobs().find(job.namespace() + "/" + job.name());
            if (found == null || found.ended()) {
                return null;
            }
            var stored = state.jobs().specs().stored(found.specId());
            boolean same = stored != null && stored.sha256().equals(sha256);
            return same ? applied(job, job.namespace(), found.id(), Applied.Result.RESULT_UNCHANGED) : null;
        });
    }

    /** Whether a job of its name lives that differs in its size alone. */
    private boolean scales(Manifest.Job job) {
        return view.read(state -> {
            JobState found = state.jobs().find(job.namespace() + "/" + job.name());
            return found != null
                    && !found.ended()
                    && !found.spec().equals(job.spec())
                    && found.spec().sizedAs(job.spec()).equals(job.spec());
        });
    }

    private static Applied applied(Manifest manifest, String namespace, long id, Applied.Result result) {
        return Applied.newBuilder()
                .setKind(manifest.kind())
                .setNamespace(namespace)
                .setName(manifest.name())
                .setId(id)
                .setResult(result)
                .build();
    }

    /** A version 7 UUID of its own for each job of a manifest, the same one at each try. */
    private static String derived(String requestId, int index) {
        if (requestId.isEmpty()) {
            long millis = System.currentTimeMillis();
            UUID random = UUID.randomUUID();
            return new UUID(
                            (millis << 16) | 0x7000 | (random.getMostSignificantBits() & 0xFFF),
                            random.getLeastSignificantBits())
                    .toString();
        }
        UUID base = UUID.fromString(requestId);
        return new UUID(base.getMostSignificantBits(), base.getLeastSignificantBits() + index).toString();
    }
}

package dev.interposer.server.kubernetes.objects;

import com.fasterxml.jackson.databind.JsonNode;
import dev.interposer.control.command.Command;
import dev.interposer.control.command.JobSize;
import dev.interposer.control.command.Outcome;
import dev.interposer.control.core.Footprints;
import dev.interposer.engine.model.Actor;
import dev.interposer.engine.model.JobQueue;
import dev.interposer.engine.model.JobSpec;
import dev.interposer.engine.state.JobState;
import dev.interposer.engine.state.State;
import dev.interposer.proto.job.v1.Job;
import dev.interposer.resources.Manifest;
import dev.interposer.resources.ManifestException;
import dev.interposer.server.kubernetes.FleetAccess;
import dev.interposer.server.kubernetes.WorkQueue;
import dev.interposer.server.view.JobViews;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.TreeMap;
import java.util.UUID;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Holds a job's object against the job in the ledger, and does the next thing that brings them together. The spec is a
 * stream of commands, of which only the newest is ever seen; the status says up to which generation it was followed.
 *
 * <p>A job in the ledger bears the uid of its object among its labels: so it is found again by a server that has lost
 * everything else, and none is submitted twice. A job that is held back by its owner is in the ledger no more; when it
 * goes on, it is submitted anew with what the spec says then.
 */
final class JobSync {
    private static final String QUEUE_OF_NAMESPACE = "interposer.dev/queue";
    private static final String HELD_BACK = "spec.suspend";
    private static final long AGAIN_MILLIS = 10_000;
    private static final long PATIENCE_SECONDS = 30;

    private final String cluster;
    private final ObjectStores stores;
    private final ObjectApi api;
    private final FleetAccess fleet;
    private final WorkQueue queue;

    /**
     * What the ledger has under the name of an object.
     *
     * @param own whether it is of this very object
     * @param heldBack whether it was cancelled because its owner holds it back
     */
    private record Known(Job job, JobSpec spec, boolean own, boolean ended, boolean heldBack) {}

    JobSync(String cluster, ObjectStores stores, ObjectApi api, FleetAccess fleet, WorkQueue queue) {
        this.cluster = cluster;
        this.stores = stores;
        this.api = api;
        this.fleet = fleet;
        this.queue = queue;
    }

    void look(ObjectKey key) {
        SeenObject object = stores.find(key);
        Known known = fleet.view().read(state -> known(state, key, object == null ? "" : object.uid()));
        if (object == null) {
            return;
        }
        if (object.isDeleted()) {
            deleted(key, object, known);
        } else if (!object.isKept()) {
            api.keep(key, object, true);
        } else if (known != null && known.own() && !(known.heldBack() && !object.isSuspended())) {
            follow(key, object, known);
        } else {
            begin(key, object, known);
        }
    }

    /** Its devices are free before the object is gone. */
    private void deleted(ObjectKey key, SeenObject object, @Nullable Known known) {
        if (!object.isKept()) {
            return;
        }
        if (known == null || !known.own() || known.ended()) {
            api.keep(key, object, false);
        } else {
            cancel(key, object.actor(cluster), known);
        }
    }

    private void follow(ObjectKey key, SeenObject object, Known known) {
        if (known.ended()) {
            show(
                    key,
                    object,
                    known.heldBack()
                            ? statuses(object).suspended()
                            : statuses(object).of(known.job()));
            expire(key, object);
            return;
        }
        if (object.isSuspended()) {
            cancel(key, new Actor(object.actor(cluster).kind(), HELD_BACK, "kubernetes"), known);
            return;
        }
        try {
            JobSpec wanted = spec(key, object).labelled(known.spec().labels());
            if (!wanted.equals(known.spec())) {
                JobSize size = new JobSize.Of(wanted);
                Outcome outcome = submit(
                        key,
                        new Command.ScaleJob(
                                object.actor(cluster),
                                requestId(object),
                                key.fullName(),
                                known.job().getId(),
                                size));
                if (outcome instanceof Outcome.Rejected rejected) {
                    show(key, object, statuses(object).refused(rejected.rejection()));
                    queue.addLater(key.toString(), AGAIN_MILLIS);
                    return;
                }
            }
            show(key, object, statuses(object).of(known.job()));
        } catch (ManifestException e) {
            show(key, object, statuses(object).refused(e.rejection()));
        }
    }

    private void begin(ObjectKey key, SeenObject object, @Nullable Known known) {
        if (hasEnded(object.status())) {
            expire(key, object);
            return;
        }
        boolean heldBack = known != null && known.own();
        if (wasAccepted(object.status()) && !heldBack) {
            forgotten(key, object);
            return;
        }
        if (object.isSuspended()) {
            show(key, object, statuses(object).suspended());
            return;
        }
        if (known != null && !known.own() && !known.ended()) {
            refuse(key, object, "NameTaken", "a job of this name, submitted in another way, is there already");
            return;
        }
        try {
            JobSpec spec = spec(key, object);
            String closed = closedTo(key.namespace(), spec.queueName());
            if (!closed.isEmpty()) {
                refuse(key, object, "QueueNotAllowed", closed);
                return;
            }
            Outcome outcome = submit(
                    key,
                    new Command.SubmitJob(object.actor(cluster), requestId(object), key.namespace(), key.name(), spec));
            if (outcome instanceof Outcome.Rejected rejected) {
                refuse(key, object, statuses(object).refused(rejected.rejection()));
            } else if (((Outcome.Accepted) outcome).repeated() && !isKnown(key)) {
                forgotten(key, object);
            } else {
                queue.add(key.toString());
            }
        } catch (ManifestException e) {
            show(key, object, statuses(object).refused(e.rejection()));
        }
    }

    /**
     * The ledger has it no more, and its end was not seen here. It is not run again. The object goes only where the
     * ledger still knows that it had the job: a restored backup may never have heard of it.
     */
    private void forgotten(ObjectKey key, SeenObject object) {
        String id = requestId(object);
        boolean confirmed =
                fleet.view().<Boolean>read(state -> state.jobs().requests().find(id) != null);
        if (confirmed && object.ttlSeconds() >= 0) {
            api.delete(key, object);
        } else {
            show(key, object, statuses(object).forgotten());
        }
    }

    /** Some time after its end an object that says so goes. */
    private void expire(ObjectKey key, SeenObject object) {
        Instant ended = Conditions.since(object.status(), "Complete", "Failed");
        if (ended == null || object.ttlSeconds() < 0) {
            return;
        }
        long left = Duration.between(Instant.now(), ended.plusSeconds(object.ttlSeconds()))
                .toMillis();
        if (left <= 0) {
            api.delete(key, object);
        } else {
            queue.addLater(key.toString(), left);
        }
    }

    private boolean isKnown(ObjectKey key) {
        return fleet.view().<Boolean>read(state -> state.jobs().find(key.fullName()) != null);
    }

    /** What refuses it may change: a queue may come, room may be made. */
    private void refuse(ObjectKey key, SeenObject object, String reason, String message) {
        refuse(key, object, statuses(object).refused(reason, message));
    }

    private void refuse(ObjectKey key, SeenObject object, JsonNode status) {
        show(key, object, status);
        queue.addLater(key.toString(), AGAIN_MILLIS);
    }

    private void cancel(ObjectKey key, Actor actor, Known known) {
        Outcome outcome = submit(
                key, new Command.CancelJob(actor, key.fullName(), known.job().getId()));
        if (outcome instanceof Outcome.Rejected) {
            queue.failed(key.toString());
        }
    }

    /** Waits until it is durable: what follows rests on it. */
    private Outcome submit(ObjectKey key, Command command) {
        long bytes = command instanceof Command.SubmitJob submit ? Footprints.of(submit.spec()) : 0;
        try {
            Outcome outcome = fleet.loop()
                    .submit(command, bytes)
                    .orTimeout(PATIENCE_SECONDS, TimeUnit.SECONDS)
                    .join();
            queue.succeeded(key.toString());
            return outcome;
        } catch (CompletionException e) {
            throw new IllegalStateException("nothing is known of what became of " + key, e);
        }
    }

    private void show(ObjectKey key, SeenObject object, JsonNode status) {
        if (!status.equals(object.status())) {
            api.status(key, object, status);
        }
    }

    private static boolean hasEnded(JsonNode status) {
        return switch (status.path("phase").asText()) {
            case "Succeeded", "Failed", "Cancelled", JobStatuses.FORGOTTEN -> true;
            default -> false;
        };
    }

    /** Whether the ledger had it, as far as the status tells. */
    private static boolean wasAccepted(JsonNode status) {
        return switch (status.path("phase").asText()) {
            case "", JobStatuses.SUSPENDED -> false;
            default -> true;
        };
    }

    private static JobStatuses statuses(SeenObject object) {
        return new JobStatuses(object, Instant.now());
    }

    private JobSpec spec(ObjectKey key, SeenObject object) throws ManifestException {
        String queueName = stores.namespaceLabels(key.namespace()).getOrDefault(QUEUE_OF_NAMESPACE, "");
        Manifest.Job job = (Manifest.Job) object.manifest(queueName);
        Map<String, String> labels = new TreeMap<>(job.spec().labels());
        labels.put(JobSpec.OBJECT_UID, object.uid());
        return job.spec().labelled(labels);
    }

    /** Why jobs of a namespace may not wait in a queue; empty if they may. A queue that is not there is said later. */
    String closedTo(String namespace, String queueName) {
        Map<String, String> selector = fleet.view().read(state -> {
            JobQueue found = state.settings().queue(queueName);
            return found == null ? null : found.namespaceSelector();
        });
        if (selector == null) {
            return "";
        }
        Map<String, String> labels = stores.namespaceLabels(namespace);
        boolean admitted = !selector.isEmpty()
                && selector.entrySet().stream()
                        .allMatch(entry -> entry.getValue().equals(labels.get(entry.getKey())));
        return admitted
                ? ""
                : "queue " + queueName + " admits namespaces with labels " + selector + ", and " + namespace + " has "
                        + labels;
    }

    /** The same for the same object and generation: said twice, it is done once. */
    private static String requestId(SeenObject object) {
        UUID hashed =
                UUID.nameUUIDFromBytes((object.uid() + "/" + object.generation()).getBytes(StandardCharsets.UTF_8));
        long front = (hashed.getMostSignificantBits() & ~0xF000L) | 0x7000L;
        return new UUID(front, hashed.getLeastSignificantBits()).toString();
    }

    private @Nullable Known known(State state, ObjectKey key, String uid) {
        JobState job = state.jobs().find(key.fullName());
        if (job == null) {
            return null;
        }
        boolean own = uid.equals(job.spec().labels().get(JobSpec.OBJECT_UID));
        boolean heldBack =
                job.ended() && HELD_BACK.equals(job.reason().parameters().get("actor"));
        return new Known(JobViews.of(state, job, fleet.view().waiting()), job.spec(), own, job.ended(), heldBack);
    }
}

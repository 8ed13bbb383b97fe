package dev.interposer.server.kubernetes.objects;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.interposer.control.command.Command;
import dev.interposer.control.command.ErrorCode;
import dev.interposer.control.command.Outcome;
import dev.interposer.control.command.Rejection;
import dev.interposer.engine.model.Actor;
import dev.interposer.engine.state.Settings;
import dev.interposer.resources.Manifest;
import dev.interposer.resources.ManifestException;
import dev.interposer.server.kubernetes.FleetAccess;
import dev.interposer.server.kubernetes.WorkQueue;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** Holds suppliers, classes, queues, orders and policies of a cluster against the ledger's. */
final class SettingSync {
    private static final String ACCEPTED = "Accepted";
    private static final long PATIENCE_SECONDS = 30;

    private final String cluster;
    private final ObjectStores stores;
    private final ObjectApi api;
    private final FleetAccess fleet;
    private final WorkQueue queue;
    private final ObjectMapper mapper = new ObjectMapper();

    SettingSync(String cluster, ObjectStores stores, ObjectApi api, FleetAccess fleet, WorkQueue queue) {
        this.cluster = cluster;
        this.stores = stores;
        this.api = api;
        this.fleet = fleet;
        this.queue = queue;
    }

    void look(ObjectKey key) {
        SeenObject object = stores.find(key);
        if (object == null) {
            return;
        }
        if (object.isDeleted()) {
            if (object.isKept()) {
                deleted(key, object);
            }
        } else if (object.isKept()) {
            apply(key, object);
        } else {
            api.keep(key, object, true);
        }
    }

    private void apply(ObjectKey key, SeenObject object) {
        try {
            Manifest manifest = object.manifest("");
            if (fleet.view().<Boolean>read(state -> isApplied(state.settings(), manifest))) {
                show(key, object, true, ACCEPTED, "");
                queue.succeeded(key.toString());
                return;
            }
            Outcome outcome = submit(command(object.actor(cluster), manifest));
            if (outcome instanceof Outcome.Rejected rejected) {
                refused(key, object, rejected.rejection());
            } else {
                show(key, object, true, ACCEPTED, "");
                queue.succeeded(key.toString());
            }
        } catch (ManifestException e) {
            show(key, object, false, "Invalid", e.rejection().message());
        }
    }

    /** What it lacks, such as a supplier that it names, may come. */
    private void refused(ObjectKey key, SeenObject object, Rejection rejection) {
        show(key, object, false, rejection.code() == ErrorCode.INVALID ? "Invalid" : "Refused", rejection.message());
        queue.failed(key.toString());
    }

    private void deleted(ObjectKey key, SeenObject object) {
        Command delete =
                new Command.DeleteObject(object.actor(cluster), key.kind().objectKind(), key.name());
        Outcome outcome = submit(delete);
        if (outcome instanceof Outcome.Rejected rejected && rejected.rejection().code() != ErrorCode.NOT_FOUND) {
            show(key, object, false, "InUse", rejected.rejection().message());
            queue.failed(key.toString());
        } else {
            api.keep(key, object, false);
        }
    }

    private Outcome submit(Command command) {
        return fleet.loop()
                .submit(command)
                .orTimeout(PATIENCE_SECONDS, TimeUnit.SECONDS)
                .join();
    }

    private void show(ObjectKey key, SeenObject object, boolean accepted, String reason, String message) {
        ObjectNode status = object.status().isObject() ? object.status().deepCopy() : mapper.createObjectNode();
        status.put("observedGeneration", object.generation());
        JsonNode conditions = mapper.valueToTree(new Conditions(object.status(), object.generation(), Instant.now())
                .with(ACCEPTED, accepted, reason, message)
                .list());
        status.set("conditions", conditions);
        if (!status.equals(object.status())) {
            api.status(key, object, status);
        }
    }

    private static boolean isApplied(Settings settings, Manifest manifest) {
        return switch (manifest) {
            case Manifest.Supplier said -> said.supplier().equals(settings.supplier(said.name()));
            case Manifest.ChipClass said -> said.chipClass().equals(settings.acceleratorClass(said.name()));
            case Manifest.Queue said -> said.queue().equals(settings.queue(said.name()));
            case Manifest.Order said -> said.order().equals(settings.order(said.name()));
            case Manifest.Policy said -> said.policy().equals(settings.policy(said.name()));
            case Manifest.Job job -> throw new IllegalArgumentException(job.kind() + " is a job");
        };
    }

    private static Command command(Actor actor, Manifest manifest) {
        return switch (manifest) {
            case Manifest.Supplier said ->
                new Command.ApplyObjects(actor, List.of(said.supplier()), List.of(), List.of());
            case Manifest.ChipClass said ->
                new Command.ApplyObjects(actor, List.of(), List.of(said.chipClass()), List.of());
            case Manifest.Queue said -> new Command.ApplyObjects(actor, List.of(), List.of(), List.of(said.queue()));
            case Manifest.Order said ->
                new Command.ApplyObjects(actor, List.of(), List.of(), List.of(), List.of(said.order()), List.of());
            case Manifest.Policy said ->
                new Command.ApplyObjects(actor, List.of(), List.of(), List.of(), List.of(), List.of(said.policy()));
            case Manifest.Job job -> throw new IllegalArgumentException(job.kind() + " is a job");
        };
    }
}

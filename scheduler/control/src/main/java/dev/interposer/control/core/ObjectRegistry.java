package dev.interposer.control.core;

import dev.interposer.control.command.Command;
import dev.interposer.control.command.ErrorCode;
import dev.interposer.control.command.Outcome;
import dev.interposer.control.command.Outcome.Change;
import dev.interposer.control.command.Rejection;
import dev.interposer.control.port.DeviceExpressions;
import dev.interposer.control.validate.ObjectCheck;
import dev.interposer.engine.event.Event;
import dev.interposer.engine.event.SettingEvent;
import dev.interposer.engine.model.AcceleratorClass;
import dev.interposer.engine.model.Actor;
import dev.interposer.engine.model.JobQueue;
import dev.interposer.engine.model.ObjectKind;
import dev.interposer.engine.model.SourcingPolicy;
import dev.interposer.engine.model.Supplier;
import dev.interposer.engine.model.SupplyOrder;
import dev.interposer.engine.state.Settings;
import dev.interposer.engine.state.State;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** Suppliers, classes, queues, orders and policies come, change and go. */
final class ObjectRegistry {
    private static final long CONSTANT_PRICE_MILLI = 1000;
    /** One manifest is one page, with room for the prices that may follow. */
    private static final long MOST_MANIFEST_BYTES = 256 * 1024;

    private final State state;
    private final PageDraft page;
    private final Inventory inventory;
    private final DeviceExpressions expressions;

    ObjectRegistry(State state, PageDraft page, Inventory inventory, DeviceExpressions expressions) {
        this.state = state;
        this.page = page;
        this.inventory = inventory;
        this.expressions = expressions;
    }

    Outcome apply(Command.ApplyObjects apply) {
        Rejection bad = ObjectCheck.check(apply, state.settings(), expressions);
        if (bad != null) {
            return new Outcome.Rejected(bad);
        }
        long bytes = Weights.record(apply);
        if (bytes > MOST_MANIFEST_BYTES) {
            return new Outcome.Rejected(Rejection.of(
                    ErrorCode.INVALID,
                    "manifest",
                    bytes + " bytes",
                    "its objects take more than " + MOST_MANIFEST_BYTES + " bytes. Maybe apply them in parts?"));
        }
        Settings settings = state.settings();
        List<Change> changes = new ArrayList<>();
        for (Supplier supplier : apply.suppliers()) {
            Supplier before = settings.supplier(supplier.name());
            changes.add(put(apply.actor(), before, supplier, new SettingEvent.SupplierApplied(supplier)));
        }
        boolean classesChanged = false;
        for (AcceleratorClass chipClass : apply.classes()) {
            AcceleratorClass before = settings.acceleratorClass(chipClass.name());
            Change change = put(apply.actor(), before, chipClass, new SettingEvent.ClassApplied(chipClass));
            classesChanged |= change != Change.UNCHANGED;
            changes.add(change);
        }
        for (JobQueue queue : apply.queues()) {
            JobQueue before = settings.queue(queue.name());
            changes.add(put(apply.actor(), before, queue, new SettingEvent.QueueApplied(queue)));
        }
        for (SupplyOrder order : apply.orders()) {
            SupplyOrder before = settings.order(order.name());
            changes.add(put(apply.actor(), before, order, new SettingEvent.OrderApplied(order)));
        }
        for (SourcingPolicy policy : apply.policies()) {
            SourcingPolicy before = settings.policy(policy.name());
            changes.add(put(apply.actor(), before, policy, new SettingEvent.PolicyApplied(policy)));
        }
        if (classesChanged) {
            publishPrices();
            inventory.reclassify();
        }
        return new Outcome.Applied(state.revision(), changes);
    }

    Outcome delete(Command.DeleteObject delete) {
        Optional<String> referrer = new Referrers(state).of(delete.kind(), delete.name());
        if (!exists(delete)) {
            return new Outcome.Rejected(
                    Rejection.of(ErrorCode.NOT_FOUND, "there is no " + word(delete.kind()) + " " + delete.name()));
        }
        if (referrer.isPresent()) {
            return new Outcome.Rejected(Rejection.of(
                    ErrorCode.CONFLICT,
                    word(delete.kind()) + " " + delete.name() + " is still referred to by " + referrer.get()));
        }
        long revision = page.add(delete.actor(), new SettingEvent.ObjectDeleted(delete.kind(), delete.name()));
        if (delete.kind() == ObjectKind.ACCELERATOR_CLASS) {
            publishPrices();
            inventory.reclassify();
        }
        return new Outcome.Accepted(revision, 0, false);
    }

    private static String word(ObjectKind kind) {
        return kind.name().toLowerCase(Locale.ROOT).replace('_', ' ');
    }

    private Change put(Actor actor, @Nullable Object before, Object after, Event event) {
        if (after.equals(before)) {
            return Change.UNCHANGED;
        }
        page.add(actor, event);
        return before == null ? Change.CREATED : Change.CONFIGURED;
    }

    /** Until there is a market every class has the same price. */
    private void publishPrices() {
        TreeMap<String, Long> prices = new TreeMap<>();
        state.settings().classes().forEach(chipClass -> prices.put(chipClass.name(), CONSTANT_PRICE_MILLI));
        if (!prices.equals(state.settings().pricesMilli())) {
            page.add(
                    Actor.SCHEDULER,
                    new SettingEvent.PricesPublished(state.settings().priceEpoch() + 1, prices));
        }
    }

    private boolean exists(Command.DeleteObject delete) {
        Settings settings = state.settings();
        return switch (delete.kind()) {
            case SUPPLIER -> settings.supplier(delete.name()) != null;
            case ACCELERATOR_CLASS -> settings.acceleratorClass(delete.name()) != null;
            case QUEUE -> settings.queue(delete.name()) != null;
            case SUPPLY_ORDER -> settings.order(delete.name()) != null;
            case SOURCING_POLICY -> settings.policy(delete.name()) != null;
        };
    }
}

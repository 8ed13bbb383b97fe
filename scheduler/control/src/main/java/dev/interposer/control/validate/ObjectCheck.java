package dev.interposer.control.validate;

import dev.interposer.control.command.Command;
import dev.interposer.control.command.Rejection;
import dev.interposer.control.port.DeviceExpressions;
import dev.interposer.engine.event.SettingEvent;
import dev.interposer.engine.model.AcceleratorClass;
import dev.interposer.engine.model.AcceleratorClass.Level;
import dev.interposer.engine.model.AcceleratorClass.Partition;
import dev.interposer.engine.model.AcceleratorClass.SupplierShare;
import dev.interposer.engine.model.AcceleratorClass.TierSupply;
import dev.interposer.engine.model.JobQueue;
import dev.interposer.engine.model.SourcingPolicy;
import dev.interposer.engine.model.Supplier;
import dev.interposer.engine.model.SupplyOrder;
import dev.interposer.engine.model.Tier;
import dev.interposer.engine.state.Settings;
import dev.interposer.engine.state.State;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Whether objects of the cluster may be applied, each against the others and against what is there. */
public final class ObjectCheck {
    /** A share whose supplier nobody knows. */
    public static final String UNKNOWN_SUPPLIER = "unknown";

    static final int MOST_DEPTH = 8;
    /** The prices of all classes are one event, and each device is matched against each class. */
    private static final int MOST_CLASSES = 512;
    /** What one device of the engine can hold: eight slices, and as many kinds of partition. */
    private static final int MOST_SLICES = 8;

    private static final int MOST_PARTITIONS = 44;
    /** A chip of a hundred reference devices; a bound that keeps sums over a fleet far from overflow. */
    private static final long MOST_REFERENCE_MILLI = 100_000;

    private final Violations violations = new Violations();
    private final Command.ApplyObjects apply;
    private final Settings settings;
    private final DeviceExpressions expressions;

    private ObjectCheck(Command.ApplyObjects apply, Settings settings, DeviceExpressions expressions) {
        this.apply = apply;
        this.settings = settings;
        this.expressions = expressions;
    }

    /** Null if all may be applied. */
    public static @Nullable Rejection check(
            Command.ApplyObjects apply, Settings settings, DeviceExpressions expressions) {
        ObjectCheck check = new ObjectCheck(apply, settings, expressions);
        check.twice("Supplier", apply.suppliers(), Supplier::name);
        check.twice("AcceleratorClass", apply.classes(), AcceleratorClass::name);
        check.twice("JobQueue", apply.queues(), JobQueue::name);
        apply.suppliers().forEach(check::supplier);
        apply.classes().forEach(check::chipClass);
        check.classes();
        apply.queues().forEach(check::queue);
        check.twice("SupplyOrder", apply.orders(), SupplyOrder::name);
        check.twice("SourcingPolicy", apply.policies(), SourcingPolicy::name);
        SupplyCheck supply = new SupplyCheck(apply, settings, check.violations, check.suppliers());
        apply.orders().forEach(supply::order);
        apply.policies().forEach(supply::policy);
        return check.violations.rejection();
    }

    /**
     * The settings as they will be when these objects are applied, so that jobs of the same manifest can be checked.
     */
    public static Settings after(Command.ApplyObjects apply, Settings settings) {
        State state = new State();
        List<SettingEvent> events = new ArrayList<>();
        Stream.concat(settings.suppliers().stream(), apply.suppliers().stream())
                .forEach(supplier -> events.add(new SettingEvent.SupplierApplied(supplier)));
        Stream.concat(settings.classes().stream(), apply.classes().stream())
                .forEach(chipClass -> events.add(new SettingEvent.ClassApplied(chipClass)));
        Stream.concat(settings.queues().stream(), apply.queues().stream())
                .forEach(queue -> events.add(new SettingEvent.QueueApplied(queue)));
        Stream.concat(settings.orders().stream(), apply.orders().stream())
                .forEach(order -> events.add(new SettingEvent.OrderApplied(order)));
        Stream.concat(settings.policies().stream(), apply.policies().stream())
                .forEach(policy -> events.add(new SettingEvent.PolicyApplied(policy)));
        events.forEach(event -> state.apply(state.revision() + 1, 1, event));
        return state.settings();
    }

    private <T> void twice(String kind, List<T> objects, Function<T, String> name) {
        Set<String> seen = new HashSet<>();
        for (T object : objects) {
            String path = kind + "/" + name.apply(object) + ".metadata.name";
            violations.require(seen.add(name.apply(object)), path, name.apply(object), "comes twice in the manifest");
        }
    }

    private void supplier(Supplier supplier) {
        String at = "Supplier/" + supplier.name();
        violations.name(at + ".metadata.name", supplier.name());
        violations.require(
                !supplier.name().equals(UNKNOWN_SUPPLIER),
                at + ".metadata.name",
                supplier.name(),
                "stands for a supplier that nobody knows. Maybe another name?");
        violations.require(!supplier.tiers().isEmpty(), at + ".spec.tiers", "", "needs at least one tier");
        violations.within(at + ".spec.leadTimeDays.p50", supplier.leadTimeP50Days(), 0, 36_500);
        violations.within(at + ".spec.leadTimeDays.p90", supplier.leadTimeP90Days(), 0, 36_500);
        violations.require(
                supplier.leadTimeP90Days() == 0 || supplier.leadTimeP50Days() <= supplier.leadTimeP90Days(),
                at + ".spec.leadTimeDays.p50",
                supplier.leadTimeP50Days(),
                "is above spec.leadTimeDays.p90 (" + supplier.leadTimeP90Days() + "). Maybe swap them?");
        violations.within(at + ".spec.contract.committedDevices", supplier.committedDevices(), 0, 1_000_000_000);
        if (!supplier.contractEnd().isEmpty()) {
            violations.date(at + ".spec.contract.end", supplier.contractEnd());
        }
    }

    private void expression(String path, String expression) {
        String fault = expressions.fault(expression);
        if (!expressions.areRead()) {
            violations.unsupported(path, expression, "an expression over a device's attributes");
        } else if (!fault.isEmpty()) {
            violations.invalid(path, expression, fault);
        }
    }

    private void chipClass(AcceleratorClass chipClass) {
        String at = "AcceleratorClass/" + chipClass.name();
        violations.name(at + ".metadata.name", chipClass.name());
        violations.require(
                suppliers().containsKey(chipClass.supplierName()),
                at + ".spec.supplierName",
                chipClass.supplierName(),
                "there is no such supplier. Maybe apply it first, or in the same manifest?");
        violations.require(!chipClass.match().isEmpty(), at + ".spec.match", "", "needs at least one rule");
        for (int index = 0; index < chipClass.match().size(); index++) {
            AcceleratorClass.MatchRule rule = chipClass.match().get(index);
            violations.require(
                    !rule.equal().isEmpty(), at + ".spec.match[" + index + "]", rule.kind(), "matches nothing");
            if (!rule.cel().isEmpty()) {
                expression(at + ".spec.match[" + index + "].dra.cel", rule.cel());
            }
        }
        violations.within(at + ".spec.memory", chipClass.memoryBytes(), 0, 1L << 50);
        ladder(at + ".spec.topology.levels", chipClass.ladder());
        violations.within(at + ".spec.referenceMilli", chipClass.referenceMilli(), 1, MOST_REFERENCE_MILLI);
        Set<Tier> tiers = EnumSet.noneOf(Tier.class);
        for (TierSupply tier : chipClass.supply()) {
            violations.require(tiers.add(tier.tier()), at + ".spec.supply", tier.tier(), "comes twice");
            supply(at + ".spec.supply." + tier.tier(), tier);
            violations.require(
                    tier.tier() != Tier.DESIGNER || names(tier).contains(chipClass.supplierName()),
                    at + ".spec.supply." + tier.tier(),
                    names(tier),
                    "leaves out spec.supplierName (" + chipClass.supplierName() + "), who designs the class");
        }
        List<String> levels = chipClass.ladder().stream().map(Level::name).toList();
        violations.require(
                chipClass.wholeLevel().isEmpty() || levels.contains(chipClass.wholeLevel()),
                at + ".spec.topology.wholeLevel",
                chipClass.wholeLevel(),
                "is not on the ladder. Maybe one of " + levels + "?");
        partitions(at + ".spec.partitions", chipClass.partitions());
    }

    private void partitions(String at, List<Partition> partitions) {
        violations.within(at, partitions.size(), 0, MOST_PARTITIONS);
        Set<String> names = new HashSet<>();
        for (int index = 0; index < Math.min(partitions.size(), MOST_PARTITIONS); index++) {
            Partition partition = partitions.get(index);
            String path = at + "[" + index + "]";
            violations.text(path + ".name", partition.name(), 63);
            violations.require(
                    !partition.name().isEmpty() && names.add(partition.name()),
                    path + ".name",
                    partition.name(),
                    "is empty or comes twice");
            violations.within(path + ".memory", partition.memoryBytes(), 0, 1L << 50);
            violations.within(path + ".slots", partition.slots(), 1, MOST_SLICES);
            violations.require(
                    !partition.starts().isEmpty(), path + ".starts", "", "needs at least one slice to start at");
            for (int start : partition.starts()) {
                violations.within(
                        path + ".starts", start, 0, MOST_SLICES - Math.clamp(partition.slots(), 1, MOST_SLICES));
            }
        }
    }

    private void classes() {
        Set<String> names = apply.classes().stream().map(AcceleratorClass::name).collect(Collectors.toSet());
        settings.classes().forEach(chipClass -> names.add(chipClass.name()));
        violations.within("AcceleratorClass", names.size(), 0, MOST_CLASSES);
    }

    private void ladder(String at, List<Level> ladder) {
        violations.within(at, ladder.size(), 1, 16);
        Set<String> names = new HashSet<>();
        for (int index = 0; index < ladder.size(); index++) {
            Level level = ladder.get(index);
            violations.label(at + "[" + index + "].name", level.name());
            violations.require(names.add(level.name()), at + "[" + index + "].name", level.name(), "comes twice");
            boolean builtIn = Set.of("scaleup", "node", "cluster").contains(level.name());
            violations.require(
                    builtIn || !level.nodeLabel().isEmpty(),
                    at + "[" + index + "].nodeLabel",
                    "",
                    "is needed for every level but scaleup, node and cluster");
        }
    }

    private void supply(String at, TierSupply tier) {
        int sum = 0;
        Set<String> names = new HashSet<>();
        for (SupplierShare share : tier.suppliers()) {
            violations.within(at + ".percent", share.percent(), 1, 100);
            sum += share.percent();
            String name = share.supplierName();
            violations.require(names.add(name), at + ".supplierName", name, "comes twice in the tier");
            Supplier supplier = suppliers().get(name);
            violations.require(
                    supplier != null || name.equals(UNKNOWN_SUPPLIER),
                    at + ".supplierName",
                    name,
                    "there is no such supplier. Maybe " + UNKNOWN_SUPPLIER + "?");
            if (supplier != null) {
                atTier(violations, at + ".supplierName", supplier, tier.tier());
            }
        }
        violations.require(sum == 100, at, sum, "the shares of a tier sum to 100 percent");
    }

    /** A firm supplies only at the tiers that it states. */
    static void atTier(Violations violations, String path, Supplier supplier, Tier tier) {
        violations.require(
                supplier.tiers().contains(tier),
                path,
                supplier.name(),
                "does not state tier " + tier + ". Maybe add it to spec.tiers of the supplier?");
    }

    private static Set<String> names(TierSupply tier) {
        return tier.suppliers().stream().map(SupplierShare::supplierName).collect(Collectors.toSet());
    }

    private void queue(JobQueue queue) {
        String at = "JobQueue/" + queue.name();
        violations.name(at + ".metadata.name", queue.name());
        violations.within(at + ".spec.weight", queue.weight(), 1, 1_000_000);
        new QuotaCheck(violations, apply, settings, suppliers().keySet()).check(at + ".spec", queue);
        if (!queue.parentName().isEmpty()) {
            parent(at + ".spec.parentName", queue);
        }
    }

    private void parent(String path, JobQueue queue) {
        Set<String> names = apply.queues().stream().map(JobQueue::name).collect(Collectors.toSet());
        String parent = queue.parentName();
        for (int depth = 0; depth < MOST_DEPTH && !parent.isEmpty() && !parent.equals("root"); depth++) {
            if (parent.equals(queue.name())) {
                violations.invalid(path, queue.parentName(), "makes a circle");
                return;
            }
            if (!names.contains(parent) && settings.queue(parent) == null) {
                violations.invalid(path, parent, "there is no such queue. Maybe apply it in the same manifest?");
                return;
            }
            parent = parentOf(parent);
        }
        violations.require(
                parent.isEmpty() || parent.equals("root"), path, queue.parentName(), "is deeper than " + MOST_DEPTH);
    }

    private String parentOf(String name) {
        for (JobQueue queue : apply.queues()) {
            if (queue.name().equals(name)) {
                return queue.parentName();
            }
        }
        JobQueue present = settings.queue(name);
        return present == null ? "" : present.parentName();
    }

    /** As they will be when all is applied. */
    private Map<String, Supplier> suppliers() {
        Map<String, Supplier> all = new HashMap<>();
        settings.suppliers().forEach(supplier -> all.put(supplier.name(), supplier));
        apply.suppliers().forEach(supplier -> all.put(supplier.name(), supplier));
        return all;
    }
}

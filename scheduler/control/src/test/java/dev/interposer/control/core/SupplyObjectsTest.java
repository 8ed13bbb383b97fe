package dev.interposer.control.core;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import dev.interposer.control.command.Command;
import dev.interposer.control.command.FieldError;
import dev.interposer.control.command.Outcome;
import dev.interposer.control.command.Outcome.Change;
import dev.interposer.control.command.Rejection;
import dev.interposer.control.validate.JobCheck;
import dev.interposer.engine.model.AcceleratorClass;
import dev.interposer.engine.model.AcceleratorClass.SupplierShare;
import dev.interposer.engine.model.AcceleratorClass.TierSupply;
import dev.interposer.engine.model.InferenceSpec;
import dev.interposer.engine.model.JobQueue;
import dev.interposer.engine.model.JobSpec;
import dev.interposer.engine.model.ObjectKind;
import dev.interposer.engine.model.SecretReference;
import dev.interposer.engine.model.SourcingPolicy;
import dev.interposer.engine.model.SourcingPolicy.Basis;
import dev.interposer.engine.model.SourcingPolicy.Enforcement;
import dev.interposer.engine.model.SourcingPolicy.InferenceSourcing;
import dev.interposer.engine.model.SourcingPolicy.PinnedWork;
import dev.interposer.engine.model.SourcingPolicy.SourcingException;
import dev.interposer.engine.model.SourcingPolicy.SourcingRule;
import dev.interposer.engine.model.SourcingPolicy.SourcingScope;
import dev.interposer.engine.model.Supplier;
import dev.interposer.engine.model.SupplyOrder;
import dev.interposer.engine.model.SupplyOrder.OrderDelivery;
import dev.interposer.engine.model.SupplyOrder.OrderState;
import dev.interposer.engine.model.Tier;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Orders and sourcing policies come, are refused with the field that is wrong, and go. */
class SupplyObjectsTest {
    private static final int NONE = SourcingPolicy.NO_BOUND;

    private final Scene scene = new Scene();

    private Outcome apply(List<SupplyOrder> orders, List<SourcingPolicy> policies) {
        return scene.send(new Command.ApplyObjects(Scene.USER, List.of(), List.of(), List.of(), orders, policies));
    }

    private Outcome delete(ObjectKind kind, String name) {
        return scene.send(new Command.DeleteObject(Scene.USER, kind, name));
    }

    private static SupplyOrder order(String supplier, String className, OrderDelivery... deliveries) {
        return new SupplyOrder(
                "order", supplier, className, List.of(deliveries), 70, Map.of("site/order", "o"), OrderState.ACTIVE);
    }

    private static SourcingPolicy policy(List<String> queues, List<SourcingRule> rules, SourcingException... except) {
        return new SourcingPolicy(
                "policy",
                new SourcingScope(queues, Map.of()),
                Basis.INSTALLED,
                0,
                rules,
                3,
                PinnedWork.COUNT_ONLY,
                InferenceSourcing.NONE,
                List.of(except));
    }

    private static SourcingRule rule(String supplier, int cap, int target, int floor) {
        return new SourcingRule(Tier.DESIGNER, supplier, cap, target, floor, Enforcement.REPORT);
    }

    private static List<String> paths(Outcome outcome) {
        assertThat(outcome).isInstanceOf(Outcome.Rejected.class);
        return ((Outcome.Rejected) outcome)
                .rejection().fields().stream().map(FieldError::path).toList();
    }

    @Test
    void theyAreCreatedAndThenUnchanged() {
        List<SupplyOrder> orders = List.of(order("acme", "a1", new OrderDelivery("lot1", 8, "2027-01-15")));
        List<SourcingPolicy> policies = List.of(policy(List.of("research"), List.of(rule("acme", 60, 50, NONE))));
        assertThat(((Outcome.Applied) apply(orders, policies)).changes())
                .containsExactly(Change.CREATED, Change.CREATED);
        assertThat(((Outcome.Applied) apply(orders, policies)).changes())
                .containsExactly(Change.UNCHANGED, Change.UNCHANGED);
        assertThat(scene.state().settings().order("order")).isEqualTo(orders.getFirst());
        assertThat(scene.state().settings().policy("policy")).isEqualTo(policies.getFirst());
    }

    @Test
    void everythingWrongInAnOrderIsNamed() {
        OrderDelivery first = new OrderDelivery("lot1", 0, "2027-01-15");
        OrderDelivery second = new OrderDelivery("lot1", 8, "next spring");
        assertThat(paths(apply(List.of(order("nobody", "nothing", first, second)), List.of())))
                .containsExactly(
                        "SupplyOrder/order.spec.supplierName",
                        "SupplyOrder/order.spec.className",
                        "SupplyOrder/order.spec.deliveries[0].count",
                        "SupplyOrder/order.spec.deliveries[1].name",
                        "SupplyOrder/order.spec.deliveries[1].promisedDate");
    }

    @Test
    void everythingWrongInAPolicyIsNamed() {
        SourcingPolicy wrong = policy(
                List.of("nowhere"),
                List.of(rule("nobody", 40, 50, NONE), rule("acme", NONE, NONE, NONE)),
                new SourcingException("all", Map.of(), "", 0));
        assertThat(paths(apply(List.of(), List.of(wrong))))
                .containsExactly(
                        "SourcingPolicy/policy.spec.scope.queueNames[0]",
                        "SourcingPolicy/policy.spec.rules[0].supplierName",
                        "SourcingPolicy/policy.spec.rules[0].targetPercent",
                        "SourcingPolicy/policy.spec.rules[1]",
                        "SourcingPolicy/policy.spec.exceptions[0].jobSelector",
                        "SourcingPolicy/policy.spec.exceptions[0].until");
    }

    @Test
    void whatTheyReferToStaysUntilTheyGo() {
        scene.send(new Command.ApplyObjects(
                Scene.USER,
                List.of(Supplier.of("other")),
                List.of(AcceleratorClass.of("b1", "acme")),
                List.of(JobQueue.of("side")),
                List.of(order("other", "b1", new OrderDelivery("lot1", 8, "2027-01-15"))),
                List.of(policy(List.of("side"), List.of(rule("other", 60, 50, NONE))))));
        assertThat(delete(ObjectKind.SUPPLIER, "other").toString()).contains("CONFLICT", "order order");
        assertThat(delete(ObjectKind.ACCELERATOR_CLASS, "b1").toString()).contains("CONFLICT", "order order");
        assertThat(delete(ObjectKind.QUEUE, "side").toString()).contains("CONFLICT", "policy policy");
        assertThat(delete(ObjectKind.SUPPLY_ORDER, "order")).isInstanceOf(Outcome.Accepted.class);
        assertThat(delete(ObjectKind.SUPPLIER, "other").toString()).contains("CONFLICT", "policy policy");
        assertThat(delete(ObjectKind.SOURCING_POLICY, "policy")).isInstanceOf(Outcome.Accepted.class);
        assertThat(delete(ObjectKind.SUPPLIER, "other")).isInstanceOf(Outcome.Accepted.class);
        assertThat(delete(ObjectKind.ACCELERATOR_CLASS, "b1")).isInstanceOf(Outcome.Accepted.class);
        assertThat(delete(ObjectKind.QUEUE, "side")).isInstanceOf(Outcome.Accepted.class);
        assertThat(delete(ObjectKind.SOURCING_POLICY, "policy").toString()).contains("NOT_FOUND");
    }

    @Test
    void onlyACapIsHard() {
        SourcingRule floor = new SourcingRule(Tier.DESIGNER, "acme", NONE, NONE, 10, Enforcement.HARD);
        assertThat(paths(apply(List.of(), List.of(policy(List.of(), List.of(floor))))))
                .containsExactly("SourcingPolicy/policy.spec.rules[0].enforcement");
        SourcingRule cap = new SourcingRule(Tier.DESIGNER, "acme", 60, NONE, NONE, Enforcement.HARD);
        assertThat(apply(List.of(), List.of(policy(List.of(), List.of(cap))))).isInstanceOf(Outcome.Applied.class);
    }

    private List<String> sourcing(int replicas, int minSuppliers, Tier tier, int coverage) {
        JobSpec plain = Jobs.gang().inference(replicas);
        InferenceSpec inference =
                new InferenceSpec(replicas, null, 1, 30, 1, 0, List.of(), minSuppliers, tier, coverage, 0, 0);
        JobSpec spec = new JobSpec(
                plain.kind(),
                plain.queueName(),
                plain.priorityClassName(),
                plain.workloadFamily(),
                false,
                0,
                null,
                plain.profiles(),
                null,
                inference);
        Rejection bad = JobCheck.check(spec, scene.state().settings(), ControlSettings.DEFAULT.priorities());
        return bad == null
                ? List.of()
                : bad.fields().stream().map(FieldError::path).toList();
    }

    @Test
    void boundsOnReplicasThatNothingCouldKeepAreRefused() {
        assertThat(sourcing(5, 2, Tier.DESIGNER, 60)).isEmpty();
        assertThat(sourcing(2, 3, Tier.DESIGNER, 0)).containsExactly("spec.sourcing.minSuppliers");
        assertThat(sourcing(2, 0, Tier.DESIGNER, 60)).containsExactly("spec.sourcing.minLossCoveragePercent");
        assertThat(sourcing(5, 2, Tier.SELLER, 0)).containsExactly("spec.sourcing.tier");
    }

    private List<FieldError> refusals(List<Supplier> suppliers, TierSupply... supply) {
        AcceleratorClass chip = AcceleratorClass.of("b1", "acme").suppliedBy(List.of(supply));
        Outcome outcome = scene.send(new Command.ApplyObjects(Scene.USER, suppliers, List.of(chip), List.of()));
        return outcome instanceof Outcome.Rejected rejected
                ? rejected.rejection().fields()
                : List.of();
    }

    private static Supplier supplier(String name, Tier... tiers) {
        return new Supplier(name, name, List.of(tiers), 0, 0, "", 0, SecretReference.NONE);
    }

    private static TierSupply halves(Tier tier, String first, String second) {
        return new TierSupply(tier, false, List.of(new SupplierShare(first, 50), new SupplierShare(second, 50)));
    }

    @Test
    void aSupplierComesOnceInATierOfAClassAndOnlyAtATierThatItStates() {
        List<Supplier> fab = List.of(supplier("fab", Tier.FOUNDRY));
        assertThat(refusals(fab, halves(Tier.FOUNDRY, "fab", "unknown"))).isEmpty();
        assertThat(refusals(fab, halves(Tier.FOUNDRY, "fab", "fab")))
                .containsExactly(new FieldError(
                        "AcceleratorClass/b1.spec.supply.FOUNDRY.supplierName", "fab", "comes twice in the tier"));
        assertThat(refusals(fab, halves(Tier.MEMORY, "fab", "unknown")))
                .extracting(FieldError::path, FieldError::value)
                .containsExactly(tuple("AcceleratorClass/b1.spec.supply.MEMORY.supplierName", "fab"));
        SourcingRule rule = new SourcingRule(Tier.FOUNDRY, "acme", 50, NONE, NONE, Enforcement.REPORT);
        assertThat(paths(apply(List.of(), List.of(policy(List.of(), List.of(rule))))))
                .containsExactly("SourcingPolicy/policy.spec.rules[0].supplierName");
    }

    @Test
    void theDesignersOfAClassIncludeItsSupplier() {
        List<Supplier> other = List.of(supplier("other", Tier.DESIGNER));
        assertThat(refusals(other, halves(Tier.DESIGNER, "other", "acme"))).isEmpty();
        assertThat(refusals(other, halves(Tier.DESIGNER, "other", "unknown")))
                .extracting(FieldError::path)
                .containsExactly("AcceleratorClass/b1.spec.supply.DESIGNER");
    }

    @Test
    void theWordForNobodyKnowsWhomIsNoSuppliersName() {
        assertThat(refusals(List.of(supplier("unknown", Tier.FOUNDRY))))
                .extracting(FieldError::path, FieldError::value)
                .containsExactly(tuple("Supplier/unknown.metadata.name", "unknown"));
    }

    @Test
    void policiesThatAreThereAlreadyAreNotCountedTwice() {
        List<SourcingPolicy> some = new ArrayList<>();
        for (int number = 0; number < 40; number++) {
            some.add(named("policy-" + number));
        }
        assertThat(apply(List.of(), some)).isInstanceOf(Outcome.Applied.class);
        some.add(named("one-more"));
        assertThat(apply(List.of(), some)).isInstanceOf(Outcome.Applied.class);
        for (int number = 41; number < 65; number++) {
            some.add(named("policy-" + number));
        }
        assertThat(apply(List.of(), some).toString()).contains("(65)").contains("64 policies at most");
    }

    private static SourcingPolicy named(String name) {
        SourcingPolicy policy = policy(List.of(), List.of(rule("acme", 60, NONE, NONE)));
        return new SourcingPolicy(
                name,
                policy.scope(),
                policy.basis(),
                0,
                policy.rules(),
                0,
                policy.pinnedWork(),
                policy.inference(),
                List.of());
    }

    @Test
    void aPercentIsBetweenNoneAndAll() {
        Outcome outcome = apply(List.of(), List.of(policy(List.of(), List.of(rule("acme", 180, NONE, NONE)))));
        assertThat(outcome.toString()).contains("between 0 and 100");
    }

    @Test
    void aClassCountsAsOneReferenceDeviceUnlessItSaysMore() {
        AcceleratorClass plain = AcceleratorClass.of("a1", "acme");
        assertThat(plain.referenceMilli()).isEqualTo(1000);
        assertThat(plain.counting(2500).referenceMilli()).isEqualTo(2500);
        Outcome tooMuch = scene.send(
                new Command.ApplyObjects(Scene.USER, List.of(), List.of(plain.counting(100_001)), List.of()));
        assertThat(paths(tooMuch)).containsExactly("AcceleratorClass/a1.spec.referenceMilli");
    }
}

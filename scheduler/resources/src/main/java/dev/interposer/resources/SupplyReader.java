package dev.interposer.resources;

import dev.interposer.engine.model.SourcingPolicy;
import dev.interposer.engine.model.SourcingPolicy.Basis;
import dev.interposer.engine.model.SourcingPolicy.Enforcement;
import dev.interposer.engine.model.SourcingPolicy.InferenceSourcing;
import dev.interposer.engine.model.SourcingPolicy.PinnedWork;
import dev.interposer.engine.model.SourcingPolicy.SourcingException;
import dev.interposer.engine.model.SourcingPolicy.SourcingRule;
import dev.interposer.engine.model.SourcingPolicy.SourcingScope;
import dev.interposer.engine.model.SupplyOrder;
import dev.interposer.engine.model.SupplyOrder.OrderDelivery;
import dev.interposer.engine.model.SupplyOrder.OrderState;
import dev.interposer.engine.model.Tier;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Map;

/** SupplyOrder and SourcingPolicy. */
final class SupplyReader {
    private SupplyReader() {}

    static SupplyOrder order(String name, Fields spec) {
        Fields receive = spec.fields("receiveSelector");
        SupplyOrder order = new SupplyOrder(
                name,
                spec.required("supplierName"),
                spec.required("className"),
                spec.list(
                        "deliveries",
                        fields -> new OrderDelivery(
                                fields.required("name"), fields.integer("count", 0), fields.required("promisedDate"))),
                spec.small("confidencePercent", 100),
                receive.textMap("matchLabels"),
                spec.constant("state", OrderState.class, OrderState.ACTIVE));
        List.of(receive, spec).forEach(Fields::finish);
        return order;
    }

    static SourcingPolicy policy(String name, Fields spec) {
        Fields scope = spec.fields("scope");
        Fields inference = spec.fields("inference");
        SourcingPolicy policy = new SourcingPolicy(
                name,
                new SourcingScope(scope.texts("queueNames"), selector(scope)),
                spec.constant("basis", Basis.class, Basis.INSTALLED),
                spec.integer("minimumReferenceDevices", 0),
                spec.list("rules", SupplyReader::rule),
                spec.small("hysteresisPercent", 0),
                spec.constant("pinnedWork", PinnedWork.class, PinnedWork.COUNT_ONLY),
                new InferenceSourcing(
                        inference.constant("tier", Tier.class, Tier.DESIGNER),
                        inference.small("minSuppliers", 0),
                        inference.small("minLossCoveragePercent", 0)),
                spec.list("exceptions", SupplyReader::exception));
        List.of(scope, inference, spec).forEach(Fields::finish);
        return policy;
    }

    private static Map<String, String> selector(Fields owner) {
        Fields selector = owner.fields("jobSelector");
        Map<String, String> labels = selector.textMap("matchLabels");
        selector.finish();
        return labels;
    }

    private static SourcingRule rule(Fields fields) {
        fields.required("tier");
        fields.required("enforcement");
        return new SourcingRule(
                fields.constant("tier", Tier.class, Tier.DESIGNER),
                fields.required("supplierName"),
                bound(fields, "capPercent"),
                bound(fields, "targetPercent"),
                bound(fields, "floorPercent"),
                fields.constant("enforcement", Enforcement.class, Enforcement.REPORT));
    }

    private static int bound(Fields fields, String name) {
        if (!fields.has(name)) {
            return SourcingPolicy.NO_BOUND;
        }
        int percent = fields.small(name, 0);
        if (percent < 0) {
            fields.problems().invalid(fields.path(name), percent, "must be between 0 and 100");
        }
        return percent;
    }

    private static SourcingException exception(Fields fields) {
        return new SourcingException(
                fields.required("name"), selector(fields), fields.text("reason", ""), until(fields));
    }

    private static long until(Fields fields) {
        String text = fields.required("until");
        if (text.isEmpty()) {
            return 0;
        }
        try {
            return ChronoUnit.MICROS.between(Instant.EPOCH, Instant.parse(text));
        } catch (DateTimeException | ArithmeticException e) {
            fields.problems().invalid(fields.path("until"), text, "must be a time such as 2027-03-31T00:00:00Z");
            return 0;
        }
    }
}

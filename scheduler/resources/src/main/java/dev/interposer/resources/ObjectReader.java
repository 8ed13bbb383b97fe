package dev.interposer.resources;

import com.fasterxml.jackson.databind.JsonNode;
import dev.interposer.engine.model.AcceleratorClass;
import dev.interposer.engine.model.AcceleratorClass.Level;
import dev.interposer.engine.model.AcceleratorClass.MatchKind;
import dev.interposer.engine.model.AcceleratorClass.MatchRule;
import dev.interposer.engine.model.AcceleratorClass.Partition;
import dev.interposer.engine.model.AcceleratorClass.SupplierShare;
import dev.interposer.engine.model.AcceleratorClass.Throughput;
import dev.interposer.engine.model.AcceleratorClass.TierSupply;
import dev.interposer.engine.model.JobQueue;
import dev.interposer.engine.model.JobQueue.Quota;
import dev.interposer.engine.model.JobQueue.ScopeKind;
import dev.interposer.engine.model.QueueState;
import dev.interposer.engine.model.SecretReference;
import dev.interposer.engine.model.Supplier;
import dev.interposer.engine.model.Tier;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** Supplier, AcceleratorClass and JobQueue. */
final class ObjectReader {
    private ObjectReader() {}

    static Supplier supplier(String name, Fields spec) {
        Fields lead = spec.fields("leadTimeDays");
        Fields contract = spec.fields("contract");
        List<Tier> tiers = new ArrayList<>();
        for (String tier : spec.texts("tiers")) {
            tiers.add(spec.constant(spec.path("tiers"), tier, Tier.class, Tier.DESIGNER));
        }
        Supplier supplier = new Supplier(
                name,
                spec.text("displayName", name),
                tiers,
                lead.small("p50", 0),
                lead.small("p90", 0),
                contract.text("end", ""),
                contract.integer("committedDevices", 0),
                secret(spec.optional("commercialTermsFrom")));
        List.of(lead, contract, spec).forEach(Fields::finish);
        return supplier;
    }

    static AcceleratorClass chipClass(String name, Fields spec) {
        Fields topology = spec.fields("topology");
        List<Level> ladder =
                topology.list("levels", fields -> new Level(fields.required("name"), fields.text("nodeLabel", "")));
        JsonNode kubernetes = spec.raw("kubernetes");
        AcceleratorClass chipClass = new AcceleratorClass(
                name,
                spec.required("supplierName"),
                spec.text("chipFamily", ""),
                spec.list("match", ObjectReader::match),
                spec.quantity("memory", 0),
                spec.list(
                        "throughput", fields -> new Throughput(fields.required("dtype"), fields.quantity("flops", 0))),
                spec.list("supply", ObjectReader::supply),
                ladder.isEmpty() ? AcceleratorClass.DEFAULT_LADDER : ladder,
                topology.text("wholeLevel", ""),
                spec.list("partitions", ObjectReader::partition),
                CanonicalJson.of(kubernetes),
                secret(spec.optional("costFrom")),
                spec.integer("referenceMilli", 0));
        topology.finish();
        spec.finish();
        return chipClass;
    }

    static JobQueue queue(String name, Fields spec) {
        Fields selector = spec.fields("namespaceSelector");
        Fields perUser = spec.fields("perUser");
        if (spec.has("budget")) {
            spec.problems().unsupported(spec.path("budget"), spec.raw("budget"), "a budget is not supported yet");
        }
        String parent = spec.text("parentName", "");
        JobQueue queue = new JobQueue(
                name,
                parent.equals("root") ? "" : parent,
                selector.textMap("matchLabels"),
                spec.small("weight", 1),
                spec.list("quotas", ObjectReader::quota),
                perUser.small("maxDevices", 0),
                perUser.small("maxRunningJobs", 0),
                spec.integer("usageHalfLifeSeconds", 0),
                spec.constant("state", QueueState.class, QueueState.OPEN));
        List.of(selector, perUser, spec).forEach(Fields::finish);
        return queue;
    }

    private static MatchRule match(Fields fields) {
        Fields nvml = fields.fields("nvml");
        Fields node = fields.fields("nodeSelector");
        Fields dra = fields.fields("dra");
        MatchRule rule;
        if (fields.has("nvml")) {
            rule = new MatchRule(MatchKind.NVML, Map.of("productName", nvml.required("productName")), "");
        } else if (fields.has("nodeSelector")) {
            rule = new MatchRule(MatchKind.NODE_SELECTOR, node.textMap("matchLabels"), "");
        } else if (fields.has("dra")) {
            Map<String, String> driver = new TreeMap<>();
            driver.put("driver", dra.required("driver"));
            rule = new MatchRule(MatchKind.DRA, driver, dra.text("cel", ""));
        } else {
            rule = new MatchRule(MatchKind.ATTRIBUTES, fields.textMap("attributes"), "");
        }
        List.of(nvml, node, dra).forEach(Fields::finish);
        return rule;
    }

    private static TierSupply supply(Fields fields) {
        String evidence = fields.text("evidence", "Public");
        return new TierSupply(
                fields.constant("tier", Tier.class, Tier.DESIGNER),
                evidence.equals("Estimate"),
                fields.list(
                        "suppliers",
                        share -> new SupplierShare(share.required("supplierName"), share.small("percent", 0))));
    }

    private static Partition partition(Fields fields) {
        List<Integer> starts = fields.texts("starts").stream()
                // What is no number is a start that no device has: the check names it.
                .map(text -> text.matches("\\d{1,3}") ? Integer.valueOf(text) : -1)
                .toList();
        return new Partition(fields.required("name"), fields.quantity("memory", 0), fields.small("slots", 1), starts);
    }

    private static Quota quota(Fields fields) {
        Fields scope = fields.fields("scope");
        ScopeKind kind = ScopeKind.ALL;
        String name = "";
        if (scope.has("className")) {
            kind = ScopeKind.CLASS;
            name = scope.text("className", "");
        } else if (scope.has("chipFamily")) {
            kind = ScopeKind.CHIP_FAMILY;
            name = scope.text("chipFamily", "");
        } else if (scope.has("supplierName")) {
            kind = ScopeKind.SUPPLIER;
            name = scope.text("supplierName", "");
        } else {
            scope.flag("all", true);
        }
        scope.finish();
        return new Quota(
                kind,
                name,
                fields.integer("guarantee", -1),
                fields.integer("limit", -1),
                fields.integer("borrowLimit", -1),
                fields.integer("lendLimit", -1));
    }

    private static SecretReference secret(@Nullable Fields fields) {
        if (fields == null) {
            return SecretReference.NONE;
        }
        SecretReference secret = new SecretReference(fields.text("namespace", ""), fields.required("secretName"));
        fields.finish();
        return secret;
    }
}

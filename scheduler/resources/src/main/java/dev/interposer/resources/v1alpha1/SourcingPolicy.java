package dev.interposer.resources.v1alpha1;

import static io.fabric8.crd.generator.annotation.AdditionalPrinterColumn.Type.DATE;
import static io.fabric8.crd.generator.annotation.AdditionalPrinterColumn.Type.STRING;

import com.fasterxml.jackson.annotation.JsonClassDescription;
import io.fabric8.crd.generator.annotation.AdditionalPrinterColumn;
import io.fabric8.kubernetes.client.CustomResource;
import io.fabric8.kubernetes.model.annotation.Categories;
import io.fabric8.kubernetes.model.annotation.Group;
import io.fabric8.kubernetes.model.annotation.Plural;
import io.fabric8.kubernetes.model.annotation.ShortNames;
import io.fabric8.kubernetes.model.annotation.Singular;
import io.fabric8.kubernetes.model.annotation.Version;
import org.jspecify.annotations.Nullable;

/** How far the fleet may rest on one supplier. */
@Group("interposer.dev")
@Version("v1alpha1")
@Plural("sourcingpolicies")
@Singular("sourcingpolicy")
@ShortNames("spolicy")
@Categories("interposer")
@JsonClassDescription("A SourcingPolicy says how far the fleet, or a part of its work, may rest on one supplier.")
@AdditionalPrinterColumn(name = "Basis", jsonPath = ".spec.basis", type = STRING)
@AdditionalPrinterColumn(name = "Met", jsonPath = ".status.conditions[?(@.type==\"Met\")].status", type = STRING)
@AdditionalPrinterColumn(name = "Age", jsonPath = ".metadata.creationTimestamp", type = DATE)
@AdditionalPrinterColumn(
        name = "Reason",
        jsonPath = ".status.conditions[?(@.type==\"Met\")].reason",
        type = STRING,
        priority = 1)
@AdditionalPrinterColumn(name = "Pinned-Work", jsonPath = ".spec.pinnedWork", type = STRING, priority = 1)
public final class SourcingPolicy extends CustomResource<SourcingPolicySpec, SourcingPolicyStatus> {
    @Override
    protected @Nullable SourcingPolicySpec initSpec() {
        return null;
    }

    @Override
    protected @Nullable SourcingPolicyStatus initStatus() {
        return null;
    }
}

package dev.interposer.resources.v1alpha1;

import static io.fabric8.crd.generator.annotation.AdditionalPrinterColumn.Type.DATE;
import static io.fabric8.crd.generator.annotation.AdditionalPrinterColumn.Type.INTEGER;
import static io.fabric8.crd.generator.annotation.AdditionalPrinterColumn.Type.STRING;

import com.fasterxml.jackson.annotation.JsonClassDescription;
import io.fabric8.crd.generator.annotation.AdditionalPrinterColumn;
import io.fabric8.generator.annotation.ValidationRule;
import io.fabric8.kubernetes.client.CustomResource;
import io.fabric8.kubernetes.model.annotation.Categories;
import io.fabric8.kubernetes.model.annotation.Group;
import io.fabric8.kubernetes.model.annotation.Plural;
import io.fabric8.kubernetes.model.annotation.ShortNames;
import io.fabric8.kubernetes.model.annotation.Singular;
import io.fabric8.kubernetes.model.annotation.Version;
import org.jspecify.annotations.Nullable;

/** A firm at any tier of supply. */
@Group("interposer.dev")
@Version("v1alpha1")
@Plural("suppliers")
@Singular("supplier")
@ShortNames("supl")
@Categories("interposer")
@JsonClassDescription("A Supplier is a firm at any tier of supply:"
        + " a designer, a seller, a foundry, a maker of memory or of packages.")
@ValidationRule(
        value = "self.metadata.name != 'unknown'",
        message = "metadata.name: unknown stands for a supplier that nobody knows. Maybe another name?")
@AdditionalPrinterColumn(name = "Firm", jsonPath = ".spec.displayName", type = STRING)
@AdditionalPrinterColumn(name = "Late", jsonPath = ".status.orders.late", type = INTEGER)
@AdditionalPrinterColumn(name = "Age", jsonPath = ".metadata.creationTimestamp", type = DATE)
@AdditionalPrinterColumn(name = "Tiers", jsonPath = ".spec.tiers", type = STRING, priority = 1)
@AdditionalPrinterColumn(name = "Lead-Days", jsonPath = ".spec.leadTimeDays.p50", type = INTEGER, priority = 1)
@AdditionalPrinterColumn(name = "Contract-End", jsonPath = ".spec.contract.end", type = STRING, priority = 1)
public final class Supplier extends CustomResource<SupplierSpec, SupplierStatus> {
    @Override
    protected @Nullable SupplierSpec initSpec() {
        return null;
    }

    @Override
    protected @Nullable SupplierStatus initStatus() {
        return null;
    }
}

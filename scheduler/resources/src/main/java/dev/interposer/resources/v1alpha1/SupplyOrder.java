package dev.interposer.resources.v1alpha1;

import static io.fabric8.crd.generator.annotation.AdditionalPrinterColumn.Type.DATE;
import static io.fabric8.crd.generator.annotation.AdditionalPrinterColumn.Type.INTEGER;
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

/** Devices that are on their way. */
@Group("interposer.dev")
@Version("v1alpha1")
@Plural("supplyorders")
@Singular("supplyorder")
@ShortNames("sorder")
@Categories("interposer")
@JsonClassDescription("A SupplyOrder is a number of devices that are on their way, in lots with promised dates.")
@AdditionalPrinterColumn(name = "Supplier", jsonPath = ".spec.supplierName", type = STRING)
@AdditionalPrinterColumn(name = "Class", jsonPath = ".spec.className", type = STRING)
@AdditionalPrinterColumn(name = "State", jsonPath = ".spec.state", type = STRING)
@AdditionalPrinterColumn(name = "Ordered", jsonPath = ".status.orderedDevices", type = INTEGER)
@AdditionalPrinterColumn(name = "Received", jsonPath = ".status.receivedDevices", type = INTEGER)
@AdditionalPrinterColumn(name = "Age", jsonPath = ".metadata.creationTimestamp", type = DATE)
@AdditionalPrinterColumn(name = "Late", jsonPath = ".status.lateDevices", type = INTEGER, priority = 1)
@AdditionalPrinterColumn(name = "Confidence", jsonPath = ".spec.confidencePercent", type = INTEGER, priority = 1)
public final class SupplyOrder extends CustomResource<SupplyOrderSpec, SupplyOrderStatus> {
    @Override
    protected @Nullable SupplyOrderSpec initSpec() {
        return null;
    }

    @Override
    protected @Nullable SupplyOrderStatus initStatus() {
        return null;
    }
}

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

/** A model of chip as the scheduler sees it. */
@Group("interposer.dev")
@Version("v1alpha1")
@Plural("acceleratorclasses")
@Singular("acceleratorclass")
@ShortNames("aclass")
@Categories("interposer")
@JsonClassDescription("An AcceleratorClass is a model of chip as the scheduler sees it: how its devices are recognised,"
        + " what they can do, who supplies them, and how near to each other they are.")
@AdditionalPrinterColumn(name = "Supplier", jsonPath = ".spec.supplierName", type = STRING)
@AdditionalPrinterColumn(name = "Family", jsonPath = ".spec.chipFamily", type = STRING)
@AdditionalPrinterColumn(name = "Memory", jsonPath = ".spec.memory", type = STRING)
@AdditionalPrinterColumn(name = "Installed", jsonPath = ".status.devices.installed", type = INTEGER)
@AdditionalPrinterColumn(name = "Healthy", jsonPath = ".status.devices.healthy", type = INTEGER)
@AdditionalPrinterColumn(name = "Allocated", jsonPath = ".status.devices.allocated", type = INTEGER)
@AdditionalPrinterColumn(name = "Age", jsonPath = ".metadata.creationTimestamp", type = DATE)
@AdditionalPrinterColumn(name = "Foreign", jsonPath = ".status.devices.foreign", type = INTEGER, priority = 1)
@AdditionalPrinterColumn(name = "Scarcity", jsonPath = ".status.scarcity.indexMilli", type = INTEGER, priority = 1)
public final class AcceleratorClass extends CustomResource<AcceleratorClassSpec, AcceleratorClassStatus> {
    @Override
    protected @Nullable AcceleratorClassSpec initSpec() {
        return null;
    }

    @Override
    protected @Nullable AcceleratorClassStatus initStatus() {
        return null;
    }
}

package dev.interposer.resources.v1alpha1;

import static io.fabric8.crd.generator.annotation.AdditionalPrinterColumn.Type.DATE;
import static io.fabric8.crd.generator.annotation.AdditionalPrinterColumn.Type.INTEGER;
import static io.fabric8.crd.generator.annotation.AdditionalPrinterColumn.Type.STRING;

import com.fasterxml.jackson.annotation.JsonClassDescription;
import io.fabric8.crd.generator.annotation.AdditionalPrinterColumn;
import io.fabric8.kubernetes.api.model.Namespaced;
import io.fabric8.kubernetes.client.CustomResource;
import io.fabric8.kubernetes.model.annotation.Categories;
import io.fabric8.kubernetes.model.annotation.Group;
import io.fabric8.kubernetes.model.annotation.Plural;
import io.fabric8.kubernetes.model.annotation.ShortNames;
import io.fabric8.kubernetes.model.annotation.Singular;
import io.fabric8.kubernetes.model.annotation.Version;
import org.jspecify.annotations.Nullable;

/** A gang of workers that runs until it is done. */
@Group("interposer.dev")
@Version("v1alpha1")
@Plural("trainingjobs")
@Singular("trainingjob")
@ShortNames("tjob")
@Categories("interposer")
@JsonClassDescription("A TrainingJob is a gang of workers, placed all or none, that runs until it is done."
        + " It may say several ways to run, each on another class of accelerator.")
@AdditionalPrinterColumn(name = "Queue", jsonPath = ".spec.queueName", type = STRING)
@AdditionalPrinterColumn(name = "Phase", jsonPath = ".status.phase", type = STRING)
@AdditionalPrinterColumn(name = "Profile", jsonPath = ".status.assignment.profileName", type = STRING)
@AdditionalPrinterColumn(name = "Workers", jsonPath = ".status.assignment.workers", type = INTEGER)
@AdditionalPrinterColumn(name = "Age", jsonPath = ".metadata.creationTimestamp", type = DATE)
@AdditionalPrinterColumn(name = "Class", jsonPath = ".status.assignment.className", type = STRING, priority = 1)
@AdditionalPrinterColumn(name = "Attempt", jsonPath = ".status.assignment.attempt", type = INTEGER, priority = 1)
@AdditionalPrinterColumn(name = "Priority", jsonPath = ".spec.priorityClassName", type = STRING, priority = 1)
@AdditionalPrinterColumn(name = "Waiting", jsonPath = ".status.waiting.reason", type = STRING, priority = 1)
public final class TrainingJob extends CustomResource<TrainingJobSpec, TrainingJobStatus> implements Namespaced {
    @Override
    protected @Nullable TrainingJobSpec initSpec() {
        return null;
    }

    @Override
    protected @Nullable TrainingJobStatus initStatus() {
        return null;
    }
}

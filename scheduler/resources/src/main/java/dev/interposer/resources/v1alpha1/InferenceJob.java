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

/** Replicas that serve until they are taken away. */
@Group("interposer.dev")
@Version("v1alpha1")
@Plural("inferencejobs")
@Singular("inferencejob")
@ShortNames("ijob")
@Categories("interposer")
@JsonClassDescription("An InferenceJob is a number of replicas that serve until they are taken away."
        + " Each replica is placed by itself, all or none, under one of the profiles.")
@AdditionalPrinterColumn(name = "Queue", jsonPath = ".spec.queueName", type = STRING)
@AdditionalPrinterColumn(name = "Phase", jsonPath = ".status.phase", type = STRING)
@AdditionalPrinterColumn(name = "Desired", jsonPath = ".spec.replicas", type = INTEGER)
@AdditionalPrinterColumn(name = "Ready", jsonPath = ".status.readyReplicas", type = INTEGER)
@AdditionalPrinterColumn(name = "Age", jsonPath = ".metadata.creationTimestamp", type = DATE)
@AdditionalPrinterColumn(name = "Current", jsonPath = ".status.replicas", type = INTEGER, priority = 1)
@AdditionalPrinterColumn(name = "Priority", jsonPath = ".spec.priorityClassName", type = STRING, priority = 1)
@AdditionalPrinterColumn(name = "Waiting", jsonPath = ".status.waiting.reason", type = STRING, priority = 1)
@AdditionalPrinterColumn(name = "Selector", jsonPath = ".status.selector", type = STRING, priority = 1)
public final class InferenceJob extends CustomResource<InferenceJobSpec, InferenceJobStatus> implements Namespaced {
    @Override
    protected @Nullable InferenceJobSpec initSpec() {
        return null;
    }

    @Override
    protected @Nullable InferenceJobStatus initStatus() {
        return null;
    }
}

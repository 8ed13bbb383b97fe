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

/** A node of the quota tree. */
@Group("interposer.dev")
@Version("v1alpha1")
@Plural("jobqueues")
@Singular("jobqueue")
@ShortNames("jqueue")
@Categories("interposer")
@JsonClassDescription("A JobQueue is a node of the tree of quotas, in which jobs wait."
        + " What it guarantees, lends and limits holds for all below it.")
@AdditionalPrinterColumn(name = "Parent", jsonPath = ".spec.parentName", type = STRING)
@AdditionalPrinterColumn(name = "Weight", jsonPath = ".spec.weight", type = INTEGER)
@AdditionalPrinterColumn(name = "State", jsonPath = ".spec.state", type = STRING)
@AdditionalPrinterColumn(name = "Waiting", jsonPath = ".status.waitingJobs", type = INTEGER)
@AdditionalPrinterColumn(name = "Running", jsonPath = ".status.runningJobs", type = INTEGER)
@AdditionalPrinterColumn(name = "Age", jsonPath = ".metadata.creationTimestamp", type = DATE)
@AdditionalPrinterColumn(name = "Devices", jsonPath = ".status.allocatedDevices", type = INTEGER, priority = 1)
public final class JobQueue extends CustomResource<JobQueueSpec, JobQueueStatus> {
    @Override
    protected @Nullable JobQueueSpec initSpec() {
        return null;
    }

    @Override
    protected @Nullable JobQueueStatus initStatus() {
        return null;
    }
}

package dev.interposer.server.kubernetes.objects;

import dev.interposer.engine.model.ObjectKind;
import io.fabric8.kubernetes.client.dsl.base.ResourceDefinitionContext;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The kinds of object that are read from a cluster. */
public enum Kind {
    SUPPLIER("Supplier", "suppliers", ObjectKind.SUPPLIER),
    ACCELERATOR_CLASS("AcceleratorClass", "acceleratorclasses", ObjectKind.ACCELERATOR_CLASS),
    JOB_QUEUE("JobQueue", "jobqueues", ObjectKind.QUEUE),
    SUPPLY_ORDER("SupplyOrder", "supplyorders", ObjectKind.SUPPLY_ORDER),
    SOURCING_POLICY("SourcingPolicy", "sourcingpolicies", ObjectKind.SOURCING_POLICY),
    TRAINING_JOB("TrainingJob", "trainingjobs", null),
    INFERENCE_JOB("InferenceJob", "inferencejobs", null);

    /** Of those that are jobs. */
    static final List<Kind> JOBS = List.of(TRAINING_JOB, INFERENCE_JOB);

    private static final String GROUP = "interposer.dev";
    private static final String VERSION = "v1alpha1";

    private final String text;
    private final String plural;
    private final @Nullable ObjectKind objectKind;

    Kind(String text, String plural, @Nullable ObjectKind objectKind) {
        this.text = text;
        this.plural = plural;
        this.objectKind = objectKind;
    }

    /** As in the field {@code kind}; null if there is none of that name. */
    static @Nullable Kind of(String text) {
        return Arrays.stream(values())
                .filter(kind -> kind.text.equals(text))
                .findFirst()
                .orElse(null);
    }

    String text() {
        return text;
    }

    boolean isJob() {
        return objectKind == null;
    }

    /** Of one that is no job. */
    ObjectKind objectKind() {
        if (objectKind == null) {
            throw new IllegalStateException(text + " is a job");
        }
        return objectKind;
    }

    ResourceDefinitionContext context() {
        return new ResourceDefinitionContext.Builder()
                .withGroup(GROUP)
                .withVersion(VERSION)
                .withKind(text)
                .withPlural(plural)
                .withNamespaced(isJob())
                .build();
    }
}

package dev.interposer.resources.v1alpha1;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/** What the definition of a kind says of a field, and Fabric8's generator has no annotation for. */
final class Schema {
    /** Kubernetes names of labels and the like: at most so long. */
    static final int MOST_NAME = 253;

    static final int MOST_LABEL = 63;
    static final String LABEL = "^[a-z0-9]([-a-z0-9]*[a-z0-9])?$";
    /** Ten years, the longest time that anything here speaks of. */
    static final long MOST_SECONDS = 316_224_000;

    private Schema() {}

    /** A list whose elements are told apart by these fields, so that each can be applied by another owner. */
    @Retention(RetentionPolicy.RUNTIME)
    @Target(ElementType.RECORD_COMPONENT)
    @interface Keys {
        String[] value();
    }

    /** A list without order, in which nothing comes twice. */
    @Retention(RetentionPolicy.RUNTIME)
    @Target(ElementType.RECORD_COMPONENT)
    @interface Unordered {}

    /** A text of a form that the API server checks, such as {@code date-time}. */
    @Retention(RetentionPolicy.RUNTIME)
    @Target(ElementType.RECORD_COMPONENT)
    @interface Format {
        String value();
    }

    /** An object of another API: kept whole and not described, but for the fields that are named. */
    @Retention(RetentionPolicy.RUNTIME)
    @Target(ElementType.RECORD_COMPONENT)
    @interface FreeForm {
        String[] value() default {};
    }

    /** A spec of which only these paths may change unless it was suspended before. */
    @Retention(RetentionPolicy.RUNTIME)
    @Target(ElementType.TYPE)
    @interface FixedUnlessSuspended {
        String[] except();
    }
}

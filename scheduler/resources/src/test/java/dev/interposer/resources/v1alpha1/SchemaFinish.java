package dev.interposer.resources.v1alpha1;

import io.fabric8.kubernetes.api.model.apiextensions.v1.JSONSchemaProps;
import io.fabric8.kubernetes.api.model.apiextensions.v1.ValidationRule;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.RecordComponent;
import java.lang.reflect.Type;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/** What the annotations of {@link Schema} mean, laid over a schema that the generator made from the same records. */
final class SchemaFinish {
    /** Of Kubernetes, without the sign and the units below thousandths: no amount here is negative. */
    private static final String QUANTITY = "^([0-9]+(\\.[0-9]*)?|\\.[0-9]+)([KMGTPE]i|[mkMGTPE]|[eE][+-]?[0-9]+)?$";

    private static final long MOST_QUANTITY = 32;

    private SchemaFinish() {}

    static void finish(JSONSchemaProps schema, Class<?> type) {
        object(schema, type);
        Schema.FixedUnlessSuspended fixed = type.getAnnotation(Schema.FixedUnlessSuspended.class);
        if (fixed != null) {
            List<ValidationRule> rules = new ArrayList<>(schema.getXKubernetesValidations());
            rules.addAll(new Unchanged(List.of(fixed.except())).rules(schema, type));
            schema.setXKubernetesValidations(rules);
        }
    }

    static JSONSchemaProps property(JSONSchemaProps schema, String name) {
        return Objects.requireNonNull(schema.getProperties().get(name), () -> "no schema of " + name);
    }

    private static void object(JSONSchemaProps schema, Class<?> type) {
        for (RecordComponent component : type.getRecordComponents()) {
            finish(property(schema, component.getName()), component);
        }
    }

    private static void finish(JSONSchemaProps property, RecordComponent component) {
        Schema.FreeForm free = component.getAnnotation(Schema.FreeForm.class);
        Schema.Format format = component.getAnnotation(Schema.Format.class);
        if (free != null) {
            free(property, free);
        } else if (format != null) {
            property.setFormat(format.value());
        } else if (Boolean.TRUE.equals(property.getXKubernetesIntOrString())) {
            property.setPattern(QUANTITY);
            property.setMaxLength(MOST_QUANTITY);
        } else if (component.getType() == List.class) {
            list(property, component);
        } else if (component.getType().isRecord()) {
            object(property, component.getType());
        }
    }

    private static void free(JSONSchemaProps property, Schema.FreeForm free) {
        property.setType("object");
        property.setXKubernetesPreserveUnknownFields(true);
        Map<String, JSONSchemaProps> known = new LinkedHashMap<>();
        for (String name : free.value()) {
            JSONSchemaProps part = new JSONSchemaProps();
            part.setType("object");
            part.setDescription("As in Kubernetes' PodTemplateSpec: " + name + " of the pod.");
            part.setXKubernetesPreserveUnknownFields(true);
            known.put(name, part);
        }
        property.setProperties(known);
    }

    private static void list(JSONSchemaProps property, RecordComponent component) {
        Schema.Keys keys = component.getAnnotation(Schema.Keys.class);
        if (keys != null) {
            property.setXKubernetesListType("map");
            property.setXKubernetesListMapKeys(List.of(keys.value()));
        } else {
            boolean unordered = component.getAnnotation(Schema.Unordered.class) != null;
            property.setXKubernetesListType(unordered ? "set" : "atomic");
        }
        Class<?> element = element(component);
        if (element.isRecord()) {
            object(property.getItems().getSchema(), element);
        }
    }

    static Class<?> element(RecordComponent list) {
        Type type = ((ParameterizedType) list.getGenericType()).getActualTypeArguments()[0];
        return (Class<?>) type;
    }
}

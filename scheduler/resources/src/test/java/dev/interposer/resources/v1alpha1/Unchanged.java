package dev.interposer.resources.v1alpha1;

import io.fabric8.kubernetes.api.model.apiextensions.v1.JSONSchemaProps;
import io.fabric8.kubernetes.api.model.apiextensions.v1.ValidationRule;
import io.fabric8.kubernetes.api.model.apiextensions.v1.ValidationRuleBuilder;
import java.lang.reflect.RecordComponent;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Rules in CEL that a spec is as it was unless it was suspended: one for each field, so that the refusal names it.
 * Where a part of a list's elements may change, the elements are found by their key and the other parts compared.
 */
final class Unchanged {
    private final List<String> except;

    Unchanged(List<String> except) {
        this.except = except;
    }

    List<ValidationRule> rules(JSONSchemaProps schema, Class<?> spec) {
        List<ValidationRule> rules = new ArrayList<>();
        for (RecordComponent component : spec.getRecordComponents()) {
            String name = component.getName();
            String same = same(schema, component, new At("", "self", "oldSelf", 'a'));
            if (same != null) {
                rules.add(new ValidationRuleBuilder()
                        .withRule("oldSelf.suspend || " + same)
                        .withMessage(name + " can change only while suspend is true"
                                + (partly(name) ? ", but for numbers of workers" : ""))
                        .withReason("FieldValueForbidden")
                        .withFieldPath("." + name)
                        .build());
            }
        }
        return rules;
    }

    private boolean partly(String path) {
        return except.stream().anyMatch(other -> other.startsWith(path + "."));
    }

    /** That a field is as it was; null if it may change. */
    private @Nullable String same(JSONSchemaProps owner, RecordComponent component, At at) {
        String name = component.getName();
        String path = at.path() + name;
        if (except.contains(path)) {
            return null;
        }
        JSONSchemaProps schema = SchemaFinish.property(owner, name);
        String now = at.now() + "." + name;
        String old = at.old() + "." + name;
        String equal = partly(path)
                ? sameList(schema, component, new At(path + ".", now, old, at.variable()))
                : now + " == " + old;
        boolean always = owner.getRequired().contains(name) || schema.getDefault() != null;
        return always ? equal : "has(" + now + ") == has(" + old + ") && (!has(" + now + ") || " + equal + ")";
    }

    private String sameList(JSONSchemaProps schema, RecordComponent component, At lists) {
        At element =
                new At(lists.path(), "new" + lists.variable(), "old" + lists.variable(), (char) (lists.variable() + 1));
        List<String> parts = new ArrayList<>();
        for (RecordComponent part : SchemaFinish.element(component).getRecordComponents()) {
            String same = same(schema.getItems().getSchema(), part, element);
            if (same != null) {
                parts.add(same.contains(" && ") ? "(" + same + ")" : same);
            }
        }
        return lists.now() + ".size() == " + lists.old() + ".size() && " + lists.now() + ".all(" + element.now() + ", "
                + lists.old() + ".exists(" + element.old() + ", " + String.join(" && ", parts) + "))";
    }

    /** Where in the schema, how both values are written in CEL, and the next letter for a variable. */
    private record At(String path, String now, String old, char variable) {}
}

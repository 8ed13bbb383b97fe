package dev.interposer.server.kubernetes.objects;

import com.fasterxml.jackson.databind.JsonNode;
import dev.interposer.resources.v1alpha1.Condition;
import dev.interposer.resources.v1alpha1.Condition.Status;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The conditions of an object's status. When one changed last is kept from before while it says the same. */
final class Conditions {
    private final JsonNode before;
    private final long generation;
    private final Instant now;
    private final List<Condition> conditions = new ArrayList<>();

    /** @param before the status that the object has */
    Conditions(JsonNode before, long generation, Instant now) {
        this.before = before.path("conditions");
        this.generation = generation;
        this.now = now;
    }

    Conditions with(String type, boolean holds, String reason, String message) {
        Status status = holds ? Status.TRUE : Status.FALSE;
        String since = now.truncatedTo(ChronoUnit.SECONDS).toString();
        for (JsonNode condition : before) {
            boolean same = condition.path("type").asText().equals(type)
                    && condition.path("status").asText().equals(holds ? "True" : "False");
            if (same) {
                since = condition.path("lastTransitionTime").asText(since);
            }
        }
        conditions.add(new Condition(type, status, reason, message, generation, since));
        return this;
    }

    List<Condition> list() {
        return List.copyOf(conditions);
    }

    /** Since when one of these conditions holds; null if none does. */
    static @Nullable Instant since(JsonNode status, String... types) {
        for (JsonNode condition : status.path("conditions")) {
            if (List.of(types).contains(condition.path("type").asText())
                    && condition.path("status").asText().equals("True")) {
                return Instant.parse(condition.path("lastTransitionTime").asText());
            }
        }
        return null;
    }
}

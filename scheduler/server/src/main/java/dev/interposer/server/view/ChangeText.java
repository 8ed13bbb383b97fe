package dev.interposer.server.view;

import dev.interposer.engine.nearest.NearestChange;
import dev.interposer.engine.nearest.Part;
import dev.interposer.engine.nearest.Placed;
import java.util.Map;
import java.util.stream.Collectors;

/** A nearest change in words. */
public final class ChangeText {
    private ChangeText() {}

    public static String of(NearestChange change) {
        return switch (change.outcome()) {
            case STARTS_NOW -> "it starts with the next decision" + where(change);
            case CHEAPEST -> start(change) + " (the cheapest of one or two changes)";
            case MINIMAL -> start(change) + " (none can be left out; something else may cost less)";
            case NONE -> "no change of these kinds would start it";
            case BOUND_REACHED -> "nothing was found that would start it in " + change.trials() + " trials";
        };
    }

    private static String start(NearestChange change) {
        String parts = change.parts().stream().map(ChangeText::of).collect(Collectors.joining("; and "));
        return "it would start" + where(change) + ", with " + parts;
    }

    private static String where(NearestChange change) {
        Placed place = change.place();
        return place == null ? "" : ", on " + where(place);
    }

    private static String where(Placed place) {
        String devices = place.devices() == 0 ? "" : place.devices() + " " + place.className() + " of ";
        return devices + String.join(", ", place.nodes());
    }

    public static String of(Part part) {
        Map<String, String> given = part.parameters();
        return switch (part.kind()) {
            case END_OF_BACKOFF -> "the end of its back-off";
            case OTHER_CLASS -> "class " + given.get("class") + " for profile " + given.get("profile");
            case FEWER_WORKERS ->
                fromTo(given) + " workers of role " + given.get("role") + " in profile " + given.get("profile");
            case LARGER_LEVEL ->
                "one " + (given.getOrDefault("to", "").isEmpty() ? "cluster" : given.get("to")) + " instead of one "
                        + given.get("from") + " in profile " + given.get("profile");
            case NO_SPREAD -> "no even spread over " + given.get("levels");
            case FEWER_SUPPLIERS -> "replicas on whatever suppliers";
            case HIGHER_PRIORITY -> "priority " + fromTo(given);
            case QUEUE_LIMIT -> "a limit of " + fromTo(given) + queue(given);
            case BORROW_LIMIT -> "borrowing up to " + fromTo(given) + queue(given);
            case LEND_LIMIT -> "lending up to " + fromTo(given) + queue(given);
            case USER_DEVICES -> fromTo(given) + " devices for user " + given.get("user") + queue(given);
            case USER_JOBS -> fromTo(given) + " running jobs for user " + given.get("user") + queue(given);
            case OPEN_QUEUE -> "queue " + given.get("queue") + " open instead of " + given.get("state");
            case POLICY_EXCEPTION -> "an exception of policy " + given.get("policy");
            case UNCORDON -> "node " + given.get("node") + " taking work again";
            case RESUME_PLACEMENT -> "placement resumed (halted: " + given.get("cause") + ")";
            case GIVE_UP_PLACE -> "the place given up that is kept for " + given.get("job");
            case END_OF_GANG ->
                "the end of " + given.get("job") + ", gang " + given.get("gang") + " (" + given.get("devices") + " "
                        + given.get("class") + " on " + given.get("nodes") + ", " + left(given) + ")";
        };
    }

    private static String fromTo(Map<String, String> given) {
        return given.get("to") + " instead of " + given.get("from");
    }

    private static String queue(Map<String, String> given) {
        String scope = given.containsKey("scope") ? " (" + given.get("scope") + ")" : "";
        return " in queue " + given.get("queue") + scope + ", " + given.get("by") + " more";
    }

    private static String left(Map<String, String> given) {
        String seconds = given.getOrDefault("seconds", "");
        return seconds.isEmpty() ? "nobody said when" : "in about " + seconds + " s";
    }
}

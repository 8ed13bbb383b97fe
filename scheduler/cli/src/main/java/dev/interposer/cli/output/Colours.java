package dev.interposer.cli.output;

import java.util.Arrays;
import java.util.Comparator;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** States in colour: green for well, yellow for on the way or held back, red for broken. Nothing else has one. */
public enum Colours {
    ON,
    OFF;

    /** When to use them; as an option is written. */
    public enum When {
        AUTO,
        ALWAYS,
        NEVER;

        /** Offered by a shell. */
        public static final class Words implements Iterable<String> {
            @Override
            public Iterator<String> iterator() {
                return List.of("auto", "always", "never").iterator();
            }
        }
    }

    private enum Colour {
        RED("31"),
        YELLOW("33"),
        GREEN("32");

        private final String code;

        Colour(String code) {
            this.code = code;
        }
    }

    private static final Set<String> HEADINGS = Set.of("PHASE", "HEALTH", "STATE", "MET");

    private static final Map<String, Colour> STATES = Map.ofEntries(
            Map.entry("Running", Colour.GREEN),
            Map.entry("Succeeded", Colour.GREEN),
            Map.entry("Ready", Colour.GREEN),
            Map.entry("Healthy", Colour.GREEN),
            Map.entry("Open", Colour.GREEN),
            Map.entry("Active", Colour.GREEN),
            Map.entry("Usable", Colour.GREEN),
            Map.entry("Signing", Colour.GREEN),
            Map.entry("Next", Colour.YELLOW),
            Map.entry("Former", Colour.YELLOW),
            Map.entry("Waiting", Colour.YELLOW),
            Map.entry("Backoff", Colour.YELLOW),
            Map.entry("Starting", Colour.YELLOW),
            Map.entry("Assigned", Colour.YELLOW),
            Map.entry("Stopping", Colour.YELLOW),
            Map.entry("Suspect", Colour.YELLOW),
            Map.entry("Hold", Colour.YELLOW),
            Map.entry("Drain", Colour.YELLOW),
            Map.entry("Draining", Colour.YELLOW),
            Map.entry("Drained", Colour.YELLOW),
            Map.entry("Cordoned", Colour.YELLOW),
            Map.entry("Observed", Colour.YELLOW),
            Map.entry("UsedUp", Colour.YELLOW),
            Map.entry("Expired", Colour.YELLOW),
            Map.entry("Revoked", Colour.RED),
            Map.entry("Failed", Colour.RED),
            Map.entry("Lost", Colour.RED),
            Map.entry("Fenced", Colour.RED));

    /**
     * Of a stream. {@code NO_COLOR} with any text switches them off (no-color.org), a terminal that is dumb has none.
     *
     * @param terminal whether a person sees the stream
     */
    public static Colours of(When when, Map<String, String> environment, boolean terminal) {
        return switch (when) {
            case ALWAYS -> ON;
            case NEVER -> OFF;
            case AUTO ->
                terminal
                                && environment.getOrDefault("NO_COLOR", "").isEmpty()
                                && !environment.getOrDefault("TERM", "").equals("dumb")
                        ? ON
                        : OFF;
        };
    }

    /** A cell below a heading: in its colour where it is a state. */
    String cell(String heading, String text) {
        return HEADINGS.contains(heading) ? state(text) : text;
    }

    /** What is as it should be, or is not. */
    public String verdict(boolean good, String text) {
        return this == OFF ? text : in(good ? Colour.GREEN : Colour.RED, text);
    }

    private static String in(Colour colour, String text) {
        return "\033[" + colour.code + "m" + text + "\033[0m";
    }

    /** One state or several with commas between, of which the worst gives the colour. */
    public String state(String text) {
        if (this == OFF) {
            return text;
        }
        return Arrays.stream(text.split(",", -1))
                .filter(STATES::containsKey)
                .map(STATES::get)
                .min(Comparator.naturalOrder())
                .map(colour -> in(colour, text))
                .orElse(text);
    }
}

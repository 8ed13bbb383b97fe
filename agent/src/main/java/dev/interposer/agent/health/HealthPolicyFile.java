package dev.interposer.agent.health;

import dev.interposer.agent.config.ConfigException;
import dev.interposer.agent.config.Fields;
import dev.interposer.agent.driver.Signal;
import dev.interposer.agent.health.HealthPolicy.Count;
import dev.interposer.agent.health.HealthPolicy.Flapping;
import dev.interposer.agent.health.HealthPolicy.Response;
import dev.interposer.agent.health.HealthPolicy.Rule;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;

/** Reads the table of what follows from which signal; {@code health-policy.yaml} beside this class is the default. */
public final class HealthPolicyFile {
    private static final String DEFAULT = "health-policy.yaml";
    private static final int MOST_TIMES = 1000;

    private HealthPolicyFile() {}

    public static HealthPolicy read(Path file) throws ConfigException {
        return read(Fields.ofFile(file));
    }

    public static HealthPolicy standard() {
        try (InputStream in = Objects.requireNonNull(HealthPolicyFile.class.getResourceAsStream(DEFAULT), DEFAULT)) {
            return read(Fields.ofText(DEFAULT, new String(in.readAllBytes(), StandardCharsets.UTF_8)));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (ConfigException e) {
            throw new IllegalStateException(e);
        }
    }

    private static HealthPolicy read(Fields top) throws ConfigException {
        top.only("flapping", "rules");
        List<Rule> rules = new ArrayList<>();
        for (Fields rule : top.list("rules")) {
            rules.add(rule(rule));
        }
        if (rules.isEmpty()) {
            throw new ConfigException(top.at("rules") + " must be a list with at least one rule");
        }
        Fields flapping = top.mapping("flapping").only("times", "within", "hold");
        return new HealthPolicy(
                rules,
                new Flapping(
                        flapping.integer("times", 3, 2, MOST_TIMES),
                        flapping.millis("within", "1h"),
                        flapping.millis("hold", "1h")));
    }

    private static Rule rule(Fields rule) throws ConfigException {
        rule.only("signal", "code", "response", "times", "within", "after", "clearAfter");
        Signal.Kind kind = rule.oneOf("signal", Signal.Kind.class);
        int times = rule.integer("times", 1, 1, MOST_TIMES);
        if (kind.state() && times > 1) {
            throw new ConfigException(rule.at("times") + " (" + times + ") is for events, and " + kind
                    + " is a state. Maybe after, for how long it must last?");
        }
        if (!kind.state() && rule.has("after")) {
            throw new ConfigException(rule.at("after") + " (" + rule.text("after", "") + ") is for states, and " + kind
                    + " is an event. Maybe times and within?");
        }
        return new Rule(
                kind,
                rule.text("code", ""),
                rule.oneOf("response", Response.class),
                times == 1 ? Count.ONCE : new Count(times, rule.millis("within", "1h")),
                rule.millis("after", "0s"),
                rule.text("clearAfter", "").equals("never") ? Rule.NEVER : rule.millis("clearAfter", "0s"));
    }
}

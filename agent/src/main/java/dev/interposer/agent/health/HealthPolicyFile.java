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
    private static final String[] TOP = {"flapping", "rules"};
    private static final int MOST_TIMES = 1000;
    private static final long HOUR_MILLIS = 3_600_000;
    private static final Flapping FLAPPING = new Flapping(3, HOUR_MILLIS, HOUR_MILLIS);

    private HealthPolicyFile() {}

    public static HealthPolicy read(Path file) throws ConfigException {
        return Fields.ofFile("health policy", file, HealthPolicyFile::policy, TOP);
    }

    public static HealthPolicy standard() {
        try (InputStream in = Objects.requireNonNull(HealthPolicyFile.class.getResourceAsStream(DEFAULT), DEFAULT)) {
            String text = new String(in.readAllBytes(), StandardCharsets.UTF_8);
            return Fields.ofText(DEFAULT, text, HealthPolicyFile::policy, TOP);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (ConfigException e) {
            throw new IllegalStateException(e);
        }
    }

    private static HealthPolicy policy(Fields top) throws ConfigException {
        List<Rule> rules = new ArrayList<>();
        for (Fields rule : top.list("rules", "signal", "code", "response", "times", "within", "after", "clearAfter")) {
            rules.add(rule(rule));
        }
        if (rules.isEmpty()) {
            throw top.wrong("rules", "a list with at least one rule");
        }
        return new HealthPolicy(rules, top.has("flapping") ? flapping(top) : FLAPPING);
    }

    private static Flapping flapping(Fields top) throws ConfigException {
        Fields flapping = top.fields("flapping", "times", "within", "hold");
        return new Flapping(
                flapping.integer("times", FLAPPING.times(), 2, MOST_TIMES),
                flapping.millis("within", FLAPPING.withinMillis()),
                flapping.millis("hold", FLAPPING.holdMillis()));
    }

    private static Rule rule(Fields rule) throws ConfigException {
        Signal.Kind kind = rule.oneOf("signal", Signal.Kind.class);
        int times = rule.integer("times", 1, 1, MOST_TIMES);
        if (kind.state() && times > 1) {
            throw rule.wrong("times", "absent: " + kind + " is a state. Maybe after, for how long it must last?");
        }
        if (!kind.state() && rule.has("after")) {
            throw rule.wrong("after", "absent: " + kind + " is an event. Maybe times and within?");
        }
        boolean never = "never".equals(rule.value("clearAfter"));
        return new Rule(
                kind,
                rule.has("code") ? rule.text("code", "\\S{1,64}", "a number or word of the vendor") : "",
                rule.oneOf("response", Response.class),
                times == 1 ? Count.ONCE : new Count(times, rule.millis("within", HOUR_MILLIS)),
                rule.millis("after", 0),
                never ? Rule.NEVER : rule.millis("clearAfter", 0));
    }
}

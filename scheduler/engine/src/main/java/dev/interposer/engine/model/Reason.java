package dev.interposer.engine.model;

import java.math.BigDecimal;
import java.util.HashMap;
import java.util.Map;

/**
 * Why something is as it is: a code and its parameters. Text for people is made once, at the edge.
 *
 * @param code what
 * @param parameters facts by name, such as {@code class}, {@code missing}, {@code domain}
 */
public record Reason(ReasonCode code, Map<String, String> parameters) {
    public static final Reason NONE = new Reason(ReasonCode.NONE, Map.of());

    public Reason {
        parameters = SortedCopy.of(parameters);
    }

    /** Whether it says only that something waits, or names a shortage of nothing: too many of these explain nothing. */
    public boolean catchAll() {
        return code.catchAll() || "0".equals(parameters.get("missing"));
    }

    public static Reason of(ReasonCode code) {
        return new Reason(code, Map.of());
    }

    /** The same with one more fact. */
    public Reason with(String name, String value) {
        Map<String, String> more = new HashMap<>(parameters);
        more.put(name, value);
        return new Reason(code, more);
    }

    /** Thousandths as devices: {@code 8}, {@code 0.25}. */
    public static String devices(long milli) {
        return BigDecimal.valueOf(milli, 3).stripTrailingZeros().toPlainString();
    }
}

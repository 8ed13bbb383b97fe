package dev.interposer.agent.config;

import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Amounts as people write them: 8, 500m, 80G, 2Ti. */
final class Quantity {
    private static final Pattern QUANTITY = Pattern.compile("(\\d+)(Ki|[kMGTP]?i?|m)");

    private Quantity() {}

    /** In whole units; thousandths of them if it ends with m. */
    static long parse(String path, String value) throws ConfigException {
        Matcher matcher = QUANTITY.matcher(value);
        if (!matcher.matches()) {
            throw new ConfigException(path + " (" + value + ") must be a quantity such as 8, 500m, 80G or 2Ti");
        }
        String unit = matcher.group(2);
        long base = unit.endsWith("i") ? 1024 : 1000;
        int power = unit.isEmpty() || unit.equals("m")
                ? 0
                : "kMGTP".indexOf(unit.startsWith("K") ? "k" : unit.substring(0, 1)) + 1;
        try {
            long amount = Long.parseLong(matcher.group(1));
            for (int step = 0; step < power; step++) {
                amount = Math.multiplyExact(amount, base);
            }
            return amount;
        } catch (ArithmeticException | NumberFormatException e) {
            throw new ConfigException(path + " (" + value + ") is too large");
        }
    }
}

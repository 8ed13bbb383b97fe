package dev.interposer.server.dra;

import java.math.BigDecimal;
import java.math.RoundingMode;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** An amount as Kubernetes writes it, such as {@code 40Gi}, {@code 500m}, {@code 1e3}. */
record Quantity(BigDecimal amount) implements Comparable<Quantity> {
    private static final Pattern FORM = Pattern.compile(
            "([+-]?(?:[0-9]{1,40}(?:\\.[0-9]{0,40})?|\\.[0-9]{1,40}))(|[numkMGTPE]|[KMGTPE]i|[eE][+-]?[0-9]{1,2})");
    private static final Map<String, Integer> DECIMAL =
            Map.of("n", -9, "u", -6, "m", -3, "", 0, "k", 3, "M", 6, "G", 9, "T", 12, "P", 15, "E", 18);
    private static final String BINARY = "KMGTPE";
    private static final int SHIFT = 10;
    /** Nothing is finer than a billionth; what is, is rounded away from zero. */
    private static final int MOST_DIGITS_BEHIND_POINT = 9;

    /** Throws {@link IllegalArgumentException} for what is none. */
    static Quantity parse(String text) {
        Matcher form = FORM.matcher(text);
        if (!form.matches()) {
            throw new IllegalArgumentException("quantity (" + text + ") is none. Maybe as in 40Gi?");
        }
        BigDecimal number = new BigDecimal(form.group(1));
        BigDecimal amount = number.multiply(factor(form.group(2)));
        boolean finer = amount.stripTrailingZeros().scale() > MOST_DIGITS_BEHIND_POINT;
        return new Quantity(finer ? amount.setScale(MOST_DIGITS_BEHIND_POINT, RoundingMode.UP) : amount);
    }

    private static BigDecimal factor(String suffix) {
        if (suffix.endsWith("i")) {
            return BigDecimal.TWO.pow(SHIFT * (1 + BINARY.indexOf(suffix.charAt(0))));
        }
        Integer power = DECIMAL.get(suffix);
        return BigDecimal.ONE.scaleByPowerOfTen(power == null ? Integer.parseInt(suffix.substring(1)) : power);
    }

    static boolean isOne(String text) {
        return FORM.matcher(text).matches();
    }

    boolean isInteger() {
        return amount.stripTrailingZeros().scale() <= 0 && amount.toBigInteger().bitLength() < Long.SIZE;
    }

    /** Throws {@link ArithmeticException} where it is none. */
    long asInteger() {
        return amount.longValueExact();
    }

    Quantity plus(Quantity other) {
        return new Quantity(amount.add(other.amount));
    }

    Quantity minus(Quantity other) {
        return new Quantity(amount.subtract(other.amount));
    }

    static Quantity of(long amount) {
        return new Quantity(BigDecimal.valueOf(amount));
    }

    @Override
    public int compareTo(Quantity other) {
        return amount.compareTo(other.amount);
    }

    /** By the amount, however it is written. */
    @Override
    public boolean equals(Object other) {
        return other instanceof Quantity quantity && compareTo(quantity) == 0;
    }

    @Override
    public int hashCode() {
        return amount.stripTrailingZeros().hashCode();
    }
}

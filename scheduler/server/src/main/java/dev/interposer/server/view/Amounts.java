package dev.interposer.server.view;

import java.math.BigDecimal;

/** Amounts of a resource in the unit in which people ask for it. */
final class Amounts {
    private static final String[] BINARY = {"", "Ki", "Mi", "Gi", "Ti", "Pi", "Ei"};

    private Amounts() {}

    /**
     * {@code 150} for cpu in thousandths, {@code 1.5Gi} for memory in bytes, anything else as it is.
     *
     * @param amount what a reason holds; a text that is no number is left alone
     */
    static String of(String resource, String amount) {
        if (!amount.matches("-?\\d{1,18}")) {
            return amount;
        }
        long number = Long.parseLong(amount);
        return switch (resource) {
            case "cpu" -> plain(BigDecimal.valueOf(number, 3));
            case "memory", "ephemeral-storage" -> bytes(number);
            default -> amount;
        };
    }

    /** In the largest unit of which there is at least one, to a tenth. */
    private static String bytes(long bytes) {
        int unit = 0;
        while (unit + 1 < BINARY.length && Math.abs(bytes) >= 1L << (10 * (unit + 1))) {
            unit++;
        }
        long tenths = Math.round((double) bytes * 10 / (1L << (10 * unit)));
        return plain(BigDecimal.valueOf(tenths, 1)) + BINARY[unit];
    }

    private static String plain(BigDecimal number) {
        return number.stripTrailingZeros().toPlainString();
    }
}

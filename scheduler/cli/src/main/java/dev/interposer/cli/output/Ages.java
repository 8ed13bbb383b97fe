package dev.interposer.cli.output;

/** Times as people say them. */
public final class Ages {
    private Ages() {}

    /** Since a time in microseconds; empty for 0. */
    public static String since(long atMicros) {
        return atMicros == 0 ? "" : seconds((System.currentTimeMillis() * 1000 - atMicros) / 1_000_000);
    }

    /** From now to a time in microseconds. */
    public static String until(long atMicros) {
        return seconds((atMicros - System.currentTimeMillis() * 1000) / 1_000_000);
    }

    /** {@code 42s}, {@code 3m12s}, {@code 5h20m}, {@code 9d4h}. */
    public static String seconds(long whole) {
        long seconds = Math.max(0, whole);
        if (seconds < 60) {
            return seconds + "s";
        } else if (seconds < 3600) {
            return seconds / 60 + "m" + seconds % 60 + "s";
        } else if (seconds < 86_400) {
            return seconds / 3600 + "h" + seconds % 3600 / 60 + "m";
        }
        return seconds / 86_400 + "d" + seconds % 86_400 / 3600 + "h";
    }
}

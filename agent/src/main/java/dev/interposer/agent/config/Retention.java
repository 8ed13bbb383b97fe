package dev.interposer.agent.config;

import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * How long folders of workers stay after their end.
 *
 * @param millis since the last change in it after which one goes
 * @param folders so many of each node stay, the newest
 */
public record Retention(long millis, int folders) {
    private static final long DAY_MILLIS = 86_400_000;
    private static final Pattern DURATION = Pattern.compile("(\\d{1,6})([mhd])");
    private static final int MOST_FOLDERS = 1_000_000;

    /** A day, in which somebody may still ask for a log, and not more of them than a folder is quickly listed with. */
    public static final Retention DEFAULT = new Retention(DAY_MILLIS, 1000);

    Retention forSo(String said) throws ConfigException {
        Matcher matcher = DURATION.matcher(said);
        long kept = matcher.matches() ? Long.parseLong(matcher.group(1)) * unitMillis(matcher.group(2)) : 0;
        if (kept == 0) {
            throw new ConfigException(
                    "--keep-workers (" + said + ") must be minutes, hours or days, such as 90m, 24h or 7d");
        }
        return new Retention(kept, folders);
    }

    private static long unitMillis(String unit) {
        return switch (unit) {
            case "m" -> 60_000;
            case "h" -> 3_600_000;
            default -> DAY_MILLIS;
        };
    }

    Retention soMany(String said) throws ConfigException {
        return new Retention(millis, WorkerOptions.number("--keep-worker-folders", said, 0, MOST_FOLDERS));
    }
}

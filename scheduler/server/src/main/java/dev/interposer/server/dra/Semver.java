package dev.interposer.server.dra;

import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A version by semver.org, 2.0.0. What was built of it makes no difference.
 *
 * @param prerelease its parts; empty for a release
 */
record Semver(long major, long minor, long patch, List<String> prerelease) implements Comparable<Semver> {
    private static final String NUMBER = "(0|[1-9][0-9]{0,17})";
    private static final String PART = "(?:0|[1-9][0-9]*|[0-9]*[a-zA-Z-][0-9a-zA-Z-]*)";
    private static final Pattern FORM = Pattern.compile(NUMBER + "\\." + NUMBER + "\\." + NUMBER + "(?:-(" + PART
            + "(?:\\." + PART + ")*))?(?:\\+[0-9a-zA-Z-]+(?:\\.[0-9a-zA-Z-]+)*)?");
    private static final Pattern DIGITS = Pattern.compile("[0-9]+");
    private static final Pattern LEADING_ZEROS = Pattern.compile("^0+(?=[0-9])");
    private static final int MOST_LENGTH = 256;

    Semver {
        prerelease = List.copyOf(prerelease);
    }

    /** Throws {@link IllegalArgumentException} for what is none. */
    static Semver parse(String text) {
        Matcher form = FORM.matcher(text.length() > MOST_LENGTH ? "" : text);
        if (!form.matches()) {
            throw new IllegalArgumentException("version (" + text + ") is none. Maybe as in 1.2.3?");
        }
        String prerelease = form.group(4);
        return new Semver(
                Long.parseLong(form.group(1)),
                Long.parseLong(form.group(2)),
                Long.parseLong(form.group(3)),
                prerelease == null ? List.of() : List.of(prerelease.split("\\.", -1)));
    }

    /** As Kubernetes takes what is nearly one: a v before it, leading zeros, and no minor or patch number. */
    static Semver parseLoosely(String text) {
        String[] parts = (text.startsWith("v") ? text.substring(1) : text).split("\\.", 3);
        for (int index = 0; index < parts.length; index++) {
            parts[index] = LEADING_ZEROS.matcher(parts[index]).replaceFirst("");
        }
        boolean isShort = parts.length < 3;
        boolean more = parts[parts.length - 1].contains("-") || parts[parts.length - 1].contains("+");
        if (isShort && more) {
            throw new IllegalArgumentException("version (" + text + ") is short and says more than its numbers");
        }
        return parse(String.join(".", parts) + ".0".repeat(3 - parts.length));
    }

    static boolean isOne(String text, boolean loosely) {
        try {
            Semver ignored = loosely ? parseLoosely(text) : parse(text);
            return true;
        } catch (IllegalArgumentException e) {
            return false;
        }
    }

    @Override
    public int compareTo(Semver other) {
        int byNumbers = major != other.major
                ? Long.compare(major, other.major)
                : minor != other.minor ? Long.compare(minor, other.minor) : Long.compare(patch, other.patch);
        if (byNumbers != 0 || prerelease.equals(other.prerelease)) {
            return byNumbers;
        }
        if (prerelease.isEmpty() || other.prerelease.isEmpty()) {
            return prerelease.isEmpty() ? 1 : -1;
        }
        int common = Math.min(prerelease.size(), other.prerelease.size());
        for (int index = 0; index < common; index++) {
            int byPart = compare(prerelease.get(index), other.prerelease.get(index));
            if (byPart != 0) {
                return byPart;
            }
        }
        return Integer.compare(prerelease.size(), other.prerelease.size());
    }

    /** Numbers come before words, and are compared as numbers however long they are. */
    private static int compare(String one, String other) {
        boolean number = DIGITS.matcher(one).matches();
        if (number != DIGITS.matcher(other).matches()) {
            return number ? -1 : 1;
        }
        int byLength = number ? Integer.compare(one.length(), other.length()) : 0;
        return byLength != 0 ? byLength : Integer.signum(one.compareTo(other));
    }
}

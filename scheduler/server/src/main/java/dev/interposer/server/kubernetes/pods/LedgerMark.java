package dev.interposer.server.kubernetes.pods;

import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * How far the ledger was, at least, when a pod was made. A leader that finds a pod from beyond its own ledger knows by
 * it that a backup was restored.
 */
public record LedgerMark(long incarnation, long epoch, long revision) {
    static final LedgerMark NONE = new LedgerMark(0, 0, 0);

    /** Incarnations are as many as restored backups: a larger number is none of ours. */
    private static final Pattern TEXT = Pattern.compile("(\\d{1,5})/(\\d{1,18})/(\\d{1,18})");

    /** As a pod bears it; anything else is as good as nothing. */
    static LedgerMark of(String text) {
        Matcher mark = TEXT.matcher(text);
        return mark.matches()
                ? new LedgerMark(
                        Long.parseLong(mark.group(1)), Long.parseLong(mark.group(2)), Long.parseLong(mark.group(3)))
                : NONE;
    }

    String text() {
        return incarnation + "/" + epoch + "/" + revision;
    }

    /** The later of both; a revision says nothing beyond its incarnation. */
    LedgerMark or(LedgerMark other) {
        if (incarnation != other.incarnation) {
            return incarnation > other.incarnation ? this : other;
        }
        return new LedgerMark(incarnation, Math.max(epoch, other.epoch), Math.max(revision, other.revision));
    }
}

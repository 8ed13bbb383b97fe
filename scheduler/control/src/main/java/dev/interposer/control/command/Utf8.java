package dev.interposer.control.command;

/** Lengths of text as it is stored. A character of Java says little: one of Chinese takes three bytes. */
public final class Utf8 {
    private Utf8() {}

    /** Bytes of the text in UTF-8; half a surrogate pair counts as what replaces it, or more. */
    public static long bytes(String text) {
        long bytes = text.length();
        for (int at = 0; at < text.length(); at++) {
            char unit = text.charAt(at);
            if (unit >= 0x800) {
                // Two units of a pair take four bytes together.
                bytes += Character.isSurrogate(unit) ? 1 : 2;
            } else if (unit >= 0x80) {
                bytes++;
            }
        }
        return bytes;
    }

    /** The beginning of the text, with no more than so many bytes and no half of a character. */
    public static String head(String text, int mostBytes) {
        if (text.length() <= mostBytes / 3) {
            return text;
        }
        long left = mostBytes;
        int to = 0;
        while (to < text.length()) {
            int point = text.codePointAt(to);
            left -= bytes(Character.toString(point));
            if (left < 0) {
                break;
            }
            to += Character.charCount(point);
        }
        return text.substring(0, to);
    }

    /** The end of the text, with no more than so many bytes and no half of a character. */
    public static String tail(String text, int mostBytes) {
        if (text.length() <= mostBytes / 3) {
            return text;
        }
        long left = mostBytes;
        int from = text.length();
        while (from > 0) {
            int point = text.codePointBefore(from);
            left -= bytes(Character.toString(point));
            if (left < 0) {
                break;
            }
            from -= Character.charCount(point);
        }
        return text.substring(from);
    }
}

package dev.interposer.cli.output;

import java.util.List;
import java.util.stream.Stream;

/** What a job wrote, in lines that a terminal shows and does not obey. */
final class Printable {
    private static final char DELETE = 0x7f;
    private static final char LAST_OF_C1 = 0x9f;

    private Printable() {}

    /** Of a line that was written over and over, as progress bars do, what it said last. */
    static List<String> lines(String text) {
        return Stream.of(text.stripTrailing().split("\n", -1))
                .map(String::stripTrailing)
                .map(line -> line.substring(line.lastIndexOf('\r') + 1))
                .map(Printable::escaped)
                .toList();
    }

    private static String escaped(String line) {
        StringBuilder shown = new StringBuilder();
        for (int at = 0; at < line.length(); at++) {
            char letter = line.charAt(at);
            boolean control = (letter < ' ' && letter != '\t') || (letter >= DELETE && letter <= LAST_OF_C1);
            shown.append(control ? String.format("\\x%02x", (int) letter) : Character.toString(letter));
        }
        return shown.toString();
    }
}

package dev.interposer.cli.command;

import dev.interposer.cli.client.CliException;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * What a verb can be about. Words are parted by spaces: the first is the one of messages, the second its plural, the
 * others are taken as well.
 */
enum Kind {
    JOB("job jobs trainingjob trainingjobs tjob inferencejob inferencejobs ijob"),
    HISTORY("history ended"),
    NODE("node nodes no"),
    DEVICE("device devices dev"),
    CLASS("class classes acceleratorclass acceleratorclasses aclass"),
    SUPPLIER("supplier suppliers sup"),
    QUEUE("queue queues jobqueue jobqueues jqueue"),
    ORDER("order orders supplyorder supplyorders so"),
    POLICY("policy policies sourcingpolicy sourcingpolicies spol"),
    TOKEN("token tokens jointoken jointokens"),
    AUTHORITY("authority authorities ca");

    /** Offered by a shell after a verb. */
    static final class Candidates implements Iterable<String> {
        @Override
        public Iterator<String> iterator() {
            return Arrays.stream(values())
                    .flatMap(kind -> Stream.of(kind.word(), kind.plural()).distinct())
                    .iterator();
        }
    }

    private final String words;

    Kind(String words) {
        this.words = words;
    }

    private List<String> words() {
        return List.of(words.split(" ", -1));
    }

    String word() {
        return words().getFirst();
    }

    String plural() {
        return this == HISTORY ? word() : words().get(1);
    }

    /** Whether a word, in any case, means this kind. */
    boolean is(String text) {
        return words().contains(text.toLowerCase(Locale.ROOT));
    }

    static Kind of(String text) {
        return Arrays.stream(values())
                .filter(kind -> kind.is(text))
                .findFirst()
                .orElseThrow(() -> new CliException(
                        CliException.USAGE,
                        "kind (" + text + ") must be one of "
                                + Arrays.stream(values()).map(Kind::plural).collect(Collectors.joining(", "))));
    }

    /** The names after a verb that is about this kind alone: its word may stand in front, as in every other verb. */
    List<String> names(List<String> given) {
        if (!is(given.getFirst())) {
            return given;
        }
        if (given.size() == 1) {
            throw new CliException(
                    CliException.USAGE,
                    "the name of the " + word() + " is missing. Maybe `interposer get " + plural() + "`? One that is"
                            + " itself called " + given.getFirst() + " is said twice: " + word() + " "
                            + given.getFirst());
        }
        return given.subList(1, given.size());
    }

    /** The one name after a verb that is about this kind alone. */
    String name(String verb, List<String> given) {
        List<String> names = names(given);
        if (names.size() > 1) {
            throw new CliException(
                    CliException.USAGE,
                    verb + " takes one " + word() + ", not " + String.join(" ", given) + ". Maybe `interposer " + verb
                            + " " + word() + " " + names.getLast() + "`?");
        }
        return names.getFirst();
    }
}

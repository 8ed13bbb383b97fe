package dev.interposer.tests.arch;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** What a contract must say of its fields. */
class ContractRulesTest {
    /** A line that declares a field; the values of an enum have no type and do not match. */
    private static final Pattern FIELD =
            Pattern.compile("^\\s+(repeated |optional )?(map<\\w+, [\\w.]+>|[\\w.]+) \\w+ = \\d+\\b.*;");

    private static final Pattern NUMBER_FIELD = Pattern.compile("^\\s+(repeated |optional )?(map<\\w+, )?"
            + "([us]?int(32|64)|s?fixed(32|64)|double|float)>? \\w+ = \\d+\\b.*;");

    /** Units, the sorts of bare number that need none, and the words "no unit". */
    private static final Pattern UNIT = Pattern.compile(
            "\\b((micro|milli)?seconds|days|bytes|thousandths|percent|per cent|degrees|operations per second|unit"
                    + "|weight|count|index(es)?|ids?|revision|epoch|incarnation|version|level|port|exit codes?"
                    + "|status code)\\b",
            Pattern.CASE_INSENSITIVE);

    private static final int FEWEST_FIELDS = 300;

    /** A number without a unit is an accident that waits. */
    @Test
    void everyNumberOfAContractNamesItsUnitInAComment() {
        assertThat(offences(
                        SourceTree.contracts(),
                        NUMBER_FIELD,
                        comment -> !UNIT.matcher(comment).find()))
                .isEmpty();
    }

    @Test
    void everyFieldOfAPublicContractHasAComment() {
        assertThat(offences(SourceTree.publicContracts(), FIELD, String::isEmpty))
                .isEmpty();
    }

    /** Patterns that match nothing would keep every rule. */
    @Test
    void theRulesFindTheFields() {
        assertThat(offences(SourceTree.publicContracts(), FIELD, comment -> true))
                .hasSizeGreaterThan(FEWEST_FIELDS);
        assertThat(offences(SourceTree.contracts(), NUMBER_FIELD, comment -> true))
                .hasSizeGreaterThan(FEWEST_FIELDS);
    }

    private static List<String> offences(List<Path> files, Pattern field, Predicate<String> bad) {
        List<String> found = new ArrayList<>();
        for (Path file : files) {
            List<String> lines = SourceTree.lines(file);
            for (int at = 0; at < lines.size(); at++) {
                if (field.matcher(lines.get(at)).find() && bad.test(commentAbove(lines, at))) {
                    found.add(file + ":" + (at + 1) + lines.get(at));
                }
            }
        }
        return found;
    }

    private static String commentAbove(List<String> lines, int field) {
        StringBuilder comment = new StringBuilder();
        for (int at = field - 1; at >= 0 && lines.get(at).strip().startsWith("//"); at--) {
            comment.insert(0, lines.get(at).strip().substring(2) + " ");
        }
        return comment.toString().strip();
    }
}

package dev.interposer.tests.arch;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Rules that a reader feels: sizes, names, and a sentence for each package. */
class SourceRulesTest {
    private static final int MOST_LINES_OF_A_FILE = 600;
    private static final int MOST_COLUMNS = 120;
    private static final Pattern EMPTY_NAME = Pattern.compile(".*(Manager|Helper|Helpers|Util|Utils|Impl)\\.java");
    private static final Pattern PROMISE =
            Pattern.compile("\\b(" + String.join("|", "TO" + "DO", "FIX" + "ME", "X" + "XX") + ")\\b");
    private static final Pattern OF_VALUES = Pattern.compile("dev\\.interposer\\.engine\\.(model|oracle)\\.");
    private static final Pattern FIELD_INJECTION = Pattern.compile("^\\s*@Inject\\s*(//.*)?$");

    @Test
    void aFileCanBeReadInOneSitting() {
        assertThat(SourceTree.all())
                .allSatisfy(file -> assertThat(SourceTree.lines(file)).hasSizeLessThanOrEqualTo(MOST_LINES_OF_A_FILE));
    }

    @Test
    void aLineFitsTheScreen() {
        assertThat(offences(SourceTree.all(), line -> line.length() > MOST_COLUMNS))
                .isEmpty();
    }

    @Test
    void aNameSaysWhatAThingIs() {
        assertThat(SourceTree.all())
                .noneMatch(file -> EMPTY_NAME.matcher(file.toString()).matches());
    }

    @Test
    void noPromiseStandsInForCode() {
        assertThat(offences(SourceTree.all(), line -> PROMISE.matcher(line).find()))
                .isEmpty();
    }

    @Test
    void everyProductionPackageSaysWhatLivesThereAndIsNullMarked() {
        assertThat(SourceTree.production().stream().map(Path::getParent).distinct())
                .allSatisfy(folder -> {
                    Path info = folder.resolve("package-info.java");
                    assertThat(info).exists();
                    assertThat(Files.readString(info)).contains("/**", "@NullMarked");
                });
    }

    /** What it is held against must not be what it is made of. */
    @Test
    void anOracleKnowsTheValuesAlone() {
        List<Path> oracles = SourceTree.all().stream()
                .filter(file -> file.toString().contains("/engine/oracle/"))
                .toList();
        assertThat(oracles).hasSizeGreaterThanOrEqualTo(5);
        assertThat(offences(
                        oracles,
                        line -> line.startsWith("import dev.interposer.")
                                && !OF_VALUES.matcher(line).find()))
                .isEmpty();
    }

    @Test
    void dependenciesComeByConstructor() {
        List<String> found = new ArrayList<>();
        for (Path file : SourceTree.production()) {
            List<String> lines = SourceTree.lines(file);
            for (int at = 0; at + 1 < lines.size(); at++) {
                boolean field = lines.get(at + 1).strip().endsWith(";");
                if (field && FIELD_INJECTION.matcher(lines.get(at)).matches()) {
                    found.add(file + ":" + (at + 2));
                }
            }
        }
        assertThat(found).isEmpty();
    }

    private static Stream<String> offences(List<Path> files, java.util.function.Predicate<String> bad) {
        return files.stream().flatMap(file -> {
            List<String> lines = SourceTree.lines(file);
            return Stream.iterate(0, at -> at < lines.size(), at -> at + 1)
                    .filter(at -> bad.test(lines.get(at)))
                    .map(at -> file + ":" + (at + 1) + ": " + lines.get(at).strip());
        });
    }
}

package dev.interposer.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The shells themselves complete what is typed. */
class CompletionTest {
    /** A shell on a terminal of its own: the key is pressed, and what the line became is what it shows. */
    private static final String ZSH = """
            zmodload zsh/zpty
            zpty shell "TERM=dumb zsh -f -i"
            zpty -w shell "PS1='>'; autoload -Uz compinit; compinit -D -u; source $1; echo REA''DY"
            zpty -r -m shell line '*READY*'
            zpty -w -n shell "$2"$'\\t'
            zpty -r -m shell line "*$3*"
            print -r -- "$line"
            zpty -d shell
            """;

    @TempDir
    private Path folder;

    @BeforeEach
    void scripts() throws IOException {
        for (String shell : List.of("bash", "zsh", "fish")) {
            StringWriter out = new StringWriter();
            assertThat(Main.line(new String[] {"completion", shell})
                            .setOut(new PrintWriter(out))
                            .execute("completion", shell))
                    .isZero();
            Files.writeString(folder.resolve(shell), out.toString());
        }
    }

    @Test
    void bashCompletesVerbsKindsOptionsAndShells() throws Exception {
        assertThat(bash("desc")).containsExactly("describe");
        assertThat(bash("get", "no")).containsExactly("node", "nodes");
        assertThat(bash("completion", "")).contains("bash", "zsh", "fish");
        assertThat(bash("submit", "--dry")).containsExactly("--dry-run");
        assertThat(bash("scale", "--rep")).containsExactly("--replicas");
    }

    @Test
    void bashCompletesValuesAndWhatIsBelowAVerb() throws Exception {
        assertThat(bash("get", "jobs", "-o", "")).containsExactly("table", "wide", "json", "yaml", "name");
        assertThat(bash("get", "jobs", "--color", "al")).containsExactly("always");
        assertThat(bash("replay", "--policy", "f")).containsExactly("fgd");
        assertThat(bash("delete", "")).contains("supplier").doesNotContain("token");
        assertThat(bash("bench", "li")).containsExactly("live");
        assertThat(bash("supply", "cov")).containsExactly("coverage");
        assertThat(bash("supply", "coverage", "--wi")).containsExactly("--without");
    }

    @Test
    void fishCompletesVerbsKindsAndOptions() throws Exception {
        requireShell("fish");
        assertThat(fish("interposer desc")).singleElement().asString().startsWith("describe\tShow one thing at length");
        assertThat(fish("interposer get no")).containsExactly("node", "nodes");
        assertThat(fish("interposer submit --dry")).singleElement().asString().startsWith("--dry-run\t");
        assertThat(fish("interposer get --wat")).singleElement().asString().startsWith("--watch\t");
    }

    @Test
    void fishCompletesValuesFilesAndWhatIsBelowAVerb() throws Exception {
        requireShell("fish");
        assertThat(fish("interposer get jobs -o "))
                .extracting(line -> line.split("\t", -1)[0])
                .containsExactlyInAnyOrder("table", "wide", "json", "yaml", "name");
        assertThat(fish("interposer get jobs --color al"))
                .singleElement()
                .asString()
                .startsWith("always\t");
        assertThat(fish("interposer bench li")).singleElement().asString().startsWith("live\t");
        assertThat(fish("interposer supply cov")).singleElement().asString().startsWith("coverage\t");
        assertThat(fish("interposer supply coverage --wi"))
                .singleElement()
                .asString()
                .startsWith("--without\t");
        assertThat(fish("interposer supply coverage --hori")).isEmpty();
        String file = Files.writeString(folder.resolve("a-manifest.yaml"), "").toString();
        assertThat(fish("interposer submit " + folder + "/a-m")).containsExactly(file);
        assertThat(fish("interposer apply -f " + folder + "/a-m"))
                .singleElement()
                .asString()
                .startsWith(file);
        assertThat(fish("interposer cancel " + folder + "/a-m")).isEmpty();
    }

    @Test
    void zshCompletesVerbsKindsAndOptions() throws Exception {
        requireShell("zsh");
        assertThat(zsh("interposer desc", "describe")).contains("interposer describe");
        // Both words for the kind begin so.
        assertThat(zsh("interposer get devi", "device")).contains("interposer get device");
        assertThat(zsh("interposer submit --dry", "--dry-run")).contains("interposer submit --dry-run");
    }

    private List<String> bash(String... words) throws Exception {
        List<String> command = new ArrayList<>(List.of(
                "bash",
                "-c",
                "source \"$0\"; COMP_WORDS=(interposer \"$@\"); COMP_CWORD=$#; _complete_interposer;"
                        + " printf '%s\\n' \"${COMPREPLY[@]}\"",
                script("bash")));
        command.addAll(List.of(words));
        return run(command).lines().map(String::strip).toList();
    }

    private List<String> fish(String line) throws Exception {
        return run(List.of("fish", "-N", "-c", "source " + script("fish") + "; complete -C '" + line + "'"))
                .lines()
                .toList();
    }

    private String zsh(String line, String wanted) throws Exception {
        return run(List.of("zsh", "-f", "-c", ZSH, "zsh", script("zsh"), line, wanted));
    }

    private String script(String shell) {
        return folder.resolve(shell).toString();
    }

    private static void requireShell(String shell) throws Exception {
        Process found = new ProcessBuilder("sh", "-c", "command -v " + shell)
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .start();
        assumeTrue(found.waitFor() == 0, shell + " is not there");
    }

    private String run(List<String> command) throws Exception {
        Path said = Files.createTempFile(folder, "said", ".txt");
        ProcessBuilder builder = new ProcessBuilder(command)
                .redirectOutput(said.toFile())
                // Outside of a completion bash's compopt has nothing to do, and says so.
                .redirectError(ProcessBuilder.Redirect.DISCARD);
        builder.environment().put("HOME", folder.toString());
        Process process = builder.start();
        boolean ended = process.waitFor(60, TimeUnit.SECONDS);
        process.destroyForcibly();
        String text = Files.readString(said, StandardCharsets.UTF_8);
        assertThat(ended).as(text).isTrue();
        return text;
    }
}

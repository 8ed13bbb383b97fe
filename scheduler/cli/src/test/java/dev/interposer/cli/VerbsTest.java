package dev.interposer.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

/** What is typed, against a server that answers. */
class VerbsTest {
    @TempDir
    private Path folder;

    private FakeServer server;

    private record Said(int code, String out, String err) {}

    @BeforeEach
    void start() throws IOException {
        server = new FakeServer();
        Files.writeString(folder.resolve("token"), "secret");
    }

    @AfterEach
    void stop() {
        server.close();
    }

    @Test
    void aDescribedJobSaysWhyItWaitsWhatCameBeforeAndWhatToTypeNext() throws IOException {
        String text = say("describe", "job", "research/large").out();
        assertThat(text.lines().map(String::stripTrailing))
                .contains(
                        "Name:      research/large",
                        "Phase:     Waiting",
                        "Reason:    needs 128 h100, only 32 are there",
                        "  gang 0 waits: needs 128 h100, only 32 are there",
                        "    place 3 in queue research",
                        "Ended jobs of this name:",
                        "  interposer explain job large -n research   # and what would start it");
        assertThat(text).contains("BACKOFF_LIMIT");
        assertThat(say("describe", "job", "research/large", "-o", "name").out()).isEqualTo("research/large\n");
        assertThat(say("describe", "job", "research/large", "-o", "yaml").out()).contains("phase: \"Waiting\"");
    }

    @Test
    void everyWordForAKindMeansTheSame() throws IOException {
        String nodes = say("get", "nodes").out();
        assertThat(nodes).contains("sim/a", "Ready,Cordoned");
        for (String word : List.of("node", "no", "NODES")) {
            assertThat(say("get", word, "-o", "name").out()).as(word).isEqualTo("sim/a\n");
        }
        assertThat(say("get", "queue").out()).contains("research");
    }

    @Test
    void theKindMayStandBeforeTheNameInEveryVerb() throws IOException {
        assertThat(say("cordon", "sim/a").code()).isZero();
        assertThat(say("cordon", "node", "sim/b").code()).isZero();
        assertThat(server.cordoned()).containsExactly("sim/a", "sim/b");
        Said wrong = say("cordon", "job", "sim/c");
        assertThat(wrong.code()).isEqualTo(2);
        assertThat(wrong.err()).contains("cordon takes one node, not job sim/c", "interposer cordon node sim/c");
        assertThat(server.cordoned()).hasSize(2);
    }

    @Test
    void statesAreColouredWhenThatIsWantedAndNotInAPipe() throws IOException {
        assertThat(say("get", "nodes", "--color", "always").out()).contains("\033[33mReady,Cordoned\033[0m");
        assertThat(say("get", "nodes", "--color", "never").out()).doesNotContain("\033");
        assertThat(say("get", "nodes", "--color", "always", "-o", "json").out()).doesNotContain("\033");
    }

    @Test
    void theExitCodeSaysWhatWentWrongAndTheErrorWhatToDo() throws IOException {
        assertFailure(2, "kind (pods) must be one of jobs, history, nodes", "get", "pods");
        assertFailure(3, "there is no job nobody. Maybe `interposer get jobs -A`", "get", "job", "nobody");
        assertFailure(3, "there is no queue nope. Maybe `interposer get queues`?", "describe", "queue", "nope");
        assertFailure(5, "Maybe a token with that right: --token-file?", "get", "job", "secret");
        server.close();
        assertFailure(4, "Maybe `interposer status`, or `interposer up`?", "get", "nodes");
    }

    @Test
    void theHelpOfEveryVerbHasAnExample() {
        for (Map.Entry<String, CommandLine> verb :
                Main.line(new String[0]).getSubcommands().entrySet()) {
            if (!verb.getKey().equals("help")) {
                assertThat(String.join(
                                "\n",
                                verb.getValue().getCommandSpec().usageMessage().footer()))
                        .as(verb.getKey())
                        .contains("interposer " + verb.getKey());
            }
        }
    }

    @Test
    void aRealBashCompletesVerbsKindsAndShells() throws Exception {
        assertThat(completed("desc")).containsExactly("describe");
        assertThat(completed("get", "no")).containsExactly("node", "nodes");
        assertThat(completed("completion", "")).contains("bash", "zsh", "fish");
        assertThat(completed("submit", "--dry")).containsExactly("--dry-run");
    }

    @Test
    void fishIsToldOfEveryVerbAndOption() throws IOException {
        assertThat(say("completion", "fish").out().lines())
                .contains("complete -c interposer -n __fish_use_subcommand -a describe -d 'Show one thing at length: "
                        + "what it is, how it stands and why, and what belongs to it.'")
                .anyMatch(line -> line.contains("__fish_seen_subcommand_from get") && line.contains("-l color"));
        assertFailure(2, "shell (tcsh) must be one of bash, zsh, fish", "completion", "tcsh");
    }

    private List<String> completed(String... words) throws Exception {
        Path script = folder.resolve("completion");
        Files.writeString(script, say("completion", "bash").out());
        List<String> command = new ArrayList<>(List.of(
                "bash",
                "-c",
                "source \"$0\"; COMP_WORDS=(interposer \"$@\"); COMP_CWORD=$#; _complete_interposer;"
                        + " printf '%s\\n' \"${COMPREPLY[@]}\"",
                script.toString()));
        command.addAll(List.of(words));
        Process bash = new ProcessBuilder(command)
                // Outside of a completion compopt has nothing to do, and says so.
                .redirectError(ProcessBuilder.Redirect.DISCARD)
                .start();
        String said = new String(bash.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(bash.waitFor()).as(said).isZero();
        return said.lines().map(String::strip).toList();
    }

    private void assertFailure(int code, String words, String... arguments) throws IOException {
        Said said = say(arguments);
        assertThat(said.code()).as(said.err()).isEqualTo(code);
        assertThat(said.err()).startsWith("error: ").contains(words);
        assertThat(said.out()).isEmpty();
    }

    private Said say(String... arguments) throws IOException {
        List<String> all = new ArrayList<>(List.of(arguments));
        if (!arguments[0].equals("completion")) {
            all.addAll(List.of(
                    "--plaintext",
                    "--server",
                    server.address(),
                    "--token-file",
                    folder.resolve("token").toString()));
        }
        StringWriter out = new StringWriter();
        StringWriter err = new StringWriter();
        int code = Main.line(all.toArray(String[]::new))
                .setOut(new PrintWriter(out))
                .setErr(new PrintWriter(err))
                .execute(all.toArray(String[]::new));
        return new Said(code, out.toString(), err.toString());
    }
}

package dev.interposer.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
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
    void aJobIsScaledByReplicasOrByWorkersAndAgainWhereNobodyLed() throws IOException {
        assertThat(say("scale", "job", "chat", "--replicas", "6", "-n", "serving")
                        .out())
                .isEqualTo("chat is scaled to 6 replicas\n");
        assertThat(say("scale", "train", "--size", "4..16", "--profile", "large", "--role", "worker")
                        .out())
                .isEqualTo("train is scaled to 4 to 16 workers\n");
        assertThat(say("scale", "research/train", "--size", "8", "-o", "json").out())
                .startsWith("{");
        assertThat(server.scaled())
                .containsExactly(
                        "serving/chat 6",
                        "serving/chat 6",
                        "default/train 4..16 large/worker",
                        "research/train 8..8 /");
        assertThat(server.requests()).hasSize(3);
        assertFailure(2, "--replicas or --size is missing", "scale", "job", "chat");
        assertFailure(2, "goes without --size", "scale", "chat", "--replicas", "2", "--role", "leader");
        assertThat(say("scale", "chat", "--size", "many").err()).contains("'many' is no size such as 4..16 or 8");
        assertThat(server.scaled()).hasSize(4);
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
        assertFailure(2, "the name of the job is missing. Maybe `interposer get jobs`?", "cancel", "job");
        assertFailure(2, "the name of the node is missing", "drain", "node");
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
    void fishIsToldOfEveryVerbAndOption() throws IOException {
        assertThat(say("completion", "fish").out().lines())
                .contains("complete -c interposer -n __fish_use_subcommand -a describe -d 'Show one thing at length: "
                        + "what it is, how it stands and why, and what belongs to it.'")
                .anyMatch(line -> line.contains("__fish_seen_subcommand_from get") && line.contains("-l color"));
        assertFailure(2, "shell (tcsh) must be one of bash, zsh, fish", "completion", "tcsh");
    }

    private void assertFailure(int code, String words, String... arguments) throws IOException {
        Said said = say(arguments);
        assertThat(said.code()).as(said.err()).isEqualTo(code);
        assertThat(said.err()).startsWith("error: ").contains(words);
        assertThat(said.out()).isEmpty();
    }

    private Said say(String... arguments) {
        return arguments[0].equals("completion")
                ? Said.of(List.of(arguments))
                : Said.of(server, folder.resolve("token"), arguments);
    }
}

package dev.interposer.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
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
    void digitsAreAnIdButInANamespaceAName() throws IOException {
        assertThat(say("cancel", "job", "42").code()).isZero();
        assertThat(say("cancel", "job", "42", "-n", "research").code()).isZero();
        assertThat(server.cancelled()).containsExactly("#42", "research/42");
    }

    @Test
    void anErrorOfAManifestNamesItsFileAndWhatIsListedWhere() throws IOException {
        Path good = Files.writeString(folder.resolve("good.yaml"), "one");
        Path bad = Files.writeString(folder.resolve("bad.yaml"), "bad");
        Said said = say("submit", good.toString(), bad.toString());
        assertThat(said.code()).isEqualTo(1);
        assertThat(said.out()).isEqualTo("trainingjob ns/one created\n");
        assertThat(said.err().lines())
                .containsExactly(
                        "error: " + bad + ": one field is wrong",
                        "  TrainingJob/ns/x.spec.queueName (nope) there is no such queue");
        assertFailure(3, "there is no supply order x. Maybe `interposer get orders`?", "delete", "order", "x");
    }

    @Test
    void severalAnswersAreSeveralDocuments() throws IOException {
        String one = Files.writeString(folder.resolve("one.yaml"), "one").toString();
        String two = Files.writeString(folder.resolve("two.yaml"), "two").toString();
        assertThat(say("submit", one, two, "-o", "yaml").out()).containsSubsequence("---", "\"one\"", "---", "\"two\"");
        assertThat(say("submit", one, two, "-o", "json").out().lines()).hasSize(2);
        assertThat(say("submit", one, "-o", "yaml").out()).doesNotContain("---");
        assertThat(say("cancel", "a", "b", "-o", "yaml").out()).containsSubsequence("---", "---");
    }

    @Test
    void oneThingAskedForAsDataIsThatThing() throws IOException {
        assertThat(say("get", "queue", "research", "-o", "yaml").out()).startsWith("name: \"research\"");
        assertThat(say("get", "queues", "-o", "yaml").out()).startsWith("queues:");
    }

    @Test
    void namesAreSaidWhereThereAreSomeAndElseRefused() throws IOException {
        assertThat(say("cancel", "a", "b/c", "7", "-o", "name").out()).isEqualTo("default/a\nb/c\n7\n");
        assertThat(say("cordon", "sim/a", "-o", "name").out()).isEqualTo("sim/a\n");
        assertThat(say("explain", "large", "-o", "name").out()).isEqualTo("research/large\n");
        for (List<String> nameless : List.of(
                List.of("status"),
                List.of("supply"),
                List.of("supply", "coverage"),
                List.of("fsck"),
                List.of("resume"))) {
            List<String> typed = new ArrayList<>(nameless);
            typed.addAll(List.of("-o", "name"));
            assertFailure(2, "--output (name) does not go with", typed.toArray(String[]::new));
        }
        assertFailure(2, "--output (name) does not go with create", "create", "token", "-o", "name");
        assertFailure(2, "--output (json) does not go with logs", "logs", "large", "-o", "json");
        Said load = Said.of(List.of("replay", "--load", "nowhere", "-o", "name"));
        assertThat(load.code()).isEqualTo(2);
        assertThat(load.err()).contains("--output (name) must be table, json or yaml");
    }

    @Test
    void colourIsThereWhereverItIsAskedFor() throws IOException {
        assertThat(say("status", "--color", "always").out()).contains("\033[31m2 lost\033[0m");
        assertThat(say("explain", "large", "--color", "always").out()).contains("\033[33mWaiting\033[0m");
    }

    @Test
    void aDatabaseThatIsAwayIsNoFinding() {
        Said away = Said.of(List.of("fsck", "--jdbc-url", "jdbc:postgresql://127.0.0.1:1/interposer"));
        assertThat(away.code()).isEqualTo(4);
        assertThat(away.err())
                .startsWith("error: --jdbc-url (jdbc:postgresql://127.0.0.1:1/interposer): PostgreSQL can't be");
        Said nonsense = Said.of(List.of("fsck", "--jdbc-url", "nonsense"));
        assertThat(nonsense.code()).isEqualTo(2);
        assertThat(nonsense.err()).contains("--jdbc-url (nonsense) must be a URL such as");
    }

    @Test
    void whatNobodyForesawIsALineWithACodeOfItsOwn() {
        StringWriter err = new StringWriter();
        int code = Main.line(new String[] {"status"})
                .addSubcommand("stumble", new Stumbling())
                .setErr(new PrintWriter(err))
                .execute("stumble");
        assertThat(code).isEqualTo(9);
        assertThat(err.toString().lines())
                .singleElement()
                .asString()
                .startsWith("error: not foreseen: IllegalStateException: a stone at " + Stumbling.class.getName());
    }

    @CommandLine.Command
    private static final class Stumbling implements Callable<Integer> {
        @Override
        public Integer call() {
            throw new IllegalStateException("a stone");
        }
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

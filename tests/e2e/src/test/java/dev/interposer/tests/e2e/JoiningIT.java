package dev.interposer.tests.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;

/** Agents become somebody by a token once, and stay it by themselves. At the same time: most of it is waiting. */
@Execution(ExecutionMode.CONCURRENT)
class JoiningIT {
    /** Long enough for a server to be started anew between the renewal at two thirds and the end, on any machine. */
    private static final int LIFE_SECONDS = 150;

    private static final int BRIEF_LIFE_SECONDS = 75;

    private static final String WORK = """
            apiVersion: interposer.dev/v1alpha1
            kind: TrainingJob
            metadata: {name: runs-on, namespace: research}
            spec:
              queueName: research
              profiles:
              - {name: cpu, workers: {count: 1}}
              template:
                spec:
                  containers:
                  - {name: main, image: none, command: [sh, -c, "echo began; sleep 100000"]}
            """;

    @TempDir
    private Path home;

    private final List<Encrypted> started = new ArrayList<>();

    private Encrypted start(int lifeSeconds) throws Exception {
        Encrypted installation = Encrypted.ofOwnAuthority(home, lifeSeconds);
        started.add(installation);
        installation.startServer();
        return installation;
    }

    @AfterEach
    void stop() throws Exception {
        for (Encrypted installation : started) {
            installation.close();
        }
    }

    @Test
    void anAgentJoinsOnceAndComesBackWithoutTheTokenAndAnotherIsKeptOut() throws Exception {
        Encrypted installation = start(LIFE_SECONDS);
        Path token = installation.token("join-token", "--node", "lab/*");
        installation.startAgent("one", "lab/one", "--join-file", token.toString());
        installation.awaitNode("lab/one", "Ready");
        Path identity = installation.state("one").resolve("identity.pem");
        assertThat(Files.getPosixFilePermissions(identity)).isEqualTo(PosixFilePermissions.fromString("rw-------"));
        assertThat(installation.said("get", "tokens").text()).contains("UsedUp", "1/1", "lab/*");

        installation.startAgent("two", "lab/two", "--join-file", token.toString());
        installation.awaitLog("two", "was used up by another agent");
        installation.startAgent(
                "three",
                "other/three",
                "--join-file",
                installation.token("narrow", "--node", "lab/*").toString());
        installation.awaitLog("three", "nodes (other/three) does not fit lab/*");
        String real = Files.readString(installation.token("real")).strip();
        String foreign = real.substring(0, real.lastIndexOf('.') + 1) + "A".repeat(43);
        installation.startAgent("four", "lab/four", "--join", foreign);
        installation.awaitLog("four", "none of the server's certificates has the key of join token");
        assertThat(installation.said("get", "tokens").text()).contains("0/1");

        installation.stop("one");
        Files.delete(token);
        String before = installation.log("one");
        String held = installation.identity("one");
        installation.startAgent("one", "lab/one");
        installation.await(
                120, () -> installation.log("one").substring(before.length()).contains("is connected"), "one");
        assertThat(installation.identity("one")).isEqualTo(held);
        assertThat(installation.said("get", "nodes", "-o", "name").text()).isEqualTo("lab/one\n");
    }

    @Test
    void oneMoreNodeInTheFileWaitsForATokenAndTheOthersGoOn() throws Exception {
        Encrypted installation = start(BRIEF_LIFE_SECONDS);
        List<String> both = List.of("lab/one", "lab/two");
        Path token = installation.token("join-token", "--node", "lab/one");
        installation.startAgent("one", "lab/one", "--join-file", token.toString());
        installation.awaitNode("lab/one", "Ready");
        installation.stop("one");
        Files.delete(token);

        String before = installation.log("one");
        installation.startAgent("one", both, "--join-file", token.toString());
        installation.await(120, () -> since(installation, before).contains("node lab/one is connected"), "one");
        installation.await(120, () -> since(installation, before).contains("Nobody can join"), "one");
        assertThat(since(installation, before)).contains("is for [lab/one], the nodes file says [lab/one, lab/two]");
        String held = installation.identity("one");
        installation.await(
                BRIEF_LIFE_SECONDS, () -> !installation.identity("one").equals(held), "one");
        installation.stop("one");

        installation.token("join-token", "--node", "lab/*");
        installation.startAgent("one", both, "--join-file", token.toString());
        installation.awaitNode("lab/two", "Ready");
    }

    private static String since(Encrypted installation, String before) throws IOException {
        return installation.log("one").substring(before.length());
    }

    @Test
    void aCertificateIsRenewedWhileWorkRunsAndAfterTheServerWasAway() throws Exception {
        Encrypted installation = start(LIFE_SECONDS);
        installation.startAgent(
                "one",
                "lab/one",
                "--join-file",
                installation.token("join-token").toString());
        installation.awaitNode("lab/one", "Ready");
        String first = installation.identity("one");
        assertThat(installation.said("apply", "-f", "examples/queues.yaml").code())
                .isZero();
        Path work = Files.writeString(home.resolve("work.yaml"), WORK);
        assertThat(installation.said("submit", work.toString()).code()).isZero();
        installation.await(
                30,
                () -> installation
                        .said("logs", "runs-on", "-n", "research")
                        .text()
                        .contains("began"),
                "one");

        installation.await(LIFE_SECONDS, () -> !installation.identity("one").equals(first), "one");
        String second = installation.identity("one");
        // Beyond the end of the first, and before the second is renewed.
        Thread.sleep(LIFE_SECONDS * 550L);
        assertThat(installation.log("one")).doesNotContain("CERTIFICATE", "Joining again");
        installation.kill("server");
        installation.awaitLog("one", "is not renewed");
        assertThat(installation.identity("one")).isEqualTo(second);
        installation.startServer();
        installation.await(LIFE_SECONDS, () -> !installation.identity("one").equals(second), "one");

        installation.awaitNode("lab/one", "Ready");
        assertThat(installation.log("one")).doesNotContain("Joining again");
        assertThat(installation
                        .said("get", "job", "runs-on", "-n", "research", "-o", "json")
                        .text())
                .contains("\"phase\": \"Running\"")
                .doesNotContain("\"attempt\": 2");
    }

    @Test
    void whomAnOperatorRevokesIsCutOffAndComesBackByAnotherTokenAlone() throws Exception {
        Encrypted installation = start(LIFE_SECONDS);
        Path token = installation.token("join-token", "--uses", "5");
        installation.startAgent("one", "lab/one", "--join-file", token.toString());
        installation.awaitNode("lab/one", "Ready");

        assertThat(installation.said("revoke", "node", "lab/one").text()).contains("one certificate is refused");
        installation.awaitLog("one", "was revoked. Maybe start the agent with a new join token");
        installation.awaitLog("one", "which it joined with; give another token there");

        installation.stop("one");
        installation.token("join-token", "--uses", "1");
        String before = installation.log("one");
        installation.startAgent("one", "lab/one", "--join-file", token.toString());
        installation.await(
                120, () -> installation.log("one").substring(before.length()).contains("epoch"), "one");
        installation.awaitNode("lab/one", "Ready");
    }

    /** What takes a day takes less than a minute here. */
    @Test
    void anotherAuthorityTakesOverUnderALiveStreamAndTheOldOneLeaves() throws Exception {
        Encrypted installation = start(45);
        Path old = Files.copy(home.resolve("ca.pem"), home.resolve("old.pem"));
        Path token = installation.token("join-token", "--uses", "3");
        installation.startAgent("one", "lab/one", "--join-file", token.toString());
        installation.startAgent("away", "lab/away", "--join-file", token.toString());
        installation.awaitNode("lab/one", "Ready");
        installation.awaitNode("lab/away", "Ready");
        installation.stop("away");

        assertThat(installation.said("rotate", "authority").text())
                .contains("authority 2 is trusted and signs in", "of no use from then on: token");
        assertThat(installation.said("rotate", "authority").text()).contains("on its way already");
        assertThat(installation.said("get", "authorities").text()).contains("Signing", "Next");

        installation.await(
                180,
                () -> installation.said("get", "authorities").text().matches("(?s).*2 +Signing +\\S+ \\S+ +1 .*"),
                "one");
        assertThat(installation.said("status", "--ca-file", old.toString()).code())
                .isEqualTo(4);
        installation.await(
                240, () -> !installation.said("get", "authorities").text().contains("Former"), "server");
        assertThat(installation.said("get", "nodes").text()).containsPattern("lab/one +Ready");
        assertThat(installation.log("one")).doesNotContain("Joining again", "CERTIFICATE");

        // Who was away knows the old one alone, and has to be told by somebody whom it believes.
        installation.startAgent("late", "lab/late", "--join-file", token.toString());
        installation.awaitLog("late", "none of the server's certificates has the key of join token");
        installation.startAgent(
                "away",
                "lab/away",
                "--join-file",
                installation.token("new-token").toString());
        installation.awaitLog("away", "Joining again with join token");
        installation.awaitNode("lab/away", "Ready");
    }
}

package dev.interposer.tests.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A port that is encrypted, for agents and for people, and whom they trust after a restart. */
class TlsIT {
    @TempDir
    private Path home;

    private Process encrypted(Typed typed, String log) throws Exception {
        ProcessBuilder builder = typed.upBuilder(Ports.free(), Ports.free(), log);
        builder.environment().put("INTERPOSER_TLS_MODE", "own");
        Process up = builder.start();
        typed.awaitUp(up, log);
        return up;
    }

    @Test
    void jobsRunOverTlsAndTheAuthorityOutlivesTheServer() throws Exception {
        Typed typed = new Typed(home);
        Process first = encrypted(typed, "first.log");
        Path copied = home.resolve("copied.pem");
        try {
            assertThat(typed.run("submit", "examples/hello.yaml").code()).isZero();
            assertThat(typed.run("watch", "hello", "-n", "research").text()).contains("Succeeded");
            assertThat(Files.readString(home.resolve("logs/server.log"))).contains("TLS with certificates of");
            assertThat(typed.run("status", "--plaintext").code()).isEqualTo(4);
            Files.copy(home.resolve("ca.pem"), copied);
            assertThat(typed.run("status", "--ca-file", "examples/hello.yaml").text())
                    .contains("--ca-file (examples/hello.yaml)");
        } finally {
            first.destroyForcibly();
        }
        assertThat(first.waitFor(10, TimeUnit.SECONDS)).isTrue();

        Process second = encrypted(typed, "second.log");
        try {
            assertThat(home.resolve("ca.pem")).hasSameTextualContentAs(copied);
            assertThat(typed.run("status", "--ca-file", copied.toString()).code())
                    .isZero();
            assertThat(typed.run("get", "jobs").text()).contains("hello", "Succeeded");
        } finally {
            typed.run("down");
            assertThat(second.waitFor(60, TimeUnit.SECONDS)).isTrue();
        }
    }

    @Test
    void certificatesOfFilesServeWhoeverKnowsTheirAuthorityAndNobodyElse() throws Exception {
        OwnFiles ours = OwnFiles.make(home, "ours");
        OwnFiles theirs = OwnFiles.make(home, "theirs");
        Encrypted installation = new Encrypted(home, ours.settings());
        String token = home.resolve("agent-token").toString();
        try {
            installation.startServer();
            assertThat(home.resolve("ca.pem")).hasSameTextualContentAs(ours.authority());
            installation.startAgent("pinned", "lab/a", "--token-file", token, "--ca-pin", "sha256:" + ours.pin());
            String copied = ours.authority().toString();
            installation.startAgent("copied", "lab/b", "--token-file", token, "--ca-file", copied);
            installation.startAgent("stranger", "lab/c", "--token-file", token, "--ca-pin", "sha256:" + theirs.pin());
            installation.awaitNode("lab/a", "Ready");
            installation.awaitNode("lab/b", "Ready");
            installation.awaitLog("stranger", "none of the server's certificates has the key of --ca-pin");

            assertThat(installation.said("status", "--ca-file", copied).code()).isZero();
            Typed.Said refused =
                    installation.said("status", "--ca-file", theirs.authority().toString());
            assertThat(refused.code()).isEqualTo(4);
            assertThat(refused.text()).contains("the server is not the one that is trusted", "--ca-file");
            assertThat(installation.said("create", "token").text()).contains("Maybe interposer.tls.mode=own?");
            assertThat(installation.said("get", "nodes").text()).doesNotContain("lab/c");
        } finally {
            installation.close();
        }
    }
}

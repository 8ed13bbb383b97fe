package dev.interposer.tests.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** With what a server does not start, and a command does not ask, and what they say to do. */
class RefusedSettingsIT {
    @TempDir
    private Path home;

    private String refusal(String... settings) throws Exception {
        Encrypted installation = new Encrypted(home, settings);
        try {
            assertThat(installation.serverEnds()).as(String.join(" ", settings)).isEqualTo(1);
            return installation.log("server");
        } finally {
            installation.close();
        }
    }

    @Test
    void aServerDoesNotListenBeyondLoopbackInPlaintext() throws Exception {
        assertThat(refusal("tls.mode=plaintext", "grpc.host=0.0.0.0"))
                .contains("the server can't start: interposer.tls.mode (plaintext) sends tokens in the clear")
                .contains("interposer.grpc.host (0.0.0.0) is not loopback. Maybe mode own")
                .doesNotContain("serving agents");
    }

    @Test
    void aCommandDoesNotSendItsTokenToAnotherMachineInPlaintext() throws Exception {
        String token = Files.writeString(home.resolve("token"), "secret").toString();
        Typed.Said said = new Typed(home).run("status", "--server", "192.0.2.1:7070", "--token-file", token);

        assertThat(said.code()).isEqualTo(2);
        assertThat(said.text())
                .contains("server 192.0.2.1:7070 is another machine", "the token would travel in the clear")
                .contains("Maybe --ca-file with the ca.pem of the server's home folder, or --plaintext?");
    }
}

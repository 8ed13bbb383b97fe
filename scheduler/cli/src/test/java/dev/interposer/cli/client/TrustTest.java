package dev.interposer.cli.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.grpc.InsecureChannelCredentials;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** To which server a person's token goes unencrypted. */
class TrustTest {
    @TempDir
    private Path home;

    @ParameterizedTest
    @ValueSource(strings = {"127.0.0.1:7070", "[::1]:7070", "localhost:7070", "127.1.2.3:7070"})
    void aServerOfThisMachineIsSpokenToInPlaintext(String server) {
        assertThat(Trust.plaintextHere(server)).isInstanceOf(InsecureChannelCredentials.class);
    }

    @ParameterizedTest
    @ValueSource(strings = {"192.0.2.1:7070", "[2001:db8::1]:7070", "no-such-host.invalid:7070", "0.0.0.0:7070"})
    void anotherMachineIsNotAndOneIsToldWhatToSay(String server) {
        CliException refused = catchThrowableOfType(CliException.class, () -> Trust.plaintextHere(server));

        assertThat(refused)
                .hasMessageContaining("server " + server + " is another machine")
                .hasMessageContaining("the token would travel in the clear")
                .hasMessageContaining("Maybe --ca-file with the ca.pem of the server's home folder, or --plaintext?");
        assertThat(refused.exitCode()).isEqualTo(CliException.USAGE);
    }

    @Test
    void theServerOfAHomeIsSpokenToAsItsFileSays() throws IOException {
        assertThat(Trust.ofHome(home)).isInstanceOf(InsecureChannelCredentials.class);

        Files.writeString(home.resolve("ca.pem"), "");
        assertThat(catchThrowableOfType(CliException.class, () -> Trust.ofHome(home)))
                .hasMessageContaining("--ca-file (" + home.resolve("ca.pem") + ") holds no certificate");
        Files.writeString(home.resolve("ca.pem"), "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n");
        assertThat(catchThrowableOfType(CliException.class, () -> Trust.ofHome(home)))
                .hasMessageContaining("must be certificates as PEM");
    }
}

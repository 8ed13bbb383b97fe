package dev.interposer.agent.identity;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.interposer.agent.config.ConfigException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.KeyStore;
import java.security.PrivateKey;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Who an agent is outlives it, and nobody else reads it. */
class IdentityFolderTest {
    @TempDir
    Path folder;

    private Identity identity(String... options) throws Exception {
        Path store = folder.resolve("made");
        List<String> words =
                new ArrayList<>(List.of("-genkeypair", "-alias", "agent", "-keyalg", "EC", "-dname", "CN=agent"));
        words.addAll(List.of(options));
        KeyTool.run(store, words.toArray(String[]::new));
        KeyStore keys = KeyTool.open(store);
        X509Certificate certificate = (X509Certificate) keys.getCertificate("agent");
        PrivateKey key = (PrivateKey) keys.getKey("agent", KeyTool.PASSWORD.toCharArray());
        return new Identity(key, certificate, List.of(certificate), "3f9a01c4de");
    }

    @Test
    void whatWasKeptIsReadAgainAndReadableByItsOwnerAlone() throws Exception {
        Identity made = identity("-ext", "san=uri:interposer-node:lab/one,uri:interposer-node:lab/two,dns:other");
        IdentityFolder kept = new IdentityFolder(folder.resolve("state"));
        assertThat(kept.read()).isNull();
        assertThat(kept.joiningPair().getPublic()).isEqualTo(kept.joiningPair().getPublic());

        kept.write(made);

        Identity read = Objects.requireNonNull(new IdentityFolder(folder.resolve("state")).read());
        assertThat(read.certificate()).isEqualTo(made.certificate());
        assertThat(read.key()).isEqualTo(made.key());
        assertThat(read.tokenId()).isEqualTo("3f9a01c4de");
        assertThat(read.nodes()).containsExactly("lab/one", "lab/two");
        assertThat(read.toString()).doesNotContain(Pem.write(made.key()));
        assertThat(Files.getPosixFilePermissions(kept.file())).isEqualTo(PosixFilePermissions.fromString("rw-------"));
        assertThat(folder.resolve("state")).isDirectoryNotContaining(file -> !file.equals(kept.file()));
    }

    @Test
    void aLifeIsCountedFromWhenTheCertificateWasGiven() throws Exception {
        assertThat(identity("-startdate", "-300S", "-validity", "1").life())
                .isEqualTo(Duration.ofDays(1).minusMinutes(5));
    }

    @Test
    void aBrokenFileIsNamedAndSaysWhatToDo() throws Exception {
        IdentityFolder kept = new IdentityFolder(folder);
        Files.writeString(kept.file(), "-----BEGIN CERTIFICATE-----\n");

        assertThat(catchThrowableOfType(ConfigException.class, kept::read))
                .hasMessageContaining(kept.file().toString())
                .hasMessageContaining("join again with a new token");
    }

    @Test
    void aTokenIsTakenWholeOrNotAtAllAndNeverRepeated() throws Exception {
        String pin = "A".repeat(43);
        String secret = "s3cr3t_-".repeat(5);
        JoinToken token = JoinToken.parse(" itp-3f9a01c4de." + secret + "." + pin + "." + pin + "\n", "--join");
        assertThat(token.id()).isEqualTo("3f9a01c4de");
        assertThat(token.secret()).isEqualTo(secret);
        assertThat(token.pins()).containsExactly("00".repeat(32), "00".repeat(32));
        assertThat(token.toString()).doesNotContain(secret);
        for (String broken : List.of("itp-3f9a01c4de." + secret, "3f9a." + secret + "." + pin, "")) {
            assertThat(catchThrowableOfType(ConfigException.class, () -> JoinToken.parse(broken, "--join")))
                    .hasMessageContaining("the join token of --join must be")
                    .hasMessageNotContaining("s3cr3t");
        }
    }
}

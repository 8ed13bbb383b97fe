package dev.interposer.agent.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** An agent has one way in. */
class JoinOptionsTest {
    @TempDir
    Path folder;

    private static AgentOptions parse(String... words) throws ConfigException {
        List<String> all = new ArrayList<>(List.of("--server", "a:7070", "--state-dir", "s", "--nodes", "n"));
        all.addAll(List.of(words));
        return AgentOptions.parse(all.toArray(String[]::new));
    }

    private static String refusal(String... words) {
        return String.valueOf(
                catchThrowableOfType(ConfigException.class, () -> parse(words)).getMessage());
    }

    @Test
    void aTokenMayBeSaidInAFileThatIsReadAnewEachTime() throws Exception {
        Path file = folder.resolve("join-token");
        JoinOptions join = parse("--join-file", file.toString()).join();
        assertThat(join.token()).isNull();
        Files.writeString(file, "itp-one\n");
        assertThat(join.token()).isEqualTo("itp-one");
        Files.writeString(file, "itp-two\n");
        assertThat(join.token()).isEqualTo("itp-two");
        assertThat(parse("--join", "itp-three").join().token()).isEqualTo("itp-three");
    }

    @Test
    void twoWaysInAreOneTooManyAndTheTokenIsNotRepeated() {
        assertThat(refusal("--token-file", "t", "--join", "itp-secret"))
                .contains("--token-file (t) and --join are two ways in")
                .doesNotContain("secret");
        assertThat(refusal("--join", "itp-secret", "--ca-file", "ca.pem")).contains("--ca-file", "join token");
        assertThat(refusal("--join", "itp-secret", "--plaintext")).contains("--plaintext");
    }
}

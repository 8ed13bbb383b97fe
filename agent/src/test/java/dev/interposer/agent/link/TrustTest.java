package dev.interposer.agent.link;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.interposer.agent.config.AgentOptions;
import dev.interposer.agent.config.ConfigException;
import dev.interposer.agent.config.TrustOptions;
import io.grpc.InsecureChannelCredentials;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** To whom an agent sends its token unencrypted. */
class TrustTest {
    @ParameterizedTest
    @ValueSource(strings = {"127.0.0.1:7070", "[::1]:7070", "localhost:7070", "127.1.2.3:7070"})
    void aSchedulerOfThisMachineIsSpokenToInPlaintext(String server) throws Exception {
        assertThat(Trust.in(server, said())).isInstanceOf(InsecureChannelCredentials.class);
    }

    @ParameterizedTest
    @ValueSource(strings = {"192.0.2.1:7070", "[2001:db8::1]:7070", "no-such-host.invalid:7070", "0.0.0.0:7070"})
    void anotherMachineIsNotUnlessOneSaysSo(String server) throws Exception {
        assertThatThrownBy(() -> Trust.in(server, said()))
                .isInstanceOf(ConfigException.class)
                .hasMessageContaining(server)
                .hasMessageContaining("in the clear");
        assertThat(Trust.in(server, said("--plaintext"))).isInstanceOf(InsecureChannelCredentials.class);
    }

    @Test
    void aPinAsksForEncryptionOnThisMachineToo() throws Exception {
        assertThat(Trust.in("127.0.0.1:7070", said("--ca-pin", "sha256:" + "0".repeat(64))))
                .isNotInstanceOf(InsecureChannelCredentials.class);
    }

    private static TrustOptions said(String... words) throws ConfigException {
        List<String> all =
                new ArrayList<>(List.of("--server", "a:1", "--token-file", "t", "--state-dir", "s", "--nodes", "n"));
        all.addAll(List.of(words));
        return AgentOptions.parse(all.toArray(String[]::new)).trust();
    }
}

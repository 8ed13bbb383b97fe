package dev.interposer.agent.link;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

/** The way to a scheduler says the address. */
class OwnAddressTest {
    @Test
    void aSchedulerOnThisMachineIsReachedByLoopback() {
        assertThat(OwnAddress.towards(List.of("127.0.0.1:7070"))).isEqualTo("127.0.0.1");
    }

    @Test
    void aSchedulerWhoseNameNobodyKnowsIsPassedOver() {
        assertThat(OwnAddress.towards(List.of("no-such-host.invalid:7070", "127.0.0.1:7070")))
                .isEqualTo("127.0.0.1");
        assertThat(OwnAddress.towards(List.of("no-such-host.invalid:7070"))).isEmpty();
    }
}

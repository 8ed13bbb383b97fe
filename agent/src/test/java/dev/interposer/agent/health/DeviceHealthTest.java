package dev.interposer.agent.health;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.interposer.agent.config.ConfigException;
import dev.interposer.agent.driver.Signal;
import dev.interposer.proto.agent.v1.Health;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What becomes of a device whose signals come and go. */
class DeviceHealthTest {
    private static final String POLICY = """
            flapping: {times: 3, within: 100s, hold: 60s}
            rules:
            - {signal: XID, code: 13, response: ignore}
            - {signal: XID, code: 79, response: failed, clearAfter: never}
            - {signal: XID, response: suspect, clearAfter: 10s}
            - {signal: ECC_CORRECTED, response: suspect, times: 3, within: 60s, clearAfter: 30s}
            - {signal: LINK_DOWN, response: draining, after: 5s, clearAfter: 2s}
            - {signal: OVER_TEMPERATURE, response: suspect}
            - {signal: MEMORY_REMAP_FAILED, response: failed, clearAfter: never}
            """;

    @TempDir
    Path folder;

    private DeviceHealth device;
    private int changes;

    @BeforeEach
    void aDevice() throws Exception {
        Path file = Files.writeString(folder.resolve("policy.yaml"), POLICY);
        device = new DeviceHealth(HealthPolicyFile.read(file));
    }

    @Test
    void anErrorOfTheProgramIsNoneOfTheDevice() {
        raised(0, Signal.Kind.XID, "13");
        assertHealth(Health.HEALTH_HEALTHY);
        assertThat(changes).isZero();
    }

    @Test
    void theParticularRuleComesBeforeTheGeneral() {
        raised(0, Signal.Kind.XID, "79");
        assertHealth(Health.HEALTH_FAILED);
        assertThat(device.verdict().cause()).isEqualTo("XID 79: it happened");
        pass(1_000_000);
        assertHealth(Health.HEALTH_FAILED);
    }

    @Test
    void anOperatorsWordEndsWhatLastsAndNoStateThatStands() {
        raised(0, Signal.Kind.XID, "79");
        raised(0, Signal.Kind.OVER_TEMPERATURE, "");
        raised(0, Signal.Kind.MEMORY_REMAP_FAILED, "");
        assertHealth(Health.HEALTH_FAILED);
        device.forget(1_000);
        assertThat(device.verdict().cause()).startsWith("MEMORY_REMAP_FAILED");
        device.signal(Signal.cleared("d", Signal.Kind.MEMORY_REMAP_FAILED, ""), 2_000);
        assertThat(device.verdict().cause()).startsWith("MEMORY_REMAP_FAILED");
        device.forget(3_000);
        assertHealth(Health.HEALTH_SUSPECT);
        assertThat(device.verdict().cause()).startsWith("OVER_TEMPERATURE");
    }

    /** Such as that memory can't be replaced, of a chip that was reset while no agent ran. */
    @Test
    void whatIsInheritedAndNotToldAgainCanBeForgotten() {
        device.inherit(Signal.raised("d", Signal.Kind.MEMORY_REMAP_FAILED, "", "no spare row"), 0);
        device.forget(1_000);
        assertHealth(Health.HEALTH_FAILED);
        device.disinherit(30_000);
        pass(1_000_000);
        assertHealth(Health.HEALTH_FAILED);
        assertThat(device.lasting("d")).hasSize(1);
        device.forget(1_000_001_000);
        assertHealth(Health.HEALTH_HEALTHY);

        device.inherit(Signal.raised("d", Signal.Kind.MEMORY_REMAP_FAILED, "", "no spare row"), 1_000_002_000);
        raised(1_000_003, Signal.Kind.MEMORY_REMAP_FAILED, "");
        device.disinherit(1_000_032_000);
        device.forget(1_000_033_000);
        assertHealth(Health.HEALTH_FAILED);
    }

    /** An event that counts from the third on was told to the next agent once. */
    @Test
    void whatAnEarlierAgentCountedCountsAtOnce() {
        device.inherit(Signal.raised("d", Signal.Kind.ECC_CORRECTED, "", "many"), 0);
        assertHealth(Health.HEALTH_SUSPECT);
        device.inherit(Signal.raised("d", Signal.Kind.LINK_DOWN, "3", "down"), 0);
        assertHealth(Health.HEALTH_DRAINING);
    }

    @Test
    void anEventWearsOff() {
        raised(0, Signal.Kind.XID, "999");
        assertHealth(Health.HEALTH_SUSPECT);
        pass(9);
        assertHealth(Health.HEALTH_SUSPECT);
        pass(10);
        assertHealth(Health.HEALTH_HEALTHY);
        assertThat(changes).isEqualTo(2);
    }

    @Test
    void aStateCountsOnceItHasLasted() {
        raised(0, Signal.Kind.LINK_DOWN, "3");
        pass(4);
        cleared(4, Signal.Kind.LINK_DOWN, "3");
        pass(10);
        assertThat(changes).isZero();

        raised(20, Signal.Kind.LINK_DOWN, "3");
        pass(25);
        assertHealth(Health.HEALTH_DRAINING);
        cleared(30, Signal.Kind.LINK_DOWN, "3");
        pass(31);
        assertHealth(Health.HEALTH_DRAINING);
        pass(32);
        assertHealth(Health.HEALTH_HEALTHY);
    }

    @Test
    void aStateThatIsToldAgainBeginsNotAnew() {
        raised(0, Signal.Kind.LINK_DOWN, "3");
        raised(4, Signal.Kind.LINK_DOWN, "3");
        pass(5);
        assertHealth(Health.HEALTH_DRAINING);
        raised(6, Signal.Kind.LINK_DOWN, "3");
        assertThat(changes).isEqualTo(1);
    }

    @Test
    void someEventsMustComeOftenWithinTheTime() {
        raised(0, Signal.Kind.ECC_CORRECTED, "");
        raised(10, Signal.Kind.ECC_CORRECTED, "");
        assertHealth(Health.HEALTH_HEALTHY);
        raised(71, Signal.Kind.ECC_CORRECTED, "");
        assertHealth(Health.HEALTH_HEALTHY);
        raised(75, Signal.Kind.ECC_CORRECTED, "");
        raised(80, Signal.Kind.ECC_CORRECTED, "");
        assertHealth(Health.HEALTH_SUSPECT);
    }

    @Test
    void theWorstOfSeveralCounts() {
        raised(0, Signal.Kind.OVER_TEMPERATURE, "");
        raised(1, Signal.Kind.XID, "79");
        assertHealth(Health.HEALTH_FAILED);
        assertThat(device.verdict().cause()).startsWith("XID 79");
        assertThat(changes).isEqualTo(2);
    }

    @Test
    void oneFaultIsOneChangeHoweverOftenItIsTold() {
        for (int second = 0; second < 5; second++) {
            raised(second, Signal.Kind.XID, "999");
        }
        assertThat(changes).isEqualTo(1);
    }

    @Test
    void aDeviceThatComesAndGoesIsHeld() {
        for (int round = 0; round < 3; round++) {
            raised(20L * round, Signal.Kind.OVER_TEMPERATURE, "");
            assertHealth(Health.HEALTH_SUSPECT);
            cleared(20L * round + 5, Signal.Kind.OVER_TEMPERATURE, "");
        }
        assertHealth(Health.HEALTH_SUSPECT);
        assertThat(device.verdict().cause()).startsWith("fell ill 3 times");
        pass(99);
        assertHealth(Health.HEALTH_SUSPECT);
        pass(100);
        assertHealth(Health.HEALTH_HEALTHY);
    }

    @Test
    void oneThatFailsWhileItIsHeldIsHeldForLonger() {
        for (int round = 0; round < 3; round++) {
            raised(20L * round, Signal.Kind.OVER_TEMPERATURE, "");
            cleared(20L * round + 5, Signal.Kind.OVER_TEMPERATURE, "");
        }
        raised(90, Signal.Kind.OVER_TEMPERATURE, "");
        cleared(91, Signal.Kind.OVER_TEMPERATURE, "");
        pass(149);
        assertHealth(Health.HEALTH_SUSPECT);
        pass(150);
        assertHealth(Health.HEALTH_HEALTHY);
    }

    @Test
    void fallsThatAreFarApartAreNoFlapping() {
        for (int round = 0; round < 5; round++) {
            raised(200L * round, Signal.Kind.OVER_TEMPERATURE, "");
            cleared(200L * round + 5, Signal.Kind.OVER_TEMPERATURE, "");
            assertHealth(Health.HEALTH_HEALTHY);
        }
    }

    @Test
    void theStandardTableIsReadAndKnowsEveryKind() {
        HealthPolicy standard = HealthPolicyFile.standard();
        for (Signal.Kind kind : Signal.Kind.values()) {
            String code = kind == Signal.Kind.REPORTED ? "failed" : "";
            assertThat(standard.rule(Signal.raised("d", kind, code, "")))
                    .as(kind.name())
                    .isNotNull();
        }
    }

    @Test
    void whatIsWrongInATableIsNamed() throws Exception {
        assertWrong("rules: [{signal: XYZ, response: failed}]", "rules[0].signal (XYZ) must be one of XID,");
        assertWrong("rules: [{signal: XID, response: fine}]", "rules[0].response (fine) must be one of IGNORE,");
        assertWrong("rules: [{signal: XID, response: failed, clearAfter: soon}]", "rules[0].clearAfter (soon)");
        assertWrong(
                "rules: [{signal: XID, response: failed, after: 5s}]",
                "rules[0].after (5s) must be absent: XID is an event");
        assertWrong(
                "rules: [{signal: LINK_DOWN, response: failed, times: 2}]",
                "rules[0].times (2) must be absent: LINK_DOWN is a state");
        assertWrong("rules: [{signal: XID, answer: failed}]", "rules[0].answer is unknown");
        assertWrong("rules: []", "rules ([]) must be a list with at least one rule");
    }

    @Test
    void whatWearsOffGoesOnDoingSoWithTheNextAgent() throws Exception {
        raised(0, Signal.Kind.XID, "999");
        raised(0, Signal.Kind.LINK_DOWN, "3");
        pass(5);
        cleared(8, Signal.Kind.LINK_DOWN, "3");
        List<Fading> left = device.fading("d");
        assertThat(left).extracting(Fading::untilMillis).containsExactly(10_000L, 10_000L);
        aDevice();
        left.forEach(fading -> device.inherit(fading, 9_000));
        assertHealth(Health.HEALTH_DRAINING);
        pass(10);
        assertHealth(Health.HEALTH_HEALTHY);
        // A clock that began anew must not make it last.
        device.inherit(new Fading(Signal.raised("d", Signal.Kind.XID, "999", "odd"), 7_000_000), 20_000);
        pass(29);
        assertHealth(Health.HEALTH_SUSPECT);
        pass(30);
        assertHealth(Health.HEALTH_HEALTHY);
    }

    @Test
    void aDeviceThatComesAndGoesIsHeldAcrossAgents() throws Exception {
        raised(0, Signal.Kind.OVER_TEMPERATURE, "");
        cleared(1, Signal.Kind.OVER_TEMPERATURE, "");
        raised(10, Signal.Kind.OVER_TEMPERATURE, "");
        List<Signal> standing = device.standing("d");
        Falls falls = device.falls();
        aDevice();
        standing.forEach(signal -> device.inherit(signal, 15_000));
        device.inherit(falls, 15_000);
        // What stands is the second fall still, and no third.
        assertThat(device.falls().atMillis()).containsExactly(0L, 10_000L);
        cleared(16, Signal.Kind.OVER_TEMPERATURE, "");
        assertHealth(Health.HEALTH_HEALTHY);
        raised(20, Signal.Kind.OVER_TEMPERATURE, "");
        cleared(21, Signal.Kind.OVER_TEMPERATURE, "");
        assertThat(device.verdict().cause()).startsWith("fell ill 3 times");
        pass(79);
        assertHealth(Health.HEALTH_SUSPECT);
        pass(80);
        assertHealth(Health.HEALTH_HEALTHY);
        assertThat(device.falls()).isEqualTo(Falls.NONE);
    }

    private void assertWrong(String text, String words) throws Exception {
        Path file = Files.writeString(folder.resolve("wrong.yaml"), text);
        assertThat(catchThrowableOfType(ConfigException.class, () -> HealthPolicyFile.read(file)))
                .hasMessageContaining(words);
    }

    private void raised(long second, Signal.Kind kind, String code) {
        changes += device.signal(Signal.raised("d", kind, code, "it happened"), second * 1000) ? 1 : 0;
    }

    private void cleared(long second, Signal.Kind kind, String code) {
        changes += device.signal(Signal.cleared("d", kind, code), second * 1000) ? 1 : 0;
    }

    private void pass(long second) {
        changes += device.tick(second * 1000) ? 1 : 0;
    }

    private void assertHealth(Health health) {
        assertThat(device.verdict().health()).as(device.verdict().cause()).isEqualTo(health);
    }
}

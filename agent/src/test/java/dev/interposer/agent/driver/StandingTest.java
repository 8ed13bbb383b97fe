package dev.interposer.agent.driver;

import static org.assertj.core.api.Assertions.assertThat;

import dev.interposer.agent.driver.Signal.Kind;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class StandingTest {
    private final Standing standing = new Standing();
    private final List<Signal> told = new ArrayList<>();

    @Test
    void aStateIsToldWhenItBeginsAndWhenItIsOver() {
        standing.listen(told::add);
        raise("degraded");
        raise("degraded");
        standing.clear("a", Kind.REPORTED);
        standing.clear("a", Kind.REPORTED);
        assertThat(told).extracting(Signal::code).containsExactly("degraded", "degraded");
        assertThat(told).extracting(Signal::cleared).containsExactly(false, true);
    }

    @Test
    void aStateOfAnotherCodeEndsTheOneBefore() {
        standing.listen(told::add);
        raise("degraded");
        raise("failed");
        assertThat(told).extracting(Signal::code).containsExactly("degraded", "degraded", "failed");
        assertThat(told).extracting(Signal::cleared).containsExactly(false, true, false);
    }

    @Test
    void whoListensLateIsToldWhatStandsAndNothingElse() {
        raise("degraded");
        standing.raise(Signal.raised("b", Kind.HANG, "", "b hangs"));
        standing.clear("b", Kind.HANG);
        standing.happened(Signal.raised("b", Kind.ECC_UNCORRECTED, "", "once"));
        standing.listen(told::add);
        assertThat(told).extracting(Signal::device).containsExactly("a");
    }

    @Test
    void aListenerThatFailsHearsTheNextSignal() {
        standing.listen(signal -> {
            told.add(signal);
            throw new IllegalStateException("a listener that fails, on purpose");
        });
        raise("degraded");
        raise("failed");
        assertThat(told).hasSize(3);
    }

    @Test
    void theStatesOfADeviceThatIsForgottenAreOverAndToldAnew() {
        standing.listen(told::add);
        raise("failed");
        standing.raise(Signal.raised("a", Kind.HANG, "", "a hangs"));
        standing.raise(Signal.raised("b", Kind.HANG, "", "b hangs"));
        told.clear();
        standing.forget("a");
        standing.forget("a");
        assertThat(told)
                .containsExactly(Signal.cleared("a", Kind.REPORTED, "failed"), Signal.cleared("a", Kind.HANG, ""));
        raise("failed");
        assertThat(told).extracting(Signal::cleared).containsExactly(true, true, false);
    }

    private void raise(String code) {
        standing.raise(Signal.raised("a", Kind.REPORTED, code, "says " + code));
    }
}

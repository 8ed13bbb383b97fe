package dev.interposer.engine.model;

import static org.assertj.core.api.Assertions.assertThat;

import dev.interposer.engine.model.AcceleratorClass.Throughput;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Each constraint of a selector by itself, on one class that meets it just so. */
class ClassSelectorTest {
    private static final AcceleratorClass CHIP = new AcceleratorClass(
            "chip",
            "maker",
            "hopper",
            List.of(),
            80,
            List.of(new Throughput("fp8", 1)),
            List.of(),
            AcceleratorClass.DEFAULT_LADDER,
            "",
            List.of(),
            "",
            SecretReference.NONE);

    @Test
    void whatIsNotAskedForIsFree() {
        assertThat(selector(List.of(), "", 0).admits(CHIP)).isTrue();
    }

    @Test
    void aClassMustBeAmongThoseThatAreNamed() {
        assertThat(selector(List.of("other", "chip"), "", 0).admits(CHIP)).isTrue();
        assertThat(selector(List.of("other"), "", 0).admits(CHIP)).isFalse();
    }

    @Test
    void aClassMustBeOfTheFamily() {
        assertThat(selector(List.of(), "hopper", 0).admits(CHIP)).isTrue();
        assertThat(selector(List.of(), "ampere", 0).admits(CHIP)).isFalse();
    }

    @Test
    void aClassMustHaveTheMemory() {
        assertThat(selector(List.of(), "", 80).admits(CHIP)).isTrue();
        assertThat(selector(List.of(), "", 81).admits(CHIP)).isFalse();
    }

    @Test
    void aClassMustComputeEveryDtype() {
        assertThat(selector(List.of(), "", 0, "fp8").admits(CHIP)).isTrue();
        assertThat(selector(List.of(), "", 0, "fp8", "fp4").admits(CHIP)).isFalse();
    }

    @Test
    void whatItAsksForCanBeSaid() {
        assertThat(selector(List.of(), "", 0).words()).isEqualTo("any class");
        assertThat(selector(List.of("a", "b"), "", 0).words()).isEqualTo("any of a, b");
        assertThat(selector(List.of(), "hopper", 80L << 30, "fp8").words())
                .isEqualTo("any class of family hopper with 80 GiB and fp8");
        assertThat(selector(List.of(), "", 80_000_000_000L).words()).isEqualTo("any class with 80000000000 bytes");
    }

    private static ClassSelector selector(List<String> names, String family, long memory, String... dtypes) {
        return new ClassSelector(names, family, memory, List.of(dtypes));
    }
}

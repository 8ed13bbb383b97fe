package dev.interposer.server.dra;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assertions.assertTimeout;

import dev.interposer.engine.model.DeviceReport;
import dev.interposer.engine.model.DeviceReport.DraIdentity;
import dev.interposer.engine.model.Health;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Selectors mean what they mean to Kubernetes, whose answers are in a table; and none costs more than it may. */
class CelExpressionsTest {
    private static final String DRIVER = "gpu.nvidia.com";

    private final CelExpressions expressions = new CelExpressions();

    static List<String> table() throws IOException {
        InputStream stream = Objects.requireNonNull(CelExpressionsTest.class.getResourceAsStream("/dra/selectors.tsv"));
        try (BufferedReader reader = new BufferedReader(new InputStreamReader(stream, StandardCharsets.UTF_8))) {
            return reader.lines().filter(line -> !line.startsWith("#")).toList();
        }
    }

    static DeviceReport device() {
        Map<String, String> attributes = new TreeMap<>();
        Map.of(
                        "productName", new DraValue.Text("NVIDIA H200"),
                        "index", new DraValue.Whole(3L),
                        "healthy", new DraValue.Flag(true),
                        "driverVersion", new DraValue.Version("570.124.6"),
                        "other.example.com/numa", new DraValue.Whole(1L))
                .forEach((name, value) -> attributes.put(DraAttributes.attribute(DRIVER, name), value.encoded()));
        attributes.put(DraAttributes.capacity(DRIVER, "memory"), "141Gi");
        attributes.put(DraAttributes.capacity(DRIVER, "cores"), "132");
        attributes.put("vendor", "nvidia");
        return device(attributes);
    }

    private static DeviceReport device(Map<String, String> attributes) {
        DraIdentity dra = new DraIdentity(DRIVER, "pool", "gpu-0");
        return new DeviceReport("gpu-0", "", "", 0, attributes, "", dra, Health.HEALTHY, "");
    }

    /** An expression that Kubernetes can't evaluate of a device selects it neither there nor here. */
    @ParameterizedTest
    @MethodSource("table")
    void anExpressionMeansWhatItMeansToKubernetes(String line) {
        String answer = line.substring(0, line.indexOf('\t'));
        String expression = line.substring(line.indexOf('\t') + 1);
        assertThat(expressions.fault(expression).isEmpty())
                .as(expressions.fault(expression))
                .isEqualTo(!answer.equals("invalid"));
        assertThat(expressions.holds(expression, device())).isEqualTo(answer.equals("true"));
    }

    /** The one known difference: to compare a version or an amount with something else is an error there. */
    @Test
    void aVersionIsNotEqualToText() {
        String version = "device.attributes[\"gpu.nvidia.com\"].driverVersion";
        assertThat(expressions.holds(version + " == \"570.124.6\"", device())).isFalse();
        assertThat(expressions.holds(version + " != \"570.124.6\"", device())).isTrue();
    }

    @Test
    void theTableHasEachAnswer() throws IOException {
        assertThat(table()).hasSizeGreaterThan(90);
        assertThat(List.of("true", "false", "error", "invalid"))
                .allSatisfy(answer -> assertThat(table()).anyMatch(line -> line.startsWith(answer + "\t")));
    }

    @Test
    void whatIsWrongIsSaidWithItsPlace() {
        assertThat(expressions.fault("device.driver == 'a' &&\n  device.drivr == 'b'"))
                .contains("at line 2, column 3", "Maybe device.driver");
        assertThat(expressions.fault("device.driver")).contains("expected type 'bool'");
        assertThat(expressions.fault("device.driver ==")).contains("is no expression in CEL at line 1");
        assertThat(expressions.fault("x".repeat(20_000))).contains("longer than 10240");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "'a' + 'b' == 'ab'",
                "[1] + [2] == [1, 2]",
                "[1, 2].map(x, x * 2) == [2, 4]",
                "dyn([1]) == [1]",
                "[[1]] == [[1]]",
                "{'a': [1]} == {'a': [1]}",
                "[device.attributes['a']] == []",
                "[optional.of([1])] == []",
                "'aaa'.replace('a', 'bb') == 'b'",
                "['a', 'b'].join() == 'ab'"
            })
    void whatCouldGrowIsLeftOut(String expression) {
        assertThat(expressions.fault(expression)).isNotEmpty();
        assertThat(expressions.holds(expression, device())).isFalse();
    }

    /** Each would take hours, or all memory, if nothing bounded it. */
    @Test
    void nothingTakesLong() {
        String ten = "[1,2,3,4,5,6,7,8,9,10]";
        StringBuilder loops = new StringBuilder("1 < 2");
        for (int level = 0; level < 12; level++) {
            loops.insert(0, ten + ".all(x" + level + ", ").append(")");
        }
        StringBuilder doublings = new StringBuilder("b40 > 0");
        for (int level = 40; level > 0; level--) {
            String below = level == 1 ? "1" : "b" + (level - 1);
            doublings
                    .insert(0, "cel.bind(b" + level + ", " + below + " + " + below + ", ")
                    .append(")");
        }
        String deep = "(".repeat(4_000) + "true" + ")".repeat(4_000);
        String pattern = "'" + "a".repeat(64) + "'.matches('(a*)*b')";
        assertTimeout(Duration.ofSeconds(20), () -> {
            assertThat(expressions.fault(loops.toString())).isEmpty();
            assertThat(expressions.holds(loops.toString(), device()))
                    .as("beyond its bound")
                    .isFalse();
            assertThat(expressions.holds(doublings.toString(), device())).isTrue();
            assertThat(expressions.fault(deep)).isNotEmpty();
            assertThat(expressions.holds(pattern, device())).isFalse();
        });
    }

    /** Attributes come from drivers: whatever they say, an answer is given. */
    @Test
    void attributesThatSayNonsenseBreakNothing() {
        Map<String, String> nonsense = Map.of(
                "gpu.nvidia.com/index", "int:three",
                "gpu.nvidia.com/healthy", "bool:perhaps",
                "gpu.nvidia.com/driverVersion", "version:one",
                "capacity/gpu.nvidia.com/memory", "much",
                "/", "",
                "capacity/", "1",
                "capacity/x", "1");
        DeviceReport device = device(nonsense);
        assertThat(expressions.holds("device.attributes[\"gpu.nvidia.com\"].index == \"int:three\"", device))
                .isTrue();
        assertThat(expressions.holds("device.attributes[\"gpu.nvidia.com\"].index > 2", device))
                .isFalse();
        assertThat(expressions.holds("has(device.capacity[\"gpu.nvidia.com\"].memory)", device))
                .isFalse();
    }

    @Test
    void anExpressionIsCompiledOnceAndAheadOfItsUse() {
        assertThat(expressions.isPrepared(List.of(DraClassTest.h200("true")))).isFalse();
        expressions.prepare(List.of(DraClassTest.h200("true")));
        assertThat(expressions.isPrepared(List.of(DraClassTest.h200("true")))).isTrue();
    }
}

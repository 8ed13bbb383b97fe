package dev.interposer.engine.state;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.UUID;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The ring and its table against a plain map, over random lives. */
class RequestsTest {
    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5})
    void asAMapInOrderOfComingWouldAnswer(long seed) {
        Random random = new Random(seed);
        Requests requests = new Requests();
        Map<String, Requests.Remembered> expected = new LinkedHashMap<>();
        List<String> all = new ArrayList<>(List.of("an id of another form", ""));
        long at = 0;
        for (int step = 0; step < 20_000; step++) {
            at += random.nextInt(3);
            String id = random.nextInt(10) == 0
                    ? all.get(random.nextInt(all.size()))
                    : new UUID(random.nextInt(50), random.nextLong()).toString();
            all.add(id);
            requests.remember(id, step, at);
            if (!id.isEmpty()) {
                expected.putIfAbsent(text(id), new Requests.Remembered(text(id), step, at));
            }
            if (random.nextInt(2000) == 0) {
                long before = at - random.nextInt(5000);
                requests.forgetBefore(before);
                expected.values().removeIf(remembered -> remembered.atMicros() < before);
            }
        }
        assertThat(requests.all()).as("seed " + seed).containsExactlyElementsOf(expected.values());
        assertThat(requests.size()).isEqualTo(expected.size());
        assertThat(all)
                .as("seed " + seed)
                .allSatisfy(
                        id -> assertThat(requests.find(id)).isEqualTo(id.isEmpty() ? null : expected.get(text(id))));
        assertThat(requests.find(new UUID(99, 99).toString())).isNull();
    }

    private static String text(String id) {
        return Requests.id(id).toString();
    }
}

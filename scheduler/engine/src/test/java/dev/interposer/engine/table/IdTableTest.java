package dev.interposer.engine.table;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.SplittableRandom;
import java.util.TreeMap;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class IdTableTest {
    /** Against a tree: ids that come in order, some far apart, leave in any, and sometimes come late. */
    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5})
    void answersAsATreeDoes(long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        IdTable<String> table = new IdTable<>();
        TreeMap<Long, String> tree = new TreeMap<>();
        long next = 1;
        for (int step = 0; step < 20_000; step++) {
            long any = 1 + random.nextLong(next);
            switch (random.nextInt(step < 10_000 ? 5 : 8)) {
                case 0, 1, 2 -> {
                    next += 1 + random.nextInt(random.nextInt(20) == 0 ? 300 : 3);
                    assertThat(table.add(next, "v" + next)).isEqualTo(tree.putIfAbsent(next, "v" + next) == null);
                }
                case 3 -> assertThat(table.find(any)).isEqualTo(tree.get(any));
                case 4 -> {
                    boolean late = random.nextInt(50) == 0;
                    if (late) {
                        assertThat(table.add(any, "w" + any)).isEqualTo(tree.putIfAbsent(any, "w" + any) == null);
                    }
                }
                default -> assertThat(table.remove(any)).isEqualTo(tree.remove(any));
            }
            if (step % 1000 == 0) {
                assertThat(table.all()).containsExactlyElementsOf(tree.values());
                assertThat(table.after(any))
                        .containsExactlyElementsOf(
                                List.copyOf(tree.tailMap(any, false).values()));
            }
        }
        assertThat(table.size()).isEqualTo(tree.size());
    }
}

package dev.interposer.engine.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.HashMap;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

class SortedCopyTest {
    @Test
    void isTheMapInTheOrderOfItsKeys() {
        Map<String, Integer> map = new HashMap<>();
        for (int index = 0; index < 100; index++) {
            map.put("key-" + index, index);
            Map<String, Integer> copy = SortedCopy.of(map);
            assertThat(copy).isEqualTo(map).hasSameHashCodeAs(map);
            assertThat(copy.keySet()).containsExactlyElementsOf(new TreeMap<>(map).keySet());
            map.keySet().forEach(key -> assertThat(copy).containsEntry(key, map.get(key)));
            assertThat(copy.get("key")).isNull();
            assertThat(copy.get("zzz")).isNull();
        }
    }

    @Test
    void aCopyOfACopyIsItself() {
        Map<String, String> copy = SortedCopy.of(Map.of("b", "1", "a", "2"));
        assertThat(SortedCopy.of(copy)).isSameAs(copy);
    }

    @Test
    void nothingChangesIt() {
        Map<String, String> source = new HashMap<>(Map.of("a", "1"));
        Map<String, String> copy = SortedCopy.of(source);
        source.put("b", "2");
        assertThat(copy).hasSize(1);
        assertThatThrownBy(() -> copy.put("b", "2")).isInstanceOf(UnsupportedOperationException.class);
        assertThatThrownBy(() -> copy.entrySet().iterator().next().setValue("2"))
                .isInstanceOf(UnsupportedOperationException.class);
        assertThatThrownBy(copy::clear).isInstanceOf(UnsupportedOperationException.class);
    }
}

package dev.interposer.engine.model;

import java.util.AbstractMap;
import java.util.AbstractSet;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * An immutable map in the order of its keys, so that no decision sees another order. A copy of a copy is itself:
 * values are made anew often (a device whose health changes), and their maps are not.
 */
final class SortedCopy<V> extends AbstractMap<String, V> {
    private final List<Map.Entry<String, V>> entries;

    private SortedCopy(Map<String, V> map) {
        this.entries =
                new TreeMap<>(map).entrySet().stream().map(Map.Entry::copyOf).toList();
    }

    static <V> Map<String, V> of(Map<String, V> map) {
        return map instanceof SortedCopy<V> ? map : new SortedCopy<>(map);
    }

    @Override
    public @Nullable V get(@Nullable Object key) {
        int low = 0;
        int high = entries.size() - 1;
        while (low <= high && key instanceof String name) {
            int middle = (low + high) >>> 1;
            Map.Entry<String, V> entry = entries.get(middle);
            int order = entry.getKey().compareTo(name);
            if (order == 0) {
                return entry.getValue();
            }
            if (order < 0) {
                low = middle + 1;
            } else {
                high = middle - 1;
            }
        }
        return null;
    }

    @Override
    public boolean containsKey(@Nullable Object key) {
        return get(key) != null;
    }

    @Override
    public Set<Map.Entry<String, V>> entrySet() {
        return new AbstractSet<>() {
            @Override
            public Iterator<Map.Entry<String, V>> iterator() {
                return entries.iterator();
            }

            @Override
            public int size() {
                return entries.size();
            }
        };
    }
}

package dev.interposer.engine.model;

import java.util.Collections;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/** How the values keep their maps: immutable and in the order of their keys, so that no decision sees another order. */
final class Values {
    private Values() {}

    static <V> SortedMap<String, V> sorted(Map<String, V> map) {
        return Collections.unmodifiableSortedMap(new TreeMap<>(map));
    }
}

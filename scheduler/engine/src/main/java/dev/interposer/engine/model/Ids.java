package dev.interposer.engine.model;

import java.util.Arrays;
import java.util.function.IntToLongFunction;
import java.util.stream.IntStream;
import java.util.stream.LongStream;

/**
 * An immutable list of 64-bit ids; a value, without a boxed object for each id. Most lists have one id, so the first
 * lies in the object itself.
 */
public final class Ids {
    private static final long[] NO_MORE = new long[0];

    public static final Ids NONE = new Ids(0, 0, NO_MORE);

    private final int size;
    private final long first;
    private final long[] others;

    private Ids(int size, long first, long[] others) {
        this.size = size;
        this.first = first;
        this.others = others;
    }

    public static Ids of(long... values) {
        return of(values.length, at -> values[at]);
    }

    /** So many ids, each asked for by its place. */
    public static Ids of(int size, IntToLongFunction at) {
        if (size == 0) {
            return NONE;
        }
        long first = at.applyAsLong(0);
        long[] others = size == 1 ? NO_MORE : new long[size - 1];
        for (int index = 1; index < size; index++) {
            others[index - 1] = at.applyAsLong(index);
        }
        return new Ids(size, first, others);
    }

    public int size() {
        return size;
    }

    public long get(int index) {
        return index == 0 && size > 0 ? first : others[index - 1];
    }

    public boolean contains(long id) {
        for (int index = 0; index < size; index++) {
            if (get(index) == id) {
                return true;
            }
        }
        return false;
    }

    public LongStream stream() {
        return IntStream.range(0, size).mapToLong(this::get);
    }

    @Override
    public boolean equals(Object other) {
        if (!(other instanceof Ids ids) || ids.size != size) {
            return false;
        }
        for (int index = 0; index < size; index++) {
            if (ids.get(index) != get(index)) {
                return false;
            }
        }
        return true;
    }

    @Override
    public int hashCode() {
        int hash = 1;
        for (int index = 0; index < size; index++) {
            hash = 31 * hash + Long.hashCode(get(index));
        }
        return hash;
    }

    @Override
    public String toString() {
        return Arrays.toString(stream().toArray());
    }
}

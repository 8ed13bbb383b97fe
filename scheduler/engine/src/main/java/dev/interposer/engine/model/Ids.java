package dev.interposer.engine.model;

import java.util.Arrays;
import java.util.function.IntToLongFunction;
import java.util.stream.LongStream;

/** An immutable list of 64-bit ids; a value, without a boxed object for each id. */
public final class Ids {
    public static final Ids NONE = new Ids(new long[0]);

    private final long[] values;

    private Ids(long[] values) {
        this.values = values;
    }

    public static Ids of(long... values) {
        return values.length == 0 ? NONE : new Ids(values.clone());
    }

    /** So many ids, each asked for by its place. */
    public static Ids of(int size, IntToLongFunction at) {
        if (size == 0) {
            return NONE;
        }
        long[] values = new long[size];
        for (int index = 0; index < size; index++) {
            values[index] = at.applyAsLong(index);
        }
        return new Ids(values);
    }

    public int size() {
        return values.length;
    }

    public long get(int index) {
        return values[index];
    }

    public boolean contains(long id) {
        for (long value : values) {
            if (value == id) {
                return true;
            }
        }
        return false;
    }

    public LongStream stream() {
        return Arrays.stream(values);
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Ids ids && Arrays.equals(values, ids.values);
    }

    @Override
    public int hashCode() {
        return Arrays.hashCode(values);
    }

    @Override
    public String toString() {
        return Arrays.toString(values);
    }
}

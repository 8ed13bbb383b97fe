package dev.interposer.engine.table;

import java.util.AbstractCollection;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.ConcurrentModificationException;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import org.jspecify.annotations.Nullable;

/**
 * Values by ids, in the order of the ids.
 *
 * <p>Ids are given in growing order and never again, so a new one comes at the end of an array, which is in order by
 * itself; a table beside it tells where an id is. What was removed leaves a gap, and gaps are closed when there are as
 * many as values.
 */
public final class IdTable<T> {
    private static final int SMALLEST = 16;

    private LongIntMap places = new LongIntMap();
    private long[] ids = new long[SMALLEST];
    private final List<@Nullable T> values = new ArrayList<>(SMALLEST);
    private int size;
    private int changes;

    /** Where something was found last: events of one thing come together. One number, so that many may read at once. */
    private int lastPlace;

    public int size() {
        return size;
    }

    public boolean isEmpty() {
        return size == 0;
    }

    public @Nullable T find(long id) {
        int known = lastPlace;
        int place = known < values.size() && ids[known] == id ? known : places.find(id);
        if (place < 0) {
            return null;
        }
        lastPlace = place;
        return values.get(place);
    }

    /** @return false if the id is taken */
    public boolean add(long id, T value) {
        if (places.find(id) >= 0) {
            return false;
        }
        changes++;
        int end = values.size();
        if (end > 0 && ids[end - 1] >= id) {
            insert(id, value);
            return true;
        }
        if (end == ids.length) {
            ids = Arrays.copyOf(ids, end * 2);
        }
        ids[end] = id;
        values.add(value);
        places.put(id, end);
        size++;
        return true;
    }

    /** The value that the id had, or null. */
    public @Nullable T remove(long id) {
        int place = places.remove(id);
        if (place < 0) {
            return null;
        }
        changes++;
        T value = values.set(place, null);
        size--;
        if (values.size() > SMALLEST && size * 2 < values.size()) {
            compact();
        }
        return value;
    }

    /** Those there are, in the order of their ids. */
    public Collection<T> all() {
        return new AbstractCollection<>() {
            @Override
            public Iterator<T> iterator() {
                return from(0);
            }

            @Override
            public int size() {
                return size;
            }
        };
    }

    /** Those with a greater id, in the order of their ids. */
    public Iterable<T> after(long id) {
        return () -> {
            int found = Arrays.binarySearch(ids, 0, values.size(), id);
            return from(found < 0 ? -found - 1 : found + 1);
        };
    }

    private Iterator<T> from(int start) {
        return new Iterator<>() {
            private final int expected = changes;
            private int next = skip(start);

            @Override
            public boolean hasNext() {
                return next < values.size();
            }

            @Override
            public T next() {
                if (expected != changes) {
                    throw new ConcurrentModificationException();
                }
                T value = hasNext() ? values.get(next) : null;
                if (value == null) {
                    throw new NoSuchElementException();
                }
                next = skip(next + 1);
                return value;
            }
        };
    }

    /** The first place at or above one that has a value; the end if none has. */
    private int skip(int from) {
        int place = from;
        while (place < values.size() && values.get(place) == null) {
            place++;
        }
        return place;
    }

    /** Out of order, which only a history that somebody made by hand is. */
    private void insert(long id, T value) {
        int found = Arrays.binarySearch(ids, 0, values.size(), id);
        int place = found < 0 ? -found - 1 : found;
        List<@Nullable T> later = new ArrayList<>(values.subList(place, values.size()));
        long[] laterIds = Arrays.copyOfRange(ids, place, values.size());
        cut(place);
        append(id, value);
        for (int index = 0; index < later.size(); index++) {
            T moved = later.get(index);
            if (moved != null) {
                append(laterIds[index], moved);
            }
        }
        size++;
    }

    private void compact() {
        List<@Nullable T> old = new ArrayList<>(values);
        long[] oldIds = ids;
        places = new LongIntMap();
        ids = new long[Math.max(SMALLEST, Integer.highestOneBit(Math.max(1, size)) * 2)];
        values.clear();
        for (int place = 0; place < old.size(); place++) {
            T value = old.get(place);
            if (value != null) {
                append(oldIds[place], value);
            }
        }
    }

    private void cut(int end) {
        values.subList(end, values.size()).clear();
    }

    private void append(long id, T value) {
        int end = values.size();
        if (end == ids.length) {
            ids = Arrays.copyOf(ids, end * 2);
        }
        ids[end] = id;
        values.add(value);
        places.put(id, end);
    }
}

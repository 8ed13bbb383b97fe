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
 * <p>Ids are given in growing order and never again, and those that are near each other come together and are asked
 * for together. So values lie in pages, each for some ids that follow each other, and a small table tells where a page
 * is: what is looked up hardly grows with the number of values. A new page comes at the end, which is in order by
 * itself; one without values leaves a gap, and gaps are closed when there are as many as pages.
 */
public final class IdTable<T> {
    private static final int PAGE_BITS = 6;
    private static final int IN_PAGE = (1 << PAGE_BITS) - 1;
    private static final int SMALLEST = 16;

    private LongIntMap places = new LongIntMap();
    private long[] numbers = new long[SMALLEST];
    private final List<@Nullable Page<T>> pages = new ArrayList<>(SMALLEST);
    private int full;
    private int size;
    private int changes;

    /** Where something was found last: events of one thing come together. One number, so that many may read at once. */
    private int lastPlace;

    /** Values of ids that differ in their lowest bits alone. */
    private static final class Page<T> {
        private final @Nullable Object[] values = new Object[IN_PAGE + 1];
        private int size;

        @SuppressWarnings("unchecked")
        @Nullable
        T get(int at) {
            return (T) values[at];
        }
    }

    public int size() {
        return size;
    }

    public boolean isEmpty() {
        return size == 0;
    }

    public @Nullable T find(long id) {
        Page<T> page = page(id);
        return page == null ? null : page.get(inPage(id));
    }

    /** @return false if the id is taken */
    public boolean add(long id, T value) {
        Page<T> known = page(id);
        Page<T> page = known == null ? newPage(number(id)) : known;
        int at = inPage(id);
        if (page.values[at] != null) {
            return false;
        }
        changes++;
        page.values[at] = value;
        page.size++;
        size++;
        return true;
    }

    /** The value that the id had, or null. */
    public @Nullable T remove(long id) {
        Page<T> page = page(id);
        int at = inPage(id);
        T value = page == null ? null : page.get(at);
        if (page == null || value == null) {
            return null;
        }
        changes++;
        page.values[at] = null;
        size--;
        // The newest stays: the next id is likely to be in it.
        if (--page.size == 0 && page != pages.getLast()) {
            drop(number(id));
        }
        return value;
    }

    /** Those there are, in the order of their ids. */
    public Collection<T> all() {
        return new AbstractCollection<>() {
            @Override
            public Iterator<T> iterator() {
                return new Values(0, 0);
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
            int found = Arrays.binarySearch(numbers, 0, pages.size(), number(id));
            return found < 0 ? new Values(-found - 1, 0) : new Values(found, inPage(id) + 1);
        };
    }

    /** From a place on, and there from a value on. */
    private final class Values implements Iterator<T> {
        private final int expected = changes;
        private int place;
        private int at;
        private @Nullable T next;

        Values(int place, int at) {
            this.place = place;
            this.at = at;
            this.next = following();
        }

        @Override
        public boolean hasNext() {
            return next != null;
        }

        @Override
        public T next() {
            if (expected != changes) {
                throw new ConcurrentModificationException();
            }
            T value = next;
            if (value == null) {
                throw new NoSuchElementException();
            }
            next = following();
            return value;
        }

        private @Nullable T following() {
            while (place < pages.size()) {
                Page<T> page = pages.get(place);
                while (page != null && at <= IN_PAGE) {
                    T value = page.get(at++);
                    if (value != null) {
                        return value;
                    }
                }
                place++;
                at = 0;
            }
            return null;
        }
    }

    private static long number(long id) {
        return id >>> PAGE_BITS;
    }

    private static int inPage(long id) {
        return (int) id & IN_PAGE;
    }

    private @Nullable Page<T> page(long id) {
        long number = number(id);
        int known = lastPlace;
        int place = known < pages.size() && numbers[known] == number ? known : places.find(number + 1);
        if (place < 0) {
            return null;
        }
        lastPlace = place;
        return pages.get(place);
    }

    private Page<T> newPage(long number) {
        Page<T> newest = pages.isEmpty() ? null : pages.getLast();
        if (newest != null && newest.size == 0) {
            drop(numbers[pages.size() - 1]);
        }
        Page<T> page = new Page<>();
        int end = pages.size();
        if (end == numbers.length) {
            numbers = Arrays.copyOf(numbers, end * 2);
        }
        // Out of order comes only what a history has that somebody made by hand.
        int found = end == 0 || numbers[end - 1] < number ? -end - 1 : Arrays.binarySearch(numbers, 0, end, number);
        int place = found < 0 ? -found - 1 : found;
        if (found < 0) {
            System.arraycopy(numbers, place, numbers, place + 1, end - place);
            numbers[place] = number;
            pages.add(place, page);
        } else {
            pages.set(place, page);
        }
        full++;
        for (int later = place; later < pages.size(); later++) {
            locate(later);
        }
        return page;
    }

    private void locate(int place) {
        if (pages.get(place) != null) {
            places.put(numbers[place] + 1, place);
        }
    }

    private void drop(long number) {
        pages.set(places.remove(number + 1), null);
        full--;
        if (pages.size() > SMALLEST && full * 2 < pages.size()) {
            compact();
        }
    }

    private void compact() {
        int kept = 0;
        for (int place = 0; place < pages.size(); place++) {
            Page<T> page = pages.get(place);
            if (page != null) {
                numbers[kept] = numbers[place];
                pages.set(kept++, page);
            }
        }
        pages.subList(kept, pages.size()).clear();
        places = new LongIntMap();
        for (int place = 0; place < kept; place++) {
            locate(place);
        }
    }
}

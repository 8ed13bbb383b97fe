package dev.interposer.engine.table;

import java.util.AbstractCollection;
import java.util.Arrays;
import java.util.Collection;
import java.util.ConcurrentModificationException;
import java.util.Iterator;
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
    private @Nullable Object[][] pages = new Object[SMALLEST][];
    /** Values of each page. */
    private int[] filled = new int[SMALLEST];

    /** Places that are taken, gaps among them. */
    private int end;

    private int gaps;
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
        int place = place(number(id));
        return place < 0 ? null : get(place, inPage(id));
    }

    @SuppressWarnings("unchecked")
    private @Nullable T get(int place, int at) {
        @Nullable Object[] page = pages[place];
        return page == null ? null : (T) page[at];
    }

    /** @return false if the id is taken */
    public boolean add(long id, T value) {
        int known = place(number(id));
        int place = known < 0 || pages[known] == null ? newPage(number(id)) : known;
        int at = inPage(id);
        if (get(place, at) != null) {
            return false;
        }
        changes++;
        pages[place][at] = value;
        filled[place]++;
        size++;
        return true;
    }

    /** The value that the id had, or null. */
    public @Nullable T remove(long id) {
        int place = place(number(id));
        T value = place < 0 ? null : get(place, inPage(id));
        if (value == null) {
            return null;
        }
        changes++;
        pages[place][inPage(id)] = null;
        size--;
        // The newest stays: the next id is likely to be in it.
        if (--filled[place] == 0 && place < end - 1) {
            drop(place);
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
            int found = Arrays.binarySearch(numbers, 0, end, number(id));
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
            while (place < end) {
                while (filled[place] > 0 && at <= IN_PAGE) {
                    T value = get(place, at++);
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

    /** Place of a page, which may be a gap by now; or −1. */
    private int place(long number) {
        int known = lastPlace;
        if (known < end && numbers[known] == number) {
            return known;
        }
        int place = places.find(number + 1);
        if (place >= 0) {
            lastPlace = place;
        }
        return place;
    }

    private int newPage(long number) {
        if (end > 0 && pages[end - 1] != null && filled[end - 1] == 0) {
            drop(end - 1);
        }
        if (end == pages.length) {
            numbers = Arrays.copyOf(numbers, end * 2);
            pages = Arrays.copyOf(pages, end * 2);
            filled = Arrays.copyOf(filled, end * 2);
        }
        int place = placeOfNew(number);
        pages[place] = new Object[IN_PAGE + 1];
        filled[place] = 0;
        places.put(number + 1, place);
        return place;
    }

    private int placeOfNew(long number) {
        if (end == 0 || numbers[end - 1] < number) {
            numbers[end] = number;
            return end++;
        }
        // Out of order, which only a history that somebody made by hand is; or a gap.
        int found = Arrays.binarySearch(numbers, 0, end, number);
        if (found >= 0) {
            gaps--;
            return found;
        }
        int place = -found - 1;
        System.arraycopy(numbers, place, numbers, place + 1, end - place);
        System.arraycopy(pages, place, pages, place + 1, end - place);
        System.arraycopy(filled, place, filled, place + 1, end - place);
        numbers[place] = number;
        end++;
        locate(place + 1);
        return place;
    }

    private void locate(int from) {
        for (int place = from; place < end; place++) {
            if (pages[place] != null) {
                places.put(numbers[place] + 1, place);
            }
        }
    }

    private void drop(int place) {
        pages[place] = null;
        places.remove(numbers[place] + 1);
        gaps++;
        if (end > SMALLEST && gaps * 2 > end) {
            compact();
        }
    }

    private void compact() {
        int kept = 0;
        for (int place = 0; place < end; place++) {
            if (pages[place] != null) {
                numbers[kept] = numbers[place];
                filled[kept] = filled[place];
                pages[kept++] = pages[place];
            }
        }
        Arrays.fill(pages, kept, end, null);
        end = kept;
        gaps = 0;
        places = new LongIntMap();
        locate(0);
    }
}

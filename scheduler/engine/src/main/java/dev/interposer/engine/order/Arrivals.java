package dev.interposer.engine.order;

import dev.interposer.engine.state.GangState;
import java.util.Arrays;
import java.util.Objects;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Gangs in the order of their arrival: by job, then by index.
 *
 * <p>Almost all come at the end and leave at the front, which costs nothing; one that comes back or is cancelled is
 * found by halving, and its neighbours make room. A ring, so that neither end moves the rest. What orders a gang lies
 * beside it: nobody looks at one of a hundred thousand that wait before it is its turn.
 */
final class Arrivals {
    private static final int SMALLEST = 8;

    private @Nullable GangState[] gangs = new GangState[SMALLEST];
    private long[] jobIds = new long[SMALLEST];
    private int[] indexes = new int[SMALLEST];
    private int first;
    private int size;

    int size() {
        return size;
    }

    boolean isEmpty() {
        return size == 0;
    }

    GangState first() {
        return get(0);
    }

    /** Job of the first. */
    long firstJobId() {
        return jobIds[first];
    }

    /** Index of the first in its job. */
    int firstIndex() {
        return indexes[first];
    }

    GangState get(int place) {
        return Objects.requireNonNull(gangs[at(Objects.checkIndex(place, size))]);
    }

    /** @return false if it is there already */
    boolean add(GangState gang) {
        long jobId = gang.job().id();
        int place = size == 0 || precedes(size - 1, jobId, gang.index()) ? size : find(jobId, gang.index());
        if (place < size && gangs[at(place)] == gang) {
            return false;
        }
        if (size == gangs.length) {
            resize(size * 2);
        }
        for (int later = size; later > place; later--) {
            move(at(later - 1), at(later));
        }
        int at = at(place);
        gangs[at] = gang;
        jobIds[at] = jobId;
        indexes[at] = gang.index();
        size++;
        return true;
    }

    /** @return false if it is not there */
    boolean remove(GangState gang) {
        int place = size > 0 && gangs[first] == gang ? 0 : ahead(gang);
        if (place == size || gangs[at(place)] != gang) {
            return false;
        }
        if (place == 0) {
            gangs[first] = null;
            first = at(1);
        } else {
            for (int later = place; later < size - 1; later++) {
                move(at(later + 1), at(later));
            }
            gangs[at(size - 1)] = null;
        }
        size--;
        if (size * 4 < gangs.length && gangs.length > SMALLEST) {
            resize(gangs.length / 2);
        }
        return true;
    }

    /** How many come before a gang. */
    int ahead(GangState gang) {
        return find(gang.job().id(), gang.index());
    }

    void forEach(Consumer<GangState> action) {
        for (int place = 0; place < size; place++) {
            action.accept(get(place));
        }
    }

    /** The first place whose gang does not come before this one. */
    private int find(long jobId, int index) {
        int low = 0;
        int high = size;
        while (low < high) {
            int middle = (low + high) >>> 1;
            if (precedes(middle, jobId, index)) {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        return low;
    }

    /** Whether what is in a place comes before a gang. */
    private boolean precedes(int place, long jobId, int index) {
        int at = at(place);
        return jobIds[at] != jobId ? jobIds[at] < jobId : indexes[at] < index;
    }

    private void move(int from, int to) {
        gangs[to] = gangs[from];
        jobIds[to] = jobIds[from];
        indexes[to] = indexes[from];
    }

    private int at(int place) {
        int at = first + place;
        return at < gangs.length ? at : at - gangs.length;
    }

    private void resize(int capacity) {
        // What lies before the end of the ring, then what goes on at its beginning.
        int atEnd = Math.min(size, gangs.length - first);
        @Nullable GangState[] oldGangs = gangs;
        long[] oldIds = jobIds;
        int[] oldIndexes = indexes;
        gangs = Arrays.copyOf(Arrays.copyOfRange(oldGangs, first, first + atEnd), capacity);
        jobIds = Arrays.copyOf(Arrays.copyOfRange(oldIds, first, first + atEnd), capacity);
        indexes = Arrays.copyOf(Arrays.copyOfRange(oldIndexes, first, first + atEnd), capacity);
        System.arraycopy(oldGangs, 0, gangs, atEnd, size - atEnd);
        System.arraycopy(oldIds, 0, jobIds, atEnd, size - atEnd);
        System.arraycopy(oldIndexes, 0, indexes, atEnd, size - atEnd);
        first = 0;
    }
}

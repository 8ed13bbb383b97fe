package dev.interposer.engine.order;

import dev.interposer.engine.state.GangState;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Gangs in the order of their arrival: by job, then by index.
 *
 * <p>Almost all come at the end and leave at the front, which costs nothing; one that comes back or is cancelled is
 * found by halving, and its neighbours make room. A ring in a list, so that neither end moves the rest.
 */
final class Arrivals {
    private static final int SMALLEST = 8;

    private List<@Nullable GangState> ring = empty(SMALLEST);
    private int first;
    private int size;

    private static List<@Nullable GangState> empty(int capacity) {
        List<@Nullable GangState> made = new ArrayList<>(capacity);
        for (int place = 0; place < capacity; place++) {
            made.add(null);
        }
        return made;
    }

    static int compare(GangState a, GangState b) {
        int byJob = Long.compare(a.job().id(), b.job().id());
        return byJob != 0 ? byJob : Integer.compare(a.index(), b.index());
    }

    int size() {
        return size;
    }

    boolean isEmpty() {
        return size == 0;
    }

    GangState first() {
        return get(0);
    }

    GangState get(int place) {
        GangState gang = place < 0 || place >= size ? null : ring.get(at(place));
        if (gang == null) {
            throw new IndexOutOfBoundsException("place " + place + " of " + size);
        }
        return gang;
    }

    /** @return false if it is there already */
    boolean add(GangState gang) {
        int place = size == 0 || compare(get(size - 1), gang) < 0 ? size : find(gang);
        if (place < size && get(place) == gang) {
            return false;
        }
        if (size == ring.size()) {
            resize(size * 2);
        }
        for (int later = size; later > place; later--) {
            ring.set(at(later), ring.get(at(later - 1)));
        }
        ring.set(at(place), gang);
        size++;
        return true;
    }

    /** @return false if it is not there */
    boolean remove(GangState gang) {
        int place = size > 0 && get(0) == gang ? 0 : find(gang);
        if (place == size || get(place) != gang) {
            return false;
        }
        if (place == 0) {
            ring.set(at(0), null);
            first = at(1);
        } else {
            for (int later = place; later < size - 1; later++) {
                ring.set(at(later), ring.get(at(later + 1)));
            }
            ring.set(at(size - 1), null);
        }
        size--;
        if (size * 4 < ring.size() && ring.size() > SMALLEST) {
            resize(ring.size() / 2);
        }
        return true;
    }

    /** How many come before a gang. */
    int ahead(GangState gang) {
        return find(gang);
    }

    void forEach(Consumer<GangState> action) {
        for (int place = 0; place < size; place++) {
            action.accept(get(place));
        }
    }

    /** The first place whose gang does not come before this one. */
    private int find(GangState gang) {
        int low = 0;
        int high = size;
        while (low < high) {
            int middle = (low + high) >>> 1;
            if (compare(get(middle), gang) < 0) {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        return low;
    }

    private int at(int place) {
        int at = first + place;
        return at < ring.size() ? at : at - ring.size();
    }

    private void resize(int capacity) {
        List<@Nullable GangState> moved = empty(capacity);
        for (int place = 0; place < size; place++) {
            moved.set(place, ring.get(at(place)));
        }
        ring = moved;
        first = 0;
    }
}

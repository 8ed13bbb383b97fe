package dev.interposer.engine.table;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What was found for an id, remembered for so many ids; then all is looked up again. */
public final class IdCache<T> {
    private final int most;
    private final List<T> values = new ArrayList<>();
    private LongIntMap places = new LongIntMap();

    public IdCache(int most) {
        this.most = most;
    }

    public @Nullable T find(long id) {
        int place = places.find(id);
        return place < 0 ? null : values.get(place);
    }

    /** An id that is not there yet. */
    public void put(long id, T value) {
        if (values.size() >= most) {
            clear();
        }
        places.put(id, values.size());
        values.add(value);
    }

    public void clear() {
        places = new LongIntMap();
        values.clear();
    }
}

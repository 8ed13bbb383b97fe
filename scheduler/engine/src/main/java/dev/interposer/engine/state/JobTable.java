package dev.interposer.engine.state;

import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.List;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * The jobs by id. Every event asks for one, so a table answers that without a walk through a tree; the tree beside it
 * keeps the order, for those who list.
 */
final class JobTable {
    private static final int SMALLEST = 64;

    private final TreeMap<Long, JobState> inOrder = new TreeMap<>();
    /** Open addressing: a job lies at its hash or right behind it; twice as many places as jobs, at least. */
    private List<@Nullable JobState> table = empty(SMALLEST);

    private static List<@Nullable JobState> empty(int capacity) {
        return new ArrayList<>(Collections.nCopies(capacity, null));
    }

    @Nullable
    JobState find(long id) {
        return table.get(placeOf(id));
    }

    /** @return false if the id is taken */
    boolean add(JobState job) {
        if (table.get(placeOf(job.id())) != null) {
            return false;
        }
        if ((inOrder.size() + 1) * 2 > table.size()) {
            resize(table.size() * 2);
        }
        table.set(placeOf(job.id()), job);
        inOrder.put(job.id(), job);
        return true;
    }

    void remove(JobState job) {
        inOrder.remove(job.id());
        int hole = placeOf(job.id());
        if (table.get(hole) == null) {
            return;
        }
        table.set(hole, null);
        // Those behind the hole that would be found only through it move up.
        int mask = table.size() - 1;
        for (int place = hole + 1 & mask; ; place = place + 1 & mask) {
            JobState next = table.get(place);
            if (next == null) {
                break;
            }
            table.set(place, null);
            table.set(placeOf(next.id()), next);
        }
        if (inOrder.size() * 8 < table.size() && table.size() > SMALLEST) {
            resize(table.size() / 2);
        }
    }

    /** In the order of their ids. */
    Collection<JobState> all() {
        return Collections.unmodifiableCollection(inOrder.values());
    }

    /** Those with a greater id, in the order of their ids. */
    Collection<JobState> after(long id) {
        return Collections.unmodifiableCollection(inOrder.tailMap(id, false).values());
    }

    private int placeOf(long id) {
        int mask = table.size() - 1;
        long spread = id * 0x9E3779B97F4A7C15L;
        int place = (int) (spread >>> 32) & mask;
        while (true) {
            JobState there = table.get(place);
            if (there == null || there.id() == id) {
                return place;
            }
            place = place + 1 & mask;
        }
    }

    private void resize(int capacity) {
        List<@Nullable JobState> old = table;
        table = empty(capacity);
        for (JobState job : old) {
            if (job != null) {
                table.set(placeOf(job.id()), job);
            }
        }
    }
}

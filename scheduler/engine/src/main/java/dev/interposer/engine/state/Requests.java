package dev.interposer.engine.state;

import java.nio.charset.StandardCharsets;
import java.util.Iterator;
import java.util.NoSuchElementException;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * Request ids of accepted submissions, so that a repeated one gets the same answer.
 *
 * <p>They outlive their jobs, and at ten thousand jobs a second a million of them are there after two minutes. As text
 * in a map each takes some 200 bytes; so they are numbers in a ring, oldest first, with a table of places beside it: 40
 * bytes.
 */
public final class Requests {
    private static final int LEAST = 1024;

    private long[] fronts = new long[LEAST];
    private long[] backs = new long[LEAST];
    private long[] jobIds = new long[LEAST];
    private long[] times = new long[LEAST];

    /** Places in the ring plus one, by hash, free ones 0; twice as long as the ring, so that probes are short. */
    private int[] table = new int[LEAST * 2];

    private int first;
    private int size;
    private long forgotten;
    private long forgottenBeforeMicros;

    /** A request id, the job that it made, and when. */
    public record Remembered(String requestId, long jobId, long atMicros) {}

    public @Nullable Remembered find(String requestId) {
        if (requestId.isEmpty()) {
            return null;
        }
        UUID id = id(requestId);
        int place = table[slot(id.getMostSignificantBits(), id.getLeastSignificantBits())];
        return place == 0 ? null : remembered(place - 1);
    }

    /** Oldest first. */
    public Iterable<Remembered> all() {
        return () -> new Iterator<>() {
            private int at;

            @Override
            public boolean hasNext() {
                return at < size;
            }

            @Override
            public Remembered next() {
                if (at >= size) {
                    throw new NoSuchElementException();
                }
                return remembered(ring(at++));
            }
        };
    }

    public @Nullable Remembered oldest() {
        return size == 0 ? null : remembered(first);
    }

    /** When the request came that so many older ones are remembered before, microseconds. */
    public long atMicros(int older) {
        if (older < 0 || older >= size) {
            throw new IllegalArgumentException("older (" + older + ") must be below the number remembered, " + size);
        }
        return times[ring(older)];
    }

    /** How many were forgotten: the number of the oldest, if all that ever were are numbered from 0 on. */
    long forgotten() {
        return forgotten;
    }

    /** By its number; see {@link #forgotten}. */
    Remembered numbered(long number) {
        if (number < forgotten || number >= forgotten + size) {
            throw new IllegalArgumentException("number (" + number + ") is not remembered");
        }
        return remembered(ring((int) (number - forgotten)));
    }

    /** Nothing from before this time is remembered, microseconds. */
    public long forgottenBeforeMicros() {
        return forgottenBeforeMicros;
    }

    public int size() {
        return size;
    }

    /** The number that an id in text stands for; ids of any other form, which old ledgers may hold, by their digest. */
    static UUID id(String requestId) {
        try {
            return UUID.fromString(requestId);
        } catch (IllegalArgumentException e) {
            return UUID.nameUUIDFromBytes(requestId.getBytes(StandardCharsets.UTF_8));
        }
    }

    void remember(String requestId, long jobId, long atMicros) {
        if (!requestId.isEmpty() && atMicros >= forgottenBeforeMicros) {
            UUID id = id(requestId);
            long front = id.getMostSignificantBits();
            long back = id.getLeastSignificantBits();
            if (table[slot(front, back)] == 0) {
                add(front, back, jobId, atMicros);
            }
        }
    }

    void forgetBefore(long beforeMicros) {
        forgottenBeforeMicros = Math.max(forgottenBeforeMicros, beforeMicros);
        while (size > 0 && times[first] < beforeMicros) {
            remove(slot(fronts[first], backs[first]));
            first = ring(1);
            size--;
            forgotten++;
        }
    }

    private void add(long front, long back, long jobId, long atMicros) {
        if (size == fronts.length) {
            grow();
        }
        int place = ring(size);
        fronts[place] = front;
        backs[place] = back;
        jobIds[place] = jobId;
        times[place] = atMicros;
        table[slot(front, back)] = place + 1;
        size++;
    }

    private void grow() {
        fronts = unrolled(fronts);
        backs = unrolled(backs);
        jobIds = unrolled(jobIds);
        times = unrolled(times);
        first = 0;
        table = new int[fronts.length * 2];
        for (int place = 0; place < size; place++) {
            table[slot(fronts[place], backs[place])] = place + 1;
        }
    }

    /** Twice as long, the oldest in front. */
    private long[] unrolled(long[] values) {
        long[] longer = new long[values.length * 2];
        System.arraycopy(values, first, longer, 0, values.length - first);
        System.arraycopy(values, 0, longer, values.length - first, first);
        return longer;
    }

    private int ring(int offset) {
        return (first + offset) & (fronts.length - 1);
    }

    private Remembered remembered(int place) {
        return new Remembered(new UUID(fronts[place], backs[place]).toString(), jobIds[place], times[place]);
    }

    /** Where the table holds that id, or the free slot where it would. */
    private int slot(long front, long back) {
        int slot = home(front, back);
        while (table[slot] != 0 && (fronts[table[slot] - 1] != front || backs[table[slot] - 1] != back)) {
            slot = (slot + 1) & (table.length - 1);
        }
        return slot;
    }

    private int home(long front, long back) {
        long mixed = (front ^ (back * 0x9E3779B97F4A7C15L)) * 0xBF58476D1CE4E5B9L;
        return (int) (mixed >>> 32) & (table.length - 1);
    }

    /** Frees a slot and moves up what was pushed past it, so that no probe ends too early. */
    private void remove(int freed) {
        int gap = freed;
        int slot = freed;
        while (true) {
            slot = (slot + 1) & (table.length - 1);
            if (table[slot] == 0) {
                break;
            }
            int place = table[slot] - 1;
            int home = home(fronts[place], backs[place]);
            boolean reachable = gap <= slot ? home <= gap || home > slot : home <= gap && home > slot;
            if (reachable) {
                table[gap] = table[slot];
                gap = slot;
            }
        }
        table[gap] = 0;
    }
}

package dev.interposer.engine.state;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Iterator;
import java.util.NoSuchElementException;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * Request ids of accepted submissions, so that a repeated one gets the same answer.
 *
 * <p>They outlive their jobs, and at ten thousand jobs a second a million of them are there after two minutes. As text
 * in a map each takes some 200 bytes; so they are numbers in pages, oldest first, with tables of their numbers beside
 * them: 40 bytes. Neither is ever copied as a whole: one ring that doubled at 131,072 held up everybody for 60 ms.
 */
public final class Requests {
    private static final int PAGE = 1024;
    /** In a page, one after the other: both halves of an id, its job, and when. */
    private static final int FIELDS = 4;

    private static final int BACK = 1;
    private static final int JOB = 2;
    private static final int TIME = 3;

    /** Each grows on its own, and at a time of its own. */
    private static final int TABLES = 256;

    /** By the number of the page; a power of two of them. */
    private long[][] pages = new long[16][];

    private final Table[] tables = new Table[TABLES];

    /** The oldest is the one of this number, if all that ever were are numbered from 0 on. */
    private long forgotten;

    private int size;
    private long forgottenBeforeMicros;

    public Requests() {
        Arrays.setAll(tables, table -> new Table());
    }

    /** A request id, the job that it made, and when. */
    public record Remembered(String requestId, long jobId, long atMicros) {}

    public @Nullable Remembered find(String requestId) {
        if (requestId.isEmpty()) {
            return null;
        }
        UUID id = id(requestId);
        long number = table(id.getMostSignificantBits(), id.getLeastSignificantBits())
                .find(id.getMostSignificantBits(), id.getLeastSignificantBits());
        return number < 0 ? null : remembered(number);
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
                return remembered(forgotten + at++);
            }
        };
    }

    public @Nullable Remembered oldest() {
        return size == 0 ? null : remembered(forgotten);
    }

    /** When the request came that so many older ones are remembered before, microseconds. */
    public long atMicros(int older) {
        if (older < 0 || older >= size) {
            throw new IllegalArgumentException("older (" + older + ") must be below the number remembered, " + size);
        }
        return field(forgotten + older, TIME);
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
        return remembered(number);
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
            if (table(front, back).find(front, back) < 0) {
                add(front, back, jobId, atMicros);
            }
        }
    }

    void forgetBefore(long beforeMicros) {
        forgottenBeforeMicros = Math.max(forgottenBeforeMicros, beforeMicros);
        while (size > 0 && field(forgotten, TIME) < beforeMicros) {
            long front = field(forgotten, 0);
            long back = field(forgotten, BACK);
            table(front, back).remove(front, back);
            size--;
            forgotten++;
            if (forgotten % PAGE == 0) {
                pages[slotOfPage(forgotten - 1)] = null;
            }
        }
    }

    private void add(long front, long back, long jobId, long atMicros) {
        long number = forgotten + size;
        long[] page = pageFor(number);
        int at = (int) (number % PAGE) * FIELDS;
        page[at] = front;
        page[at + BACK] = back;
        page[at + JOB] = jobId;
        page[at + TIME] = atMicros;
        size++;
        table(front, back).add(front, back, number);
    }

    private long[] pageFor(long number) {
        if (number / PAGE - forgotten / PAGE == pages.length) {
            long[][] few = pages;
            pages = new long[few.length * 2][];
            for (long page = forgotten / PAGE; page < number / PAGE; page++) {
                pages[(int) page & (pages.length - 1)] = few[(int) page & (few.length - 1)];
            }
        }
        int slot = slotOfPage(number);
        if (pages[slot] == null) {
            pages[slot] = new long[PAGE * FIELDS];
        }
        return pages[slot];
    }

    private int slotOfPage(long number) {
        return (int) (number / PAGE) & (pages.length - 1);
    }

    private long field(long number, int field) {
        return pages[slotOfPage(number)][(int) (number % PAGE) * FIELDS + field];
    }

    private Remembered remembered(long number) {
        return new Remembered(
                new UUID(field(number, 0), field(number, BACK)).toString(), field(number, JOB), field(number, TIME));
    }

    private Table table(long front, long back) {
        return tables[(int) (mixed(front, back) >>> 56)];
    }

    private static long mixed(long front, long back) {
        return (front ^ (back * 0x9E3779B97F4A7C15L)) * 0xBF58476D1CE4E5B9L;
    }

    /** Numbers of some of them, by hash. */
    private final class Table {
        private static final int LEAST = 8;
        /** Of a number as many bits are kept; the rest is that of the oldest or one more. */
        private static final long BITS = 0x7FFF_FFFFL;

        /** The bits plus one; 0 where it is free. Half of it stays free, so that probes are short. */
        private int[] slots = new int[LEAST];

        private int used;

        /** The number of an id; negative for one that is not there. */
        long find(long front, long back) {
            int slot = slot(front, back);
            return slots[slot] == 0 ? -1 : number(slot);
        }

        void add(long front, long back, long number) {
            if (++used * 2 > slots.length) {
                grow();
            }
            slots[slot(front, back)] = (int) (number & BITS) + 1;
        }

        private void grow() {
            int[] few = slots;
            slots = new int[few.length * 2];
            for (int place : few) {
                if (place != 0) {
                    long number = numberOf(place);
                    slots[slot(field(number, 0), field(number, BACK))] = place;
                }
            }
        }

        /** Frees a slot and moves up what was pushed past it, so that no probe ends too early. */
        void remove(long front, long back) {
            int gap = slot(front, back);
            int slot = gap;
            while (true) {
                slot = (slot + 1) & (slots.length - 1);
                if (slots[slot] == 0) {
                    break;
                }
                long number = number(slot);
                int home = home(field(number, 0), field(number, BACK));
                boolean reachable = gap <= slot ? home <= gap || home > slot : home <= gap && home > slot;
                if (reachable) {
                    slots[gap] = slots[slot];
                    gap = slot;
                }
            }
            slots[gap] = 0;
            used--;
        }

        /** Where that id is, or the free slot where it would be. */
        private int slot(long front, long back) {
            int slot = home(front, back);
            while (slots[slot] != 0 && (field(number(slot), 0) != front || field(number(slot), BACK) != back)) {
                slot = (slot + 1) & (slots.length - 1);
            }
            return slot;
        }

        private int home(long front, long back) {
            return (int) (mixed(front, back) >>> 24) & (slots.length - 1);
        }

        private long number(int slot) {
            return numberOf(slots[slot]);
        }

        private long numberOf(int place) {
            return forgotten + ((place - 1 - forgotten) & BITS);
        }
    }
}

package dev.interposer.simulation.fault;

import dev.interposer.control.port.LeaseStore;
import dev.interposer.control.port.Ledger;
import dev.interposer.control.port.LedgerException;
import dev.interposer.control.port.LedgerException.Kind;
import dev.interposer.control.port.Page;
import dev.interposer.engine.event.Entry;
import dev.interposer.ledger.codec.PageCodec;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/**
 * A ledger and a lease in memory with the semantics of the real ones: an append checks the epoch in the same instant,
 * the lease is timed by the database's own clock, and pages are kept as bytes.
 */
final class MemoryLedger implements Ledger, LeaseStore {
    private static final int CHUNK_ENTRIES = 64;

    private final VirtualTime time;
    private final PageCodec codec;
    private final List<byte[]> frames = new ArrayList<>();
    private final List<Long> lastRevisions = new ArrayList<>();
    private boolean checkEpoch = true;
    private long epoch;
    private String holder = "";
    private long expiresMillis;
    private long vacantMillis;
    private long lastRevision;
    private long lastEpoch;
    private long clockOffsetMillis;
    private StoredSnapshot snapshot = new StoredSnapshot(0, List.of());

    /** The newest one, as bytes; pieces as the real ledger keeps them. */
    private record StoredSnapshot(long revision, List<byte[]> chunks) {}

    MemoryLedger(VirtualTime time, PageCodec codec) {
        this.time = time;
        this.codec = codec;
    }

    long lastRevision() {
        return lastRevision;
    }

    /** Every page as it is stored. */
    List<byte[]> frames() {
        return List.copyOf(frames);
    }

    /**
     * An old backup takes its place: the first so many pages, with the lease as it was then, which has ended long ago.
     */
    void restore(int pages) {
        frames.subList(pages, frames.size()).clear();
        lastRevisions.subList(pages, lastRevisions.size()).clear();
        lastRevision = lastRevisions.getLast();
        lastEpoch = codec.decode(PageCodec.FORMAT, frames.getLast()).epoch();
        epoch = lastEpoch;
        holder = "";
        expiresMillis = 0;
        if (snapshot.revision() > lastRevision) {
            snapshot = new StoredSnapshot(0, List.of());
        }
    }

    /** Somebody sets the clock of the database, by which the lease is timed. */
    void jumpClock(long millis) {
        clockOffsetMillis += millis;
    }

    /** Plants a bug: an old leader may append. */
    void forgetToCheckTheEpoch() {
        checkEpoch = false;
    }

    @Override
    public void append(Page page) {
        if (checkEpoch && page.epoch() != epoch) {
            throw new LedgerException(Kind.NOT_LEADER, "epoch " + page.epoch() + " leads no more");
        }
        if (checkEpoch && page.firstRevision() != lastRevision + 1) {
            throw new LedgerException(Kind.NOT_LEADER, "revision " + page.firstRevision() + " does not follow");
        }
        frames.add(codec.encode(page));
        lastRevisions.add(page.lastRevision());
        lastRevision = page.lastRevision();
        lastEpoch = page.epoch();
    }

    @Override
    public List<Page> read(long fromRevision, int mostPages) {
        if (fromRevision > lastRevision) {
            return List.of();
        }
        List<Page> pages = new ArrayList<>();
        for (int index = 0; index < frames.size() && pages.size() < mostPages; index++) {
            if (lastRevisions.get(index) >= fromRevision) {
                pages.add(codec.decode(PageCodec.FORMAT, frames.get(index)));
            }
        }
        return pages;
    }

    @Override
    public void writeSnapshot(long revision, long atMicros, Iterable<Entry> handed) {
        if (revision <= snapshot.revision()) {
            return;
        }
        List<Entry> entries = new ArrayList<>();
        handed.forEach(entries::add);
        List<byte[]> chunks = new ArrayList<>();
        for (int from = 0; from < entries.size(); from += CHUNK_ENTRIES) {
            chunks.add(codec.encodeChunk(entries.subList(from, Math.min(entries.size(), from + CHUNK_ENTRIES))));
        }
        snapshot = new StoredSnapshot(revision, chunks);
    }

    @Override
    public long readSnapshot(Consumer<Entry> sink) {
        snapshot.chunks().forEach(chunk -> codec.decodeChunk(chunk).forEach(sink));
        return snapshot.revision();
    }

    @Override
    public long acquire(String who, long durationMillis) {
        if (clockMillis() < expiresMillis && !holder.equals(who)) {
            return 0;
        }
        boolean known = epoch != 0 && lastEpoch == epoch;
        vacantMillis = known ? Math.max(0, time.nowMillis() - expiresMillis) : Long.MAX_VALUE;
        holder = who;
        expiresMillis = clockMillis() + durationMillis;
        return ++epoch;
    }

    @Override
    public long vacantMillis() {
        return vacantMillis;
    }

    @Override
    public boolean renew(String who, long heldEpoch, long durationMillis) {
        if (epoch != heldEpoch || !holder.equals(who) || clockMillis() >= expiresMillis) {
            return false;
        }
        expiresMillis = clockMillis() + durationMillis;
        return true;
    }

    @Override
    public void release(String who, long heldEpoch) {
        if (epoch == heldEpoch && holder.equals(who)) {
            expiresMillis = 0;
        }
    }

    private long clockMillis() {
        return time.nowMillis() + clockOffsetMillis;
    }
}

package dev.interposer.ledger.codec;

import com.google.protobuf.CodedInputStream;
import dev.interposer.control.port.LedgerException;
import dev.interposer.control.port.LedgerException.Kind;
import dev.interposer.control.port.Page;
import dev.interposer.engine.event.Entry;
import dev.interposer.engine.event.Event;
import dev.interposer.engine.model.Actor;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/** Pages and pieces of snapshots to frames and back. A frame that can't be read is {@link Kind#UNREADABLE}. */
public final class PageCodec {
    /** Of frames written by this version. */
    public static final int FORMAT = 1;

    /** Bound on a frame, bytes. */
    public static final int MOST_BYTES = 1024 * 1024;

    private final EventCodec events;

    public PageCodec(EventCodec events) {
        this.events = events;
    }

    public byte[] encode(Page page) {
        WireWriter out = new WireWriter();
        out.varint(1, page.firstRevision());
        out.varint(2, page.epoch());
        out.varint(3, page.atMicros());
        events.entries(out, page.entries());
        if (out.size() > MOST_BYTES) {
            throw new IllegalStateException(
                    "page " + page.firstRevision() + " has " + out.size() + " bytes, above the bound of " + MOST_BYTES
                            + ". Maybe a bound on what goes into a page is too high?");
        }
        return out.toByteArray();
    }

    /** Reads a frame of the given format; older formats are brought up to this one here. */
    public Page decode(int format, byte[] frame) {
        if (format != FORMAT) {
            throw new LedgerException(
                    Kind.UNREADABLE,
                    "a page has format " + format + " and this version reads " + FORMAT
                            + ". Maybe a newer server wrote it?");
        }
        try {
            return page(CodedInputStream.newInstance(frame));
        } catch (IOException | RuntimeException e) {
            throw new LedgerException(Kind.UNREADABLE, "a page can't be read: " + e.getMessage(), e);
        }
    }

    private Page page(CodedInputStream in) throws IOException {
        long first = 0;
        long epoch = 0;
        long at = 0;
        List<Actor> actors = new ArrayList<>();
        List<Entry> entries = new ArrayList<>();
        for (int tag = in.readTag(); tag != 0; tag = in.readTag()) {
            switch (tag >>> 3) {
                case 1 -> first = in.readInt64();
                case 2 -> epoch = in.readInt64();
                case 3 -> at = in.readInt64();
                case 4 -> actors.add(events.actor(in));
                case 5 -> {
                    EventCodec.Stored stored = events.stored(in);
                    entries.add(new Entry(first + entries.size(), at, actors.get(stored.actor()), stored.event()));
                }
                default -> throw new IOException("field " + (tag >>> 3) + " of a page is not known to this version");
            }
        }
        return new Page(first, epoch, at, entries);
    }

    /** A piece of a snapshot. */
    public byte[] encodeChunk(List<Entry> entries) {
        WireWriter out = new WireWriter();
        for (Entry entry : entries) {
            int start = out.begin(1);
            out.varint(1, entry.revision());
            out.varint(2, entry.atMicros());
            events.event(out, 3, entry.event());
            out.end(start);
        }
        return out.toByteArray();
    }

    public List<Entry> decodeChunk(byte[] chunk) {
        try {
            CodedInputStream in = CodedInputStream.newInstance(chunk);
            List<Entry> entries = new ArrayList<>();
            for (int tag = in.readTag(); tag != 0; tag = in.readTag()) {
                entries.add(entry(in));
            }
            return entries;
        } catch (IOException | RuntimeException e) {
            throw new LedgerException(Kind.UNREADABLE, "a snapshot can't be read: " + e.getMessage(), e);
        }
    }

    private Entry entry(CodedInputStream in) throws IOException {
        int limit = in.pushLimit(in.readRawVarint32());
        long revision = 0;
        long at = 0;
        Event event = null;
        for (int tag = in.readTag(); tag != 0; tag = in.readTag()) {
            switch (tag >>> 3) {
                case 1 -> revision = in.readInt64();
                case 2 -> at = in.readInt64();
                case 3 -> event = events.event(in);
                default -> throw new IOException("field " + (tag >>> 3) + " of a snapshot is not known");
            }
        }
        in.popLimit(limit);
        if (event == null) {
            throw new IOException("a snapshot entry without an event");
        }
        return new Entry(revision, at, Actor.SCHEDULER, event);
    }
}

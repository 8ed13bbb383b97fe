package dev.interposer.ledger.codec;

import com.google.protobuf.CodedInputStream;
import com.google.protobuf.Descriptors.FieldDescriptor;
import dev.interposer.engine.event.Entry;
import dev.interposer.engine.event.Event;
import dev.interposer.engine.model.Actor;
import dev.interposer.engine.model.JobSpec;
import dev.interposer.proto.ledger.v1.LedgerProto;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Events, entries and specs to bytes and back. Equal values give equal bytes. */
public final class EventCodec {
    private static final int PAGE_ACTORS = 4;
    private static final int PAGE_ENTRIES = 5;

    private final CodecRegistry registry = new CodecRegistry(LedgerProto.getDescriptor());
    private final Map<Class<?>, Integer> numbers = new HashMap<>();
    private final Map<Integer, Class<?>> types = new HashMap<>();

    public EventCodec() {
        Map<String, Integer> byMessage = new HashMap<>();
        for (FieldDescriptor field :
                LedgerProto.getDescriptor().findMessageTypeByName("Event").getFields()) {
            byMessage.put(field.getMessageType().getName(), field.getNumber());
        }
        for (Class<?> group : Event.class.getPermittedSubclasses()) {
            for (Class<?> type : group.getPermittedSubclasses()) {
                Integer number = byMessage.get(type.getSimpleName());
                if (number == null) {
                    throw new IllegalStateException("ledger.v1.Event has no kind " + type.getSimpleName());
                }
                registry.codec(type);
                numbers.put(type, number);
                types.put(number, type);
            }
        }
    }

    byte[] encode(JobSpec spec) {
        WireWriter out = new WireWriter();
        registry.codec(JobSpec.class).write(out, spec);
        return out.toByteArray();
    }

    void event(WireWriter out, int field, Event event) {
        Integer number = numbers.get(event.getClass());
        if (number == null) {
            throw new IllegalStateException("event " + event.getClass() + " has no number");
        }
        int start = out.begin(field);
        int inner = out.begin(number);
        registry.codec(event.getClass()).write(out, event);
        out.end(inner);
        out.end(start);
    }

    /** Entries of one page: its actors once, each entry with its place among them. */
    void entries(WireWriter out, List<Entry> entries) {
        Map<Actor, Integer> actors = new LinkedHashMap<>();
        for (Entry entry : entries) {
            actors.putIfAbsent(entry.actor(), actors.size());
        }
        for (Actor actor : actors.keySet()) {
            int start = out.begin(PAGE_ACTORS);
            registry.codec(Actor.class).write(out, actor);
            out.end(start);
        }
        for (Entry entry : entries) {
            int start = out.begin(PAGE_ENTRIES);
            int actor = actors.getOrDefault(entry.actor(), 0);
            if (actor > 0) {
                out.varint(1, actor);
            }
            event(out, 2, entry.event());
            out.end(start);
        }
    }

    Actor actor(CodedInputStream in) throws IOException {
        int limit = in.pushLimit(in.readRawVarint32());
        Actor actor = (Actor) registry.codec(Actor.class).read(in);
        in.popLimit(limit);
        return actor;
    }

    /** A stored entry: place of its actor, and its event. */
    record Stored(int actor, Event event) {}

    Stored stored(CodedInputStream in) throws IOException {
        int limit = in.pushLimit(in.readRawVarint32());
        int actor = 0;
        Event event = null;
        for (int tag = in.readTag(); tag != 0; tag = in.readTag()) {
            switch (tag >>> 3) {
                case 1 -> actor = in.readUInt32();
                case 2 -> event = event(in);
                default -> throw new IOException("field " + (tag >>> 3) + " of an entry is not known to this version");
            }
        }
        in.popLimit(limit);
        if (event == null) {
            throw new IOException("an entry without an event");
        }
        return new Stored(actor, event);
    }

    Event event(CodedInputStream in) throws IOException {
        int limit = in.pushLimit(in.readRawVarint32());
        List<Event> found = new ArrayList<>(1);
        for (int tag = in.readTag(); tag != 0; tag = in.readTag()) {
            Class<?> type = types.get(tag >>> 3);
            if (type == null) {
                throw new IOException("events of kind " + (tag >>> 3) + " are not known to this version");
            }
            int inner = in.pushLimit(in.readRawVarint32());
            found.add((Event) registry.codec(type).read(in));
            in.popLimit(inner);
        }
        in.popLimit(limit);
        if (found.size() != 1) {
            throw new IOException("an event of " + found.size() + " kinds");
        }
        return found.getFirst();
    }
}

package dev.interposer.ledger.codec;

import dev.interposer.control.port.SpecDigest;
import dev.interposer.engine.event.Entry;
import dev.interposer.engine.model.JobSpec;
import dev.interposer.engine.state.Snapshot;
import dev.interposer.engine.state.State;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;
import java.util.function.Consumer;

/** SHA-256 over the canonical bytes of specs and of whole states. */
public final class Digests implements SpecDigest {
    private final EventCodec events;
    private final PageCodec pages;

    public Digests(EventCodec events) {
        this.events = events;
        this.pages = new PageCodec(events);
    }

    @Override
    public String sha256(JobSpec spec) {
        return HexFormat.of().formatHex(sha256().digest(events.encode(spec)));
    }

    /** Digest of a state: of the shortest list of events that folds to it. */
    public String of(State state) {
        return digest(sink -> Snapshot.write(state, sink));
    }

    /** Digest of the state that a snapshot, handed over here, was made of. */
    public String of(Iterable<Entry> snapshot) {
        return digest(snapshot::forEach);
    }

    private String digest(Consumer<Consumer<Entry>> entries) {
        MessageDigest digest = sha256();
        entries.accept(entry -> digest.update(pages.encodeChunk(List.of(entry))));
        return HexFormat.of().formatHex(digest.digest());
    }

    public static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has SHA-256", e);
        }
    }
}

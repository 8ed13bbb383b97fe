package dev.interposer.simulation.redecide;

import dev.interposer.control.port.Page;
import dev.interposer.engine.event.Entry;
import dev.interposer.engine.event.JobEvent;
import dev.interposer.engine.model.Actor;
import dev.interposer.engine.plan.Scheduler;
import dev.interposer.engine.state.State;
import dev.interposer.ledger.codec.Digests;
import dev.interposer.ledger.codec.EventCodec;
import dev.interposer.ledger.codec.PageCodec;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Takes every recorded start again.
 *
 * <p>Everything that came from outside is applied as it is recorded, and so is what the scheduler does by its own
 * clock: places kept and evictions. Where a page holds a start, the scheduler is asked what it would start next, and
 * both are compared byte by byte in the form of the ledger. What is recorded is then applied, so that one difference
 * does not bring all the others with it.
 */
public final class Redecision {
    private final EventCodec events = new EventCodec();
    private final PageCodec codec = new PageCodec(events);
    private final Digests digests = new Digests(events);
    private final List<Difference> differences = new ArrayList<>();
    private final State state = new State();
    private @Nullable Scheduler scheduler;
    private long decisions;
    private long beyond;

    /** One piece of the snapshot to begin with; all of them before the first page. */
    public void snapshot(byte[] chunk) {
        codec.decodeChunk(chunk).forEach(state::apply);
    }

    /** The next page. */
    public void page(byte[] frame) {
        page(codec.decode(PageCodec.FORMAT, frame));
    }

    void page(Page page) {
        Scheduler deciding = scheduler == null ? Scheduler.following(state) : scheduler;
        scheduler = deciding;
        List<Entry> entries = page.entries();
        int at = 0;
        while (at < entries.size()) {
            at += isDecision(entries.get(at)) ? decide(deciding, entries, at) : apply(entries.get(at));
        }
        // The leader went on until nothing fitted, or the page was full: what did not fit was set aside by that.
        if (state.settings().placementHalted().isEmpty()) {
            deciding.start(page.atMicros(), 1, event -> beyond++);
        }
    }

    private boolean isDecision(Entry entry) {
        return entry.event() instanceof JobEvent.GangAssigned
                && entry.actor().equals(Actor.SCHEDULER)
                && state.settings().placementHalted().isEmpty();
    }

    private int apply(Entry entry) {
        state.apply(entry);
        return 1;
    }

    /** Returns how many entries came of it. */
    private int decide(Scheduler deciding, List<Entry> entries, int from) {
        int[] taken = {0};
        deciding.start(entries.get(from).atMicros(), 1, event -> {
            int at = from + taken[0]++;
            if (at < entries.size()) {
                compare(entries.get(at), event);
                state.apply(entries.get(at));
            }
        });
        if (taken[0] == 0) {
            compare(entries.get(from), null);
            return apply(entries.get(from));
        }
        return taken[0];
    }

    private void compare(Entry recorded, @Nullable JobEvent decided) {
        decisions++;
        Entry again =
                decided == null ? null : new Entry(recorded.revision(), recorded.atMicros(), recorded.actor(), decided);
        if (again == null || !Arrays.equals(bytes(again), bytes(recorded))) {
            differences.add(new Difference(
                    recorded.revision(),
                    recorded.event().toString(),
                    again == null ? "" : again.event().toString()));
        }
    }

    private byte[] bytes(Entry entry) {
        return codec.encodeChunk(List.of(entry));
    }

    /** Pages after which more would have been started: the leader's bounds, or what it did not see. */
    public long beyond() {
        return beyond;
    }

    /** Decisions that were taken again. */
    public long decisions() {
        return decisions;
    }

    public List<Difference> differences() {
        return List.copyOf(differences);
    }

    /** Revision of the last page. */
    public long revision() {
        return state.revision();
    }

    /** Digest of the state after the last page. */
    public String digest() {
        return digests.of(state);
    }
}

package dev.interposer.simulation.redecide;

import dev.interposer.control.core.ControlSettings;
import dev.interposer.control.core.PipelineBounds;
import dev.interposer.control.core.Weights;
import dev.interposer.control.port.Page;
import dev.interposer.engine.event.Entry;
import dev.interposer.engine.event.JobEvent;
import dev.interposer.engine.model.Actor;
import dev.interposer.engine.model.StopCause;
import dev.interposer.engine.plan.Scheduler;
import dev.interposer.engine.state.GangState;
import dev.interposer.engine.state.JobState;
import dev.interposer.engine.state.State;
import dev.interposer.ledger.codec.Digests;
import dev.interposer.ledger.codec.EventCodec;
import dev.interposer.ledger.codec.PageCodec;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Takes every recorded decision again: starts, places kept or given up, evictions, gangs that shrink or grow.
 *
 * <p>Everything that came from outside is applied as it is recorded. Where a page holds a decision, the scheduler
 * is asked what it would start next, and when that is nothing, what a round makes of it. Both are compared byte by
 * byte in the form of the ledger. What is recorded is then applied, so that one difference does not bring all the
 * others with it. What would be started after a page that had room for more, and was not, is a difference too.
 * When a leader held a round, and whom it looked at in vain, is not recorded: the scheduler is
 * told for whom a round did something, and must come to the same.
 */
public final class Redecision {
    private static final Set<StopCause> OF_ROUNDS =
            EnumSet.of(StopCause.PREEMPTED, StopCause.RESIZED, StopCause.DRAINED);

    private final EventCodec events = new EventCodec();
    private final PageCodec codec = new PageCodec(events);
    private final Digests digests = new Digests(events);
    private final List<Difference> differences = new ArrayList<>();
    private final State state = new State();
    private @Nullable Scheduler scheduler;
    private long decisions;

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
            if (isDecision(entries.get(at))) {
                at += decide(deciding, entries.subList(at, entries.size()));
            } else {
                state.apply(entries.get(at++));
            }
        }
        // The leader went on until nothing fitted, or the page was full: what did not fit was set aside by that.
        if (state.settings().placementHalted().isEmpty() && !state.settings().nodesAwaited()) {
            boolean full = isFull(page);
            deciding.start(page.atMicros(), 1, event -> {
                if (!full) {
                    differences.add(new Difference(page.lastRevision(), "", event.toString()));
                }
            });
        }
    }

    /** Whether a leader would have begun nothing more on it. */
    private static boolean isFull(Page page) {
        long starts = page.entries().stream()
                .filter(entry -> entry.event() instanceof JobEvent.GangAssigned)
                .count();
        long weight = page.entries().stream()
                .mapToLong(entry -> Weights.of(entry.event()))
                .sum();
        return starts >= ControlSettings.DEFAULT.bounds().assignmentsPerPage()
                || weight >= PipelineBounds.DEFAULT.weight() / 2;
    }

    private boolean isDecision(Entry entry) {
        boolean ofScheduler = switch (entry.event()) {
            case JobEvent.GangAssigned assigned -> true;
            case JobEvent.GangReserved reserved -> true;
            case JobEvent.ReservationDropped dropped -> true;
            case JobEvent.GangStopping stopping -> OF_ROUNDS.contains(stopping.cause());
            default -> false;
        };
        return ofScheduler
                && entry.actor().equals(Actor.SCHEDULER)
                && state.settings().placementHalted().isEmpty();
    }

    /** Returns how many of the entries came of it. */
    private int decide(Scheduler deciding, List<Entry> entries) {
        long now = entries.getFirst().atMicros();
        Comparison start = new Comparison(entries);
        deciding.start(now, 1, start);
        if (start.taken == 0 && !(entries.getFirst().event() instanceof JobEvent.GangAssigned)) {
            Comparison round = new Comparison(ofRound(entries));
            deciding.roundAgain(now, served(round.recorded), round);
            round.finish();
            return round.taken > 0 ? round.taken : undecided(entries.getFirst());
        }
        return start.taken > 0 ? start.taken : undecided(entries.getFirst());
    }

    private int undecided(Entry recorded) {
        compare(recorded, null);
        state.apply(recorded);
        return 1;
    }

    /** What follows up to the next start. */
    private List<Entry> ofRound(List<Entry> entries) {
        int end = 0;
        while (end < entries.size()
                && isDecision(entries.get(end))
                && !(entries.get(end).event() instanceof JobEvent.GangAssigned)) {
            end++;
        }
        return entries.subList(0, end);
    }

    private Predicate<GangState> served(List<Entry> round) {
        Set<GangState> served = new HashSet<>();
        for (Entry entry : round) {
            if (entry.event() instanceof JobEvent.GangReserved reserved) {
                JobState job = state.jobs().find(reserved.jobId());
                if (job != null) {
                    served.add(job.gangs().get(reserved.gang()));
                }
            }
        }
        return served::contains;
    }

    /** Holds what is decided against what is recorded, and applies what is recorded. */
    private final class Comparison implements Consumer<JobEvent> {
        private final List<Entry> recorded;
        private int taken;
        private boolean differs;

        private Comparison(List<Entry> recorded) {
            this.recorded = recorded;
        }

        @Override
        public void accept(JobEvent decided) {
            if (differs) {
                // The rest rests on what was decided otherwise.
                return;
            }
            if (taken == recorded.size()) {
                differences.add(new Difference(recorded.getLast().revision(), "", decided.toString()));
                differs = true;
                return;
            }
            Entry entry = recorded.get(taken++);
            differs = !compare(entry, decided);
            state.apply(entry);
        }

        /** One difference stands for all of a round. */
        private void finish() {
            while (differs && taken < recorded.size()) {
                state.apply(recorded.get(taken++));
            }
        }
    }

    private boolean compare(Entry recorded, @Nullable JobEvent decided) {
        decisions++;
        Entry again =
                decided == null ? null : new Entry(recorded.revision(), recorded.atMicros(), recorded.actor(), decided);
        boolean same = again != null && Arrays.equals(bytes(again), bytes(recorded));
        if (!same) {
            differences.add(new Difference(
                    recorded.revision(),
                    recorded.event().toString(),
                    again == null ? "" : again.event().toString()));
        }
        return same;
    }

    private byte[] bytes(Entry entry) {
        return codec.encodeChunk(List.of(entry));
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

    /** Who waits after the last page, and what they are told. */
    public StillWaiting stillWaiting() {
        return StillWaiting.of(state);
    }

    /** Digest of the state after the last page. */
    public String digest() {
        return digests.of(state);
    }
}

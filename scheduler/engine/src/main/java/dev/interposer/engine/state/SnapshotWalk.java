package dev.interposer.engine.state;

import dev.interposer.engine.event.Entry;
import dev.interposer.engine.event.Event;
import dev.interposer.engine.event.FleetEvent;
import dev.interposer.engine.event.JobEvent;
import dev.interposer.engine.event.SettingEvent;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.Iterator;
import java.util.List;
import java.util.TreeMap;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import java.util.function.LongFunction;
import java.util.function.ToLongFunction;
import org.jspecify.annotations.Nullable;

/**
 * A {@link Snapshot} of one moment, made bit by bit while events go on.
 *
 * <p><b>Goals.</b> The same list as a snapshot made at once, without a long halt of those who change the state.
 *
 * <p><b>Constraints.</b> Whoever changes the state says so {@linkplain #before before}, and never while a bit is made.
 *
 * <p><b>Algorithm.</b> Nodes, request ids, specs and jobs are walked in the order of their ids. What an event is about
 * to change or remove, and was not walked yet, is written down first as it is; the walk takes it from there. What came
 * after the moment has a later id and is passed over. Settings are few and are written down at the beginning.
 */
public final class SnapshotWalk {
    private final State state;
    private final long revision;
    private final long atMicros;
    private final long nextId;
    private final List<Entry> settings = new ArrayList<>();
    private final Part<NodeState> nodes;
    private final Part<Specs.Stored> specs;
    private final Part<JobState> jobs;
    private final Memory requests;
    private boolean begun;
    private boolean ended;

    /** A snapshot of the state as it is now. */
    public static SnapshotWalk of(State state) {
        return new SnapshotWalk(state);
    }

    private SnapshotWalk(State state) {
        this.state = state;
        this.revision = state.revision();
        this.atMicros = state.atMicros();
        this.nextId = state.settings().nextId();
        this.nodes = new Part<>(state.nodes()::after, NodeState::id, Snapshot::node);
        this.specs = new Part<>(state.jobs().specs()::after, Specs.Stored::id, Snapshot::spec);
        this.jobs = new Part<>(state.jobs()::after, JobState::id, Snapshot::job);
        this.requests = new Memory(state.jobs().requests());
        new Snapshot(state, settings::add).settings();
    }

    /** Revision of the moment. */
    public long revision() {
        return revision;
    }

    /** Time of the moment's last event, microseconds. */
    public long atMicros() {
        return atMicros;
    }

    /** To be told of each event before it is applied. */
    public void before(Event event) {
        switch (event) {
            case SettingEvent setting -> {
                // Written down already.
            }
            case FleetEvent fleet -> nodes.keep(fleet.nodeId(), state.nodes().find(fleet.nodeId()));
            case JobEvent.SpecStored stored -> {
                // It came after the moment.
            }
            case JobEvent.RequestRemembered remembered -> {
                // It came after the moment.
            }
            case JobEvent.RequestsForgotten gone -> requests.keep(gone.beforeMicros());
            case JobEvent.JobForgotten gone -> {
                JobState job = state.jobs().find(gone.jobId());
                jobs.keep(gone.jobId(), job);
                if (job != null) {
                    specs.keep(job.specId(), state.jobs().specs().stored(job.specId()));
                }
            }
            case JobEvent.JobScaled scaled -> {
                JobState job = state.jobs().find(scaled.jobId());
                jobs.keep(scaled.jobId(), job);
                if (job != null) {
                    specs.keep(job.specId(), state.jobs().specs().stored(job.specId()));
                }
            }
            case JobEvent about -> jobs.keep(about.ofJob(), state.jobs().find(about.ofJob()));
        }
    }

    /**
     * Hands over the next bit.
     *
     * @param most things whose entries are handed over at most: nodes, request ids, specs, jobs
     * @return false when that was the last
     */
    public boolean next(int most, Consumer<Entry> sink) {
        if (!begun) {
            begun = true;
            settings.forEach(sink);
        }
        int left = nodes.next(most, sink);
        left = requests.next(left, sink);
        left = specs.next(left, sink);
        left = jobs.next(left, sink);
        if (left > 0 && !ended) {
            ended = true;
            new Snapshot(state, sink).end(revision, atMicros, nextId);
        }
        return !ended;
    }

    /** Things of one kind, in the order of their ids. */
    private final class Part<T> {
        private final LongFunction<Iterable<T>> after;
        private final ToLongFunction<T> id;
        private final BiConsumer<Snapshot, T> write;
        private final TreeMap<Long, List<Entry>> kept = new TreeMap<>();
        private long walked;

        Part(LongFunction<Iterable<T>> after, ToLongFunction<T> id, BiConsumer<Snapshot, T> write) {
            this.after = after;
            this.id = id;
            this.write = write;
        }

        /** As it is now, if it was there at the moment and is still to be walked. */
        void keep(long changed, @Nullable T value) {
            if (value != null && changed > walked && changed < nextId && !kept.containsKey(changed)) {
                List<Entry> entries = new ArrayList<>();
                write.accept(new Snapshot(state, entries::add), value);
                kept.put(changed, entries);
            }
        }

        /** @return how many things more may be handed over; 0 before the end of the part */
        int next(int most, Consumer<Entry> sink) {
            int left = most;
            Iterator<T> there = after.apply(walked).iterator();
            T value = there.hasNext() ? there.next() : null;
            while (left > 0) {
                long next = value == null ? nextId : Math.min(nextId, id.applyAsLong(value));
                boolean changed = !kept.isEmpty() && kept.firstKey() <= next;
                if (!changed && next == nextId) {
                    walked = nextId;
                    return left;
                }
                if (changed) {
                    walked = kept.firstKey();
                    kept.pollFirstEntry().getValue().forEach(sink);
                } else if (value != null) {
                    walked = next;
                    write.accept(new Snapshot(state, sink), value);
                }
                if (walked == next) {
                    value = there.hasNext() ? there.next() : null;
                }
                left--;
            }
            return 0;
        }
    }

    /** Request ids, oldest first, by their numbers. */
    private final class Memory {
        private final Requests requests;
        private final long forgottenBeforeMicros;
        private final long end;
        private final Deque<Requests.Remembered> kept = new ArrayDeque<>();
        private boolean begun;
        private long next;

        Memory(Requests requests) {
            this.requests = requests;
            this.forgottenBeforeMicros = requests.forgottenBeforeMicros();
            this.next = requests.forgotten();
            this.end = next + requests.size();
        }

        /** The oldest of those still to be walked, which are about to be forgotten. */
        void keep(long beforeMicros) {
            while (next < end) {
                Requests.Remembered oldest = requests.numbered(next);
                if (oldest.atMicros() >= beforeMicros) {
                    return;
                }
                kept.add(oldest);
                next++;
            }
        }

        int next(int most, Consumer<Entry> sink) {
            Snapshot snapshot = new Snapshot(state, sink);
            int left = most;
            if (left > 0 && !begun) {
                begun = true;
                snapshot.forgotten(forgottenBeforeMicros);
            }
            while (left > 0 && (!kept.isEmpty() || next < end)) {
                snapshot.request(kept.isEmpty() ? requests.numbered(next++) : kept.poll());
                left--;
            }
            return left;
        }
    }
}

package dev.interposer.control.core;

import dev.interposer.engine.event.Entry;
import dev.interposer.engine.event.Event;
import dev.interposer.engine.event.SettingEvent;
import dev.interposer.engine.model.Actor;
import dev.interposer.engine.state.State;
import java.util.ArrayList;
import java.util.List;

/** The page that is being formed. An event is applied before it is added, so that none is written that does not fit. */
final class PageDraft {
    private final State state;
    private final Timers timers;
    private final List<Entry> entries = new ArrayList<>();
    private long atMicros;
    private long termBeganMicros = -1;
    private long weight;
    private long changes;
    private Actor lastActor = Actor.SCHEDULER;
    private long settingsChanges;

    PageDraft(State state, Timers timers) {
        this.state = state;
        this.timers = timers;
    }

    /** Begins a new page; one {@code at} for all its events. */
    void begin(long nowMicros) {
        entries.clear();
        weight = Weights.of(Actor.SCHEDULER);
        lastActor = Actor.SCHEDULER;
        atMicros = Math.max(state.atMicros() + 1, nowMicros);
        if (termBeganMicros < 0) {
            termBeganMicros = atMicros;
        }
    }

    /** Time of the first page of this leader; its clock and that of the leader before may differ. */
    long termBeganMicros() {
        return termBeganMicros;
    }

    long atMicros() {
        return atMicros;
    }

    /** Applies and adds an event; returns its revision. */
    long add(Actor actor, Event event) {
        changes++;
        long revision = state.revision() + 1;
        state.apply(revision, atMicros, event);
        timers.follow(atMicros, event);
        settingsChanges += event instanceof SettingEvent ? 1 : 0;
        entries.add(new Entry(revision, atMicros, actor, event));
        weight += Weights.of(event);
        if (!actor.equals(lastActor)) {
            weight += Weights.of(actor);
            lastActor = actor;
        }
        return revision;
    }

    /** Number of changes of settings so far, over all pages. */
    long settingsChanges() {
        return settingsChanges;
    }

    int size() {
        return entries.size();
    }

    /** Events begun since this draft was made; one that failed half-way counts too. */
    long changes() {
        return changes;
    }

    /** Size when encoded, bytes; rather too large than too small. */
    long weight() {
        return weight;
    }

    List<Entry> entries() {
        return List.copyOf(entries);
    }
}

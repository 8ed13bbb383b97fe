package dev.interposer.engine.state;

import dev.interposer.engine.event.Entry;
import dev.interposer.engine.event.Event;
import dev.interposer.engine.event.FleetEvent;
import dev.interposer.engine.event.JobEvent;
import dev.interposer.engine.event.SettingEvent;
import dev.interposer.engine.model.Device;
import java.util.ArrayList;
import java.util.List;

/**
 * What is: the fold of the ledger. Applying an event changes it and tells the observers; nothing here decides. An event
 * that does not fit is a programming error or a damaged ledger and throws {@link IllegalStateException}.
 *
 * <p>Not safe for use by several threads.
 */
public final class State {
    private final List<StateObserver> observers = new ArrayList<>();
    private final Settings settings = new Settings(observers);
    private final Nodes nodes = new Nodes(observers);
    private final Jobs jobs = new Jobs(nodes, observers);
    private long revision;
    private long atMicros;

    /** From here on the observer is told of each change. */
    public void observe(StateObserver observer) {
        observers.add(observer);
    }

    public void apply(Entry entry) {
        apply(entry.revision(), entry.atMicros(), entry.event());
    }

    public void apply(long eventRevision, long eventAtMicros, Event event) {
        switch (event) {
            case SettingEvent setting -> settings.apply(setting);
            case FleetEvent fleet -> nodes.apply(eventRevision, eventAtMicros, fleet);
            case JobEvent job -> jobs.apply(eventRevision, eventAtMicros, job);
        }
        settings.take(newestId(event));
        revision = Math.max(revision, eventRevision);
        atMicros = Math.max(atMicros, eventAtMicros);
    }

    /** Revision of the last event applied. */
    public long revision() {
        return revision;
    }

    /** Time of the last event applied, microseconds. */
    public long atMicros() {
        return atMicros;
    }

    /** Suppliers, classes, queues, prices, ids. */
    public Settings settings() {
        return settings;
    }

    public Nodes nodes() {
        return nodes;
    }

    public Jobs jobs() {
        return jobs;
    }

    private static long newestId(Event event) {
        return switch (event) {
            case FleetEvent.NodeReported reported -> {
                long newest = reported.nodeId();
                for (Device device : reported.devices()) {
                    newest = Math.max(newest, device.id());
                }
                yield newest;
            }
            case JobEvent.SpecStored stored -> stored.specId();
            case JobEvent.JobSubmitted submitted -> submitted.jobId();
            default -> 0;
        };
    }
}

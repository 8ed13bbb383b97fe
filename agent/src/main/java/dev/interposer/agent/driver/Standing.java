package dev.interposer.agent.driver;

import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * What lasts on the devices of a driver. A state is told once when it begins and once when it is over, however often
 * the driver sees it; who listens late is told all that stands. Listeners are called under a lock, in order: they must
 * only hand on.
 */
public final class Standing {
    private static final Logger LOG = System.getLogger(Standing.class.getName());

    private final Map<State, Signal> raised = new LinkedHashMap<>();
    private @Nullable Consumer<Signal> listener;

    private record State(String device, Signal.Kind kind) {}

    public synchronized void listen(Consumer<Signal> signals) {
        listener = signals;
        raised.values().forEach(this::tell);
    }

    /** The state is there; one of another code is over first, since a device has one state of a kind. */
    public synchronized void raise(Signal signal) {
        State state = new State(signal.device(), signal.kind());
        Signal before = raised.put(state, signal);
        if (before != null && before.code().equals(signal.code())) {
            return;
        }
        if (before != null) {
            tell(Signal.cleared(signal.device(), signal.kind(), before.code()));
        }
        tell(signal);
    }

    /** The state is not there, or not any more. */
    public synchronized void clear(String device, Signal.Kind kind) {
        Signal before = raised.remove(new State(device, kind));
        if (before != null) {
            tell(Signal.cleared(device, kind, before.code()));
        }
    }

    /** Something that is over at once; nobody who listens later hears of it. */
    public synchronized void happened(Signal signal) {
        tell(signal);
    }

    /**
     * The device is no longer in the inventory: its states are over, and told anew should it come back with them. One
     * that comes back well would be ill for ever of what nobody cleared.
     */
    public synchronized void forget(String device) {
        for (State state : List.copyOf(raised.keySet())) {
            if (state.device().equals(device)) {
                clear(device, state.kind());
            }
        }
    }

    private void tell(Signal signal) {
        if (listener == null) {
            return;
        }
        try {
            listener.accept(signal);
        } catch (RuntimeException e) {
            // A fault of the listener must not end the thread of a driver, which would tell nothing any more.
            LOG.log(Level.ERROR, "a signal was not taken in: " + signal, e);
        }
    }
}

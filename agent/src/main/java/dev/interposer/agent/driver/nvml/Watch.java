package dev.interposer.agent.driver.nvml;

import dev.interposer.agent.driver.Signal;
import dev.interposer.agent.driver.Signal.Kind;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.LongSupplier;

/** Makes signals of what is looked at again and again: a state is told when it begins and when it is over. */
final class Watch {
    /** A chip at its limit swings about it; it is told to have cooled down only when it has. */
    private static final int COOLED_CELSIUS = 5;

    private static final long WINDOW_NANOS = TimeUnit.MINUTES.toNanos(1);

    private final LongSupplier nanos;
    private final int correctedPerMinute;

    private final Map<String, Past> pasts = new HashMap<>();
    private Consumer<Signal> listener = signal -> {};
    private boolean closed;

    /** What was seen of a device before. */
    private static final class Past {
        final Map<Kind, Signal> raised = new EnumMap<>(Kind.class);
        final BitSet linksSeenUp = new BitSet();
        long uncorrected = Health.UNKNOWN;
        long correctedAtStart = Health.UNKNOWN;
        long windowStartNanos;
    }

    Watch(LongSupplier nanos, int correctedPerMinute) {
        this.nanos = nanos;
        this.correctedPerMinute = correctedPerMinute;
    }

    /** States that began before are told at once: they last. */
    void listen(Consumer<Signal> signals) {
        List<Signal> present = new ArrayList<>();
        synchronized (this) {
            listener = signals;
            pasts.values().forEach(past -> present.addAll(past.raised.values()));
        }
        tell(present);
    }

    synchronized void close() {
        closed = true;
    }

    void tell(List<Signal> signals) {
        Consumer<Signal> told;
        synchronized (this) {
            if (closed) {
                return;
            }
            told = listener;
        }
        // Not under the lock: what a listener does is not ours to know.
        signals.forEach(told);
    }

    void look(String device, Health now) {
        List<Signal> signals = new ArrayList<>();
        synchronized (this) {
            Past past = past(device);
            errors(signals, device, past, now);
            state(signals, device, Kind.MEMORY_REMAP_PENDING, now.remapPending(), "rows or pages wait for a reset");
            state(signals, device, Kind.MEMORY_REMAP_FAILED, now.remapFailed(), "a row could not be replaced");
            links(signals, device, past, now.links());
            heat(signals, device, now.marginCelsius());
        }
        tell(signals);
    }

    void gone(String device, int code, String detail) {
        List<Signal> signals = new ArrayList<>();
        synchronized (this) {
            raise(signals, Signal.raised(device, Kind.GONE, code == 0 ? "" : Integer.toString(code), detail));
        }
        tell(signals);
    }

    void back(String device) {
        List<Signal> signals = new ArrayList<>();
        synchronized (this) {
            clear(signals, device, Kind.GONE);
        }
        tell(signals);
    }

    /** It was taken away on purpose; whatever lasted is over. */
    void forget(String device) {
        List<Signal> signals = new ArrayList<>();
        synchronized (this) {
            for (Kind kind : List.copyOf(past(device).raised.keySet())) {
                clear(signals, device, kind);
            }
            pasts.remove(device);
        }
        tell(signals);
    }

    private Past past(String device) {
        return pasts.computeIfAbsent(device, ignored -> new Past());
    }

    private void errors(List<Signal> signals, String device, Past past, Health now) {
        long uncorrected = now.uncorrectedErrors();
        if (uncorrected >= 0) {
            // Lower than before means that the driver was loaded anew, and the count begins again.
            if (past.uncorrected >= 0 && uncorrected > past.uncorrected) {
                String detail =
                        uncorrected - past.uncorrected + " more, " + uncorrected + " since the driver was loaded";
                signals.add(Signal.raised(device, Kind.ECC_UNCORRECTED, "", detail));
            }
            past.uncorrected = uncorrected;
        }
        long corrected = now.correctedErrors();
        if (corrected < 0) {
            return;
        }
        long at = nanos.getAsLong();
        long more = corrected - past.correctedAtStart;
        boolean first = past.correctedAtStart < 0 || more < 0;
        if (!first && more > correctedPerMinute) {
            String detail = more + " corrected within a minute, above " + correctedPerMinute;
            signals.add(Signal.raised(device, Kind.ECC_CORRECTED, "", detail));
        } else if (!first && at - past.windowStartNanos < WINDOW_NANOS) {
            return;
        }
        past.correctedAtStart = corrected;
        past.windowStartNanos = at;
    }

    private void links(List<Signal> signals, String device, Past past, Links.State links) {
        if (links.count() == 0) {
            return;
        }
        past.linksSeenUp.or(links.up());
        BitSet down = past.linksSeenUp.get(0, links.count());
        down.andNot(links.up());
        if (down.isEmpty()) {
            clear(signals, device, Kind.LINK_DOWN);
        } else {
            String detail = "of " + links.count() + " links these were up and are not: " + down;
            raise(signals, Signal.raised(device, Kind.LINK_DOWN, "", detail));
        }
    }

    private void heat(List<Signal> signals, String device, int marginCelsius) {
        if (marginCelsius == Health.COLD) {
            return;
        }
        if (marginCelsius <= 0) {
            String detail = "slows itself down, " + -marginCelsius + " °C above its limit";
            raise(signals, Signal.raised(device, Kind.OVER_TEMPERATURE, "", detail));
        } else if (marginCelsius >= COOLED_CELSIUS) {
            clear(signals, device, Kind.OVER_TEMPERATURE);
        }
    }

    private void state(List<Signal> signals, String device, Kind kind, Health.Known known, String detail) {
        switch (known) {
            case YES -> raise(signals, Signal.raised(device, kind, "", detail));
            case NO -> clear(signals, device, kind);
            case UNKNOWN -> {}
        }
    }

    private void raise(List<Signal> signals, Signal signal) {
        if (past(signal.device()).raised.putIfAbsent(signal.kind(), signal) == null) {
            signals.add(signal);
        }
    }

    private void clear(List<Signal> signals, String device, Kind kind) {
        Signal raised = past(device).raised.remove(kind);
        if (raised != null) {
            signals.add(Signal.cleared(device, kind, raised.code()));
        }
    }
}

package dev.interposer.agent.driver.nvml;

import dev.interposer.agent.driver.Signal;
import dev.interposer.agent.driver.Signal.Kind;
import dev.interposer.agent.driver.Standing;
import java.util.BitSet;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.LongSupplier;

/**
 * Makes signals of what is looked at again and again: a state is told when it begins and when it is over. All but
 * {@link #tell} and {@link #close} belong to the thread that looks.
 */
final class Watch {
    /** A chip at its limit swings about it; it is told to have cooled down only when it has. */
    private static final int COOLED_CELSIUS = 5;

    private static final String UNSPLIT = "it is in MIG mode and has no instances; make them with nvidia-smi mig -cgi"
            + " PROFILE -C, or end the mode with nvidia-smi -mig 0";

    private static final long WINDOW_NANOS = TimeUnit.MINUTES.toNanos(1);

    private final LongSupplier nanos;
    private final int correctedPerMinute;

    private final Standing standing = new Standing();
    private final Map<String, Past> pasts = new HashMap<>();
    private volatile boolean closed;

    /** What was seen of a chip before. */
    private static final class Past {
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
        standing.listen(signal -> {
            if (!closed) {
                signals.accept(signal);
            }
        });
    }

    void close() {
        closed = true;
    }

    /** Something that is no state. */
    void tell(Signal signal) {
        standing.happened(signal);
    }

    void look(String chip, Health now) {
        Past past = pasts.computeIfAbsent(chip, ignored -> new Past());
        uncorrected(chip, past, now.uncorrectedErrors());
        corrected(chip, past, now.correctedErrors());
        state(chip, Kind.MEMORY_REMAP_PENDING, now.remapPending(), "rows or pages wait for a reset");
        state(chip, Kind.MEMORY_REMAP_FAILED, now.remapFailed(), "a row could not be replaced");
        state(chip, Kind.MODE, now.unsplit(), UNSPLIT);
        links(chip, past, now.links());
        heat(chip, now.marginCelsius());
    }

    void gone(String device, String detail) {
        standing.raise(Signal.raised(device, Kind.GONE, "", detail));
    }

    /** Not listed any more: gone, and its other states are over. They are told anew should it come back with them. */
    void left(String device, String detail) {
        gone(device, detail);
        for (Kind kind : Kind.values()) {
            if (kind != Kind.GONE) {
                standing.clear(device, kind);
            }
        }
    }

    void back(String device) {
        standing.clear(device, Kind.GONE);
    }

    /** Until then it does nothing; the library says so to whatever is asked. */
    void mustBeReset(String device, boolean must) {
        if (must) {
            standing.raise(Signal.raised(device, Kind.REPORTED, "failed", Code.words(Code.RESET_REQUIRED)));
        } else {
            standing.clear(device, Kind.REPORTED);
        }
    }

    private void uncorrected(String chip, Past past, long count) {
        if (count < 0) {
            return;
        }
        // Lower than before means that the driver was loaded anew, and the count begins again.
        if (past.uncorrected >= 0 && count > past.uncorrected) {
            String detail = count - past.uncorrected + " more, " + count + " since the driver was loaded";
            standing.happened(Signal.raised(chip, Kind.ECC_UNCORRECTED, "count", detail));
        }
        past.uncorrected = count;
    }

    private void corrected(String chip, Past past, long count) {
        if (count < 0) {
            return;
        }
        long at = nanos.getAsLong();
        long more = count - past.correctedAtStart;
        boolean first = past.correctedAtStart < 0 || more < 0;
        boolean withinWindow = at - past.windowStartNanos < WINDOW_NANOS;
        boolean fast = !first && more > correctedPerMinute;
        if (!first && !fast && withinWindow) {
            return;
        }
        if (fast) {
            String detail = more + " corrected within a minute, above " + correctedPerMinute;
            standing.happened(Signal.raised(chip, Kind.ECC_CORRECTED, "", detail));
        }
        past.correctedAtStart = count;
        past.windowStartNanos = at;
    }

    private void links(String chip, Past past, Links.State links) {
        if (links.count() == 0) {
            return;
        }
        past.linksSeenUp.or(links.up());
        BitSet down = past.linksSeenUp.get(0, links.count());
        down.andNot(links.up());
        if (down.isEmpty()) {
            standing.clear(chip, Kind.LINK_DOWN);
        } else {
            String detail = "of " + links.count() + " links these were up and are not: " + down;
            standing.raise(Signal.raised(chip, Kind.LINK_DOWN, "", detail));
        }
    }

    private void heat(String chip, int marginCelsius) {
        if (marginCelsius == Health.COLD) {
            return;
        }
        if (marginCelsius <= 0) {
            String detail = "slows itself down, " + -marginCelsius + " °C above its limit";
            standing.raise(Signal.raised(chip, Kind.OVER_TEMPERATURE, "", detail));
        } else if (marginCelsius >= COOLED_CELSIUS) {
            standing.clear(chip, Kind.OVER_TEMPERATURE);
        }
    }

    private void state(String chip, Kind kind, Health.Known known, String detail) {
        switch (known) {
            case YES -> standing.raise(Signal.raised(chip, kind, "", detail));
            case NO -> standing.clear(chip, kind);
            case UNKNOWN -> {}
        }
    }
}

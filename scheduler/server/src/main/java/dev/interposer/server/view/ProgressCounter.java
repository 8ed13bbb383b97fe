package dev.interposer.server.view;

import dev.interposer.proto.agent.v1.Progress;
import java.util.ArrayList;
import java.util.List;

/**
 * The counter of one gang's attempt, and what of it can be believed.
 *
 * <p>A counter that goes back restarted from a checkpoint: it begins anew from there, and no span is negative. One that
 * leaps much further than the median of its latest paces is not believed until its pace is possible again; the leap is
 * left out of every pace.
 *
 * @param attempt of the gang
 * @param unit empty as long as nothing could be used
 * @param done the last count that could be believed
 * @param saidDone the last count that was said
 * @param saidMillis when, by the agent's uptime
 * @param paces the latest that were believed, units a second
 * @param restarts times that it went back
 * @param suspiciousSpans leaps
 * @param refusal why the last word can't be used; empty if it can
 */
record ProgressCounter(
        int attempt,
        String unit,
        long done,
        long saidDone,
        long saidMillis,
        List<Double> paces,
        int restarts,
        int suspiciousSpans,
        String refusal) {
    /** A pace so many times the median is a lie: noise and faster phases stay far below. */
    private static final double MOST_TIMES_MEDIAN = 10;

    private static final int FEWEST_PACES = 3;
    private static final int MOST_PACES = 32;

    ProgressCounter {
        paces = List.copyOf(paces);
    }

    /** The first word of an attempt. */
    static ProgressCounter of(Progress said) {
        return new ProgressCounter(
                said.getKey().getAttempt(),
                said.getUnit(),
                Math.max(0, said.getDone()),
                Math.max(0, said.getDone()),
                said.getReadMillis(),
                List.of(),
                0,
                0,
                said.getRefusal());
    }

    ProgressCounter heard(Progress said) {
        if (!said.getRefusal().isEmpty() || said.getDone() < 0) {
            return refused(said.getRefusal().isEmpty() ? "the count is negative" : said.getRefusal());
        }
        if (unit.isEmpty()) {
            return of(said);
        }
        if (!said.getUnit().equals(unit)) {
            return refused("the unit changed from " + unit + " to " + said.getUnit() + "; count in one unit");
        }
        long millis = said.getReadMillis() - saidMillis;
        if (said.getDone() < saidDone) {
            // Back from a leap, the work goes on where it was: that is no restart.
            int more = said.getDone() < done ? 1 : 0;
            return base(said, Math.min(done, said.getDone()), restarts + more);
        }
        if (millis <= 0) {
            // Another agent, whose clock began anew, or the same word again in another stream.
            return base(said, believable(said) ? said.getDone() : done, restarts);
        }
        double pace = (said.getDone() - saidDone) * 1000.0 / millis;
        if (paces.size() >= FEWEST_PACES && pace > MOST_TIMES_MEDIAN * median()) {
            return new ProgressCounter(
                    attempt,
                    unit,
                    done,
                    said.getDone(),
                    said.getReadMillis(),
                    paces,
                    restarts,
                    suspiciousSpans + 1,
                    "");
        }
        List<Double> more = new ArrayList<>(paces);
        more.add(pace);
        if (more.size() > MOST_PACES) {
            more.removeFirst();
        }
        // What it leapt before is never believed: only what it does since.
        long believed = done + (said.getDone() - saidDone);
        return new ProgressCounter(
                attempt, unit, believed, said.getDone(), said.getReadMillis(), more, restarts, suspiciousSpans, "");
    }

    /** Of the last span that was believed; 0 before one. */
    double unitsPerSecond() {
        return paces.isEmpty() ? 0 : paces.getLast();
    }

    private boolean believable(Progress said) {
        return saidDone == done && said.getDone() >= done;
    }

    private ProgressCounter base(Progress said, long believed, int restartsNow) {
        return new ProgressCounter(
                attempt, unit, believed, said.getDone(), said.getReadMillis(), paces, restartsNow, suspiciousSpans, "");
    }

    private ProgressCounter refused(String why) {
        return new ProgressCounter(attempt, unit, done, saidDone, saidMillis, paces, restarts, suspiciousSpans, why);
    }

    private double median() {
        List<Double> sorted = paces.stream().sorted().toList();
        return sorted.get(sorted.size() / 2);
    }
}

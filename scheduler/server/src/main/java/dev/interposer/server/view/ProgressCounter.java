package dev.interposer.server.view;

import dev.interposer.proto.agent.v1.Progress;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/**
 * The counter of one gang's attempt, and what of it can be believed.
 *
 * <p>A counter that goes back restarted from a checkpoint: it begins anew from there, and no span is negative. One that
 * leaps much further than the median of its latest paces is not believed until its pace is possible again, or has been
 * much the same for {@value #SAME_PACES} spans in a row, as after a phase of warming up; the leap is left out of every
 * pace.
 *
 * @param attempt of the gang
 * @param stream of the agent in which it was heard: in another its clock may have begun anew
 * @param unit empty as long as nothing could be used
 * @param done the last count that could be believed
 * @param saidDone the last count that was said
 * @param saidMillis when, by the agent's uptime
 * @param paces the latest that were believed, units a second
 * @param doubted those in a row since, that were not
 * @param restarts times that it went back
 * @param suspiciousSpans leaps
 * @param refusal why the last word can't be used; empty if it can
 * @param span what the last word told of
 */
record ProgressCounter(
        int attempt,
        long stream,
        String unit,
        long done,
        long saidDone,
        long saidMillis,
        List<Double> paces,
        List<Double> doubted,
        int restarts,
        int suspiciousSpans,
        String refusal,
        Span span) {
    /**
     * From one count to the next.
     *
     * @param begun whether counting begins here, since nothing was heard before or the counter went back
     * @param done in it; 0 where it can't be believed
     * @param millis of it; 0 where it can't be believed
     */
    record Span(boolean begun, long done, long millis) {
        private static final Span BEGUN = new Span(true, 0, 0);
        private static final Span LEFT_OUT = new Span(false, 0, 0);
    }

    /** A pace so many times the median is a lie: noise and faster phases stay far below. */
    private static final double MOST_TIMES_MEDIAN = 10;

    private static final int FEWEST_PACES = 3;
    private static final int MOST_PACES = 32;
    private static final int SAME_PACES = 8;

    /** Of the fastest and the slowest of them. */
    private static final double SAME_RATIO = 4;

    ProgressCounter {
        paces = List.copyOf(paces);
        doubted = List.copyOf(doubted);
    }

    /** The first word of an attempt. */
    static ProgressCounter of(Progress said, long stream) {
        long done = Math.max(0, said.getDone());
        return new ProgressCounter(
                said.getKey().getAttempt(),
                stream,
                said.getUnit(),
                done,
                done,
                said.getReadMillis(),
                List.of(),
                List.of(),
                0,
                0,
                said.getRefusal(),
                Span.BEGUN);
    }

    ProgressCounter heard(Progress said, long inStream) {
        if (!said.getRefusal().isEmpty() || said.getDone() < 0) {
            return refused(said.getRefusal().isEmpty() ? "the count is negative" : said.getRefusal());
        }
        if (unit.isEmpty()) {
            return of(said, inStream);
        }
        if (!said.getUnit().equals(unit)) {
            return refused("the unit changed from " + unit + " to " + said.getUnit() + "; count in one unit");
        }
        if (said.getDone() < saidDone) {
            // Back from a leap, the work goes on where it was: that is no restart.
            int more = said.getDone() < done ? 1 : 0;
            return begun(said, inStream, Math.min(done, said.getDone()), restarts + more);
        }
        long millis = said.getReadMillis() - saidMillis;
        if (millis <= 0 || inStream != stream) {
            return begun(said, inStream, believable(said) ? said.getDone() : done, restarts);
        }
        double pace = (said.getDone() - saidDone) * 1000.0 / millis;
        if (paces.size() >= FEWEST_PACES && pace > MOST_TIMES_MEDIAN * median()) {
            List<Double> since = with(doubted, pace, SAME_PACES);
            return since.size() == SAME_PACES && alike(since)
                    ? leapt(said, since, List.of())
                    : leapt(said, paces, since);
        }
        List<Double> more = with(paces, pace, MOST_PACES);
        // What it leapt before is never believed: only what it does since.
        long since = said.getDone() - saidDone;
        return new ProgressCounter(
                attempt,
                stream,
                unit,
                done + since,
                said.getDone(),
                said.getReadMillis(),
                more,
                List.of(),
                restarts,
                suspiciousSpans,
                "",
                new Span(false, since, millis));
    }

    /** Of the last span that was believed; 0 before one. */
    double unitsPerSecond() {
        return paces.isEmpty() ? 0 : paces.getLast();
    }

    private boolean believable(Progress said) {
        return saidDone == done && said.getDone() >= done;
    }

    private ProgressCounter begun(Progress said, long inStream, long believed, int restartsNow) {
        return new ProgressCounter(
                attempt,
                inStream,
                unit,
                believed,
                said.getDone(),
                said.getReadMillis(),
                paces,
                doubted,
                restartsNow,
                suspiciousSpans,
                "",
                Span.BEGUN);
    }

    private ProgressCounter leapt(Progress said, List<Double> believed, List<Double> doubtedSince) {
        return new ProgressCounter(
                attempt,
                stream,
                unit,
                done,
                said.getDone(),
                said.getReadMillis(),
                believed,
                doubtedSince,
                restarts,
                suspiciousSpans + 1,
                "",
                Span.LEFT_OUT);
    }

    private ProgressCounter refused(String why) {
        return new ProgressCounter(
                attempt,
                stream,
                unit,
                done,
                saidDone,
                saidMillis,
                paces,
                doubted,
                restarts,
                suspiciousSpans,
                why,
                Span.LEFT_OUT);
    }

    private static List<Double> with(List<Double> known, double pace, int most) {
        List<Double> more = new ArrayList<>(known);
        more.add(pace);
        if (more.size() > most) {
            more.removeFirst();
        }
        return more;
    }

    private static boolean alike(List<Double> paces) {
        return Collections.max(paces) <= SAME_RATIO * Collections.min(paces);
    }

    private double median() {
        List<Double> sorted = paces.stream().sorted().toList();
        return sorted.get(sorted.size() / 2);
    }
}

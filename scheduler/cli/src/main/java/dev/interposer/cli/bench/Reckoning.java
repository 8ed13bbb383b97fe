package dev.interposer.cli.bench;

import java.util.Arrays;

/**
 * Joins what the processes of a run saw: the submitter's acknowledgements, the watcher's times, the agents' journals.
 *
 * @param latencies of the acknowledged jobs that were due in the measured time
 * @param inTimePerSecond assignments that reached the watcher in the measured time, a second
 * @param acknowledged jobs in all
 * @param lost acknowledged jobs whose assignment did not reach the watcher, or that no agent began
 * @param doubled workers that agents began more than once
 * @param workers that agents began
 */
record Reckoning(Latencies latencies, double inTimePerSecond, int acknowledged, int lost, int doubled, int workers) {
    /**
     * @param jobIds by number; 0 for a job that was not acknowledged
     * @param seenMicros by number; 0 for an assignment that did not reach the watcher
     */
    static Reckoning of(Schedule schedule, long[] jobIds, long[] seenMicros, Testimony testimony) {
        long[] latencies = new long[jobIds.length];
        int measured = 0;
        int inTime = 0;
        int acknowledged = 0;
        int lost = 0;
        for (int number = 0; number < jobIds.length; number++) {
            long seen = seenMicros[number];
            inTime += schedule.measured(seen) ? 1 : 0;
            if (jobIds[number] == 0) {
                continue;
            }
            acknowledged++;
            lost += seen == 0 || !testimony.began(jobIds[number]) ? 1 : 0;
            long due = schedule.dueMicros(number);
            if (schedule.measured(due)) {
                // One that never came is later than any.
                latencies[measured++] = seen == 0 ? Long.MAX_VALUE : seen - due;
            }
        }
        return new Reckoning(
                new Latencies(Arrays.copyOf(latencies, measured)),
                (double) inTime / schedule.measureSeconds(),
                acknowledged,
                lost,
                testimony.doubled(),
                testimony.size());
    }

    /** All of them, sorted: percentiles are exact. */
    static final class Latencies {
        private final long[] micros;

        private Latencies(long[] micros) {
            this.micros = micros;
            Arrays.sort(micros);
        }

        /** The value at or below which that part of all lies, milliseconds. */
        double millis(double part) {
            return micros.length == 0 ? 0 : micros[Math.max(0, (int) Math.ceil(micros.length * part) - 1)] / 1000.0;
        }
    }

    /** The latency at or below which that part of all lies, milliseconds. */
    double millis(double part) {
        return latencies.millis(part);
    }
}

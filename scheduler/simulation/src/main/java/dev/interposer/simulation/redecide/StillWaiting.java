package dev.interposer.simulation.redecide;

import dev.interposer.engine.model.JobKind;
import dev.interposer.engine.model.JobSpec;
import dev.interposer.engine.model.Reason;
import dev.interposer.engine.plan.Scheduler;
import dev.interposer.engine.state.GangState;
import dev.interposer.engine.state.JobState;
import dev.interposer.engine.state.Snapshot;
import dev.interposer.engine.state.State;
import java.util.Collections;
import java.util.HashMap;
import java.util.Map;
import java.util.TreeMap;

/**
 * Gangs that wait for a place at the end of a dump, once all that can start has started.
 *
 * @param gangs how many wait
 * @param vague those of them whose reason says only that they wait, and not for what
 * @param reasons how many have which
 */
public record StillWaiting(long gangs, long vague, Map<String, Long> reasons) {
    private static final int STARTS_AT_ONCE = 1000;

    public StillWaiting {
        reasons = Collections.unmodifiableSortedMap(new TreeMap<>(reasons));
    }

    /** What gangs have in common that wait for the same. */
    private record Alike(JobSpec spec, String user, int priority, int startedProfile) {}

    static StillWaiting of(State end) {
        State state = new State();
        Snapshot.of(end).forEach(state::apply);
        Scheduler scheduler = Scheduler.following(state);
        if (state.settings().placementHalted().isEmpty() && !state.settings().nodesAwaited()) {
            long now = state.atMicros();
            int events = 1;
            while (events > 0) {
                events = scheduler.start(now, STARTS_AT_ONCE, event -> state.apply(state.revision() + 1, now, event));
            }
        }
        return explained(state, scheduler);
    }

    private static StillWaiting explained(State state, Scheduler scheduler) {
        Map<Alike, Reason> known = new HashMap<>();
        Map<String, Long> reasons = new TreeMap<>();
        long gangs = 0;
        long vague = 0;
        for (JobState job : state.jobs().all()) {
            for (GangState gang : job.gangs()) {
                if (gang.eligible()) {
                    Reason reason = reason(gang, scheduler, known);
                    reasons.merge(reason.code().name(), 1L, Long::sum);
                    gangs++;
                    vague += reason.catchAll() ? 1 : 0;
                }
            }
        }
        return new StillWaiting(gangs, vague, reasons);
    }

    /** Replicas and whom a place is kept for are asked about one by one. */
    private static Reason reason(GangState gang, Scheduler scheduler, Map<Alike, Reason> known) {
        JobState job = gang.job();
        if (job.spec().kind() != JobKind.TRAINING || gang.reservation() != null) {
            return scheduler.explain(gang).reason();
        }
        Alike alike = new Alike(job.spec(), job.userName(), job.priority(), gang.startedProfile());
        return known.computeIfAbsent(alike, one -> scheduler.explain(gang).reason());
    }
}

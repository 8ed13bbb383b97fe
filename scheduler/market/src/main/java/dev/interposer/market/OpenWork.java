package dev.interposer.market;

import dev.interposer.engine.state.GangState;
import dev.interposer.engine.state.JobState;
import dev.interposer.engine.state.State;
import dev.interposer.engine.state.StateObserver;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * What waits, by spec, and what runs.
 *
 * <p><b>Goals.</b> Always equal to what a walk over the jobs would find, at the cost of what changed: of 200,000 jobs
 * most wait, and those that share a spec are all alike.
 */
final class OpenWork implements StateObserver {
    private final Map<Long, Waiting> waiting = new HashMap<>();
    private final Set<GangState> running = new LinkedHashSet<>();

    /** Gangs that wait and share a spec. */
    static final class Waiting {
        private final JobState example;
        private long gangs;

        private Waiting(JobState example) {
            this.example = example;
        }

        /** Any job of the spec. */
        JobState example() {
            return example;
        }

        long gangs() {
            return gangs;
        }
    }

    private OpenWork() {}

    /** Follows a state from here on; what is there already is taken in. */
    static OpenWork following(State state) {
        OpenWork work = of(state);
        state.observe(work);
        return work;
    }

    /** Of a state as it is; follows nothing. */
    static OpenWork of(State state) {
        OpenWork work = new OpenWork();
        for (JobState job : state.jobs().all()) {
            for (GangState gang : job.gangs()) {
                if (gang.liveWorkers() > 0) {
                    work.gangAssigned(gang);
                } else if (gang.eligible()) {
                    work.gangWaiting(gang);
                }
            }
        }
        return work;
    }

    Collection<Waiting> waiting() {
        return Collections.unmodifiableCollection(waiting.values());
    }

    /** Those with workers that have not ended, in the order of their jobs. */
    List<GangState> running() {
        List<GangState> sorted = new ArrayList<>(running);
        sorted.sort((a, b) -> {
            int byJob = Long.compare(a.job().id(), b.job().id());
            return byJob != 0 ? byJob : Integer.compare(a.index(), b.index());
        });
        return sorted;
    }

    @Override
    public void gangWaiting(GangState gang) {
        waiting.computeIfAbsent(gang.job().specId(), id -> new Waiting(gang.job())).gangs++;
    }

    @Override
    public void gangNotWaiting(GangState gang) {
        waiting.computeIfPresent(gang.job().specId(), (id, same) -> --same.gangs == 0 ? null : same);
    }

    @Override
    public void gangAssigned(GangState gang) {
        running.add(gang);
    }

    @Override
    public void gangFreed(GangState gang) {
        running.remove(gang);
    }
}

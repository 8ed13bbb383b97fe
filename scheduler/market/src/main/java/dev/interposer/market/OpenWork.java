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
import java.util.TreeMap;

/**
 * What waits, by spec, what runs, and the inference jobs of both.
 *
 * <p><b>Goals.</b> Always equal to what a walk over the jobs would find, at the cost of what changed: of 200,000 jobs
 * most wait, and those that share a spec are all alike.
 */
final class OpenWork implements StateObserver {
    private final Map<Long, Waiting> waiting = new HashMap<>();
    private final Set<GangState> running = new LinkedHashSet<>();
    /** By id; with the number of their replicas that wait or run. */
    private final TreeMap<Long, Serving> serving = new TreeMap<>();

    private record Serving(JobState job, int replicas) {}

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

    /** Inference jobs that wait or run, in the order of their submission. */
    List<JobState> serving() {
        return serving.values().stream().map(Serving::job).toList();
    }

    private void serve(GangState gang, int sign) {
        JobState job = gang.job();
        if (job.spec().inference() != null) {
            serving.merge(job.id(), new Serving(job, sign), (known, one) -> {
                int replicas = known.replicas + one.replicas;
                return replicas == 0 ? null : new Serving(job, replicas);
            });
        }
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
        serve(gang, 1);
    }

    @Override
    public void gangNotWaiting(GangState gang) {
        waiting.computeIfPresent(gang.job().specId(), (id, same) -> --same.gangs == 0 ? null : same);
        serve(gang, -1);
    }

    @Override
    public void gangAssigned(GangState gang) {
        if (running.add(gang)) {
            serve(gang, 1);
        }
    }

    @Override
    public void gangFreed(GangState gang) {
        if (running.remove(gang)) {
            serve(gang, -1);
        }
    }
}

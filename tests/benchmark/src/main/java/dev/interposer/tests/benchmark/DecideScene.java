package dev.interposer.tests.benchmark;

import dev.interposer.engine.event.Event;
import dev.interposer.engine.event.JobEvent;
import dev.interposer.engine.event.SettingEvent;
import dev.interposer.engine.model.EndCause;
import dev.interposer.engine.model.GangPhase;
import dev.interposer.engine.model.Ids;
import dev.interposer.engine.model.JobPhase;
import dev.interposer.engine.model.JobQueue;
import dev.interposer.engine.model.JobSpec;
import dev.interposer.engine.model.Reason;
import dev.interposer.engine.model.ReasonCode;
import dev.interposer.engine.plan.Scheduler;
import dev.interposer.engine.state.GangState;
import dev.interposer.engine.state.JobState;
import dev.interposer.engine.state.State;
import dev.interposer.engine.state.WorkerState;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;

/**
 * A full fleet with work that waits, in a steady state: each operation ends one gang, decides, and submits another of
 * the same shape.
 */
final class DecideScene implements Operated {
    private static final int USERS = 50;
    private static final int MOST = 1 << 30;
    private static final Reason DONE = Reason.NONE;

    private final State state = new State();
    private final Scheduler scheduler = Scheduler.following(state);
    private final List<GangState> running = new ArrayList<>();
    private final long[] specIds;
    private final SplittableRandom random;
    private final int bands;
    private final List<GangState> stopping = new ArrayList<>();
    private long evictions;
    private long decidingNanos;
    private long ids;
    private long placements;
    private long workers;

    /**
     * @param nodes how many nodes
     * @param waiting how many gangs wait once the fleet is full
     * @param seed of the shapes and of which gang ends
     * @param ruled whether queues, users and policies bind; else there is one queue without bounds and one band
     */
    DecideScene(int nodes, int waiting, long seed, boolean ruled) {
        this.random = new SplittableRandom(seed);
        ids = FleetScene.build(nodes, this::apply);
        this.bands = ruled ? 2 : 1;
        List<String> queues = List.of("research");
        if (ruled) {
            queues = Rules.apply(nodes, this::apply);
        } else {
            apply(new SettingEvent.QueueApplied(JobQueue.of("research")));
        }
        List<JobSpec> specs = new WorkMix(seed, queues).specs();
        specIds = new long[specs.size()];
        for (int index = 0; index < specIds.length; index++) {
            specIds[index] = ids++;
            apply(new JobEvent.SpecStored(specIds[index], "sha-" + index, specs.get(index)));
        }
        while (scheduler.waitingGangs() < waiting) {
            for (int job = 0; job < 1000; job++) {
                submit(specIds[random.nextInt(specIds.length)]);
            }
            decide();
        }
    }

    /** One gang ends, the scheduler decides, one gang of the same shape is submitted. */
    @Override
    public void operate() {
        GangState gang = takeOne();
        long specId = gang.job().specId();
        end(gang);
        decide();
        stopped();
        submit(specId);
    }

    /** One that runs; of those that were evicted some are in the list still. */
    private GangState takeOne() {
        while (true) {
            int index = random.nextInt(running.size());
            GangState gang = running.get(index);
            running.set(index, running.getLast());
            running.removeLast();
            if (gang.phase() == GangPhase.ASSIGNED) {
                return gang;
            }
        }
    }

    /** Whoever was asked to leave does so at once. */
    private void stopped() {
        for (GangState gang : stopping) {
            release(gang, EndCause.RELEASED);
            apply(new JobEvent.GangRequeued(
                    gang.job().id(),
                    gang.index(),
                    gang.attempt(),
                    0,
                    0,
                    0,
                    0,
                    Reason.of(ReasonCode.STOPPING),
                    Ids.NONE));
        }
        evictions += stopping.size();
        stopping.clear();
    }

    /** Gangs placed so far. */
    @Override
    public long placements() {
        return placements;
    }

    /** Workers of the gangs placed so far. */
    @Override
    public long workers() {
        return workers;
    }

    @Override
    public long decidingNanos() {
        return decidingNanos;
    }

    int waiting() {
        return scheduler.waitingGangs();
    }

    /** Whole free devices, in thousandths of all. */
    @Override
    public long freeMilli() {
        long free = 0;
        for (String name : FleetScene.CLASSES) {
            free += scheduler.fleet().freeTotal(scheduler.fleet().classNumber(name));
        }
        return free * 1000 / (8L * state.nodes().all().size());
    }

    @Override
    public String toString() {
        return waiting() + " gangs wait, " + running.size() + " run, " + evictions + " were evicted";
    }

    private void decide() {
        long begun = System.nanoTime();
        scheduler.decide(MOST, this::decided);
        decidingNanos += System.nanoTime() - begun;
    }

    private void decided(JobEvent event) {
        apply(event);
        if (event instanceof JobEvent.GangAssigned assigned) {
            count(assigned);
        } else if (event instanceof JobEvent.GangStopping asked) {
            stopping.add(gang(asked.jobId(), asked.gang()));
        }
    }

    private void count(JobEvent.GangAssigned assigned) {
        placements++;
        workers += assigned.workers().size();
        running.add(gang(assigned.jobId(), assigned.gang()));
    }

    private GangState gang(long jobId, int index) {
        JobState job = state.jobs().find(jobId);
        if (job == null) {
            throw new IllegalStateException("job " + jobId + " is not there");
        }
        return job.gangs().get(index);
    }

    private void end(GangState gang) {
        release(gang, EndCause.COMPLETED);
        long job = gang.job().id();
        apply(new JobEvent.GangEnded(job, gang.index(), DONE));
        apply(new JobEvent.JobEnded(job, JobPhase.SUCCEEDED, DONE));
        apply(new JobEvent.JobForgotten(job));
    }

    private void release(GangState gang, EndCause cause) {
        for (WorkerState worker : gang.workers()) {
            apply(new JobEvent.WorkerEnded(worker.key(), cause, 0, ""));
        }
    }

    /** Every hundredth is of the higher band, so that some are evicted. */
    private void submit(long specId) {
        long id = ids++;
        int priority = bands > 1 && id % 100 == 0 ? 10 : 0;
        apply(new JobEvent.JobSubmitted(id, "ns", "job-" + id, specId, priority, "", "user-" + specId % USERS));
    }

    private void apply(Event event) {
        state.apply(state.revision() + 1, state.atMicros() + 1, event);
    }
}

package dev.interposer.tests.benchmark;

import dev.interposer.engine.event.Event;
import dev.interposer.engine.event.JobEvent;
import dev.interposer.engine.event.SettingEvent;
import dev.interposer.engine.model.EndCause;
import dev.interposer.engine.model.JobPhase;
import dev.interposer.engine.model.JobQueue;
import dev.interposer.engine.model.JobSpec;
import dev.interposer.engine.model.Reason;
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
    private static final String QUEUE = "research";
    private static final int MOST = 1 << 30;
    private static final Reason DONE = Reason.NONE;

    private final State state = new State();
    private final Scheduler scheduler = Scheduler.following(state);
    private final List<GangState> running = new ArrayList<>();
    private final long[] specIds;
    private final SplittableRandom random;
    private long ids;
    private long placements;
    private long workers;

    /**
     * @param nodes how many nodes
     * @param waiting how many gangs wait once the fleet is full
     * @param seed of the shapes and of which gang ends
     */
    DecideScene(int nodes, int waiting, long seed) {
        this.random = new SplittableRandom(seed);
        ids = FleetScene.build(nodes, this::apply);
        apply(new SettingEvent.QueueApplied(JobQueue.of(QUEUE)));
        List<JobSpec> specs = new WorkMix(seed, QUEUE).specs();
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
        int index = random.nextInt(running.size());
        GangState gang = running.get(index);
        running.set(index, running.getLast());
        running.removeLast();
        long specId = gang.job().specId();
        end(gang);
        decide();
        submit(specId);
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
        return waiting() + " gangs wait, " + running.size() + " run";
    }

    private void decide() {
        scheduler.decide(MOST, this::decided);
    }

    private void decided(JobEvent event) {
        apply(event);
        if (event instanceof JobEvent.GangAssigned assigned) {
            count(assigned);
        }
    }

    private void count(JobEvent.GangAssigned assigned) {
        placements++;
        workers += assigned.workers().size();
        JobState job = state.jobs().find(assigned.jobId());
        if (job == null) {
            throw new IllegalStateException("job " + assigned.jobId() + " is not there");
        }
        running.add(job.gangs().get(assigned.gang()));
    }

    private void end(GangState gang) {
        for (WorkerState worker : gang.workers()) {
            apply(new JobEvent.WorkerEnded(worker.key(), EndCause.COMPLETED, 0, ""));
        }
        long job = gang.job().id();
        apply(new JobEvent.GangEnded(job, gang.index(), DONE));
        apply(new JobEvent.JobEnded(job, JobPhase.SUCCEEDED, DONE));
        apply(new JobEvent.JobForgotten(job));
    }

    private void submit(long specId) {
        long id = ids++;
        apply(new JobEvent.JobSubmitted(id, "ns", "job-" + id, specId, 0, "", "ada"));
    }

    private void apply(Event event) {
        state.apply(state.revision() + 1, state.atMicros() + 1, event);
    }
}

package dev.interposer.control.core;

import static org.assertj.core.api.Assertions.assertThat;

import dev.interposer.engine.state.GangState;
import dev.interposer.engine.state.JobState;
import dev.interposer.engine.state.State;
import dev.interposer.engine.state.StateObserver;
import java.util.HashSet;
import java.util.Set;

/** What an observer is told of gangs: each step once, and in sum what a walk over the jobs finds. */
final class ToldGangs implements StateObserver {
    private final State state;
    private final Set<GangState> waiting = new HashSet<>();
    private final Set<GangState> running = new HashSet<>();

    ToldGangs(State state) {
        this.state = state;
        state.observe(this);
    }

    void check() {
        Set<GangState> eligible = new HashSet<>();
        Set<GangState> live = new HashSet<>();
        for (JobState job : state.jobs().all()) {
            for (GangState gang : job.gangs()) {
                if (gang.eligible()) {
                    eligible.add(gang);
                }
                if (gang.liveWorkers() > 0) {
                    live.add(gang);
                }
            }
        }
        assertThat(waiting).as("gangs that wait").isEqualTo(eligible);
        assertThat(running).as("gangs that run").isEqualTo(live);
    }

    @Override
    public void gangWaiting(GangState gang) {
        assertThat(waiting.add(gang)).as("told once that it waits").isTrue();
    }

    @Override
    public void gangNotWaiting(GangState gang) {
        assertThat(waiting.remove(gang)).as("told once that it waits no more").isTrue();
    }

    @Override
    public void gangAssigned(GangState gang) {
        assertThat(running.add(gang)).as("told once that it has a place").isTrue();
    }

    @Override
    public void gangFreed(GangState gang) {
        assertThat(running.remove(gang)).as("told once that it is gone").isTrue();
    }
}

package dev.interposer.engine.plan;

import dev.interposer.engine.event.JobEvent;
import dev.interposer.engine.placement.PlacementPolicy;
import dev.interposer.engine.state.State;
import java.util.ArrayList;
import java.util.List;

/**
 * Looks for gangs that could start and are not tried: a scheduler that begins anew tries everybody, and must find what
 * one that has followed the state finds.
 */
final class LeftOut {
    private LeftOut() {}

    /**
     * What a new scheduler would do first at a moment, if one that has followed the state would do something else;
     * empty where both agree. Changes nothing.
     */
    static List<JobEvent> of(State state, Scheduler followed, PlacementPolicy policy, long nowMicros) {
        List<JobEvent> anew = new ArrayList<>();
        Scheduler.following(state, policy).start(nowMicros, 1, anew::add);
        List<JobEvent> found = new ArrayList<>();
        followed.start(nowMicros, 1, found::add);
        return anew.equals(found) ? List.of() : anew;
    }
}

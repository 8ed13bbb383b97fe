package dev.interposer.engine.order;

import dev.interposer.engine.model.JobSpec;
import dev.interposer.engine.state.GangState;
import java.util.Comparator;
import java.util.TreeSet;

/** Waiting gangs that are alike: one spec, one priority. What keeps one of them waiting keeps them all. */
public final class Shape {
    static final Comparator<GangState> FIFO =
            Comparator.<GangState>comparingLong(gang -> gang.job().id()).thenComparingInt(GangState::index);

    private final long specId;
    private final int priority;
    private final JobSpec spec;
    private final TreeSet<GangState> gangs = new TreeSet<>(FIFO);
    boolean ready;

    Shape(GangState first) {
        this.specId = first.job().specId();
        this.priority = first.job().priority();
        this.spec = first.job().spec();
    }

    public long specId() {
        return specId;
    }

    public JobSpec spec() {
        return spec;
    }

    public int priority() {
        return priority;
    }

    /** The gang that has waited longest. */
    public GangState head() {
        return gangs.first();
    }

    public int size() {
        return gangs.size();
    }

    boolean add(GangState gang) {
        return gangs.add(gang);
    }

    boolean remove(GangState gang) {
        return gangs.remove(gang);
    }

    /** Gangs of this shape before a gang, itself left out. */
    int ahead(GangState gang) {
        return gangs.headSet(gang).size();
    }
}

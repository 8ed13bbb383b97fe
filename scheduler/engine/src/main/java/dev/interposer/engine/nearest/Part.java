package dev.interposer.engine.nearest;

import java.util.Collections;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Consumer;

/** One part of a change: of one kind, to one thing, by a definite amount. */
public final class Part {
    private final ChangeKind kind;
    private final int cost;
    private final Map<String, String> parameters;
    private final Consumer<Draft> change;

    Part(ChangeKind kind, int cost, Map<String, String> parameters, Consumer<Draft> change) {
        this.kind = kind;
        this.cost = cost;
        this.parameters = Collections.unmodifiableSortedMap(new TreeMap<>(parameters));
        this.change = change;
    }

    public ChangeKind kind() {
        return kind;
    }

    public int cost() {
        return cost;
    }

    /** What is changed, and how; the kind names them. */
    public Map<String, String> parameters() {
        return parameters;
    }

    void apply(Draft draft) {
        change.accept(draft);
    }

    @Override
    public String toString() {
        return kind + " " + parameters;
    }
}

package dev.interposer.engine.fleet;

import dev.interposer.engine.model.AcceleratorClass;
import java.util.List;

/** The topology levels of one class by the keys of the fleet's domains, small to large; the cluster is the last. */
public final class Ladder {
    private final List<String> names;
    private final int[] keys;
    private final int wholeStep;

    Ladder(List<String> names, int[] keys, AcceleratorClass chipClass) {
        this.names = List.copyOf(names);
        this.keys = keys;
        this.wholeStep = chipClass.wholeLevel().isEmpty() ? -1 : step(chipClass.wholeLevel());
    }

    /** How many levels. */
    public int steps() {
        return keys.length;
    }

    /** Place of a level from below; the cluster for an empty name; −1 for a level that the class has not. */
    public int step(String level) {
        return level.isEmpty() ? keys.length - 1 : names.indexOf(level);
    }

    /** Place of the level that has a key; −1 for none. */
    public int stepOf(int key) {
        for (int step = 0; step < keys.length; step++) {
            if (keys[step] == key) {
                return step;
            }
        }
        return -1;
    }

    /** Key of a level's domains. */
    public int key(int step) {
        return keys[step];
    }

    public String name(int step) {
        return names.get(step);
    }

    /** The level that a gang takes whole or not at all; −1 for none. */
    public int wholeStep() {
        return wholeStep;
    }
}

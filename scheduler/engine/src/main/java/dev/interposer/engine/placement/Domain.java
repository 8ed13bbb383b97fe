package dev.interposer.engine.placement;

import dev.interposer.engine.fleet.Fleet;

/** The part of the fleet in which a worker must be: one domain of one topology level. */
public record Domain(int key, int number) {
    public boolean contains(Fleet fleet, int node) {
        return fleet.domainOf(key, node) == number;
    }
}

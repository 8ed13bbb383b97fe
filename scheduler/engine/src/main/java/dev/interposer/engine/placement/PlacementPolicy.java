package dev.interposer.engine.placement;

import dev.interposer.engine.fleet.Chosen;
import dev.interposer.engine.fleet.Fleet;
import dev.interposer.engine.fleet.WorkerRequest;

/**
 * Chooses a node and devices for one worker. The fleet is as it would be with the gang's earlier workers in place.
 *
 * <p>A policy is pure: the same fleet, request and domain give the same choice. It must place a worker that fits.
 */
public interface PlacementPolicy {
    /**
     * Slot of the node, or −1 when the worker fits nowhere in the domain. Any class that the request admits may serve.
     */
    int chooseNode(Fleet fleet, WorkerRequest request, Domain within);

    /**
     * Devices on the chosen node: as many as asked for, all of one admitted class.
     *
     * @param chosen takes them; what was in it before is dropped
     */
    void chooseDevices(Fleet fleet, WorkerRequest request, int node, Chosen chosen);

    /**
     * Whether the policy weighs classes against each other itself, for gangs of one worker; else the caller does.
     */
    boolean weighsClasses();
}

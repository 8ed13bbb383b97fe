package dev.interposer.control.agents;

/**
 * Where the workers of one attempt find each other, and the place of one of them among those of its node.
 *
 * @param address of the node of worker 0; empty when nobody knows it
 * @param port that worker 0 listens on
 * @param localRank place of the worker among those of the gang on its node, from 0
 * @param localWorldSize workers of the gang on its node
 * @param nodeRank place of its node among those of the gang, by their lowest ranks, from 0
 * @param nodeCount nodes of the gang
 */
public record Rendezvous(String address, int port, int localRank, int localWorldSize, int nodeRank, int nodeCount) {}

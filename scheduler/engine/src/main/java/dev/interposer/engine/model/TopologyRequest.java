package dev.interposer.engine.model;

/**
 * Where the workers of one gang must and should be. Levels are names on the class's own ladder; a gang never spans
 * clusters.
 *
 * @param required all workers inside one domain of this level; empty for the cluster
 * @param preferred tried first; empty for none
 * @param groupSize every so many workers inside one domain of {@code groupRequired}; 0 for no groups
 * @param groupRequired level of the groups; empty for none
 */
public record TopologyRequest(String required, String preferred, int groupSize, String groupRequired) {
    public static final TopologyRequest ANYWHERE = new TopologyRequest("", "", 0, "");
}

package dev.interposer.engine.model;

import java.util.List;

/**
 * Classes by constraint; every constraint that is given must hold.
 *
 * @param classNames one of these; empty for any
 * @param chipFamily empty for any
 * @param minMemoryBytes nominal memory of the class; 0 for any
 * @param dtypes the class must state a throughput for each
 */
public record ClassSelector(List<String> classNames, String chipFamily, long minMemoryBytes, List<String> dtypes) {
    public ClassSelector {
        classNames = List.copyOf(classNames);
        dtypes = List.copyOf(dtypes);
    }

    public boolean admits(AcceleratorClass candidate) {
        return (classNames.isEmpty() || classNames.contains(candidate.name()))
                && (chipFamily.isEmpty() || chipFamily.equals(candidate.chipFamily()))
                && candidate.memoryBytes() >= minMemoryBytes
                && dtypes.stream().allMatch(candidate::computes);
    }
}

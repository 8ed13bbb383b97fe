package dev.interposer.engine.model;

import java.util.ArrayList;
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

    /** What it asks for, for people: {@code any class of family hopper with 80 GiB and fp8}. */
    public String words() {
        List<String> asked = new ArrayList<>();
        if (minMemoryBytes > 0) {
            asked.add(memory());
        }
        asked.addAll(dtypes);
        return "any"
                + (classNames.isEmpty() ? " class" : " of " + String.join(", ", classNames))
                + (chipFamily.isEmpty() ? "" : " of family " + chipFamily)
                + (asked.isEmpty() ? "" : " with " + String.join(" and ", asked));
    }

    private String memory() {
        long gibi = 1L << 30;
        return minMemoryBytes % gibi == 0 ? minMemoryBytes / gibi + " GiB" : minMemoryBytes + " bytes";
    }

    public boolean admits(AcceleratorClass candidate) {
        return (classNames.isEmpty() || classNames.contains(candidate.name()))
                && (chipFamily.isEmpty() || chipFamily.equals(candidate.chipFamily()))
                && candidate.memoryBytes() >= minMemoryBytes
                && dtypes.stream().allMatch(candidate::computes);
    }
}

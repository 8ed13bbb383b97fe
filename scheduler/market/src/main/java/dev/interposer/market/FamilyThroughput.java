package dev.interposer.market;

import java.util.List;

/**
 * What classes do of one family's work, counted in one unit: rates in other units compare to nothing here.
 *
 * @param family name of the workload family
 * @param unit tokens or samples
 * @param referenceClass with which the others are compared; empty where nothing was measured on it
 * @param classes the fastest first
 */
public record FamilyThroughput(String family, String unit, String referenceClass, List<ClassThroughput> classes) {
    public FamilyThroughput {
        classes = List.copyOf(classes);
    }
}

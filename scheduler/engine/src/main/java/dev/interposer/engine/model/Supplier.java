package dev.interposer.engine.model;

import java.util.List;

/**
 * A firm at any tier of supply.
 *
 * @param name unique
 * @param displayName for people
 * @param tiers where it takes part, in the order of {@link Tier}
 * @param leadTimeP50Days median days from order to delivery; 0 if unknown
 * @param leadTimeP90Days ninetieth percentile; 0 if unknown
 * @param contractEnd ISO date; empty for none
 * @param committedDevices devices that the contract promises
 * @param commercialTermsFrom where the prices are
 */
public record Supplier(
        String name,
        String displayName,
        List<Tier> tiers,
        int leadTimeP50Days,
        int leadTimeP90Days,
        String contractEnd,
        long committedDevices,
        SecretReference commercialTermsFrom) {
    public Supplier {
        tiers = tiers.stream().distinct().sorted().toList();
    }

    public static Supplier of(String name) {
        return new Supplier(name, name, List.of(Tier.DESIGNER), 0, 0, "", 0, SecretReference.NONE);
    }
}

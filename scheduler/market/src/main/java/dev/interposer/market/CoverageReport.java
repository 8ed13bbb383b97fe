package dev.interposer.market;

import java.util.List;

/**
 * Loss coverage at one revision.
 *
 * @param revision of the state
 * @param atMicros its time
 * @param runningWeight weight of what runs: priority weight × thousandths of reference devices
 * @param guaranteeWeight the same of guarantees that nobody uses
 * @param parties by tier and name
 */
public record CoverageReport(
        long revision, long atMicros, long runningWeight, long guaranteeWeight, List<PartyCoverage> parties) {
    public CoverageReport {
        parties = List.copyOf(parties);
    }
}

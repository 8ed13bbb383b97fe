package dev.interposer.market;

import java.util.List;

/**
 * What the fleet keeps when it loses one party.
 *
 * @param party who is lost
 * @param lostDevices devices that go with it
 * @param hitGangs gangs that run on one of them
 * @param stillMilliPercent weight kept while what lost nothing stays where it is, thousandths of a percent
 * @param replanMilliPercent weight kept if everything may be placed anew
 * @param lostJobs names of the first jobs of which something finds no place while the rest stays
 */
public record PartyCoverage(
        Party party,
        int lostDevices,
        int hitGangs,
        int stillMilliPercent,
        int replanMilliPercent,
        List<String> lostJobs) {
    public PartyCoverage {
        lostJobs = List.copyOf(lostJobs);
    }
}

package dev.interposer.engine.fleet;

import java.util.Arrays;

/** A count for each domain of a level; used again. */
public final class Tally {
    private int[] counts = new int[16];

    /** Zero for so many domains. */
    public void clear(int domains) {
        if (domains > counts.length) {
            counts = new int[Math.max(domains, counts.length * 2)];
        }
        Arrays.fill(counts, 0, domains, 0);
    }

    public void add(int domain) {
        counts[domain]++;
    }

    public int get(int domain) {
        return counts[domain];
    }
}

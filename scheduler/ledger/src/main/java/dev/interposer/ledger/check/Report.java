package dev.interposer.ledger.check;

import java.util.List;

/**
 * What a check found.
 *
 * @param pages that were read
 * @param snapshots that were compared
 * @param revision of the last event
 * @param digest of the state that all pages fold to; empty if they do not
 * @param findings in the order of the ledger
 */
public record Report(long pages, int snapshots, long revision, String digest, List<Finding> findings) {
    public Report {
        findings = List.copyOf(findings);
    }
}

package dev.interposer.engine.model;

import java.util.List;
import java.util.Map;

/**
 * How far the fleet, or a part of its work, may rest on one supplier.
 *
 * @param name unique
 * @param scope whose work is counted and bound
 * @param basis what shares are shares of
 * @param minimumReferenceDevices use of a supplier up to so many reference devices is never blocked
 * @param rules bounds, each on one supplier at one tier
 * @param hysteresisPercent a soft rule is silent until its bound is missed by more than this
 * @param pinnedWork whether a hard cap blocks work that has no other supplier
 * @param inference what every inference job of the scope must satisfy
 * @param exceptions work that no rule blocks, for a time
 */
public record SourcingPolicy(
        String name,
        SourcingScope scope,
        Basis basis,
        long minimumReferenceDevices,
        List<SourcingRule> rules,
        int hysteresisPercent,
        PinnedWork pinnedWork,
        InferenceSourcing inference,
        List<SourcingException> exceptions) {
    /** Stands for a bound that is not given. */
    public static final int NO_BOUND = -1;

    public SourcingPolicy {
        rules = List.copyOf(rules);
        exceptions = List.copyOf(exceptions);
    }

    /**
     * Whose work a policy speaks of; with both parts given, work that both admit.
     *
     * @param queueNames these queues and those below them; empty for any
     * @param jobSelector labels of jobs; empty for any
     */
    public record SourcingScope(List<String> queueNames, Map<String, String> jobSelector) {
        public static final SourcingScope FLEET = new SourcingScope(List.of(), Map.of());

        public SourcingScope {
            queueNames = List.copyOf(queueNames);
            jobSelector = SortedCopy.of(jobSelector);
        }
    }

    /** The fixed denominator of shares; a share of what is taken now would move with every start. */
    public enum Basis {
        /** Everything installed, in reference devices. */
        INSTALLED,
        /** The guarantees of the queues of the scope, in reference devices. */
        ENTITLED
    }

    /** What a rule does. */
    public enum Enforcement {
        /** No start may create an excess or deepen one. */
        HARD,
        /** A price in the choice of profile. */
        SOFT,
        /** Seen, and blocks nothing. */
        REPORT
    }

    /** What a hard cap does with work that no other supplier could run. */
    public enum PinnedWork {
        /** It starts, is counted and is reported. */
        COUNT_ONLY,
        BLOCK
    }

    /**
     * A bound on one supplier at one tier; {@link #NO_BOUND} stands for none.
     *
     * @param tier where the supplier is counted
     * @param supplierName whose share it is
     * @param capPercent most that it may have
     * @param targetPercent what it should have: at most beside a cap, at least beside a floor, else both
     * @param floorPercent least that it should have; never hard, since blocking others brings nobody more
     * @param enforcement what the rule does
     */
    public record SourcingRule(
            Tier tier,
            String supplierName,
            int capPercent,
            int targetPercent,
            int floorPercent,
            Enforcement enforcement) {
        /** Most that is wished for, or {@link #NO_BOUND}. */
        public int wishedMost() {
            boolean onlyFloor = floorPercent != NO_BOUND && capPercent == NO_BOUND;
            return targetPercent == NO_BOUND || onlyFloor ? capPercent : targetPercent;
        }

        /** Least that is wished for, or {@link #NO_BOUND}. */
        public int wishedLeast() {
            boolean onlyCap = capPercent != NO_BOUND && floorPercent == NO_BOUND;
            return targetPercent == NO_BOUND || onlyCap ? floorPercent : targetPercent;
        }
    }

    /**
     * What the replicas of an inference job must satisfy.
     *
     * @param tier where suppliers are counted
     * @param minSuppliers least number of suppliers; 0 for any
     * @param minLossCoveragePercent least part of the replicas that is left when any one supplier is lost; 0 for any
     */
    public record InferenceSourcing(Tier tier, int minSuppliers, int minLossCoveragePercent) {
        public static final InferenceSourcing NONE = new InferenceSourcing(Tier.DESIGNER, 0, 0);

        /** Whether it asks for anything. */
        public boolean binds() {
            return minSuppliers > 1 || minLossCoveragePercent > 0;
        }
    }

    /**
     * Work that no rule of the policy blocks; it is counted all the same.
     *
     * @param name unique in its policy
     * @param jobSelector labels of jobs
     * @param reason for people
     * @param untilMicros end, microseconds since the epoch
     */
    public record SourcingException(String name, Map<String, String> jobSelector, String reason, long untilMicros) {
        public SourcingException {
            jobSelector = SortedCopy.of(jobSelector);
        }
    }
}

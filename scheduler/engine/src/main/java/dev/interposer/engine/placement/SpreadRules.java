package dev.interposer.engine.placement;

import dev.interposer.engine.fit.Demand.ProfileDemand.ClassOption;
import dev.interposer.engine.fleet.Fleet;
import dev.interposer.engine.fleet.Ladder;
import dev.interposer.engine.fleet.Tally;
import dev.interposer.engine.model.InferenceSpec;
import java.util.ArrayList;
import java.util.List;

/**
 * Whether another replica may go into a domain.
 *
 * <p><b>Goals.</b> The loss of one domain takes no more than its share of the replicas.
 *
 * <p><b>Constraints.</b> A replica lies in one domain of each level that has a rule. With it, its domain has at most
 * {@code maxSkew} replicas more than the domain that has the fewest.
 *
 * <p><b>Algorithm.</b> Replicas are counted by domain over all classes; the fewest are sought among the domains that
 * could hold the replica if they were empty: with enough devices of its class that take work. A domain without such
 * devices is not waited for; one that is full is.
 */
final class SpreadRules {
    private final Fleet fleet;
    private final List<Rule> rules = new ArrayList<>();

    SpreadRules(Fleet fleet) {
        this.fleet = fleet;
    }

    /** One rule over the domains of a key. */
    private record Rule(int key, int most, Tally replicas) {}

    /**
     * Counts the replicas.
     *
     * @param least devices of the class that a domain must have to count
     * @return the step of the class's ladder that a replica must lie inside of; −1 when the class has no such level
     */
    int prepare(Spread spread, ClassOption option, int least) {
        rules.clear();
        Ladder ladder = option.ladder();
        int finest = ladder.steps() - 1;
        for (InferenceSpec.Spread rule : spread.rules()) {
            int step = ladder.step(rule.level());
            if (step < 0) {
                return -1;
            }
            finest = Math.min(finest, step);
            rules.add(rule(spread, option.number(), ladder.key(step), rule.maxSkew(), least));
        }
        return finest;
    }

    private Rule rule(Spread spread, int chipClass, int key, int maxSkew, int least) {
        int domains = fleet.domainCount(key);
        Tally replicas = new Tally();
        replicas.clear(domains);
        for (int other = 0; other < spread.others().size(); other++) {
            int node = fleet.nodeSlot(spread.others().get(other));
            int domain = node < 0 ? -1 : fleet.domainOf(key, node);
            if (domain >= 0) {
                replicas.add(domain);
            }
        }
        int fewest = Integer.MAX_VALUE;
        for (int domain = 0; domain < domains; domain++) {
            if (fleet.search().usable(chipClass, key, domain) >= least) {
                fewest = Math.min(fewest, replicas.get(domain));
            }
        }
        return new Rule(key, (int) Math.min(Integer.MAX_VALUE, (long) fewest + maxSkew), replicas);
    }

    /** Whether a replica inside of a domain keeps every rule. */
    boolean allow(int key, int domain) {
        for (Rule rule : rules) {
            int home = rule.key() == key ? domain : fleet.search().parent(key, domain, rule.key());
            if (home < 0 || rule.replicas().get(home) >= rule.most()) {
                return false;
            }
        }
        return true;
    }
}

package dev.interposer.engine.sourcing;

import static org.assertj.core.api.Assertions.assertThat;

import dev.interposer.engine.model.JobSpec;
import dev.interposer.engine.model.SourcingPolicy;
import dev.interposer.engine.model.SourcingPolicy.Basis;
import dev.interposer.engine.model.SourcingPolicy.SourcingException;
import dev.interposer.engine.model.SourcingPolicy.SourcingRule;
import dev.interposer.engine.oracle.SupplyOracle;
import dev.interposer.engine.plan.Lives;
import java.util.ArrayList;
import java.util.List;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;

/**
 * Random fleets, policies and work: what sourcing says of each start against an oracle that knows the values of the
 * model and exact fractions only; what it keeps by increments against what it counts anew. A policy that is bent on its
 * way to sourcing stands for a bug of that kind, and must be found.
 */
class SourcingOracleTest {
    private static final int SEEDS = Integer.getInteger("interposer.fleetSeeds", 60);

    @Test
    void everyStartIsJudgedAsTheRulesSay() {
        Lives.hold(
                SEEDS,
                RandomSupply.STEPS,
                (seed, steps) -> new RandomSupply(seed, UnaryOperator.identity()).run(steps));
    }

    @Test
    void theSchedulerStartsNothingThatTheRulesForbid() {
        List<Integer> starts = new ArrayList<>();
        Lives.hold(SEEDS, RandomSupply.STEPS, (seed, steps) -> {
            RandomSupply life = new RandomSupply(seed, UnaryOperator.identity());
            List<String> violations = life.runScheduled(steps);
            starts.add(life.starts());
            return violations;
        });
        assertThat(starts).allMatch(count -> count > 20);
    }

    @Test
    void aSchedulerThatIsToldOfAWiderCapIsFound() {
        List<String> found = new ArrayList<>();
        for (long seed = 1; seed <= 10; seed++) {
            found.addAll(new RandomSupply(seed, policy -> changed(policy, policy.basis(), 10, policy.exceptions()))
                    .runScheduled());
        }
        assertThat(found).isNotEmpty();
    }

    @Test
    void aCapThatIsOffByOneIsFound() {
        assertThat(found(policy -> changed(policy, policy.basis(), 1, policy.exceptions())))
                .isNotEmpty();
        assertThat(found(policy -> changed(policy, policy.basis(), -1, policy.exceptions())))
                .isNotEmpty();
    }

    @Test
    void aWrongDenominatorIsFound() {
        assertThat(found(policy -> changed(
                        policy,
                        policy.basis() == Basis.INSTALLED ? Basis.ENTITLED : Basis.INSTALLED,
                        0,
                        policy.exceptions())))
                .isNotEmpty();
    }

    @Test
    void anExceptionThatNeverEndsIsFound() {
        assertThat(found(policy -> changed(
                        policy,
                        policy.basis(),
                        0,
                        policy.exceptions().stream()
                                .map(exception -> new SourcingException(
                                        exception.name(), exception.jobSelector(), "", Long.MAX_VALUE))
                                .toList())))
                .isNotEmpty();
    }

    /** Here the bug is the judge's: he calls work pinned by what classes state, whoever sold their nodes. */
    @Test
    void pinnedWorkThatIsJudgedWithoutTheSellersOfNodesIsFound() {
        RandomSupply.Oracles byClass = (world, policies, at) -> new SupplyOracle(world, policies, at) {
            @Override
            protected boolean pinned(JobSpec spec, SourcingRule rule) {
                return ways(spec).stream().allMatch(chip -> percent(chip, rule, null) > 0);
            }
        };
        List<String> found = new ArrayList<>();
        for (long seed = 1; seed <= 20; seed++) {
            found.addAll(new RandomSupply(seed, UnaryOperator.identity(), byClass).run());
        }
        assertThat(found).isNotEmpty();
    }

    /** Violations over a few seeds, as one bug need not show in each. */
    private static List<String> found(UnaryOperator<SourcingPolicy> bug) {
        List<String> found = new ArrayList<>();
        for (long seed = 1; seed <= 10; seed++) {
            found.addAll(new RandomSupply(seed, bug).run());
        }
        return found;
    }

    private static SourcingPolicy changed(
            SourcingPolicy policy, Basis basis, int more, List<SourcingException> exceptions) {
        List<SourcingRule> rules = policy.rules().stream()
                .map(rule -> new SourcingRule(
                        rule.tier(),
                        rule.supplierName(),
                        rule.capPercent() + more,
                        rule.targetPercent(),
                        rule.floorPercent(),
                        rule.enforcement()))
                .toList();
        return new SourcingPolicy(
                policy.name(),
                policy.scope(),
                basis,
                policy.minimumReferenceDevices(),
                rules,
                policy.hysteresisPercent(),
                policy.pinnedWork(),
                policy.inference(),
                exceptions);
    }
}

package dev.interposer.engine.oracle;

import dev.interposer.engine.model.AcceleratorClass;
import dev.interposer.engine.model.AcceleratorClass.SupplierShare;
import dev.interposer.engine.model.AcceleratorClass.TierSupply;
import dev.interposer.engine.model.Device;
import dev.interposer.engine.model.JobQueue;
import dev.interposer.engine.model.JobSpec;
import dev.interposer.engine.model.SourcingPolicy;
import dev.interposer.engine.model.SourcingPolicy.Basis;
import dev.interposer.engine.model.SourcingPolicy.Enforcement;
import dev.interposer.engine.model.SourcingPolicy.InferenceSourcing;
import dev.interposer.engine.model.SourcingPolicy.PinnedWork;
import dev.interposer.engine.model.SourcingPolicy.SourcingException;
import dev.interposer.engine.model.SourcingPolicy.SourcingRule;
import dev.interposer.engine.model.Tier;
import dev.interposer.engine.oracle.World.Gang;
import dev.interposer.engine.oracle.World.Job;
import dev.interposer.engine.oracle.World.Node;
import dev.interposer.engine.oracle.World.Worker;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** The rules once more, slowly: reference devices as exact decimals, counted from the values each time. */
public class SupplyOracle {
    private final World world;
    private final List<SourcingPolicy> policies;
    private final long atMicros;

    public SupplyOracle(World world, List<SourcingPolicy> policies, long atMicros) {
        this.world = world;
        this.policies = policies;
        this.atMicros = atMicros;
    }

    public boolean mayStart(long jobId, String className, long milli) {
        Job job = world.job(jobId);
        AcceleratorClass chip = world.chip(className);
        for (SourcingPolicy policy : policies) {
            if (!speaksOf(policy, job.spec()) || excepted(policy, job.spec())) {
                continue;
            }
            for (SourcingRule rule : policy.rules()) {
                if (rule.enforcement() == Enforcement.HARD && capped(policy, rule, job, chip, milli)) {
                    return false;
                }
            }
            if (policy.pinnedWork() == PinnedWork.BLOCK
                    || !onlyOneSupplier(job.spec(), policy.inference().tier())) {
                if (!replicasAllow(job, chip, policy.inference())) {
                    return false;
                }
            }
        }
        return job.spec().inference() == null
                || replicasAllow(
                        job,
                        chip,
                        new InferenceSourcing(
                                job.spec().inference().sourcingTier(),
                                job.spec().inference().minSuppliers(),
                                job.spec().inference().minLossCoveragePercent()));
    }

    private boolean capped(SourcingPolicy policy, SourcingRule rule, Job job, AcceleratorClass chip, long milli) {
        BigDecimal more = amount(chip, milli, worstPercent(chip, rule));
        if (more.signum() == 0) {
            return false;
        }
        BigDecimal used = BigDecimal.ZERO;
        for (Job other : world.jobs()) {
            for (Gang gang : other.gangs()) {
                for (Worker worker : gang.workers()) {
                    if (!worker.ended() && speaksOf(policy, other.spec())) {
                        used = used.add(used(worker, gang, rule));
                    }
                }
            }
        }
        BigDecimal after = used.add(more);
        BigDecimal of = policy.basis() == Basis.INSTALLED ? installed() : entitled(policy);
        boolean within = after.compareTo(BigDecimal.valueOf(policy.minimumReferenceDevices())) <= 0
                || of.signum() == 0
                || after.compareTo(of.multiply(BigDecimal.valueOf(rule.capPercent(), 2))) <= 0;
        boolean counted = policy.pinnedWork() == PinnedWork.COUNT_ONLY && pinned(job.spec(), rule);
        return !within && !counted;
    }

    private BigDecimal used(Worker worker, Gang gang, SourcingRule rule) {
        AcceleratorClass chip = world.chip(gang.className());
        Node node = world.node(worker.nodeId());
        long milli = (long) worker.placement().devices().size()
                * worker.role().accelerators().shareMilli();
        return amount(chip, milli, percent(chip, rule, node.info().labels().get("interposer.dev/seller")));
    }

    private static BigDecimal amount(AcceleratorClass chip, long milli, int percent) {
        return BigDecimal.valueOf(milli, 3)
                .multiply(BigDecimal.valueOf(chip.referenceMilli(), 3))
                .multiply(BigDecimal.valueOf(percent, 2));
    }

    private BigDecimal installed() {
        BigDecimal sum = BigDecimal.ZERO;
        for (Node node : world.nodes()) {
            for (Device device : node.devices()) {
                AcceleratorClass chip = world.chip(device.className());
                sum = sum.add(BigDecimal.valueOf(chip.referenceMilli(), 3));
            }
        }
        return sum;
    }

    /** The guarantees here stand on two queues at the top, one quota each. */
    private BigDecimal entitled(SourcingPolicy policy) {
        BigDecimal sum = BigDecimal.ZERO;
        for (JobQueue queue : world.queues()) {
            boolean counts = policy.scope().queueNames().isEmpty()
                    || policy.scope().queueNames().contains(queue.name());
            for (JobQueue.Quota quota : queue.quotas()) {
                long reference = quota.scopeName().isEmpty()
                        ? 1000
                        : world.chip(quota.scopeName()).referenceMilli();
                sum = counts ? sum.add(BigDecimal.valueOf(quota.guarantee() * reference, 3)) : sum;
            }
        }
        return sum;
    }

    private int worstPercent(AcceleratorClass chip, SourcingRule rule) {
        int worst = percent(chip, rule, null);
        for (Node node : world.nodes()) {
            if (!node.info().observed()
                    && node.devices().stream()
                            .anyMatch(device -> device.className().equals(chip.name()))) {
                worst = Math.max(worst, percent(chip, rule, node.info().labels().get("interposer.dev/seller")));
            }
        }
        return worst;
    }

    protected static int percent(AcceleratorClass chip, SourcingRule rule, @Nullable String seller) {
        return shares(chip, rule.tier(), seller).getOrDefault(rule.supplierName(), 0);
    }

    /** All suppliers here design and sell. */
    private static Map<String, Integer> shares(AcceleratorClass chip, Tier tier, @Nullable String seller) {
        if (tier == Tier.DESIGNER) {
            return Map.of(chip.supplierName(), 100);
        }
        if (tier == Tier.SELLER) {
            return Map.of(seller == null ? chip.supplierName() : seller, 100);
        }
        Map<String, Integer> shares = new HashMap<>();
        for (TierSupply supply : chip.supply()) {
            if (supply.tier() == tier) {
                for (SupplierShare share : supply.suppliers()) {
                    shares.merge(share.supplierName(), share.percent(), Integer::sum);
                }
            }
        }
        return shares.isEmpty() ? Map.of("unknown", 100) : shares;
    }

    private static boolean speaksOf(SourcingPolicy policy, JobSpec spec) {
        boolean queue = policy.scope().queueNames().isEmpty()
                || policy.scope().queueNames().contains(spec.queueName())
                || (spec.queueName().equals("left")
                        && policy.scope().queueNames().contains("top"));
        return queue
                && spec.labels()
                        .entrySet()
                        .containsAll(policy.scope().jobSelector().entrySet());
    }

    private boolean excepted(SourcingPolicy policy, JobSpec spec) {
        for (SourcingException exception : policy.exceptions()) {
            if (atMicros < exception.untilMicros()
                    && spec.labels()
                            .entrySet()
                            .containsAll(exception.jobSelector().entrySet())) {
                return true;
            }
        }
        return false;
    }

    /** Classes that are there and on which a job could run. */
    protected List<AcceleratorClass> ways(JobSpec spec) {
        Set<String> there = world.nodes().stream()
                .filter(node -> !node.info().observed())
                .flatMap(node -> node.devices().stream())
                .map(Device::className)
                .collect(Collectors.toSet());
        List<AcceleratorClass> ways = new ArrayList<>();
        spec.profiles().forEach(profile -> {
            String name = profile.roles().getFirst().accelerators().className();
            if (there.contains(name)) {
                ways.add(world.chip(name));
            }
        });
        ways.sort(Comparator.comparing(AcceleratorClass::name));
        return ways;
    }

    /** Whether each chip that is there, from whom it came, rests on the rule's supplier. */
    protected boolean pinned(JobSpec spec, SourcingRule rule) {
        List<AcceleratorClass> ways = ways(spec);
        return world.nodes().stream().filter(node -> !node.info().observed()).allMatch(node -> {
            String seller = node.info().labels().get("interposer.dev/seller");
            return node.devices().stream()
                    .map(device -> world.chip(device.className()))
                    .filter(ways::contains)
                    .allMatch(chip -> percent(chip, rule, seller) > 0);
        });
    }

    private boolean onlyOneSupplier(JobSpec spec, Tier tier) {
        Set<String> common = new TreeSet<>();
        List<AcceleratorClass> ways = ways(spec);
        ways.forEach(chip -> common.addAll(shares(chip, tier, null).keySet()));
        ways.forEach(chip -> common.retainAll(shares(chip, tier, null).keySet()));
        return !common.isEmpty();
    }

    private boolean replicasAllow(Job job, AcceleratorClass chip, InferenceSourcing wanted) {
        if (job.spec().inference() == null) {
            return true;
        }
        int all = job.spec().inference().replicas();
        List<Set<String>> behind = new ArrayList<>();
        for (Gang gang : job.gangs()) {
            if (gang.workers().stream().anyMatch(worker -> !worker.ended())) {
                behind.add(shares(world.chip(gang.className()), wanted.tier(), null)
                        .keySet());
            }
        }
        int left = all - behind.size() - 1;
        Set<String> mine = shares(chip, wanted.tier(), null).keySet();
        behind.add(mine);
        boolean coverage = mine.stream()
                .allMatch(supplier -> wanted.minLossCoveragePercent() == 0
                        || (all
                                                - behind.stream()
                                                        .filter(of -> of.contains(supplier))
                                                        .count())
                                        * 100
                                >= (long) all * wanted.minLossCoveragePercent());
        int asked = Math.min(wanted.minSuppliers(), all);
        return coverage && (asked < 2 || independent(behind) + left >= asked);
    }

    /** The size of the smallest set of suppliers of which each replica needs one; unknown ones vouch for nothing. */
    private static int independent(List<Set<String>> behind) {
        List<Set<String>> known =
                behind.stream().filter(of -> !of.contains("unknown")).toList();
        List<String> names = List.copyOf(known.stream().flatMap(Set::stream).collect(Collectors.toSet()));
        int least = names.size();
        for (int lost = 0; lost < 1 << names.size(); lost++) {
            int without = lost;
            boolean stopped = known.stream()
                    .allMatch(of -> of.stream().anyMatch(name -> (without >> names.indexOf(name) & 1) == 1));
            least = stopped ? Math.min(least, Integer.bitCount(lost)) : least;
        }
        return least;
    }
}

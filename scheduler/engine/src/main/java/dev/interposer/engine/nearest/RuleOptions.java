package dev.interposer.engine.nearest;

import dev.interposer.engine.event.SettingEvent;
import dev.interposer.engine.fairness.Limit;
import dev.interposer.engine.fairness.QueueNode;
import dev.interposer.engine.fairness.QueueTree;
import dev.interposer.engine.model.AcceleratorClass;
import dev.interposer.engine.model.JobQueue;
import dev.interposer.engine.model.JobQueue.Quota;
import dev.interposer.engine.model.JobQueue.ScopeKind;
import dev.interposer.engine.model.Profile;
import dev.interposer.engine.model.QueueState;
import dev.interposer.engine.model.Role;
import dev.interposer.engine.model.SourcingPolicy;
import dev.interposer.engine.model.SourcingPolicy.SourcingException;
import dev.interposer.engine.state.GangState;
import dev.interposer.engine.state.JobState;
import dev.interposer.engine.state.State;
import dev.interposer.engine.state.WorkerState;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.LongFunction;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;

/** What those who run queues and policies could admit. */
final class RuleOptions {
    private static final String LABEL = "interposer.dev/nearest-change";

    private final State state;
    private final QueueTree tree;
    private final GangState gang;
    private final Set<Long> deviceNeeds;
    private final Set<Long> referenceNeeds;
    private final List<Option> options = new ArrayList<>();

    private RuleOptions(State state, QueueTree tree, GangState gang) {
        this.state = state;
        this.tree = tree;
        this.gang = gang;
        this.deviceNeeds = needs(gang, List.of());
        this.referenceNeeds = needs(gang, List.copyOf(state.settings().classes()));
    }

    static List<Option> of(State state, QueueTree tree, GangState gang) {
        RuleOptions rules = new RuleOptions(state, tree, gang);
        String name = gang.job().spec().queueName();
        for (JobQueue queue = state.settings().queue(name);
                queue != null;
                queue = state.settings().queue(queue.parentName())) {
            rules.limits(queue);
            rules.users(queue);
            rules.closed(queue);
        }
        rules.lent();
        rules.policies();
        rules.halted();
        return rules.options;
    }

    /** What the smallest gang of each profile asks for, in devices, or in reference devices of each class. */
    private static Set<Long> needs(GangState gang, List<AcceleratorClass> classes) {
        Set<Long> needs = new TreeSet<>();
        for (Profile profile : gang.job().spec().profiles()) {
            long all = 0;
            for (Role role : profile.roles()) {
                all += role.workers().min() * milli(role);
            }
            add(needs, all, classes);
            for (Role role : profile.roles()) {
                int fewest = OwnOptions.fewest(role, profile);
                add(needs, all - (role.workers().min() - fewest) * milli(role), classes);
            }
        }
        return needs;
    }

    /** What a worker asks for. */
    private static long milli(Role role) {
        return (long) role.accelerators().perWorker() * role.accelerators().shareMilli();
    }

    private static void add(Set<Long> needs, long milli, List<AcceleratorClass> classes) {
        needs.add((milli + 999) / 1000);
        for (AcceleratorClass chipClass : classes) {
            needs.add((milli * chipClass.referenceMilli() + 999_999) / 1_000_000);
        }
    }

    private Set<Long> needs(boolean reference) {
        return reference ? referenceNeeds : deviceNeeds;
    }

    /** Something by an amount; what is asked for in all. */
    private record Raise(ChangeKind kind, Map<String, String> of, long from, Set<Long> amounts) {
        Map<String, String> by(int amount) {
            Map<String, String> all = new TreeMap<>(of);
            all.put("from", Long.toString(from));
            all.put("to", Long.toString(from + amount));
            all.put("by", Integer.toString(amount));
            return all;
        }
    }

    private void raise(Raise raise, JobQueue queue, LongFunction<UnaryOperator<JobQueue>> to) {
        List<Integer> amounts = raise.amounts().stream()
                .filter(amount -> amount > 0)
                .map(amount -> (int) Math.min(amount, Integer.MAX_VALUE / 2))
                .sorted(Comparator.reverseOrder())
                .toList();
        if (!amounts.isEmpty()) {
            ChangeKind kind = raise.kind();
            options.add(new Option(
                    kind,
                    kind.cost(),
                    amounts,
                    amount -> new Part(
                            kind,
                            kind.cost(),
                            raise.by(amount),
                            draft -> draft.queue(queue.name(), to.apply(raise.from() + amount)))));
        }
    }

    /** What is missing to each need, where so much is there. */
    private static Set<Long> missing(Set<Long> needs, long there) {
        return needs.stream().map(need -> need - there).collect(Collectors.toSet());
    }

    private void limits(JobQueue queue) {
        QueueNode node = tree.find(queue.name());
        if (node == null) {
            return;
        }
        for (Limit limit : node.limits()) {
            Quota quota = limit.quota();
            long used = (limit.usedMilli() + 999) / 1000;
            Set<Long> needs = needs(quota.scope() == ScopeKind.ALL);
            Map<String, String> of = Map.of("queue", queue.name(), "scope", limit.scopeText());
            if (quota.limit() >= 0) {
                Raise raise =
                        new Raise(ChangeKind.QUEUE_LIMIT, of, quota.limit(), missing(needs, quota.limit() - used));
                raise(raise, queue, to -> now -> with(now, quota, old -> limited(old, to)));
            }
            if (quota.borrowLimit() >= 0) {
                long have = Math.max(0, quota.guarantee()) + quota.borrowLimit();
                Raise raise = new Raise(ChangeKind.BORROW_LIMIT, of, quota.borrowLimit(), missing(needs, have - used));
                raise(raise, queue, to -> now -> with(now, quota, old -> borrowing(old, to)));
            }
        }
    }

    /** What other queues keep back of their guarantees. */
    private void lent() {
        for (JobQueue queue : state.settings().queues()) {
            for (Quota quota : queue.quotas()) {
                if (quota.lendLimit() >= 0 && quota.guarantee() > quota.lendLimit()) {
                    String scope = (quota.scope().name().toLowerCase(Locale.ROOT) + " " + quota.scopeName()).strip();
                    long most = quota.guarantee() - quota.lendLimit();
                    Set<Long> amounts = needs(quota.scope() == ScopeKind.ALL).stream()
                            .map(need -> Math.min(need, most))
                            .collect(Collectors.toCollection(TreeSet::new));
                    amounts.add(most);
                    Raise raise = new Raise(
                            ChangeKind.LEND_LIMIT,
                            Map.of("queue", queue.name(), "scope", scope),
                            quota.lendLimit(),
                            amounts);
                    raise(raise, queue, to -> now -> with(now, quota, old -> lending(old, to)));
                }
            }
        }
    }

    private static JobQueue with(JobQueue queue, Quota meant, UnaryOperator<Quota> change) {
        List<Quota> quotas = queue.quotas().stream()
                .map(quota ->
                        quota.scope() == meant.scope() && quota.scopeName().equals(meant.scopeName())
                                ? change.apply(quota)
                                : quota)
                .toList();
        return with(queue, quotas, queue.maxDevicesPerUser(), queue.maxRunningJobsPerUser(), queue.state());
    }

    private static Quota limited(Quota of, long limit) {
        return new Quota(of.scope(), of.scopeName(), of.guarantee(), limit, of.borrowLimit(), of.lendLimit());
    }

    private static Quota borrowing(Quota of, long borrowLimit) {
        return new Quota(of.scope(), of.scopeName(), of.guarantee(), of.limit(), borrowLimit, of.lendLimit());
    }

    private static Quota lending(Quota of, long lendLimit) {
        return new Quota(of.scope(), of.scopeName(), of.guarantee(), of.limit(), of.borrowLimit(), lendLimit);
    }

    private static JobQueue with(
            JobQueue queue, List<Quota> quotas, int devicesPerUser, int jobsPerUser, QueueState queueState) {
        return new JobQueue(
                queue.name(),
                queue.parentName(),
                queue.namespaceSelector(),
                queue.weight(),
                quotas,
                devicesPerUser,
                jobsPerUser,
                queue.usageHalfLifeSeconds(),
                queueState);
    }

    private void users(JobQueue queue) {
        String user = gang.job().userName();
        Map<String, String> of = Map.of("queue", queue.name(), "user", user);
        if (queue.maxDevicesPerUser() > 0) {
            Set<Long> missing = missing(deviceNeeds, queue.maxDevicesPerUser() - devicesOf(user));
            raise(
                    new Raise(ChangeKind.USER_DEVICES, of, queue.maxDevicesPerUser(), missing),
                    queue,
                    to -> now -> with(now, now.quotas(), (int) to, now.maxRunningJobsPerUser(), now.state()));
        }
        if (queue.maxRunningJobsPerUser() > 0) {
            long most = jobsOf(user) + 1 - queue.maxRunningJobsPerUser();
            raise(
                    new Raise(ChangeKind.USER_JOBS, of, queue.maxRunningJobsPerUser(), Set.of(most)),
                    queue,
                    to -> now -> with(now, now.quotas(), now.maxDevicesPerUser(), (int) to, now.state()));
        }
    }

    private long devicesOf(String user) {
        long devices = 0;
        for (JobState job : state.jobs().all()) {
            if (job.userName().equals(user)) {
                for (GangState other : job.gangs()) {
                    for (WorkerState worker : other.workers()) {
                        devices += worker.placement().devices().size();
                    }
                }
            }
        }
        return devices;
    }

    private long jobsOf(String user) {
        return state.jobs().all().stream()
                .filter(job -> job.userName().equals(user) && job.placedGangs() > 0)
                .count();
    }

    private void closed(JobQueue queue) {
        if (queue.state() != QueueState.OPEN) {
            options.add(Option.once(new Part(
                    ChangeKind.OPEN_QUEUE,
                    ChangeKind.OPEN_QUEUE.cost(),
                    Map.of("queue", queue.name(), "state", queue.state().name()),
                    draft -> draft.queue(
                            queue.name(),
                            now -> with(
                                    now,
                                    now.quotas(),
                                    now.maxDevicesPerUser(),
                                    now.maxRunningJobsPerUser(),
                                    QueueState.OPEN)))));
        }
    }

    private void policies() {
        String value = Long.toString(gang.job().id());
        SourcingException exception =
                new SourcingException("nearest-change", Map.of(LABEL, value), "nearest change", Long.MAX_VALUE);
        for (SourcingPolicy policy : state.settings().policies()) {
            boolean binds = policy.inference().binds()
                    || policy.rules().stream().anyMatch(rule -> rule.enforcement() == SourcingPolicy.Enforcement.HARD);
            if (binds && gang.job().spec().bears(policy.scope().jobSelector())) {
                options.add(Option.once(new Part(
                        ChangeKind.POLICY_EXCEPTION,
                        ChangeKind.POLICY_EXCEPTION.cost(),
                        Map.of("policy", policy.name()),
                        draft -> {
                            draft.labelled(LABEL, value);
                            draft.policy(policy.name(), now -> with(now, exception));
                        })));
            }
        }
    }

    private static SourcingPolicy with(SourcingPolicy policy, SourcingException exception) {
        List<SourcingException> exceptions = new ArrayList<>(policy.exceptions());
        exceptions.add(exception);
        return new SourcingPolicy(
                policy.name(),
                policy.scope(),
                policy.basis(),
                policy.minimumReferenceDevices(),
                policy.rules(),
                policy.hysteresisPercent(),
                policy.pinnedWork(),
                policy.inference(),
                exceptions);
    }

    private void halted() {
        String cause = state.settings().placementHalted();
        if (!cause.isEmpty()) {
            options.add(Option.once(new Part(
                    ChangeKind.RESUME_PLACEMENT,
                    ChangeKind.RESUME_PLACEMENT.cost(),
                    Map.of("cause", cause),
                    draft -> draft.happens(new SettingEvent.PlacementHalted("")))));
        }
    }
}

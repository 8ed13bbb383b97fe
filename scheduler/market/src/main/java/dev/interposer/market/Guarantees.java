package dev.interposer.market;

import dev.interposer.engine.event.SettingEvent;
import dev.interposer.engine.model.AcceleratorClass;
import dev.interposer.engine.model.AcceleratorRequest;
import dev.interposer.engine.model.ClassSelector;
import dev.interposer.engine.model.Container;
import dev.interposer.engine.model.JobKind;
import dev.interposer.engine.model.JobQueue;
import dev.interposer.engine.model.JobQueue.Quota;
import dev.interposer.engine.model.JobQueue.ScopeKind;
import dev.interposer.engine.model.JobSpec;
import dev.interposer.engine.model.Profile;
import dev.interposer.engine.model.Role;
import dev.interposer.engine.model.TopologyRequest;
import dev.interposer.engine.model.TrainingSpec;
import dev.interposer.engine.model.WorkerCount;
import dev.interposer.market.FleetImage.GangImage;
import dev.interposer.market.FleetImage.JobImage;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * Guarantees that nobody uses now, as work that would claim them: single chips of the guarantee's scope, at normal
 * priority. A guarantee counts at the lowest queue that has one, so that none counts twice; a very large one is claimed
 * in gangs, at most {@value #MOST_CLAIMS} to a guarantee.
 */
final class Guarantees {
    private static final int MOST_CLAIMS = 256;

    private final FleetImage image;
    private final List<JobQueue> queues = new ArrayList<>();
    private final List<AcceleratorClass> classes = new ArrayList<>();

    Guarantees(FleetImage image) {
        this.image = image;
        for (SettingEvent event : image.objects()) {
            if (event instanceof SettingEvent.QueueApplied applied) {
                queues.add(applied.queue());
            } else if (event instanceof SettingEvent.ClassApplied applied) {
                classes.add(applied.acceleratorClass());
            }
        }
    }

    /** Ids are below 0, so that they meet no job's. */
    List<JobImage> unused() {
        List<JobImage> claims = new ArrayList<>();
        for (JobQueue queue : queues) {
            if (queues.stream().anyMatch(other -> below(other, queue) && guarantees(other))) {
                continue;
            }
            for (Quota quota : queue.quotas()) {
                long left = quota.guarantee() - used(queue, quota);
                if (quota.guarantee() > 0 && left > 0) {
                    claim(queue, quota, left, claims);
                }
            }
        }
        return claims;
    }

    private void claim(JobQueue queue, Quota quota, long devices, List<JobImage> claims) {
        List<AcceleratorClass> scope =
                classes.stream().filter(chipClass -> covers(quota, chipClass)).toList();
        if (scope.isEmpty()) {
            return;
        }
        int size = (int) Math.min(Integer.MAX_VALUE, (devices + MOST_CLAIMS - 1) / MOST_CLAIMS);
        JobSpec spec = spec(queue, scope, size);
        String least = scope.stream()
                .min(java.util.Comparator.comparingLong(AcceleratorClass::referenceMilli))
                .map(AcceleratorClass::name)
                .orElse("");
        GangImage gang = new GangImage(0, least, List.of(), 1000L * size);
        long specId = -1L - claims.size();
        for (long claimed = 0; claimed + size <= devices; claimed += size) {
            claims.add(new JobImage(-1L - claims.size(), "guarantee/" + queue.name(), specId, spec, 0, List.of(gang)));
        }
    }

    private static JobSpec spec(JobQueue queue, List<AcceleratorClass> scope, int size) {
        List<String> names = scope.stream().map(AcceleratorClass::name).toList();
        AcceleratorRequest request =
                new AcceleratorRequest("", new ClassSelector(names, "", 0, List.of()), 1, AcceleratorRequest.WHOLE, "");
        Role role = new Role("worker", WorkerCount.of(size), request, Map.of(), Container.of("none"));
        return new JobSpec(
                JobKind.TRAINING,
                queue.name(),
                "",
                "",
                false,
                0,
                null,
                List.of(new Profile("claim", List.of(role), TopologyRequest.ANYWHERE, "")),
                TrainingSpec.DEFAULT,
                null);
    }

    /** Whole devices that the queue and those below it have within the scope; reference devices over all. */
    private long used(JobQueue queue, Quota quota) {
        long milli = 0;
        for (JobImage job : image.jobs()) {
            if (!within(job.spec().queueName(), queue)) {
                continue;
            }
            for (GangImage gang : job.gangs()) {
                for (AcceleratorClass chipClass : classes) {
                    if (chipClass.name().equals(gang.className()) && covers(quota, chipClass)) {
                        milli += quota.scope() == ScopeKind.ALL
                                ? gang.milli() * chipClass.referenceMilli() / AcceleratorClass.REFERENCE_DEVICE
                                : gang.milli();
                    }
                }
            }
        }
        return (milli + 999) / 1000;
    }

    private static boolean covers(Quota quota, AcceleratorClass chipClass) {
        return switch (quota.scope()) {
            case CLASS -> chipClass.name().equals(quota.scopeName());
            case CHIP_FAMILY -> chipClass.chipFamily().equals(quota.scopeName());
            case SUPPLIER -> chipClass.supplierName().equals(quota.scopeName());
            case ALL -> true;
        };
    }

    private static boolean guarantees(JobQueue queue) {
        return queue.quotas().stream().anyMatch(quota -> quota.guarantee() > 0);
    }

    private boolean below(JobQueue lower, JobQueue upper) {
        return !lower.name().equals(upper.name()) && within(lower.name(), upper);
    }

    private boolean within(String name, JobQueue upper) {
        String at = name;
        for (int depth = 0; depth <= queues.size() && !at.isEmpty(); depth++) {
            if (at.equals(upper.name())) {
                return true;
            }
            String child = at;
            at = queues.stream()
                    .filter(queue -> queue.name().equals(child))
                    .map(JobQueue::parentName)
                    .findFirst()
                    .orElse("");
        }
        return false;
    }
}

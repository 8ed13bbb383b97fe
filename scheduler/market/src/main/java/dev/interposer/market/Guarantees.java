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
import java.util.TreeMap;
import java.util.stream.Collectors;

/**
 * Guarantees that nobody uses now, as work that would claim them: single chips of the guarantee's scope, at normal
 * priority; a very large one is claimed in gangs, at most {@value #MOST_CLAIMS} to a guarantee.
 *
 * <p>Counted as entitlement is: the guarantee of a queue holds for everything below it, and a queue without one has
 * those of its children. Those of one kind add up; different kinds overlap, so of them the one counts of which most is
 * unused.
 */
final class Guarantees {
    private static final int MOST_CLAIMS = 256;

    private final FleetImage image;
    private final List<JobQueue> queues = new ArrayList<>();
    private final QueuePaths paths;
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
        this.paths = new QueuePaths(queues);
    }

    /** Ids are below 0, so that they meet no job's. */
    List<JobImage> unused() {
        List<JobImage> claims = new ArrayList<>();
        queues.stream().filter(queue -> queue.parentName().isEmpty()).forEach(top -> claim(top, claims));
        return claims;
    }

    private void claim(JobQueue queue, List<JobImage> claims) {
        Map<ScopeKind, List<Quota>> byKind = queue.quotas().stream()
                .filter(quota -> quota.guarantee() > 0 && leastReference(quota) > 0)
                .collect(Collectors.groupingBy(Quota::scope, TreeMap::new, Collectors.toList()));
        if (byKind.isEmpty()) {
            queues.stream()
                    .filter(child -> child.parentName().equals(queue.name()))
                    .forEach(child -> claim(child, claims));
            return;
        }
        List<Quota> most = List.of();
        long mostUnused = 0;
        for (List<Quota> ofKind : byKind.values()) {
            long unused = ofKind.stream()
                    .mapToLong(quota -> unused(queue, quota) * leastReference(quota))
                    .sum();
            if (unused > mostUnused) {
                mostUnused = unused;
                most = ofKind;
            }
        }
        most.forEach(quota -> claim(queue, quota, unused(queue, quota), claims));
    }

    private long unused(JobQueue queue, Quota quota) {
        return Math.max(0, quota.guarantee() - used(queue, quota));
    }

    private long leastReference(Quota quota) {
        return quota.scope() == ScopeKind.ALL
                ? AcceleratorClass.REFERENCE_DEVICE
                : classes.stream()
                        .filter(chipClass -> covers(quota, chipClass))
                        .mapToLong(AcceleratorClass::referenceMilli)
                        .min()
                        .orElse(0);
    }

    private void claim(JobQueue queue, Quota quota, long devices, List<JobImage> claims) {
        List<AcceleratorClass> scope =
                classes.stream().filter(chipClass -> covers(quota, chipClass)).toList();
        if (scope.isEmpty() || devices == 0) {
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
            if (!paths.within(job.spec().queueName(), List.of(queue.name()))) {
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
}

package dev.interposer.tests.benchmark;

import dev.interposer.engine.model.AcceleratorRequest;
import dev.interposer.engine.model.ClassSelector;
import dev.interposer.engine.model.Container;
import dev.interposer.engine.model.JobKind;
import dev.interposer.engine.model.JobSpec;
import dev.interposer.engine.model.Profile;
import dev.interposer.engine.model.Role;
import dev.interposer.engine.model.TopologyRequest;
import dev.interposer.engine.model.TrainingSpec;
import dev.interposer.engine.model.WorkerCount;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;

/**
 * The kinds of work of the benchmarks: shares, single devices, parts of nodes, whole nodes, gangs of up to 16 nodes
 * inside a rack or a block, classes by name and by constraint.
 */
final class WorkMix {
    private static final int SHAPES = 360;
    private static final long GIB = 1L << 30;

    private final List<JobSpec> specs = new ArrayList<>();
    private final SplittableRandom random;
    private final List<String> queueNames;

    WorkMix(long seed, List<String> queueNames) {
        this.random = new SplittableRandom(seed);
        this.queueNames = queueNames;
        for (int index = 0; index < SHAPES; index++) {
            specs.add(spec(index));
        }
    }

    /** All shapes, equally frequent. */
    List<JobSpec> specs() {
        return specs;
    }

    private JobSpec spec(int index) {
        int kind = index % 100;
        if (kind < 20) {
            return spec(index, share(250 * (1 + random.nextInt(3))), WorkerCount.of(1), TopologyRequest.ANYWHERE);
        }
        if (kind < 92) {
            int devices = kind < 52 ? 1 : kind < 66 ? 2 : kind < 80 ? 4 : 8;
            return spec(index, whole(devices), WorkerCount.of(1), TopologyRequest.ANYWHERE);
        }
        int workers = 2 << random.nextInt(4);
        boolean rack = workers <= 8 && random.nextBoolean();
        TopologyRequest topology = new TopologyRequest("block", rack ? "rack" : "", 0, "");
        return spec(index, whole(8), WorkerCount.of(workers), topology);
    }

    private AcceleratorRequest share(int milli) {
        return AcceleratorRequest.share(oneClass(), milli);
    }

    private AcceleratorRequest whole(int devices) {
        return random.nextInt(4) > 0
                ? AcceleratorRequest.of(oneClass(), devices)
                : new AcceleratorRequest(
                        "", new ClassSelector(List.of(), "", 64L << random.nextInt(2), List.of()), devices, 1000, "");
    }

    private String oneClass() {
        return FleetScene.CLASSES.get(random.nextInt(FleetScene.CLASSES.size()));
    }

    private JobSpec spec(int index, AcceleratorRequest request, WorkerCount workers, TopologyRequest topology) {
        long cpu = (8_000L + 1_000L * random.nextInt(26)) * request.perWorker() * request.shareMilli() / 1000;
        long memory = (64 + 8L * random.nextInt(16)) * GIB * request.perWorker() * request.shareMilli() / 1000;
        Role role = new Role(
                "worker",
                workers,
                request,
                Map.of("cpu", cpu, "memory", memory),
                Container.of("image-" + index, "run"));
        return new JobSpec(
                JobKind.TRAINING,
                queueNames.get(index % queueNames.size()),
                "",
                "",
                false,
                0,
                null,
                List.of(new Profile("only", List.of(role), topology, "")),
                TrainingSpec.DEFAULT,
                null);
    }
}

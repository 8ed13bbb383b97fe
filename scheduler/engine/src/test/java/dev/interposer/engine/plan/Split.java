package dev.interposer.engine.plan;

import dev.interposer.engine.model.AcceleratorClass;
import dev.interposer.engine.model.AcceleratorClass.Partition;
import dev.interposer.engine.model.AcceleratorRequest;
import dev.interposer.engine.model.Container;
import dev.interposer.engine.model.Profile;
import dev.interposer.engine.model.Role;
import dev.interposer.engine.model.SecretReference;
import dev.interposer.engine.model.TopologyRequest;
import dev.interposer.engine.model.WorkerCount;
import java.util.List;
import java.util.Map;

/** The class {@code chip} as one that can be split, and work that asks for a part of it. */
final class Split {
    static final Partition EIGHTH = new Partition("1g", 10, 1, List.of(0, 1, 2, 3, 4, 5, 6));
    static final Partition HALF = new Partition("3g", 40, 4, List.of(0, 4));
    static final Partition WHOLE = new Partition("7g", 80, 8, List.of(0));

    private Split() {}

    static AcceleratorClass into(Partition... partitions) {
        AcceleratorClass chip = AcceleratorClass.of("chip", "maker");
        return new AcceleratorClass(
                chip.name(),
                chip.supplierName(),
                chip.chipFamily(),
                chip.match(),
                80,
                chip.throughput(),
                chip.supply(),
                chip.ladder(),
                chip.wholeLevel(),
                List.of(partitions),
                "",
                SecretReference.NONE);
    }

    /** One worker with a part of a chip. */
    static Work part(String queue, String partition) {
        return worker(queue, new AcceleratorRequest("chip", null, 1, AcceleratorRequest.WHOLE, partition));
    }

    /** One worker with so many thousandths of a chip. */
    static Work share(String queue, int milli) {
        return worker(queue, new AcceleratorRequest("chip", null, 1, milli, ""));
    }

    private static Work worker(String queue, AcceleratorRequest asked) {
        Role role = new Role("worker", WorkerCount.of(1), asked, Map.of(), Container.of("image", "run"));
        return Work.of(queue, 1).with(List.of(new Profile("only", List.of(role), TopologyRequest.ANYWHERE, "")));
    }
}

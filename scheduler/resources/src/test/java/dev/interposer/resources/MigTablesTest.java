package dev.interposer.resources;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import dev.interposer.control.command.Command;
import dev.interposer.control.port.DeviceExpressions;
import dev.interposer.control.validate.ObjectCheck;
import dev.interposer.engine.event.FleetEvent;
import dev.interposer.engine.event.SettingEvent;
import dev.interposer.engine.fit.Demand;
import dev.interposer.engine.fit.Demand.ProfileDemand;
import dev.interposer.engine.fleet.Fleet;
import dev.interposer.engine.model.AcceleratorClass;
import dev.interposer.engine.model.AcceleratorClass.Partition;
import dev.interposer.engine.model.AcceleratorRequest;
import dev.interposer.engine.model.Actor;
import dev.interposer.engine.model.Container;
import dev.interposer.engine.model.Device;
import dev.interposer.engine.model.DeviceReport;
import dev.interposer.engine.model.JobKind;
import dev.interposer.engine.model.JobSpec;
import dev.interposer.engine.model.NodeInfo;
import dev.interposer.engine.model.Profile;
import dev.interposer.engine.model.Role;
import dev.interposer.engine.model.Supplier;
import dev.interposer.engine.model.TopologyRequest;
import dev.interposer.engine.model.TrainingSpec;
import dev.interposer.engine.model.WorkerCount;
import dev.interposer.engine.placement.BestFit;
import dev.interposer.engine.placement.Bounds;
import dev.interposer.engine.placement.GangPlacer;
import dev.interposer.engine.placement.Placement;
import dev.interposer.engine.state.State;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** The tables of {@code examples/partitions/mig.yaml} against the numbers of instances that NVIDIA's guide prints. */
class MigTablesTest {
    private static final Path TABLES = Path.of("../../examples/partitions/mig.yaml");
    /** Instances of each profile that one chip can hold, smallest profile first; the same for every chip. */
    private static final List<Integer> PUBLISHED = List.of(7, 4, 3, 2, 1, 1);

    @Test
    void aChipHoldsAsManyPartsAsPublished() throws Exception {
        for (AcceleratorClass chipClass : classes()) {
            List<Integer> held = chipClass.partitions().stream()
                    .map(partition -> held(chipClass, partition))
                    .toList();
            assertThat(held).as(chipClass.name()).isEqualTo(PUBLISHED);
        }
    }

    @Test
    void eachProfileTakesTheSlicesAndStartsThatArePublished() throws Exception {
        for (AcceleratorClass chipClass : classes()) {
            assertThat(chipClass.partitions())
                    .as(chipClass.name())
                    .extracting(
                            partition -> partition
                                    .name()
                                    .substring(0, partition.name().indexOf('.')),
                            Partition::slots,
                            Partition::starts)
                    .containsExactly(
                            tuple("1g", 1, List.of(0, 1, 2, 3, 4, 5, 6)),
                            tuple("1g", 2, List.of(0, 2, 4, 6)),
                            tuple("2g", 2, List.of(0, 2, 4)),
                            tuple("3g", 4, List.of(0, 4)),
                            tuple("4g", 4, List.of(0)),
                            tuple("7g", 8, List.of(0)));
        }
    }

    /** Mixes of the guide's figures, in any order of arrival; and such that no chip holds. */
    @Test
    void aChipHoldsTheMixesThatArePublished() throws Exception {
        for (AcceleratorClass chipClass : classes()) {
            assertThat(holds(chipClass, "4g", "3g")).isTrue();
            assertThat(holds(chipClass, "3g", "4g")).isTrue();
            assertThat(holds(chipClass, "3g", "3g")).isTrue();
            assertThat(holds(chipClass, "4g", "2g", "1g")).isTrue();
            assertThat(holds(chipClass, "1g", "2g", "4g")).isTrue();
            assertThat(holds(chipClass, "2g", "2g", "2g", "1g")).isTrue();
            assertThat(holds(chipClass, "4g", "4g")).isFalse();
            assertThat(holds(chipClass, "3g", "3g", "1g")).isFalse();
            assertThat(holds(chipClass, "7g", "1g")).isFalse();
        }
    }

    @Test
    void theTablesAreSound() throws Exception {
        List<AcceleratorClass> classes = classes();
        assertThat(classes).hasSize(5);
        Command.ApplyObjects apply =
                new Command.ApplyObjects(Actor.user("ada", "test"), List.of(Supplier.of("nvidia")), classes, List.of());
        assertThat(ObjectCheck.check(apply, new State().settings(), DeviceExpressions.NONE))
                .isNull();
    }

    private static List<AcceleratorClass> classes() throws Exception {
        return Manifests.parse(Files.readString(TABLES)).stream()
                .map(manifest -> ((Manifest.ChipClass) manifest).chipClass())
                .toList();
    }

    /** How many workers with such a part find a place on one chip. */
    private static int held(AcceleratorClass chipClass, Partition partition) {
        Chip chip = new Chip(chipClass);
        int held = 0;
        while (chip.add(partition)) {
            held++;
        }
        return held;
    }

    /** Whether they all find a place, one after another; of each size the first profile. */
    private static boolean holds(AcceleratorClass chipClass, String... sizes) {
        Chip chip = new Chip(chipClass);
        return Stream.of(sizes)
                .allMatch(size -> chip.add(chipClass.partitions().stream()
                        .filter(partition -> partition.name().startsWith(size + "."))
                        .findFirst()
                        .orElseThrow()));
    }

    /** One chip, which fills up. */
    private static final class Chip {
        private final AcceleratorClass chipClass;
        private final State state = new State();
        private final Fleet fleet = new Fleet();

        Chip(AcceleratorClass chipClass) {
            this.chipClass = chipClass;
            state.apply(1, 1, new SettingEvent.ClassApplied(chipClass));
            Device chip = new Device(2, chipClass.name(), "", DeviceReport.of("gpu", chipClass.name()));
            NodeInfo node = new NodeInfo("c/n", "boot", "1", Map.of(), Map.of());
            state.apply(2, 2, new FleetEvent.NodeReported(1, node, List.of(chip)));
            fleet.describe(state.settings().classes());
            state.nodes().all().forEach(fleet::put);
        }

        /** Whether a worker with such a part finds a place beside the others. */
        boolean add(Partition partition) {
            AcceleratorRequest request =
                    new AcceleratorRequest(chipClass.name(), null, 1, AcceleratorRequest.WHOLE, partition.name());
            Role role = new Role("worker", WorkerCount.of(1), request, Map.of(), Container.of("image", "run"));
            JobSpec spec = new JobSpec(
                    JobKind.TRAINING,
                    "queue",
                    "",
                    "",
                    false,
                    0,
                    null,
                    List.of(new Profile("only", List.of(role), TopologyRequest.ANYWHERE, "")),
                    TrainingSpec.DEFAULT,
                    null);
            ProfileDemand demand =
                    Demand.of(spec, state.settings(), fleet).profiles().getFirst();
            Placement placement = new GangPlacer(fleet, new BestFit())
                    .place(demand, demand.classes().getFirst(), Bounds.NONE);
            if (placement != null) {
                fleet.bind(placement.workers().getFirst(), demand.roles().getFirst());
            }
            return placement != null;
        }
    }
}

package dev.interposer.resources;

import static org.assertj.core.api.Assertions.assertThat;

import dev.interposer.control.command.Command;
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
import org.junit.jupiter.api.Test;

/** The tables of {@code examples/partitions/mig.yaml} against the numbers of instances that NVIDIA's guide prints. */
class MigTablesTest {
    private static final Path TABLES = Path.of("../../examples/partitions/mig.yaml");
    /** Instances of each profile that one chip can hold, smallest profile first; the same for every chip. */
    private static final List<Integer> PUBLISHED = List.of(7, 4, 3, 2, 1, 1);

    @Test
    void aChipHoldsAsManyPartsAsPublished() throws Exception {
        for (Manifest manifest : Manifests.parse(Files.readString(TABLES))) {
            AcceleratorClass chipClass = ((Manifest.ChipClass) manifest).chipClass();
            List<Integer> held = chipClass.partitions().stream()
                    .map(partition -> held(chipClass, partition))
                    .toList();
            assertThat(held).as(chipClass.name()).isEqualTo(PUBLISHED);
        }
    }

    @Test
    void theTablesAreSound() throws Exception {
        List<AcceleratorClass> classes = Manifests.parse(Files.readString(TABLES)).stream()
                .map(manifest -> ((Manifest.ChipClass) manifest).chipClass())
                .toList();
        assertThat(classes).hasSize(5);
        Command.ApplyObjects apply =
                new Command.ApplyObjects(Actor.user("ada", "test"), List.of(Supplier.of("nvidia")), classes, List.of());
        assertThat(ObjectCheck.check(apply, new State().settings())).isNull();
    }

    /** How many workers with such a part find a place on one chip. */
    private static int held(AcceleratorClass chipClass, Partition partition) {
        State state = new State();
        state.apply(1, 1, new SettingEvent.ClassApplied(chipClass));
        Device chip = new Device(2, chipClass.name(), "", DeviceReport.of("gpu", chipClass.name()));
        NodeInfo node = new NodeInfo("c/n", "boot", "1", Map.of(), Map.of());
        state.apply(2, 2, new FleetEvent.NodeReported(1, node, List.of(chip)));
        Fleet fleet = new Fleet();
        fleet.describe(state.settings().classes());
        state.nodes().all().forEach(fleet::put);
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
        GangPlacer placer = new GangPlacer(fleet, new BestFit());
        int held = 0;
        for (Placement placement = placer.place(demand, demand.classes().getFirst(), Bounds.NONE);
                placement != null;
                placement = placer.place(demand, demand.classes().getFirst(), Bounds.NONE)) {
            fleet.bind(placement.workers().getFirst(), demand.roles().getFirst());
            held++;
        }
        return held;
    }
}

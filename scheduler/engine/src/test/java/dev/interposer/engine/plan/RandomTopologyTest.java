package dev.interposer.engine.plan;

import static org.assertj.core.api.Assertions.assertThat;

import dev.interposer.engine.event.JobEvent;
import dev.interposer.engine.fleet.Chosen;
import dev.interposer.engine.fleet.Fleet;
import dev.interposer.engine.fleet.WorkerRequest;
import dev.interposer.engine.model.Ids;
import dev.interposer.engine.model.WorkerPlacement;
import dev.interposer.engine.oracle.TopologyOracle;
import dev.interposer.engine.placement.BestFit;
import dev.interposer.engine.placement.Domain;
import dev.interposer.engine.placement.PlacementPolicy;
import dev.interposer.engine.plan.RandomTopology.Kind;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Random work with topology, spread and parts of devices, against {@link TopologyOracle}; and planted bugs. */
class RandomTopologyTest {
    private static final int SEEDS = Integer.getInteger("interposer.fleetSeeds", 60);
    private static final long SEED = 7;

    @Test
    void whatIsDecidedHolds() {
        Lives.hold(
                SEEDS,
                RandomTopology.STEPS,
                (seed, steps) -> new RandomTopology(seed, new BestFit(), EnumSet.allOf(Kind.class)).run(steps));
    }

    @ParameterizedTest
    @EnumSource(
            value = Kind.class,
            names = {"REQUIRED", "GROUPS", "WHOLE_LEVEL", "SPREAD"})
    void workOutsideOfItsDomainIsFound(Kind kind) {
        assertThat(new RandomTopology(SEED, new Straying(), Set.of(kind)).run()).isNotEmpty();
    }

    @Test
    void partsOnTakenSlicesAreFound() {
        assertThat(new RandomTopology(SEED, new FirstSlice(), Set.of(Kind.PART)).run())
                .isNotEmpty();
    }

    @Test
    void aSplitDeviceThatIsSharedIsFound() {
        Set<Kind> both = Set.of(Kind.PART, Kind.SHARE);
        assertThat(new RandomTopology(SEED, new FirstDevice(), both).run()).isNotEmpty();
    }

    @Test
    void placesThatAreMissedAreFound() {
        assertThat(new RandomTopology(SEED, new Blind(), Set.of(Kind.PART)).run())
                .isNotEmpty();
    }

    @Test
    void aTryThatIsNotUndoneIsFound() {
        assertThat(new RandomTopology(SEED, new Leaking(), Set.of(Kind.REQUIRED)).run())
                .anyMatch(violation -> violation.contains("arrays differ"));
    }

    @Test
    void aStartThatIsNotAsItWasDecidedIsFound() {
        RandomTopology life = new RandomTopology(SEED, new BestFit(), Set.of(Kind.PART));
        life.spoil = RandomTopologyTest::atAnotherSlice;
        assertThat(life.run()).anyMatch(violation -> violation.contains("not what was decided"));
    }

    private static JobEvent.GangAssigned atAnotherSlice(JobEvent.GangAssigned decided) {
        List<WorkerPlacement> workers = decided.workers().stream()
                .map(worker -> new WorkerPlacement(
                        worker.role(), worker.nodeId(), worker.devices(), worker.start() == 0 ? 4 : 0))
                .toList();
        return new JobEvent.GangAssigned(
                decided.jobId(),
                decided.gang(),
                decided.attempt(),
                decided.profile(),
                decided.className(),
                workers,
                decided.priceEpoch());
    }

    /** Best fit with a bug. */
    private abstract static class Buggy implements PlacementPolicy {
        final BestFit sane = new BestFit();

        @Override
        public int chooseNode(Fleet fleet, WorkerRequest request, Domain within) {
            return sane.chooseNode(fleet, request, within);
        }

        @Override
        public void chooseDevices(Fleet fleet, WorkerRequest request, int node, Chosen chosen) {
            sane.chooseDevices(fleet, request, node, chosen);
        }

        @Override
        public boolean weighsClasses() {
            return false;
        }
    }

    /** Looks in the whole cluster. */
    private static final class Straying extends Buggy {
        @Override
        public int chooseNode(Fleet fleet, WorkerRequest request, Domain within) {
            return sane.chooseNode(fleet, request, new Domain(fleet.clusterKey(), 0));
        }
    }

    /** Starts every part at the first slice. */
    private static final class FirstSlice extends Buggy {
        @Override
        public void chooseDevices(Fleet fleet, WorkerRequest request, int node, Chosen chosen) {
            super.chooseDevices(fleet, request, node, chosen);
            chosen.startAt(0);
        }
    }

    /** Takes the first device of the node for whatever is less than one. */
    private static final class FirstDevice extends Buggy {
        @Override
        public void chooseDevices(Fleet fleet, WorkerRequest request, int node, Chosen chosen) {
            super.chooseDevices(fleet, request, node, chosen);
            if (!request.whole()) {
                int start = chosen.start();
                chosen.clear();
                chosen.add(0);
                chosen.startAt(start);
            }
        }
    }

    /** Binds what it chooses, beside what its caller binds and takes back. */
    private static final class Leaking extends Buggy {
        @Override
        public void chooseDevices(Fleet fleet, WorkerRequest request, int node, Chosen chosen) {
            super.chooseDevices(fleet, request, node, chosen);
            Ids ids = Ids.of(chosen.size(), at -> fleet.deviceId(node, chosen.get(at)));
            fleet.bind(new WorkerPlacement(0, fleet.nodeId(node), ids, chosen.start()), request);
        }
    }

    /** Sees no node but the first. */
    private static final class Blind extends Buggy {
        @Override
        public int chooseNode(Fleet fleet, WorkerRequest request, Domain within) {
            int node = super.chooseNode(fleet, request, within);
            return node > 0 ? -1 : node;
        }
    }
}

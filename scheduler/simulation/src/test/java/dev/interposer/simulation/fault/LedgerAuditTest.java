package dev.interposer.simulation.fault;

import static org.assertj.core.api.Assertions.assertThat;

import dev.interposer.control.port.Page;
import dev.interposer.engine.event.Entry;
import dev.interposer.engine.event.Event;
import dev.interposer.engine.event.FleetEvent;
import dev.interposer.engine.event.JobEvent;
import dev.interposer.engine.model.AcceleratorRequest;
import dev.interposer.engine.model.Actor;
import dev.interposer.engine.model.Container;
import dev.interposer.engine.model.Device;
import dev.interposer.engine.model.DeviceReport;
import dev.interposer.engine.model.Ids;
import dev.interposer.engine.model.JobKind;
import dev.interposer.engine.model.JobSpec;
import dev.interposer.engine.model.NodeInfo;
import dev.interposer.engine.model.Profile;
import dev.interposer.engine.model.Role;
import dev.interposer.engine.model.TopologyRequest;
import dev.interposer.engine.model.TrainingSpec;
import dev.interposer.engine.model.WorkerCount;
import dev.interposer.engine.model.WorkerPlacement;
import dev.interposer.ledger.codec.EventCodec;
import dev.interposer.ledger.codec.PageCodec;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** The audit of ledgers finds what no scheduler writes: here it is written by hand. */
class LedgerAuditTest {
    private static final NodeInfo NODE = new NodeInfo("c/n", "boot", "1", Map.of(), Map.of());
    private static final DeviceReport DEVICE = DeviceReport.of("d", "chip");

    @Test
    void nothingIsWrongWithADeviceThatNobodyElseHas() {
        assertThat(placedOn(NODE, DEVICE)).isEmpty();
    }

    @Test
    void aDeviceThatIsGivenWhileOthersUseItIsFound() {
        assertThat(placedOn(NODE, DEVICE.usedBy("batch/other-0")))
                .singleElement()
                .asString()
                .contains("device d was given to 3/0/1/0 while batch/other-0 uses it");
    }

    @Test
    void workOnANodeThatIsOnlyLookedAtIsFound() {
        assertThat(placedOn(NODE.observedOnly(true), DEVICE))
                .singleElement()
                .asString()
                .contains("was placed on node c/n, which takes nothing");
    }

    private static List<String> placedOn(NodeInfo node, DeviceReport device) {
        Role role = new Role(
                "worker", WorkerCount.of(1), AcceleratorRequest.of("chip", 1), Map.of(), Container.of("", "true"));
        Profile profile = new Profile("only", List.of(role), TopologyRequest.ANYWHERE, "");
        JobSpec spec = new JobSpec(
                JobKind.TRAINING, "queue", "", "", false, 0, null, List.of(profile), TrainingSpec.DEFAULT, null);
        return audit(
                new FleetEvent.NodeReported(1, node, List.of(new Device(2, "chip", "", device))),
                new JobEvent.SpecStored(4, "sha", spec),
                new JobEvent.JobSubmitted(3, "ns", "job", 4, 0, "", "ada"),
                new JobEvent.GangAssigned(3, 0, 1, 0, "chip", List.of(new WorkerPlacement(0, 1, Ids.of(2))), 0));
    }

    private static List<String> audit(Event... events) {
        List<Entry> entries = new ArrayList<>();
        for (Event event : events) {
            entries.add(new Entry(entries.size() + 1, 1, Actor.SCHEDULER, event));
        }
        byte[] frame = new PageCodec(new EventCodec()).encode(new Page(1, 1, 1, entries));
        return LedgerAudit.of(List.of(frame)).violations();
    }
}

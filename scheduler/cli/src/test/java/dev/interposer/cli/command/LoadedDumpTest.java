package dev.interposer.cli.command;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import dev.interposer.cli.client.CliException;
import dev.interposer.engine.event.Entry;
import dev.interposer.engine.event.Event;
import dev.interposer.engine.event.FleetEvent;
import dev.interposer.engine.event.JobEvent;
import dev.interposer.engine.event.SettingEvent;
import dev.interposer.engine.model.AcceleratorClass;
import dev.interposer.engine.model.AcceleratorRequest;
import dev.interposer.engine.model.Actor;
import dev.interposer.engine.model.Container;
import dev.interposer.engine.model.Device;
import dev.interposer.engine.model.DeviceReport;
import dev.interposer.engine.model.JobKind;
import dev.interposer.engine.model.JobQueue;
import dev.interposer.engine.model.JobSpec;
import dev.interposer.engine.model.NodeInfo;
import dev.interposer.engine.model.Profile;
import dev.interposer.engine.model.Role;
import dev.interposer.engine.model.Supplier;
import dev.interposer.engine.model.TopologyRequest;
import dev.interposer.engine.model.TrainingSpec;
import dev.interposer.engine.model.WorkerCount;
import dev.interposer.engine.state.Snapshot;
import dev.interposer.engine.state.State;
import dev.interposer.ledger.codec.Digests;
import dev.interposer.ledger.codec.EventCodec;
import dev.interposer.ledger.codec.PageCodec;
import dev.interposer.proto.fleet.v1.DumpEnd;
import dev.interposer.proto.fleet.v1.DumpHead;
import dev.interposer.proto.fleet.v1.DumpPart;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

/** A dump that is loaded says what those are told who wait at its end, and fails where that is too little. */
class LoadedDumpTest {
    private final State state = new State();
    private final StringWriter out = new StringWriter();

    @TempDir
    Path folder;

    LoadedDumpTest() {
        apply(new SettingEvent.SupplierApplied(Supplier.of("maker")));
        apply(new SettingEvent.ClassApplied(AcceleratorClass.of("chip", "maker")));
        apply(new SettingEvent.QueueApplied(JobQueue.of("q")));
        List<Device> devices = new ArrayList<>();
        for (int device = 0; device < 4; device++) {
            devices.add(new Device(10 + device, "chip", "", DeviceReport.of("d" + device, "chip")));
        }
        apply(new FleetEvent.NodeReported(
                1, new NodeInfo("c/n", "boot", "1", Map.of(), Map.of("cpu", 8_000L)), devices));
    }

    @Test
    void whoWaitsForDevicesIsToldSo() throws IOException {
        submit(20, 8);
        submit(30, 4);

        assertThat(load()).isZero();
        assertThat(out.toString()).contains("1 gangs still wait", "WORKER_EXCEEDS_NODES  1");
    }

    @Test
    void whoWaitsForTheEndOfAHaltIsToldSo() throws IOException {
        submit(20, 4);
        apply(new SettingEvent.PlacementHalted("restored"));

        assertThat(load()).isZero();
        assertThat(out.toString()).contains("1 gangs still wait", "PLACEMENT_HALTED  1");
    }

    /** Nothing says that nodes are awaited before anything is decided. */
    @Test
    void whoIsToldOnlyToWaitFailsIt() throws IOException {
        submit(20, 4);
        apply(new SettingEvent.NodesAwaited(true));

        assertThat(load()).isEqualTo(CliException.UNEXPLAINED);
        assertThat(out.toString()).contains("1 gangs still wait", "BEHIND_OTHERS  1");
    }

    private void submit(long id, int devices) {
        Role role = new Role(
                "worker",
                WorkerCount.of(1),
                AcceleratorRequest.of("chip", devices),
                Map.of(),
                Container.of("", "true"));
        Profile profile = new Profile("only", List.of(role), TopologyRequest.ANYWHERE, "");
        JobSpec spec = new JobSpec(
                JobKind.TRAINING, "q", "", "", false, 0, null, List.of(profile), TrainingSpec.DEFAULT, null);
        apply(new JobEvent.SpecStored(id + 1, "sha-" + id, spec));
        apply(new JobEvent.JobSubmitted(id, "ns", "job-" + id, id + 1, 0, "", "ada"));
    }

    private void apply(Event event) {
        state.apply(new Entry(state.revision() + 1, 1_000_000, Actor.SCHEDULER, event));
    }

    private int load() throws IOException {
        PageCodec codec = new PageCodec(new EventCodec());
        State folded = new State();
        Snapshot.of(state).forEach(folded::apply);
        Path file = folder.resolve("state.dump");
        try (OutputStream to = Files.newOutputStream(file)) {
            DumpPart.newBuilder()
                    .setHead(DumpHead.newBuilder().setEngineVersion("test"))
                    .build()
                    .writeDelimitedTo(to);
            DumpPart.newBuilder()
                    .setSnapshotChunk(ByteString.copyFrom(codec.encodeChunk(Snapshot.of(state))))
                    .build()
                    .writeDelimitedTo(to);
            DumpPart.newBuilder()
                    .setEnd(DumpEnd.newBuilder().setDigest(new Digests(new EventCodec()).of(folded)))
                    .build()
                    .writeDelimitedTo(to);
        }
        CommandLine line = new CommandLine(new ReplayCommand()).setCaseInsensitiveEnumValuesAllowed(true);
        line.setOut(new PrintWriter(out, true));
        line.setExecutionExceptionHandler(
                (failure, command, parsed) -> failure instanceof CliException known ? known.exitCode() : -1);
        return line.execute("--load", file.toString());
    }
}

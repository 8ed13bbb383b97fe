package dev.interposer.agent.link;

import static org.assertj.core.api.Assertions.assertThat;

import dev.interposer.agent.config.NodeConfig;
import dev.interposer.agent.config.Retention;
import dev.interposer.agent.driver.SimulatedDriver;
import dev.interposer.agent.health.HealthPolicyFile;
import dev.interposer.agent.runtime.EndedFolders;
import dev.interposer.agent.runtime.Loop;
import dev.interposer.agent.runtime.SimulatedRuntime;
import dev.interposer.agent.watch.DeviceMemory;
import dev.interposer.agent.watch.DeviceSetup;
import dev.interposer.proto.agent.v1.ServerMessage;
import dev.interposer.proto.agent.v1.StatusAck;
import dev.interposer.proto.agent.v1.WorkerAssignment;
import dev.interposer.proto.agent.v1.WorkerKey;
import dev.interposer.proto.agent.v1.WorkerState;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A look at the folders of a node asks the node, on its loop, which of them it needs. */
class SweepTest {
    @TempDir
    Path folder;

    private final Loop loop = new Loop();
    private NodeAgent node;
    private Sweep sweep;

    @BeforeEach
    void aNode() throws Exception {
        NodeConfig config =
                new NodeConfig("lab/n1", Map.of(), Map.of(), NodeConfig.SimulatedDevices.NONE, List.of(), 0);
        DeviceSetup setup = new DeviceSetup(
                List.of(new SimulatedDriver(config)),
                HealthPolicyFile.standard(),
                new DeviceMemory(folder.resolve("devices"), "boot"));
        Past past = Past.of(folder.resolve("journal"));
        // Each worker runs for a moment, and nobody makes its folder but this test.
        node = new NodeAgent(config, setup, past, _ -> new SimulatedRuntime(loop, 1), loop);
        sweep = new Sweep(node, new EndedFolders(folder.resolve("workers"), new Retention(1_000, 100)), loop);
    }

    @AfterEach
    void end() {
        loop.close(node::close, 5_000);
    }

    @Test
    void aFolderStaysUntilTheEndOfItsWorkerIsAcknowledged() throws Exception {
        Path known = old("1-0-1-0");
        Path unknown = old("2-0-1-0");
        WorkerKey key = WorkerKey.newBuilder().setJobId(1).setAttempt(1).build();
        say(ServerMessage.newBuilder().setAssign(WorkerAssignment.newBuilder().setKey(key)));
        sweep.look();
        assertThat(known).exists();
        assertThat(unknown).doesNotExist();

        TimeUnit.MILLISECONDS.sleep(50);
        sweep.look();
        assertThat(known).as("it has ended, and no leader knows").exists();
        say(ServerMessage.newBuilder()
                .setStatusAck(StatusAck.newBuilder().setKey(key).setState(WorkerState.WORKER_STATE_ENDED)));
        sweep.look();
        assertThat(known).doesNotExist();
    }

    private void say(ServerMessage.Builder message) {
        loop.ask(() -> {
                    node.received(message.setEpoch(1).setIncarnation(1).build());
                    return true;
                })
                .join();
    }

    private Path old(String name) throws IOException {
        Path home = Files.createDirectories(folder.resolve("workers").resolve(name));
        Files.writeString(home.resolve("log.1"), "said");
        Files.setLastModifiedTime(home, FileTime.fromMillis(System.currentTimeMillis() - 60_000));
        return home;
    }
}

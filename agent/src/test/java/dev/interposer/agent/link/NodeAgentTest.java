package dev.interposer.agent.link;

import static org.assertj.core.api.Assertions.assertThat;

import dev.interposer.agent.config.NodeConfig;
import dev.interposer.agent.driver.SimulatedDriver;
import dev.interposer.agent.health.HealthPolicyFile;
import dev.interposer.agent.runtime.LogFiles;
import dev.interposer.agent.runtime.Loop;
import dev.interposer.agent.runtime.WorkerRuntime;
import dev.interposer.agent.watch.DeviceMemory;
import dev.interposer.agent.watch.DeviceSetup;
import dev.interposer.proto.agent.v1.Progress;
import dev.interposer.proto.agent.v1.ServerMessage;
import dev.interposer.proto.agent.v1.WorkerAssignment;
import dev.interposer.proto.agent.v1.WorkerKey;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** In which order a node does what one message makes it do. */
class NodeAgentTest {
    @Test
    void aLeaderIsHeardBeforeWhatItAssignsBeginsUnderItsLease(@TempDir Path folder) throws IOException {
        NodeConfig config =
                new NodeConfig("lab/n1", Map.of(), Map.of(), NodeConfig.SimulatedDevices.NONE, List.of(), 0);
        Recorded runtime = new Recorded();
        Past past = Past.of(folder.resolve("journal"));
        DeviceSetup setup = new DeviceSetup(
                List.of(new SimulatedDriver(config)),
                HealthPolicyFile.standard(),
                new DeviceMemory(folder.resolve("devices"), "boot"));
        NodeAgent node = new NodeAgent(config, setup, past, _ -> runtime, new Loop());

        node.received(ServerMessage.newBuilder()
                .setEpoch(1)
                .setIncarnation(1)
                .setAssign(WorkerAssignment.newBuilder()
                        .setKey(WorkerKey.newBuilder().setJobId(1).setAttempt(1))
                        .setSelfFenceSeconds(5))
                .build());
        node.close();

        assertThat(runtime.calls).containsExactly("heard", "start 1");
    }

    private static final class Recorded implements WorkerRuntime {
        private final List<String> calls = new ArrayList<>();

        @Override
        public void start(WorkerAssignment assignment, Listener listener) {
            calls.add("start " + assignment.getKey().getJobId());
        }

        @Override
        public void leaderHeard() {
            calls.add("heard");
        }

        @Override
        public void adopt(WorkerAssignment assignment, Listener listener) {
            throw new AssertionError("nothing ran before");
        }

        @Override
        public void terminate(WorkerKey key) {
            throw new AssertionError("nothing is to end");
        }

        @Override
        public void kill(WorkerKey key) {
            throw new AssertionError("nothing is to end");
        }

        @Override
        public @Nullable LogFiles log(WorkerKey key) {
            return null;
        }

        @Override
        public long millisSinceLeader() {
            return 0;
        }

        @Override
        public void forEachLive(Consumer<WorkerKey> action) {}

        @Override
        public List<Progress> progress() {
            return List.of();
        }

        @Override
        public boolean owns(long pid) {
            return false;
        }

        @Override
        public void close() {}
    }
}

package dev.interposer.agent.driver.plugin;

import static dev.interposer.agent.driver.plugin.FakePlugin.device;
import static org.assertj.core.api.Assertions.assertThat;

import dev.interposer.proto.driver.v1.Device;
import dev.interposer.proto.driver.v1.Health;
import dev.interposer.proto.driver.v1.IdentifyRequest;
import dev.interposer.proto.driver.v1.IdentifyResponse;
import dev.interposer.proto.driver.v1.InventoryEvent;
import dev.interposer.proto.driver.v1.PrepareRequest;
import dev.interposer.proto.driver.v1.PrepareResponse;
import dev.interposer.proto.driver.v1.StatsRequest;
import dev.interposer.proto.driver.v1.StatsResponse;
import dev.interposer.proto.driver.v1.UnprepareRequest;
import dev.interposer.proto.driver.v1.UnprepareResponse;
import dev.interposer.proto.driver.v1.WatchInventoryRequest;
import io.grpc.Status;
import io.grpc.stub.StreamObserver;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Collections;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PluginCheckTest {
    @TempDir
    Path folder;

    private int violations;

    @Test
    void aPluginThatBehavesHasNoViolation() throws Exception {
        try (FakePlugin plugin = new FakePlugin(socket(), device("a"), device("b"))) {
            assertThat(check()).doesNotContain("VIOLATION").contains("ok: Stats of b", "keeps driver.v1");
            assertThat(violations).isZero();
            assertThat(plugin.unprepared).hasSize(3);
        }
    }

    @Test
    void nobodyIsAViolation() throws Exception {
        assertThat(check()).contains("VIOLATION: Identify finds nobody");
        assertThat(violations).isEqualTo(1);
    }

    @Test
    void eachThingThatIsWrongWithADeviceIsNamed() throws Exception {
        Device wrong = Device.newBuilder()
                .setName("a b")
                .setMemoryBytes(-1)
                .setPartition("1 g")
                .putAttributes("vendor", "other")
                .putAttributes("a-key", "ü".repeat(385))
                .addDeviceNodes("/dev/../etc/passwd")
                .addAllDeviceNodes(Collections.nCopies(6, "/dev/" + "n".repeat(180)))
                .setParentName("a chip")
                .setScaleUpDomain("ü".repeat(127))
                .setHealth(FakePlugin.failed(""))
                .build();
        Device silent = device("c").toBuilder()
                .setHealth(Health.getDefaultInstance())
                .setPartition("half")
                .build();
        try (FakePlugin plugin = new FakePlugin(socket(), wrong, silent)) {
            assertThat(check())
                    .contains(
                            "devices[0].name (a b) must be",
                            "devices[0].memory_bytes (-1) must not be below 0",
                            "devices[0].parent_name (a chip) must be at most 128 letters",
                            "devices[0].partition (1 g) must be at most 128 plain letters",
                            "must have at most 253 bytes",
                            "devices[0].device_nodes must have at most 960 bytes in all",
                            "devices[0].attributes.model () must be there",
                            "devices[0].attributes.a-key must be named by",
                            "must have at most 768 bytes",
                            "devices[0].device_nodes (/dev/../etc/passwd) must be a path below /dev",
                            "devices[0].health.cause () must be 1 to 1024 characters",
                            "devices[1].partition (half) and parent_name () must both",
                            "devices[1].health.state (0) must be healthy, degraded or failed");
            assertThat(plugin.prepared).isNotEmpty();
        }
    }

    @Test
    void whatIsOnlyAskedOnABadDayIsAsked() throws Exception {
        try (FakePlugin plugin = new FakePlugin(socket(), device("a")) {
            private int prepares;
            private int unprepares;

            @Override
            public void stats(StatsRequest request, StreamObserver<StatsResponse> answer) {
                answer.onNext(StatsResponse.newBuilder()
                        .setMemoryUsedBytes(1001)
                        .setPowerMilliwatts(-5)
                        .build());
                answer.onCompleted();
            }

            @Override
            public void prepare(PrepareRequest request, StreamObserver<PrepareResponse> answer) {
                answer.onNext(PrepareResponse.newBuilder()
                        .putEnv("TRY", Integer.toString(++prepares))
                        .build());
                answer.onCompleted();
            }

            @Override
            public void unprepare(UnprepareRequest request, StreamObserver<UnprepareResponse> answer) {
                if (++unprepares > 1) {
                    answer.onError(Status.NOT_FOUND.withDescription("twice").asRuntimeException());
                } else {
                    super.unprepare(request, answer);
                }
            }
        }) {
            assertThat(check())
                    .contains(
                            "VIOLATION: Stats of a: memory_used_bytes (1001) must be from 0 to 1000",
                            "VIOLATION: Stats of a: power_milliwatts (-5) must be from 0",
                            "VIOLATION: Stats of a device that there is not: must be refused with NOT_FOUND",
                            "VIOLATION: Prepare: the same request again has another answer: {TRY=2}",
                            "VIOLATION: Prepare of a device that there is not: must be refused",
                            "VIOLATION: Unprepare: a second time: Unprepare is refused: NOT_FOUND twice");
            assertThat(violations).isEqualTo(6);
            assertThat(plugin.unprepared).hasSize(1);
        }
    }

    @Test
    void aStreamThatEndsOrHasNoInventoryFirstIsAViolation() throws Exception {
        try (FakePlugin plugin = new FakePlugin(socket(), device("a")) {
            @Override
            public synchronized void watchInventory(
                    WatchInventoryRequest request, StreamObserver<InventoryEvent> events) {
                events.onCompleted();
            }
        }) {
            assertThat(check()).contains("VIOLATION: WatchInventory ended; only the agent may end it");
            assertThat(plugin.prepared).isEmpty();
        }
        try (FakePlugin plugin = new FakePlugin(socket(), device("a")) {
            @Override
            public synchronized void watchInventory(
                    WatchInventoryRequest request, StreamObserver<InventoryEvent> events) {
                events.onNext(InventoryEvent.getDefaultInstance());
            }
        }) {
            assertThat(check()).contains("VIOLATION: WatchInventory: the first event must be an inventory");
            assertThat(plugin.prepared).isEmpty();
        }
    }

    @Test
    void aPluginThatServesOneStreamOnlyIsAViolation() throws Exception {
        try (FakePlugin plugin = new FakePlugin(socket(), device("a")) {
            private int streams;

            @Override
            public synchronized void watchInventory(
                    WatchInventoryRequest request, StreamObserver<InventoryEvent> events) {
                if (++streams == 1) {
                    super.watchInventory(request, events);
                }
            }
        }) {
            assertThat(check())
                    .contains(
                            "VIOLATION: WatchInventory, again: a second stream at the same time: WatchInventory has no"
                                    + " answer within 5000 ms");
            assertThat(plugin.prepared).isNotEmpty();
        }
    }

    @Test
    void aNameThatIsNoneIsAViolation() throws Exception {
        try (FakePlugin plugin = new FakePlugin(socket(), device("a")) {
            @Override
            public void identify(IdentifyRequest request, StreamObserver<IdentifyResponse> answer) {
                answer.onNext(IdentifyResponse.newBuilder()
                        .setProtocolVersion(2)
                        .setName("My Driver\u0007")
                        .build());
                answer.onCompleted();
            }
        }) {
            assertThat(check())
                    .contains(
                            "VIOLATION: Identify: protocol_version (2) must be from 1 to that of the request, 1",
                            "VIOLATION: Identify: name (My Driver?) must be 1 to 63 DNS letters");
            assertThat(plugin.prepared).isNotEmpty();
        }
    }

    @Test
    void whatIsSaidAfterTheInventoryIsJudgedAsWell() throws Exception {
        try (FakePlugin plugin = new FakePlugin(socket(), device("a")) {
            @Override
            public void stats(StatsRequest request, StreamObserver<StatsResponse> answer) {
                says("z", failed("lost"));
                says("a", failed(""));
                says("a", Health.getDefaultInstance());
                say(InventoryEvent.getDefaultInstance());
                super.stats(request, answer);
            }
        }) {
            assertThat(check())
                    .contains(
                            "VIOLATION: after all that: health.device_name (z) must be in the last inventory",
                            "VIOLATION: after all that: health.health.cause () must be 1 to 1024 characters",
                            "VIOLATION: after all that: health.health.state (0) must be healthy, degraded or failed",
                            "VIOLATION: after all that: an event must hold an inventory or a change of health");
            assertThat(violations).isEqualTo(4);
            assertThat(plugin.prepared).isNotEmpty();
        }
    }

    @Test
    void aChangeThatComesASecondLaterIsStillHeard() throws Exception {
        try (FakePlugin plugin = new FakePlugin(socket(), device("a")) {
            @Override
            public void unprepare(UnprepareRequest request, StreamObserver<UnprepareResponse> answer) {
                super.unprepare(request, answer);
                if (unprepared.size() == 3) {
                    CompletableFuture.delayedExecutor(1, TimeUnit.SECONDS).execute(() -> says("a", failed("")));
                }
            }
        }) {
            assertThat(check()).contains("VIOLATION: after all that: health.health.cause ()");
            assertThat(plugin.prepared).isNotEmpty();
        }
    }

    private Path socket() {
        return folder.resolve("x1.sock");
    }

    private String check() throws InterruptedException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        PluginConfig config = new PluginConfig(
                socket(), Duration.ofSeconds(5), Duration.ofSeconds(5), Duration.ofSeconds(1), Duration.ofSeconds(5));
        try (PrintStream out = new PrintStream(bytes, true, StandardCharsets.UTF_8)) {
            violations = PluginCheck.run(config, out);
        }
        return bytes.toString(StandardCharsets.UTF_8);
    }
}

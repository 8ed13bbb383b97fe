package dev.interposer.agent.link;

import static org.assertj.core.api.Assertions.assertThat;

import dev.interposer.agent.driver.Reading;
import dev.interposer.agent.watch.NodeDevices.Measured;
import dev.interposer.proto.agent.v1.AgentMessage;
import dev.interposer.proto.agent.v1.DeviceTelemetry;
import dev.interposer.proto.agent.v1.Heartbeat;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** What a heartbeat says of devices that measure something. */
class TelemetryDeltaTest {
    private final TelemetryDelta delta = new TelemetryDelta();

    @Test
    void whatIsNewIsToldOnce() {
        List<Measured> devices = List.of(measured(500, 10L << 30, 60, 300_000, 0));
        assertThat(delta.changes(devices))
                .containsExactly(DeviceTelemetry.newBuilder()
                        .setDeviceIndex(0)
                        .setUtilizationMilli(500)
                        .setMemoryUsedBytes(10L << 30)
                        .setTemperatureCelsius(60)
                        .setPowerMilliwatts(300_000)
                        .build());
        assertThat(delta.changes(devices)).isEmpty();
    }

    @Test
    void whatOnlyTremblesIsNotTold() {
        delta.changes(List.of(measured(500, 10L << 30, 60, 300_000, 0)));
        assertThat(delta.changes(List.of(measured(510, (10L << 30) + 4096, 61, 305_000, 0))))
                .isEmpty();
    }

    @Test
    void whatCreepsIsToldWhenItHasComeFar() {
        delta.changes(List.of(measured(0, 0, 60, 0, 0)));
        assertThat(delta.changes(List.of(measured(0, 0, 61, 0, 0)))).isEmpty();
        assertThat(delta.changes(List.of(measured(0, 0, 62, 0, 0))))
                .containsExactly(
                        DeviceTelemetry.newBuilder().setTemperatureCelsius(62).build());
    }

    @Test
    void strangersAreCountedAndTheirEndIsTold() {
        delta.changes(List.of(measured(0, 0, 0, 0, 0), measured(0, 0, 0, 0, 2)));
        assertThat(delta.changes(List.of(measured(0, 0, 0, 0, 0), measured(0, 0, 0, 0, 0))))
                .containsExactly(DeviceTelemetry.newBuilder()
                        .setDeviceIndex(1)
                        .setForeignProcesses(0)
                        .build());
    }

    @Test
    void whatCannotBeToldIsLeftOut() {
        assertThat(delta.changes(List.of(new Measured("d", Reading.NONE, 0)))).isEmpty();
    }

    @Test
    void aDeviceThatMeasuresNothingAnyMoreIsToldOnceAndThenAnew() {
        List<Measured> nothing = List.of(new Measured("d", Reading.NONE, 0));
        delta.changes(List.of(measured(500, 0, 60, 0, 2)));
        assertThat(delta.changes(nothing))
                .containsExactly(
                        DeviceTelemetry.newBuilder().setUnmeasured(true).build());
        assertThat(delta.changes(nothing)).isEmpty();
        assertThat(delta.changes(List.of(measured(500, 0, 60, 0, 2))))
                .containsExactly(DeviceTelemetry.newBuilder()
                        .setUtilizationMilli(500)
                        .setMemoryUsedBytes(0)
                        .setTemperatureCelsius(60)
                        .setPowerMilliwatts(0)
                        .setForeignProcesses(2)
                        .build());
    }

    @Test
    void oneMeasureThatCannotBeToldIsLeftOut() {
        delta.changes(List.of(measured(500, 0, 60, 0, 0)));
        assertThat(delta.changes(List.of(measured(500, 0, Reading.UNKNOWN, 0, 0))))
                .isEmpty();
    }

    @Test
    void aNewStreamIsToldAll() {
        List<Measured> devices = List.of(measured(500, 1, 60, 1, 0));
        delta.changes(devices);
        delta.inventoryTold();
        assertThat(delta.changes(devices)).hasSize(1);
    }

    @Test
    void aHeartbeatOfEightDevicesOfWhichFewChangeIsShort() {
        List<Measured> before = IntStream.range(0, 8)
                .mapToObj(index -> measured(900, 70L << 30, 60, 650_000, 0))
                .toList();
        delta.changes(before);
        List<Measured> after = IntStream.range(0, 8)
                .mapToObj(index -> measured(index < 4 ? 950 : 900, 70L << 30, index < 2 ? 63 : 60, 650_000, 0))
                .toList();
        AgentMessage heartbeat = AgentMessage.newBuilder()
                .setSequence(100_000)
                .setHeartbeat(
                        Heartbeat.newBuilder().setUptimeMillis(100_000_000).addAllDevices(delta.changes(after)))
                .build();
        assertThat(heartbeat.getHeartbeat().getDevicesCount()).isEqualTo(4);
        assertThat(heartbeat.getSerializedSize()).isLessThanOrEqualTo(200);
    }

    private static Measured measured(
            int utilizationMilli, long memoryBytes, int temperatureCelsius, long powerMilliwatts, int foreign) {
        return new Measured(
                "d",
                new Reading(utilizationMilli, memoryBytes, temperatureCelsius, powerMilliwatts, List.of()),
                foreign);
    }
}

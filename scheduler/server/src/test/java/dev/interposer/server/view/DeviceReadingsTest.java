package dev.interposer.server.view;

import static org.assertj.core.api.Assertions.assertThat;

import dev.interposer.proto.agent.v1.DeviceTelemetry;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What is known of devices from what changed. */
class DeviceReadingsTest {
    private final DeviceReadings readings = new DeviceReadings();

    @Test
    void whatDidNotChangeStays() {
        readings.inventory("c/n", List.of("a", "b"));
        readings.changed(
                "c/n",
                List.of(at(1).setTemperatureCelsius(50).setPowerMilliwatts(7).build()));
        readings.changed("c/n", List.of(at(1).setTemperatureCelsius(60).build()));
        assertThat(readings.of("c/n", "b"))
                .isEqualTo(at(1).setTemperatureCelsius(60).setPowerMilliwatts(7).build());
        assertThat(readings.of("c/n", "a")).isNull();
    }

    @Test
    void aNewStreamBeginsWithNothing() {
        readings.inventory("c/n", List.of("a", "b"));
        readings.changed("c/n", List.of(at(0).setTemperatureCelsius(50).build()));
        readings.inventory("c/n", List.of("b", "a"));
        assertThat(readings.of("c/n", "a")).isNull();
        readings.changed("c/n", List.of(at(0).setTemperatureCelsius(40).build()));
        assertThat(readings.of("c/n", "b")).isNotNull();
        assertThat(readings.of("c/n", "a")).isNull();
    }

    @Test
    void whatNamesNoDeviceIsLeftOut() {
        readings.changed("c/unknown", List.of(at(0).setTemperatureCelsius(1).build()));
        readings.inventory("c/n", List.of("a"));
        readings.changed("c/n", List.of(at(1).setTemperatureCelsius(1).build(), at(-1).build()));
        assertThat(readings.of("c/n", "a")).isNull();
    }

    @Test
    void whatIsNotMeasuredAnyMoreIsNotShown() {
        readings.inventory("c/n", List.of("a", "b"));
        readings.changed(
                "c/n",
                List.of(
                        at(0).setTemperatureCelsius(50).build(),
                        at(1).setTemperatureCelsius(51).build()));
        readings.changed("c/n", List.of(at(0).setUnmeasured(true).build()));
        assertThat(readings.of("c/n", "a")).isNull();
        assertThat(readings.of("c/n", "b")).isNotNull();
        readings.left("c/n");
        assertThat(readings.of("c/n", "b")).isNull();
    }

    private static DeviceTelemetry.Builder at(int index) {
        return DeviceTelemetry.newBuilder().setDeviceIndex(index);
    }
}

package dev.interposer.agent.driver;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.interposer.agent.config.NodeConfig;
import dev.interposer.agent.config.NodeConfig.SimulatedDevices;
import dev.interposer.proto.agent.v1.Device;
import dev.interposer.proto.agent.v1.WorkerAssignment;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

/** A driver that is not there from the beginning. */
class LateDriverTest {
    private final AtomicInteger openings = new AtomicInteger();
    private final List<String> heard = new ArrayList<>();
    private Optional<Driver> there = Optional.empty();
    private final LateDriver late = new LateDriver("late", Map.of("LATE_VISIBLE", "none"), () -> {
        openings.incrementAndGet();
        return there;
    });

    @Test
    void withoutHardwareThereAreNoDevices() throws Exception {
        assertThat(late.devices()).isEmpty();
        assertThatThrownBy(() -> late.read("d"))
                .isInstanceOf(DriverException.class)
                .hasMessage("late is not there yet");
        assertThatThrownBy(() -> late.prepare(WorkerAssignment.getDefaultInstance()))
                .isInstanceOf(DriverException.class);
    }

    @Test
    void whatIsInstalledLaterIsFoundAndHeard() throws Exception {
        assertThat(late.devices()).isEmpty();
        late.listen(signal -> heard.add(signal.device()));
        there = Optional.of(new Telling());
        assertThat(late.devices()).hasSize(2);
        assertThat(heard).containsExactly("n-0");
        late.devices();
        assertThat(heard).hasSize(1);
        assertThat(openings).hasValue(2);
    }

    /** A worker that begins before the first look must not find what that would have hidden. */
    @Test
    void itsDevicesAreHiddenUntilItSaysThatThereAreNone() throws Exception {
        assertThat(late.hidden()).containsEntry("LATE_VISIBLE", "none");
        late.devices();
        assertThat(late.hidden()).isEmpty();
        there = Optional.of(new Telling());
        late.devices();
        assertThat(late.hidden()).containsEntry("TOLD_VISIBLE", "");
    }

    @Test
    void anOpenDriverThatFailsIsNotOpenedAgain() {
        there = Optional.of(new Telling() {
            @Override
            public List<Device> devices() throws DriverException {
                throw new DriverException("not now");
            }
        });
        for (int round = 0; round < 3; round++) {
            assertThatThrownBy(late::devices).hasMessage("not now");
        }
        assertThat(openings).hasValue(1);
    }

    /** One that has something to tell as soon as it is listened to. */
    private static class Telling implements Driver {
        private final SimulatedDriver devices = new SimulatedDriver(new NodeConfig(
                "c/n", Map.of(), Map.of(), new SimulatedDevices(2, "chip", "maker", 0, "", ""), List.of(), 0));

        @Override
        public String name() {
            return "telling";
        }

        @Override
        public List<Device> devices() throws DriverException {
            return devices.devices();
        }

        @Override
        public Reading read(String device) {
            return Reading.NONE;
        }

        @Override
        public void listen(Consumer<Signal> signals) {
            signals.accept(Signal.raised("n-0", Signal.Kind.GONE, "", ""));
        }

        @Override
        public Map<String, String> hidden() {
            return Map.of("TOLD_VISIBLE", "");
        }

        @Override
        public Map<String, String> prepare(WorkerAssignment assignment) {
            return Map.of();
        }
    }
}

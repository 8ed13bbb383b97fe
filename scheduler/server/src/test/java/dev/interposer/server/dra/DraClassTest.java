package dev.interposer.server.dra;

import static org.assertj.core.api.Assertions.assertThat;

import dev.interposer.control.command.Command;
import dev.interposer.control.command.ErrorCode;
import dev.interposer.control.command.Outcome;
import dev.interposer.control.core.ControlSettings;
import dev.interposer.control.core.Controller;
import dev.interposer.engine.model.AcceleratorClass;
import dev.interposer.engine.model.AcceleratorClass.MatchKind;
import dev.interposer.engine.model.AcceleratorClass.MatchRule;
import dev.interposer.engine.model.Actor;
import dev.interposer.engine.model.Device;
import dev.interposer.engine.model.DeviceReport;
import dev.interposer.engine.model.DeviceReport.DraIdentity;
import dev.interposer.engine.model.Health;
import dev.interposer.engine.model.NodeInfo;
import dev.interposer.engine.model.NodeReport;
import dev.interposer.engine.model.SecretReference;
import dev.interposer.engine.model.Supplier;
import dev.interposer.engine.plan.Scheduler;
import dev.interposer.engine.state.State;
import dev.interposer.server.loop.Loops;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Test;

/** Classes that recognise their devices by an expression. */
class DraClassTest {
    private static final Actor ADA = Actor.user("ada", "test");

    private final State state = new State();
    private final Controller controller = new Controller(
            state, Scheduler.following(state), ControlSettings.DEFAULT, Loops.digests(), new CelExpressions());
    private long nowMicros = 1_000_000_000;

    /** A class of the driver gpu.nvidia.com. */
    static AcceleratorClass h200(String expression) {
        return named("h200", expression);
    }

    private static AcceleratorClass named(String name, String expression) {
        return new AcceleratorClass(
                name,
                "nvidia",
                "",
                List.of(new MatchRule(MatchKind.DRA, Map.of("driver", "gpu.nvidia.com"), expression)),
                0,
                List.of(),
                List.of(),
                AcceleratorClass.DEFAULT_LADDER,
                "",
                List.of(),
                "",
                SecretReference.NONE);
    }

    @Test
    void aDeviceIsOfTheClassWhoseExpressionHoldsOfIt() {
        hello();
        assertThat(device("gpu-0").quarantineReason()).isNotEmpty();
        apply(
                h200("device.attributes['gpu.nvidia.com'].productName == 'NVIDIA H200'"),
                named("h100", "device.capacity['gpu.nvidia.com'].memory.compareTo(quantity('100Gi')) < 0"));
        assertThat(device("gpu-0").className()).isEqualTo("h200");
        assertThat(device("gpu-1").className()).isEqualTo("h100");
        assertThat(device("other").className()).as("another driver's").isEmpty();
    }

    @Test
    void oneWhoseExpressionsBothHoldIsInQuarantine() {
        hello();
        apply(h200("true"), named("h100", "device.driver == 'gpu.nvidia.com'"));
        assertThat(device("gpu-0").quarantineReason()).contains("several classes match: h100, h200");
    }

    @Test
    void aBadExpressionIsAnErrorOfItsField() {
        Outcome outcome = handle(applying(h200("device.attributes['gpu.nvidia.com'].productName = 'NVIDIA H200'")));
        Outcome.Rejected rejected = (Outcome.Rejected) outcome;
        assertThat(rejected.rejection().code()).isEqualTo(ErrorCode.INVALID);
        assertThat(rejected.rejection().message())
                .contains("AcceleratorClass/h200.spec.match[0].dra.cel", "is no expression in CEL at line 1");
        assertThat(state.settings().acceleratorClass("h200")).isNull();
    }

    private void hello() {
        send(new Command.AgentHello(
                Actor.agent("c/n"),
                new NodeReport(
                        new NodeInfo("c/n", "boot", "1", Map.of(), Map.of()),
                        List.of(
                                report("gpu-0", "gpu.nvidia.com", "NVIDIA H200", "141Gi"),
                                report("gpu-1", "gpu.nvidia.com", "NVIDIA H100", "80Gi"),
                                report("other", "gpu.example.com", "NVIDIA H200", "141Gi"))),
                List.of(),
                0,
                0,
                0));
    }

    private static DeviceReport report(String name, String driver, String product, String memory) {
        Map<String, String> attributes = Map.of(
                DraAttributes.attribute("gpu.nvidia.com", "productName"),
                new DraValue.Text(product).encoded(),
                DraAttributes.capacity("gpu.nvidia.com", "memory"),
                memory);
        DraIdentity dra = new DraIdentity(driver, "pool", name);
        return new DeviceReport(name, "", "", 0, attributes, "", dra, Health.HEALTHY, "");
    }

    private Device device(String name) {
        return Objects.requireNonNull(state.nodes().find("c/n")).devices().stream()
                .filter(device -> device.report().name().equals(name))
                .findFirst()
                .orElseThrow();
    }

    private void apply(AcceleratorClass... classes) {
        send(applying(classes));
    }

    private static Command applying(AcceleratorClass... classes) {
        return new Command.ApplyObjects(ADA, List.of(Supplier.of("nvidia")), List.of(classes), List.of());
    }

    private void send(Command command) {
        assertThat(handle(command)).isNotInstanceOf(Outcome.Rejected.class);
    }

    private Outcome handle(Command command) {
        nowMicros += 1_000_000;
        controller.begin(nowMicros);
        Outcome outcome = controller.handle(command);
        controller.fireTimers(Long.MAX_VALUE);
        controller.decide(Long.MAX_VALUE);
        return outcome;
    }
}

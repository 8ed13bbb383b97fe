package dev.interposer.control.core;

import static org.assertj.core.api.Assertions.assertThat;

import dev.interposer.control.command.Command;
import dev.interposer.control.command.ErrorCode;
import dev.interposer.control.command.FieldError;
import dev.interposer.control.command.Outcome;
import dev.interposer.control.command.Rejection;
import dev.interposer.control.command.ReportedWorker;
import dev.interposer.control.command.Utf8;
import dev.interposer.control.validate.NodeCheck;
import dev.interposer.engine.model.AcceleratorClass;
import dev.interposer.engine.model.AcceleratorRequest;
import dev.interposer.engine.model.Actor;
import dev.interposer.engine.model.Checkpoint;
import dev.interposer.engine.model.ClassSelector;
import dev.interposer.engine.model.Container;
import dev.interposer.engine.model.DeviceReport;
import dev.interposer.engine.model.DeviceReport.DraIdentity;
import dev.interposer.engine.model.EndCause;
import dev.interposer.engine.model.FailurePolicy;
import dev.interposer.engine.model.Health;
import dev.interposer.engine.model.JobKind;
import dev.interposer.engine.model.JobSpec;
import dev.interposer.engine.model.NodeInfo;
import dev.interposer.engine.model.NodeReport;
import dev.interposer.engine.model.Preemption;
import dev.interposer.engine.model.Profile;
import dev.interposer.engine.model.Progress;
import dev.interposer.engine.model.Role;
import dev.interposer.engine.model.TopologyRequest;
import dev.interposer.engine.model.TrainingSpec;
import dev.interposer.engine.model.WorkerCount;
import dev.interposer.engine.model.WorkerKey;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Whatever somebody sends, it is refused by name or fits into a page. */
class BoundsTest {
    private static final String HUGE = "x".repeat(2 * 1024 * 1024);
    private static final Container RUN = Container.of("image", "run");

    private final Scene scene = new Scene();

    @Test
    void theTextsOfAnInventoryAreBounded() {
        assertThat(hello(device("", "", "", HUGE))).containsExactly("inventory.devices[0].healthCause");
        assertThat(hello(device(HUGE, "", "", ""))).containsExactly("inventory.devices[0].parentName");
        assertThat(hello(device("", HUGE, "", ""))).containsExactly("inventory.devices[0].partition");
        assertThat(hello(device("", "", HUGE, ""))).containsExactly("inventory.devices[0].scaleUpDomain");
        DeviceReport named =
                new DeviceReport("d0", "", "", 0, Map.of(), "", new DraIdentity(HUGE, HUGE, HUGE), Health.HEALTHY, "");
        assertThat(hello(named))
                .containsExactly(
                        "inventory.devices[0].dra.driver",
                        "inventory.devices[0].dra.pool",
                        "inventory.devices[0].dra.name");
        assertThat(hello(DeviceReport.of("d0", "a1").usedBy(HUGE))).containsExactly("inventory.devices[0].foreign");
        NodeInfo info = new NodeInfo("c/n1", HUGE, HUGE, Map.of(), Map.of(HUGE, 1L));
        List<DeviceReport> large = IntStream.range(0, 300)
                .mapToObj(index -> DeviceReport.of("d" + index, "x".repeat(900)))
                .toList();
        assertThat(hello(large)).containsExactly("inventory");
        assertThat(paths(scene.send(new Command.ReportInventory(Actor.agent("c/n1"), new NodeReport(info, List.of())))))
                .containsExactly("inventory.bootId", "inventory.agentVersion", "inventory.capacity");
    }

    /** What agent.v1 admits at most; agents cut what their drivers say to these numbers. */
    @Test
    void theMostThatAgentV1AdmitsIsSound() {
        Map<String, String> attributes = new TreeMap<>();
        for (int at = 0; at < 64; at++) {
            attributes.put("k".repeat(61) + "%02d".formatted(at), "v".repeat(1024 - 63));
        }
        String name = "ü".repeat(126);
        DeviceReport device = new DeviceReport(
                name, name, name, 0, attributes, name, DraIdentity.NONE, Health.FAILED, "ü".repeat(512));
        NodeInfo info = new NodeInfo("c/n1", "b", "v", Map.of(), Map.of());
        assertThat(NodeCheck.check(new NodeReport(info, List.of(device)))).isEmpty();
        assertThat(NodeCheck.cause("deviceHealth.cause", "ü".repeat(512))).isEmpty();

        // All of a node: 160 KiB of devices by their texts, 80 bytes for each and 20 for each attribute, 48 KiB of
        // causes.
        int count = 1024;
        List<DeviceReport> many = new ArrayList<>();
        for (int at = 0; at < count; at++) {
            many.add(new DeviceReport(
                    "d".repeat(16) + "%04d".formatted(at),
                    "",
                    "",
                    80L << 30,
                    Map.of("model", "m".repeat(10)),
                    "",
                    DraIdentity.NONE,
                    Health.FAILED,
                    "c".repeat(48)));
        }
        assertThat(count * (80 + 20 + 20 + 5 + 10)).isBetween(130 * 1024, 160 * 1024);
        assertThat(scene.send(new Command.ReportInventory(Actor.agent("c/n1"), new NodeReport(info, many))))
                .isInstanceOf(Outcome.Accepted.class);
    }

    @Test
    void theCauseOfAChangeOfHealthIsBounded() {
        scene.hello("c/n1", 1);
        assertThat(paths(scene.send(
                        new Command.ChangeDeviceHealth(Actor.agent("c/n1"), "c/n1", "d0", Health.FAILED, HUGE))))
                .containsExactly("deviceHealth.cause");
    }

    @Test
    void theReasonOfAFenceIsBounded() {
        scene.hello("c/n1", 1);
        scene.silent("c/n1");
        assertThat(paths(scene.send(new Command.FenceNode(Scene.USER, "c/n1", HUGE))))
                .containsExactly("reason");
    }

    @Test
    void theTextsOfAJobAreBounded() {
        String profile = "spec.profiles[0].";
        assertThat(submit(requests(Map.of(HUGE, 1L))))
                .containsExactly(profile + "template.spec.containers.resources.requests");
        AcceleratorRequest selecting = new AcceleratorRequest(
                "", new ClassSelector(List.of(HUGE), HUGE, 0, List.of(HUGE)), 1, AcceleratorRequest.WHOLE, "");
        assertThat(submit(job(new Role("worker", WorkerCount.of(1), selecting, Map.of(), RUN), null, null)))
                .contains(
                        profile + "accelerators.selector.classNames[0]",
                        profile + "accelerators.selector.dtypes[0]",
                        profile + "accelerators.selector.chipFamily");
        assertThat(submit(job(worker(Map.of()), new Progress(HUGE, 0, 1, HUGE, HUGE), new Checkpoint(1, 1, 1, HUGE))))
                .containsExactly(
                        "spec.progress.unit",
                        "spec.progress.prometheus.path",
                        "spec.progress.prometheus.metric",
                        "spec.checkpoint.signal");
    }

    @Test
    void anAssignmentOfTheLargestGangFitsIntoAPage() {
        assertThat(submit(Jobs.gang().workers(4096).devices(64).training()))
                .containsExactly("spec.profiles[0].workers");
    }

    /** What is nowhere bounded by itself, such as the words of a canary, counts in the whole. */
    @Test
    void aSpecIsBoundedAsAWhole() {
        List<Profile> profiles = IntStream.range(0, 16)
                .mapToObj(index -> new Profile(
                        "p" + index,
                        List.of(new Role(
                                "worker",
                                WorkerCount.of(1),
                                AcceleratorRequest.of("a1", 1),
                                Map.of(),
                                Container.of("image", "x".repeat(60_000)))),
                        TopologyRequest.ANYWHERE,
                        ""))
                .toList();
        JobSpec spec =
                new JobSpec(JobKind.TRAINING, "research", "", "", false, 0, null, profiles, TrainingSpec.DEFAULT, null);
        assertThat(submit(spec)).containsExactly("spec");
    }

    @Test
    void aManifestIsBoundedAsAWhole() {
        List<AcceleratorClass> classes = IntStream.range(0, 500)
                .mapToObj(index -> AcceleratorClass.of("c" + index + "-" + "x".repeat(200), "acme"))
                .toList();
        assertThat(paths(scene.send(new Command.ApplyObjects(Scene.USER, List.of(), classes, List.of()))))
                .containsExactly("manifest");
        for (int from = 0; from < 500; from += 100) {
            assertThat(scene.send(new Command.ApplyObjects(
                            Scene.USER, List.of(), classes.subList(from, from + 100), List.of())))
                    .isInstanceOf(Outcome.Applied.class);
        }
        List<AcceleratorClass> more = IntStream.range(0, 150)
                .mapToObj(index -> AcceleratorClass.of("more-" + index, "acme"))
                .toList();
        assertThat(paths(scene.send(new Command.ApplyObjects(Scene.USER, List.of(), more, List.of()))))
                .containsExactly("AcceleratorClass");
    }

    @Test
    void anErrorIsShortWhateverItSpeaksOf() {
        Outcome outcome = scene.send(new Command.CancelJob(Scene.USER, HUGE, 0));
        assertThat(((Outcome.Rejected) outcome).rejection().message()).hasSizeLessThan(3000);
        assertThat(hello(device("", "", "", "漢".repeat(1_000_000)))).hasSize(1);
        FieldError error = new FieldError(HUGE, "😀".repeat(100), "");
        assertThat(error.path()).hasSizeLessThan(300);
        assertThat(StandardCharsets.UTF_8.newEncoder().canEncode(error.value())).isTrue();
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "plain", "é", "漢字", "😀 and 😀", "mixed é漢😀"})
    void bytesAreThoseOfUtf8(String text) {
        assertThat(Utf8.bytes(text)).isEqualTo(text.getBytes(StandardCharsets.UTF_8).length);
        for (int most = 0; most < 20; most++) {
            String tail = Utf8.tail(text, most);
            String head = Utf8.head(text, most);
            assertThat(text).endsWith(tail).startsWith(head);
            assertThat(Utf8.bytes(tail)).isLessThanOrEqualTo(most);
            assertThat(Utf8.bytes(head)).isLessThanOrEqualTo(most);
            assertThat(StandardCharsets.UTF_8.newEncoder().canEncode(tail + head))
                    .isTrue();
        }
    }

    @Test
    void aMessageOfAWorkerIsCutByBytes() {
        ReportedWorker said = new ReportedWorker(
                new WorkerKey(1, 0, 1, 0), false, EndCause.EXIT_CODE, 1, "漢".repeat(5000), List.of(), "", "", 0);
        assertThat(Utf8.bytes(said.message())).isBetween(4000L, 4096L);
    }

    private List<String> hello(DeviceReport device) {
        return hello(List.of(device));
    }

    private List<String> hello(List<DeviceReport> devices) {
        NodeInfo info = new NodeInfo("c/n1", "boot", "1", Map.of(), Map.of());
        return paths(scene.send(new Command.AgentHello(
                Actor.agent("c/n1"), new NodeReport(info, devices), List.of(), scene.incarnation(), 0, 0)));
    }

    private List<String> submit(JobSpec spec) {
        return paths(scene.submit("job", spec));
    }

    private static List<String> paths(Outcome outcome) {
        assertThat(outcome).isInstanceOf(Outcome.Rejected.class);
        Rejection rejection = ((Outcome.Rejected) outcome).rejection();
        assertThat(rejection.code()).isEqualTo(ErrorCode.INVALID);
        List<String> paths = new ArrayList<>();
        rejection.fields().forEach(field -> paths.add(field.path()));
        return paths;
    }

    private static DeviceReport device(String parent, String partition, String domain, String cause) {
        return new DeviceReport(
                "d0", parent, partition, 0, Map.of("model", "a1"), domain, DraIdentity.NONE, Health.HEALTHY, cause);
    }

    private static Role worker(Map<String, Long> requests) {
        return new Role("worker", WorkerCount.of(1), AcceleratorRequest.of("a1", 1), requests, RUN);
    }

    private static JobSpec requests(Map<String, Long> requests) {
        return job(worker(requests), null, null);
    }

    private static JobSpec job(Role role, @Nullable Progress progress, @Nullable Checkpoint checkpoint) {
        TrainingSpec training = new TrainingSpec(
                0,
                progress,
                checkpoint,
                Preemption.DEFAULT,
                TrainingSpec.ResizePolicy.NEVER,
                0,
                TrainingSpec.ProfileChange.NEVER,
                FailurePolicy.DEFAULT,
                null);
        Profile profile = new Profile("p", List.of(role), TopologyRequest.ANYWHERE, "");
        return new JobSpec(JobKind.TRAINING, "research", "", "", false, 0, null, List.of(profile), training, null);
    }
}

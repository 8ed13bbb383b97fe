package dev.interposer.server.grpc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.tuple;

import dev.interposer.engine.event.FleetEvent;
import dev.interposer.engine.event.JobEvent;
import dev.interposer.engine.event.SettingEvent;
import dev.interposer.engine.model.JobQueue;
import dev.interposer.engine.model.NodeInfo;
import dev.interposer.engine.model.Supplier;
import dev.interposer.engine.state.State;
import dev.interposer.proto.fleet.v1.ApplyRequest;
import dev.interposer.proto.fleet.v1.ApplyResponse;
import dev.interposer.proto.job.v1.DryRunResponse;
import dev.interposer.resources.Manifest;
import dev.interposer.resources.Manifests;
import dev.interposer.server.loop.Loops;
import dev.interposer.server.security.Caller;
import dev.interposer.server.security.Role;
import dev.interposer.server.security.TokenInterceptor;
import dev.interposer.server.view.LiveView;
import io.grpc.Context;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** All of a manifest is checked before any of it is applied, jobs against the objects that come with them. */
class ApplyCallTest {
    private static final String QUEUE = """
            ---
            apiVersion: interposer.dev/v1alpha1
            kind: JobQueue
            metadata: {name: new}
            spec: {}
            """;
    private static final String JOB = """
            ---
            apiVersion: interposer.dev/v1alpha1
            kind: TrainingJob
            metadata: {namespace: ns, name: NAME}
            spec:
              queueName: QUEUE
              profiles:
              - name: cpu
                workers: {min: 1, max: 1}
                template: {spec: {containers: [{name: main, image: i, command: [WORD]}]}}
            """;

    private final State state = new State();
    private final LiveView view = new LiveView();
    private final ApplyCall call = Loops.applyCall(view);

    @BeforeEach
    void objects() {
        state.apply(1, 1, new SettingEvent.SupplierApplied(Supplier.of("acme")));
        state.apply(2, 2, new SettingEvent.QueueApplied(JobQueue.of("research")));
        view.restart(state);
    }

    @Test
    void aJobMayReferToAnObjectOfItsOwnManifest() {
        assertThat(dryRun(QUEUE + job("a", "new", "run"))).isNotNull();
        assertThat(dryRun(job("a", "new", "run") + QUEUE)).isNotNull();
    }

    /** The queue of the manifest is not there yet, and the fleet has no node. */
    @Test
    void aDryRunSaysWhatWouldBecomeOfEachJob() {
        ApplyResponse response = dryRun(QUEUE + job("a", "new", "run") + job("b", "research", "run"));
        assertThat(response.getDryRunsList()).hasSize(2).allSatisfy(job -> {
            assertThat(job.getWaitingGangs()).isEqualTo(1);
            assertThat(job.getWaits().getReason().getCode()).isNotEqualTo("QUEUE_HELD");
            assertThat(job.getWaits().getNearestChange().getOutcome()).isEqualTo("None");
        });
        assertThat(response.getRevision()).isEqualTo(2);
        assertThat(view.revision()).isEqualTo(2);
    }

    /** Twelve cores, and six for each: two fit. */
    @Test
    void jobsOfOneManifestAreTriedTogetherInItsOrder() {
        NodeInfo info = new NodeInfo("lab/n", "boot", "1", Map.of(), Map.of("cpu", 12_000L));
        state.apply(3, 3, new FleetEvent.NodeReported(1, info, List.of()));
        view.restart(state);
        ApplyResponse response = dryRun(withCpu("a", 6) + withCpu("b", 6) + withCpu("c", 6));
        assertThat(response.getDryRunsList())
                .extracting(DryRunResponse::getName, DryRunResponse::getWaitingGangs)
                .containsExactly(tuple("a", 0), tuple("b", 0), tuple("c", 1));
        assertThat(view.revision()).isEqualTo(3);
    }

    @Test
    void theExpressionOfAClassIsReadBeforeAnythingIsApplied() {
        assertThat(dryRun(byExpression("device.driver == 'gpu.acme.example'"))).isNotNull();
        assertRefused(
                Status.Code.INVALID_ARGUMENT,
                "AcceleratorClass/a1.spec.match[0].dra.cel (device.driver = 'x'): is no expression in CEL",
                byExpression("device.driver = 'x'"));
    }

    private static String byExpression(String expression) {
        return """
                apiVersion: interposer.dev/v1alpha1
                kind: AcceleratorClass
                metadata: {name: a1}
                spec:
                  supplierName: acme
                  match: [{dra: {driver: gpu.acme.example, cel: "%s"}}]
                ---
                """.formatted(expression);
    }

    @Test
    void objectsAreForOperatorsAlsoWhenTheyAreOnlyTried() {
        Caller ada = new Caller("ada", Role.SUBMITTER);
        assertThat(call.dryRun(ada, job("a", "research", "run")).getDryRunsList())
                .hasSize(1);
        assertThatThrownBy(() -> call.dryRun(ada, QUEUE)).hasMessageContaining("needs role OPERATOR");
    }

    private static String withCpu(String name, int cores) {
        return job(name, "research", "run")
                .replace("command: [run]", "command: [run], resources: {requests: {cpu: " + cores + "}}");
    }

    @Test
    void aBadJobBesideObjectsIsFoundBeforeAnythingIsApplied() {
        assertRefused(
                Status.Code.INVALID_ARGUMENT,
                "TrainingJob/ns/a.spec.queueName (nowhere)",
                QUEUE + job("a", "nowhere", "run"));
    }

    /** Each container is within its own bound; together they are not. */
    @Test
    void aJobThatIsTooLargeIsFoundBeforeAnythingIsApplied() {
        StringBuilder job = new StringBuilder(JOB.substring(0, JOB.indexOf("  profiles:")) + "  profiles:\n");
        for (int profile = 0; profile < 5; profile++) {
            job.append("  - name: p").append(profile).append('\n');
            job.append("    workers: {min: 1, max: 1}\n    template: {spec: {containers: [{name: main, command: [");
            job.append("x".repeat(30_000)).append("]}]}}\n");
        }
        String manifest = job.toString().replace("NAME", "a").replace("QUEUE", "new");
        assertRefused(Status.Code.INVALID_ARGUMENT, "is larger than 262144 bytes", QUEUE + manifest);
    }

    @Test
    void aJobThatComesTwiceIsRefused() {
        assertRefused(
                Status.Code.INVALID_ARGUMENT,
                "TrainingJob/ns/a.metadata.name (a): comes twice",
                QUEUE + job("a", "new", "run") + job("a", "research", "run"));
    }

    @Test
    void aJobThatIsThereWithAnotherSpecIsRefusedBeforeAnythingIsApplied() throws Exception {
        Manifest.Job before =
                (Manifest.Job) Manifests.parse(job("a", "research", "run")).getFirst();
        String sha256 = Loops.digests().sha256(before.spec());
        state.apply(3, 3, new JobEvent.SpecStored(7, sha256, before.spec()));
        state.apply(4, 4, new JobEvent.JobSubmitted(8, "ns", "a", 7, 0, "", "ada"));
        assertThat(dryRun(QUEUE + job("a", "research", "run"))).isNotNull();
        assertRefused(Status.Code.ALREADY_EXISTS, "more than its size differs", QUEUE + job("a", "research", "walk"));
        assertThat(dryRun(job("a", "research", "run").replace("max: 1", "max: 4")))
                .isNotNull();
    }

    private void assertRefused(Status.Code code, String what, String manifest) {
        assertThatThrownBy(() -> dryRun(manifest)).isInstanceOfSatisfying(StatusRuntimeException.class, e -> {
            assertThat(e.getStatus().getCode()).isEqualTo(code);
            assertThat(e.getStatus().getDescription()).contains(what);
        });
    }

    private ApplyResponse dryRun(String manifest) {
        ApplyRequest request =
                ApplyRequest.newBuilder().setManifest(manifest).setDryRun(true).build();
        Context context = Context.current().withValue(TokenInterceptor.CALLER, new Caller("op", Role.OPERATOR));
        try {
            return context.call(() -> call.run(request));
        } catch (StatusRuntimeException e) {
            throw e;
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
    }

    private static String job(String name, String queue, String word) {
        return JOB.replace("NAME", name).replace("QUEUE", queue).replace("WORD", word);
    }
}

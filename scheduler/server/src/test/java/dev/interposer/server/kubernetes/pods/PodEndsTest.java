package dev.interposer.server.kubernetes.pods;

import static org.assertj.core.api.Assertions.assertThat;

import dev.interposer.engine.model.EndCause;
import dev.interposer.server.kubernetes.pods.PodEnds.Stuck;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.client.utils.KubernetesSerialization;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A test for each row of the table in docs/KUBERNETES.md. */
class PodEndsTest {
    private static final KubernetesSerialization YAML = new KubernetesSerialization();

    private static final String ENDED = "terminated: {exitCode: %s, reason: %s, finishedAt: '2026-11-29T10:00:30Z'}";

    /** Of a pod whose worker is the container {@code main}. */
    private static SeenPod pod(String deletion, String status) {
        return Objects.requireNonNull(SeenPod.of(YAML.unmarshal("""
                metadata:
                  name: p
                  namespace: ns
                  uid: u
                  labels: {app.kubernetes.io/managed-by: interposer, interposer.dev/job-id: "7",
                    interposer.dev/gang: "0", interposer.dev/attempt: "1", interposer.dev/worker: "0"}
                  annotations: {interposer.dev/container: main}
                  %s
                spec: {nodeName: n1, containers: [{name: main}]}
                status: %s
                """.formatted(deletion, status), Pod.class)));
    }

    private static String main(String state) {
        return "{name: main, containerID: 'c://1', state: {" + state + "}}";
    }

    private static String failed(String reason, String container) {
        return "{phase: Failed, reason: " + reason + ", message: why, containerStatuses: [" + container + "]}";
    }

    private static @Nullable PodEnd end(String status) {
        SeenPod pod = pod("", status);
        return pod.end();
    }

    @Test
    void aPodThatSucceededCompleted() {
        assertThat(end("{phase: Succeeded, containerStatuses: [" + main(ENDED.formatted(0, "Completed")) + "]}"))
                .isEqualTo(new PodEnd(EndCause.COMPLETED, 0, ""));
    }

    @ParameterizedTest
    @CsvSource({
        "3, Error, EXIT_CODE",
        "137, Error, EXIT_CODE",
        "137, OOMKilled, OUT_OF_MEMORY",
        "128, StartError, START_FAILED",
        "128, ContainerCannotRun, START_FAILED",
        "137, ContainerStatusUnknown, UNKNOWN"
    })
    void whatTheContainerSaysIsTheCause(int code, String reason, EndCause cause) {
        PodEnd end = Objects.requireNonNull(end(failed("''", main(ENDED.formatted(code, reason)))));
        assertThat(end.cause()).isEqualTo(cause);
        assertThat(end.exitCode()).isEqualTo(code);
    }

    @Test
    void aDeviceThatTheKubeletCallsUnhealthyIsTheCauseOfTheFailureOverIt() {
        String device = ", allocatedResourcesStatus: [{name: 'claim:gpu', resources: [{resourceID: a, health: %s}]}]}";
        String container = "{name: main, state: {" + ENDED.formatted(1, "Error") + "}" + device;
        assertThat(end(failed("''", container.formatted("Unhealthy"))))
                .extracting(PodEnd::cause)
                .isEqualTo(EndCause.DEVICE_FAULT);
        assertThat(end(failed("''", container.formatted("Healthy"))))
                .extracting(PodEnd::cause)
                .isEqualTo(EndCause.EXIT_CODE);
    }

    @ParameterizedTest
    @CsvSource({"Evicted", "Preempting", "Terminated", "NodeShutdown", "Shutdown"})
    void aPodThatItsNodePutsOutIsEvictedWhateverTheProgramSaid(String reason) {
        assertThat(end(failed(reason, main(ENDED.formatted(143, "Error")))))
                .isEqualTo(new PodEnd(EndCause.EVICTED, 143, reason + ": why"));
        assertThat(end(failed(reason, ""))).extracting(PodEnd::cause).isEqualTo(EndCause.EVICTED);
    }

    @ParameterizedTest
    @CsvSource({
        "EvictionByEvictionAPI, EVICTED",
        "PreemptionByScheduler, EVICTED",
        "DeletionByTaintManager, EVICTED",
        "TerminationByKubelet, EVICTED",
        "DeletionByPodGC, NODE_LOST"
    })
    void aDisruptionIsTheCause(String reason, EndCause cause) {
        PodEnd end = Objects.requireNonNull(
                end("{phase: Failed, conditions: [{type: DisruptionTarget, status: 'True', reason: " + reason
                        + ", message: why}], containerStatuses: [" + main(ENDED.formatted(143, "Error")) + "]}"));
        assertThat(end.cause()).isEqualTo(cause);
        assertThat(end.message()).isEqualTo(reason + ": why");
    }

    @Test
    void aNodeThatKubernetesCallsLostIsLost() {
        assertThat(end(failed("NodeLost", ""))).extracting(PodEnd::cause).isEqualTo(EndCause.NODE_LOST);
    }

    @ParameterizedTest
    @CsvSource({
        "OutOfcpu",
        "OutOfmemory",
        "OutOfnvidia.com/gpu",
        "UnexpectedAdmissionError",
        "NodeAffinity",
        "TopologyAffinityError",
        "SomethingNew"
    })
    void aPodThatFailedBeforeItBeganWasRefusedByItsKubelet(String reason) {
        assertThat(end(failed("'" + reason + "'", "")))
                .isEqualTo(new PodEnd(EndCause.ADMISSION_REFUSED, -1, reason + ": why"));
        assertThat(end(failed("'" + reason + "'", "{name: main, state: {waiting: {reason: ContainerCreating}}}")))
                .extracting(PodEnd::cause)
                .isEqualTo(EndCause.ADMISSION_REFUSED);
    }

    @Test
    void aPodThatFailedAfterItBeganAndDoesNotSayHowIsUnknown() {
        assertThat(end(failed("''", main("waiting: {reason: X}"))))
                .extracting(PodEnd::cause)
                .isEqualTo(EndCause.UNKNOWN);
    }

    @Test
    void aDeadlineOfThePodsOwnIsTheJobsFault() {
        assertThat(end(failed("DeadlineExceeded", main(ENDED.formatted(137, "Error")))))
                .isEqualTo(new PodEnd(EndCause.EXIT_CODE, 137, "DeadlineExceeded: why"));
    }

    @Test
    void theEndOfTheWorkersContainerIsTheWorkersEndThoughOthersRun() {
        String side = ", {name: side, state: {running: {}}}]}";
        assertThat(end("{phase: Running, containerStatuses: [" + main(ENDED.formatted(5, "Error")) + side))
                .isEqualTo(new PodEnd(EndCause.EXIT_CODE, 5, "Error"));
        assertThat(pod("", "{phase: Running, containerStatuses: [" + main(ENDED.formatted(5, "Error")) + side)
                        .terminal())
                .isFalse();
        assertThat(end("{phase: Running, containerStatuses: [" + main("running: {}") + side))
                .isNull();
    }

    @Test
    void aContainerOfInitialisationThatFailedIsTheCauseIfTheWorkersOwnNeverRan() {
        assertThat(end("{phase: Failed, initContainerStatuses: [{name: i, state: {" + ENDED.formatted(9, "Error")
                        + "}}], containerStatuses: [{name: main, state: {waiting: {reason: PodInitializing}}}]}"))
                .isEqualTo(new PodEnd(EndCause.EXIT_CODE, 9, "Error"));
    }

    @Test
    void anEndAfterADeletionIsReleasedIfItWasOursAndEvictedIfNot() {
        // Asked at 10:00:20 with 30 s of grace; the program ended at 10:00:30.
        SeenPod pod = pod(
                "deletionTimestamp: '2026-11-29T10:00:50Z'\n  deletionGracePeriodSeconds: 30",
                "{phase: Succeeded, containerStatuses: [" + main(ENDED.formatted(0, "Completed")) + "]}");
        assertThat(pod.end(true)).isEqualTo(new PodEnd(EndCause.RELEASED, 0, ""));
        assertThat(pod.end(false)).isEqualTo(new PodEnd(EndCause.EVICTED, 0, "somebody else deleted its pod"));
        assertThat(pod.reported().cause()).isEqualTo(EndCause.EVICTED);
    }

    @Test
    void anEndBeforeADeletionIsItsOwnWhoeverAskedForTheDeletion() {
        // Asked at 10:00:40; the program had ended at 10:00:30.
        SeenPod pod = pod(
                "deletionTimestamp: '2026-11-29T10:01:10Z'\n  deletionGracePeriodSeconds: 30",
                failed("''", main(ENDED.formatted(4, "Error"))));
        assertThat(pod.end(true)).isEqualTo(new PodEnd(EndCause.EXIT_CODE, 4, "Error"));
        assertThat(pod.end(false)).isEqualTo(new PodEnd(EndCause.EXIT_CODE, 4, "Error"));
    }

    @Test
    void aPodThatIsGoneWithoutAnEndIsReleasedOrEvicted() {
        SeenPod pod = pod(
                "deletionTimestamp: '2026-11-29T10:01:10Z'\n  deletionGracePeriodSeconds: 30",
                "{phase: Running, containerStatuses: [" + main("running: {}") + "]}");
        assertThat(pod.end(true).cause()).isEqualTo(EndCause.RELEASED);
        assertThat(pod.end(false).cause()).isEqualTo(EndCause.EVICTED);
    }

    @ParameterizedTest
    @CsvSource({
        "ErrImagePull, IMAGE_PULL_FAILED, false",
        "ImagePullBackOff, IMAGE_PULL_FAILED, false",
        "InvalidImageName, IMAGE_PULL_FAILED, true",
        "ErrImageNeverPull, IMAGE_PULL_FAILED, true",
        "CreateContainerConfigError, START_FAILED, false",
        "CreateContainerError, START_FAILED, false"
    })
    void whatKeepsAPodFromBeginningIsTold(String reason, EndCause cause, boolean hopeless) {
        SeenPod pod = pod(
                "",
                "{phase: Pending, containerStatuses: [{name: main, state: {waiting: {reason: " + reason
                        + ", message: why}}}]}");
        assertThat(pod.stuck()).isEqualTo(new Stuck(cause, reason + ": why", hopeless));
        assertThat(pod.started()).isFalse();
    }

    @Test
    void aPodThatIsMadeReadyIsNotStuck() {
        SeenPod pod = pod(
                "",
                "{phase: Pending, containerStatuses: [{name: main, state: {waiting: {reason: ContainerCreating}}}]}");
        assertThat(pod.stuck()).isNull();
    }

    @Test
    void aWorkerHasBegunOnceItsOwnContainerRuns() {
        assertThat(pod("", "{phase: Running, containerStatuses: [" + main("running: {}") + "]}")
                        .started())
                .isTrue();
        assertThat(pod("", "{phase: Pending, containerStatuses: [{name: main, state: {waiting: {}}}]}")
                        .started())
                .isFalse();
        assertThat(pod("", "{phase: Pending}").started()).isFalse();
    }
}

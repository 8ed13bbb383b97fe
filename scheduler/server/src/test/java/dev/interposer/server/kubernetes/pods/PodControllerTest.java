package dev.interposer.server.kubernetes.pods;

import static org.assertj.core.api.Assertions.assertThat;

import dev.interposer.control.agents.NodeOrders;
import dev.interposer.control.agents.Order;
import dev.interposer.control.command.ReportedWorker;
import dev.interposer.engine.model.EndCause;
import io.fabric8.kubernetes.api.model.ContainerStatusBuilder;
import io.fabric8.kubernetes.api.model.OwnerReference;
import io.fabric8.kubernetes.api.model.PodBuilder;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class PodControllerTest {
    private static final String P0 = "llm-70b-7-0-1-0";
    private static final String P1 = "llm-70b-7-0-1-1";
    private static final Orders GANG = Orders.gang(7, 2);
    private static final Orders ALONE = Orders.gang(7, 1);

    private final CalmApi api = new CalmApi();
    private final List<ReportedWorker> told = new ArrayList<>();
    private long now = 1_000_000;
    private PodController controller = controller();

    @BeforeEach
    void lead() {
        controller.leading(4);
        controller.synced(List.of());
        controller.drain();
    }

    private PodController controller() {
        PodSettings settings = new PodSettings(Duration.ofMinutes(5), Duration.ofHours(24), 3);
        return new PodController(
                api,
                (node, said, then) -> {
                    told.add(said);
                    then.accept(true);
                },
                settings,
                () -> now,
                new Known());
    }

    private static final class Known implements PodController.Knowledge {
        @Override
        public String node(long id) {
            return id == 9 ? "" : "n" + id;
        }

        @Override
        public String kubernetesOfClass(String name) {
            return "";
        }

        @Override
        public LedgerMark mark(long epoch) {
            return new LedgerMark(1, epoch, 50);
        }

        @Override
        public @Nullable OwnerReference owner(long jobId) {
            return null;
        }
    }

    private void orders(int node, boolean full, boolean hold, Order... orders) {
        controller.orders(List.of(new NodeOrders(node, full, hold, List.of(orders))));
        settle();
    }

    /** Until nothing more follows. */
    private void settle() {
        for (int round = 0; round < 20; round++) {
            controller.drain();
        }
        assertThat(controller.errors()).isZero();
    }

    private void after(Duration time) {
        now += time.toMillis();
        settle();
    }

    private void shows(String name, String phase, boolean deleting, UnaryOperator<PodBuilder> change) {
        controller.seen(api.shown(name, phase, deleting, change.apply(api.pod(name))));
        settle();
    }

    private void runs(String name) {
        shows(name, "Running", false, pod -> status(pod, "running", 0));
    }

    private void ends(String name, int code) {
        shows(name, code == 0 ? "Succeeded" : "Failed", false, pod -> status(pod, "terminated", code));
    }

    private void isGone(String name) {
        controller.gone(CalmApi.seen(api.pod(name).build()));
        settle();
    }

    private static PodBuilder status(PodBuilder pod, String state, int code) {
        ContainerStatusBuilder main =
                new ContainerStatusBuilder().withName("main").withContainerID("c://1");
        return pod.withNewStatus()
                .withContainerStatuses(
                        switch (state) {
                            case "running" ->
                                main.withNewState()
                                        .withNewRunning()
                                        .endRunning()
                                        .endState()
                                        .build();
                            case "terminated" ->
                                main.withNewState()
                                        .withNewTerminated()
                                        .withExitCode(code)
                                        .endTerminated()
                                        .endState()
                                        .build();
                            default ->
                                main.withContainerID(null)
                                        .withNewState()
                                        .withNewWaiting()
                                        .withReason(state)
                                        .endWaiting()
                                        .endState()
                                        .build();
                        })
                .endStatus();
    }

    private List<EndCause> causes() {
        return told.stream()
                .filter(one -> !one.running())
                .map(ReportedWorker::cause)
                .toList();
    }

    @Test
    void aGangIsTriedMadeNamedAndBoundInThatOrderOnceAllOfItIsOrdered() {
        orders(1, false, false, GANG.assign(0));
        assertThat(api.taken()).isEmpty();
        orders(2, false, false, GANG.assign(1));
        assertThat(api.taken())
                .containsExactly(
                        "try " + P0,
                        "make " + P0,
                        "make " + P1,
                        "name llm-70b-7-0-1",
                        "bind " + P0 + " n1",
                        "bind " + P1 + " n2");
        orders(1, false, false, GANG.assign(0));
        after(Duration.ofSeconds(1));
        assertThat(api.taken()).isEmpty();
        runs(P0);
        assertThat(told).containsExactly(ReportedWorker.running(GANG.key(0)));
    }

    @Test
    void nothingIsDoneWithoutLeadingOrForOtherClusters() {
        orders(9, false, false, ALONE.assign(0));
        controller.following();
        orders(1, false, false, ALONE.assign(0));
        assertThat(api.taken()).isEmpty();
        controller.leading(5);
        orders(1, true, false, ALONE.assign(0));
        assertThat(api.taken()).contains("make " + P0);
    }

    @Test
    void aWorkerThatIsReleasedIsToldToHaveEndedOnlyWhenItsPodIsGone() {
        orders(1, false, false, ALONE.assign(0));
        runs(P0);
        api.taken();
        orders(1, false, false, ALONE.release(0));
        assertThat(api.taken()).containsExactly("delete " + P0 + " 20");
        shows(P0, "Running", true, pod -> pod);
        assertThat(causes()).isEmpty();
        isGone(P0);
        assertThat(causes()).containsExactly(EndCause.RELEASED);
    }

    @Test
    void aPodWhoseImageCantBeHadIsGivenUpAfterAWhileUnlessItComesAfterAll() {
        orders(1, false, false, ALONE.assign(0));
        shows(P0, "Pending", false, pod -> status(pod, "ImagePullBackOff", 0));
        api.taken();
        after(Duration.ofMinutes(4));
        assertThat(api.taken()).isEmpty();
        after(Duration.ofMinutes(2));
        assertThat(api.taken()).containsExactly("delete " + P0 + " 30");
        assertThat(causes()).isEmpty();
        isGone(P0);
        assertThat(causes()).containsExactly(EndCause.IMAGE_PULL_FAILED);
    }

    @Test
    void anImageThatComesAfterAllEndsNothing() {
        orders(1, false, false, ALONE.assign(0));
        shows(P0, "Pending", false, pod -> status(pod, "ErrImagePull", 0));
        after(Duration.ofMinutes(4));
        runs(P0);
        shows(P0, "Pending", false, pod -> status(pod, "ErrImagePull", 0));
        api.taken();
        after(Duration.ofMinutes(4));
        assertThat(api.taken()).isEmpty();
    }

    @Test
    void whenTheWorkersOwnContainerEndsThoseBesideItAreStopped() {
        orders(1, false, false, ALONE.assign(0));
        api.taken();
        shows(P0, "Running", false, pod -> status(pod, "terminated", 5));
        assertThat(api.taken()).containsExactly("delete " + P0 + " 30");
        assertThat(causes()).isEmpty();
        isGone(P0);
        assertThat(told.getLast().cause()).isEqualTo(EndCause.EXIT_CODE);
        assertThat(told.getLast().exitCode()).isEqualTo(5);
    }

    @Test
    void whatNobodyOrdersGoesOnWhileItIsHeldAndIsStoppedElse() {
        orders(1, false, false, ALONE.assign(0));
        runs(P0);
        api.taken();
        orders(1, true, true);
        after(Duration.ofMinutes(1));
        assertThat(api.taken()).isEmpty();
        orders(1, true, false);
        assertThat(api.taken()).containsExactly("delete " + P0 + " 30");
        isGone(P0);
        assertThat(causes()).containsExactly(EndCause.RELEASED);
    }

    @Test
    void lateNewsOfAPodThatHadTheNameBeforeAreNotBelieved() {
        WorkerPod worker = new WorkerPod(ALONE.key(0));
        worker.see(made("now", 7), false);
        worker.see(made("before", 5), true);
        worker.lose("before", true);
        assertThat(Objects.requireNonNull(worker.present()).uid()).isEqualTo("now");
        assertThat(worker.ended()).isFalse();
    }

    private static SeenPod made(String uid, long version) {
        PodPlace place = new PodPlace("n1", LedgerMark.NONE, Allocation.NONE, null);
        MadePod made = PodMaker.make(ALONE.assign(0), place);
        return CalmApi.seen(new PodBuilder(((MadePod.Made) made).pod())
                .editMetadata()
                .withUid(uid)
                .withResourceVersion(Long.toString(version))
                .endMetadata()
                .build());
    }

    @Test
    void whatIsMissingOfAGangThatHasBegunIsNotMadeAgain() {
        orders(1, true, false, GANG.assign(0, true));
        assertThat(api.taken()).isEmpty();
        assertThat(causes()).containsExactly(EndCause.EVICTED);
    }

    @Test
    void podsThatEndedStayForAWhileAndNotTooManyOfThem() {
        for (int job = 1; job <= 5; job++) {
            orders(1, false, false, Orders.gang(job, 1).assign(0));
            ends("llm-70b-" + job + "-0-1-0", 0);
            now++;
        }
        api.taken();
        after(Duration.ofMinutes(1));
        assertThat(api.taken()).containsExactly("delete llm-70b-1-0-1-0 1", "delete llm-70b-2-0-1-0 1");
        after(Duration.ofHours(25));
        assertThat(api.taken()).hasSize(3);
    }

    @Test
    void aHelloSaysWhatHasBegunOrEndedAndWhateverElseHoldsDevices() {
        orders(1, false, false, ALONE.assign(0));
        shows(P0, "Pending", false, pod -> pod.editSpec().withNodeName("n1").endSpec());
        assertThat(roster(true).workers()).isEmpty();
        assertThat(roster(false).workers()).singleElement().satisfies(worker -> {
            assertThat(worker.running()).isTrue();
            assertThat(worker.worldSize()).isEqualTo(1);
            assertThat(worker.deviceNames()).hasSize(2);
        });
        runs(P0);
        assertThat(roster(true).workers()).singleElement().matches(ReportedWorker::running);
        ends(P0, 3);
        assertThat(roster(true).workers())
                .singleElement()
                .extracting(ReportedWorker::cause)
                .isEqualTo(EndCause.EXIT_CODE);
        assertThat(roster(false).workers()).isEmpty();
    }

    @Test
    void podsOfOtherTermsTellHowFarTheLedgerWas() {
        orders(1, false, false, ALONE.assign(0));
        assertThat(roster(true).mark()).isEqualTo(LedgerMark.NONE);
        controller.following();
        controller.leading(5);
        assertThat(roster(true).mark()).isEqualTo(new LedgerMark(1, 4, 50));
    }

    private NodeRoster roster(boolean expected) {
        var answer = controller.roster("n1", key -> expected);
        controller.drain();
        return Objects.requireNonNull(answer.getNow(null));
    }
}

package dev.interposer.tests.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import dev.interposer.proto.agent.v1.WorkerAssignment;
import dev.interposer.proto.job.v1.CancelResponse;
import dev.interposer.proto.ledger.v1.AcceleratorRequest;
import dev.interposer.proto.ledger.v1.Device;
import dev.interposer.proto.ledger.v1.DeviceReport;
import dev.interposer.proto.ledger.v1.EndCause;
import dev.interposer.proto.ledger.v1.Event;
import dev.interposer.proto.ledger.v1.FailurePolicy;
import dev.interposer.proto.ledger.v1.GangAssigned;
import dev.interposer.proto.ledger.v1.JobEnded;
import dev.interposer.proto.ledger.v1.JobPhase;
import dev.interposer.proto.ledger.v1.JobSpec;
import dev.interposer.proto.ledger.v1.JobSubmitted;
import dev.interposer.proto.ledger.v1.NodeReported;
import dev.interposer.proto.ledger.v1.OnNodeLost;
import dev.interposer.proto.ledger.v1.Profile;
import dev.interposer.proto.ledger.v1.Role;
import dev.interposer.proto.ledger.v1.SpecStored;
import dev.interposer.proto.ledger.v1.TrainingSpec;
import dev.interposer.proto.ledger.v1.WorkerEnded;
import dev.interposer.proto.ledger.v1.WorkerKey;
import dev.interposer.proto.ledger.v1.WorkerPlacement;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Made-up ledgers and journals: what is wrong in them is said, and of what is right nothing is. */
class VerdictTest {
    private static final long WAITS = 1;
    private static final long FENCES_ITSELF = 2;
    private static final long HALF = 3;
    private static final long JOB = 10;

    private final LedgerFacts ledger = new LedgerFacts();
    private final List<String> first = new ArrayList<>();
    private final List<String> second = new ArrayList<>();
    private final Map<Long, CancelResponse> cancelled = new HashMap<>();
    private long revision;

    @TempDir
    private Path folder = Path.of("");

    @Test
    void aJobThatRanToItsEndIsRight() throws IOException {
        submitted(WAITS);
        ranWell();
        assertThat(violations()).isEmpty();
    }

    @Test
    void aJobThatWasNeverAssignedDidNotSucceed() throws IOException {
        submitted(WAITS);
        ended(JobPhase.JOB_PHASE_SUCCEEDED);
        assertThat(violations()).singleElement().asString().contains("was never assigned");
    }

    @Test
    void aJobWhoseOnlyWorkerEndedNobodyKnowsHowDidNotSucceed() throws IOException {
        submitted(WAITS);
        assigned(1, 1);
        began(first, 1, "one-0", 1000);
        ended(first, 1, "END_CAUSE_UNKNOWN");
        workerEnded(1, EndCause.END_CAUSE_UNKNOWN);
        ended(JobPhase.JOB_PHASE_SUCCEEDED);
        assertThat(violations()).singleElement().asString().contains("END_CAUSE_UNKNOWN");
    }

    @Test
    void aJobWhoseOnlyWorkerWasLostDidNotSucceed() throws IOException {
        submitted(FENCES_ITSELF);
        assigned(1, 1);
        began(first, 1, "one-0", 1000);
        workerEnded(1, EndCause.END_CAUSE_NODE_LOST);
        ended(JobPhase.JOB_PHASE_SUCCEEDED);
        assertThat(violations()).singleElement().asString().contains("END_CAUSE_NODE_LOST");
    }

    @Test
    void anEndOfWhichNoAgentSaysAnythingIsNone() throws IOException {
        submitted(WAITS);
        assigned(1, 1);
        began(first, 1, "one-0", 1000);
        workerEnded(1, EndCause.END_CAUSE_COMPLETED);
        ended(JobPhase.JOB_PHASE_SUCCEEDED);
        assertThat(violations()).singleElement().asString().contains("no agent says so");
    }

    @Test
    void aWorkerThatIsGivenUpUnfencedIsSeenInTheLedger() throws IOException {
        submitted(WAITS);
        replaced();
        ended(first, 1, "END_CAUSE_UNKNOWN");
        assertThat(violations()).singleElement().asString().contains("nobody fenced its node");
    }

    @Test
    void twoAttemptsThatBothRanToTheirEndAreSeenInTheJournals() throws IOException {
        submitted(WAITS);
        replaced();
        ended(first, 1, "END_CAUSE_COMPLETED");
        assertThat(violations()).anyMatch(words -> words.contains("followed by another attempt; its agent says that"));
    }

    @Test
    void anAttemptThatNeverEndedAndWasFollowedIsSeen() throws IOException {
        submitted(FENCES_ITSELF);
        replaced();
        assertThat(violations()).singleElement().asString().contains("nothing of its end");
    }

    /** It may have ended before its lease did, and its agent could not say so in time. */
    @Test
    void aWorkerThatFencesItselfMayBeFollowed() throws IOException {
        submitted(FENCES_ITSELF);
        replaced();
        ended(first, 1, "END_CAUSE_RELEASED");
        assertThat(violations()).isEmpty();
    }

    @Test
    void sharesThatAreMoreThanTheDeviceAreSeenOnBothSides() throws IOException {
        submitted(HALF);
        assigned(1, 1, 1, 1);
        for (int worker = 0; worker < 3; worker++) {
            began(first, 1, worker, "one-0", 500);
        }
        assertThat(violations())
                .anyMatch(words -> words.startsWith("device 1 is given to 10 0 1 2"))
                .anyMatch(words -> words.startsWith("worker 10 0 1 2 was begun on one-0"))
                .hasSize(2 + 1);
    }

    @Test
    void anAcknowledgedCancellationEndsTheJob() throws IOException {
        cancelled(3, false);
        submitted(WAITS);
        ended(JobPhase.JOB_PHASE_CANCELLED);
        assertThat(violations()).isEmpty();
    }

    @Test
    void aCancellationThatWasAcknowledgedAndHadNoEffectIsSeen() throws IOException {
        cancelled(3, false);
        submitted(WAITS);
        ranWell();
        assertThat(violations()).singleElement().asString().contains("its cancellation was acknowledged before");
    }

    @Test
    void aJobIsNotSaidToHaveEndedBeforeItDid() throws IOException {
        cancelled(3, true);
        submitted(WAITS);
        ranWell();
        assertThat(violations()).singleElement().asString().contains("its cancellation was acknowledged before");
    }

    @Test
    void aJobThatHadEndedCannotBeCancelled() throws IOException {
        cancelled(99, true);
        submitted(WAITS);
        ranWell();
        assertThat(violations()).isEmpty();
    }

    @Test
    void aJobThatNobodyCancelledRunsToItsEnd() throws IOException {
        submitted(WAITS);
        ended(JobPhase.JOB_PHASE_CANCELLED);
        assertThat(violations()).singleElement().asString().contains("JOB_PHASE_CANCELLED");
    }

    @Test
    void aJobDoesNotEndWhileItHasWorkers() throws IOException {
        cancelled(3, false);
        submitted(WAITS);
        assigned(1, 1);
        ended(JobPhase.JOB_PHASE_CANCELLED);
        assertThat(violations()).singleElement().asString().contains("while it has workers");
    }

    private List<String> violations() throws IOException {
        Path one = Files.write(folder.resolve("one"), first);
        Path two = Files.write(folder.resolve("two"), second);
        return new Verdict(ledger)
                .clientsWereTold(Map.of("job", JOB), cancelled)
                .agentsWrote(List.of(one, two))
                .violations();
    }

    private void cancelled(long atRevision, boolean alreadyEnded) {
        cancelled.put(
                JOB,
                CancelResponse.newBuilder()
                        .setRevision(atRevision)
                        .setAlreadyEnded(alreadyEnded)
                        .build());
    }

    private void ranWell() {
        assigned(1, 1);
        began(first, 1, "one-0", 1000);
        ended(first, 1, "END_CAUSE_COMPLETED");
        workerEnded(1, EndCause.END_CAUSE_COMPLETED);
        ended(JobPhase.JOB_PHASE_SUCCEEDED);
    }

    /** The first attempt is given up while it runs, and the second one runs well. */
    private void replaced() {
        assigned(1, 1);
        began(first, 1, "one-0", 1000);
        workerEnded(1, EndCause.END_CAUSE_NODE_LOST);
        assigned(2, 2);
        began(second, 2, "two-0", 1000);
        ended(second, 2, "END_CAUSE_COMPLETED");
        workerEnded(2, EndCause.END_CAUSE_COMPLETED);
        ended(JobPhase.JOB_PHASE_SUCCEEDED);
    }

    private void take(Event.Builder event) {
        ledger.take(++revision, event.build());
    }

    private void submitted(long spec) {
        take(Event.newBuilder().setNodeReported(node(1, "one-0")));
        take(Event.newBuilder().setNodeReported(node(2, "two-0")));
        FailurePolicy.Builder policy = FailurePolicy.newBuilder()
                .setOnNodeLost(
                        spec == FENCES_ITSELF
                                ? OnNodeLost.ON_NODE_LOST_SELF_FENCE
                                : OnNodeLost.ON_NODE_LOST_WAIT_FOR_FENCE);
        AcceleratorRequest.Builder request =
                AcceleratorRequest.newBuilder().setPerWorker(1).setShareMilli(spec == HALF ? 500 : 1000);
        JobSpec.Builder stored = JobSpec.newBuilder()
                .setTraining(TrainingSpec.newBuilder().setFailurePolicy(policy))
                .addProfiles(Profile.newBuilder().addRoles(Role.newBuilder().setAccelerators(request)));
        take(Event.newBuilder()
                .setSpecStored(SpecStored.newBuilder().setSpecId(spec).setSpec(stored)));
        take(Event.newBuilder()
                .setJobSubmitted(JobSubmitted.newBuilder()
                        .setJobId(JOB)
                        .setName("job")
                        .setSpecId(spec)
                        .setRequestId("request")));
    }

    private static NodeReported.Builder node(long id, String device) {
        return NodeReported.newBuilder()
                .setNodeId(id)
                .addDevices(Device.newBuilder()
                        .setId(id)
                        .setReport(DeviceReport.newBuilder().setName(device)));
    }

    /** One worker for each device. */
    private void assigned(int attempt, long... devices) {
        GangAssigned.Builder gang = GangAssigned.newBuilder().setJobId(JOB).setAttempt(attempt);
        for (long device : devices) {
            gang.addWorkers(WorkerPlacement.newBuilder().setNodeId(device).addDevices(device));
        }
        take(Event.newBuilder().setGangAssigned(gang));
    }

    private void workerEnded(int attempt, EndCause cause) {
        WorkerKey.Builder key = WorkerKey.newBuilder().setJobId(JOB).setAttempt(attempt);
        take(Event.newBuilder()
                .setWorkerEnded(WorkerEnded.newBuilder().setKey(key).setCause(cause)));
    }

    private void ended(JobPhase phase) {
        take(Event.newBuilder().setJobEnded(JobEnded.newBuilder().setJobId(JOB).setPhase(phase)));
    }

    private static void began(List<String> journal, int attempt, String device, int milli) {
        began(journal, attempt, 0, device, milli);
    }

    private static void began(List<String> journal, int attempt, int worker, String device, int milli) {
        WorkerAssignment assignment = WorkerAssignment.newBuilder()
                .addDeviceNames(device)
                .setShareMilli(milli)
                .build();
        journal.add("START " + JOB + " 0 " + attempt + " " + worker + " 1 " + device + " "
                + Base64.getEncoder().encodeToString(assignment.toByteArray()) + " crc");
    }

    private static void ended(List<String> journal, int attempt, String cause) {
        journal.add("END " + JOB + " 0 " + attempt + " 0 " + cause + " 0 = crc");
    }
}

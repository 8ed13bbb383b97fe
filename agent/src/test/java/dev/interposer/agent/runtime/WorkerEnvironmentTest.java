package dev.interposer.agent.runtime;

import static org.assertj.core.api.Assertions.assertThat;

import dev.interposer.proto.agent.v1.Rendezvous;
import dev.interposer.proto.agent.v1.WorkerAssignment;
import dev.interposer.proto.agent.v1.WorkerKey;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Variables of a worker. */
class WorkerEnvironmentTest {
    private final Map<String, String> environment = new HashMap<>();

    @Test
    void aWorkerIsToldItsPlaceAndWhereTheGangMeetsUnderTheNamesOfLaunchersAndOurs() {
        WorkerEnvironment.add(environment, assignment("10.0.0.7").build());
        assertThat(environment)
                .containsEntry("MASTER_ADDR", "10.0.0.7")
                .containsEntry("MASTER_PORT", "20042")
                .containsEntry("RANK", "3")
                .containsEntry("WORLD_SIZE", "4")
                .containsEntry("LOCAL_RANK", "1")
                .containsEntry("LOCAL_WORLD_SIZE", "2")
                .containsEntry("NODE_RANK", "5")
                .containsEntry("GROUP_RANK", "5")
                .containsEntry("GROUP_WORLD_SIZE", "6")
                .containsEntry("INTERPOSER_NODE_COUNT", "6");
        for (String name : new String[] {
            "MASTER_ADDR", "MASTER_PORT", "RANK", "WORLD_SIZE", "LOCAL_RANK", "LOCAL_WORLD_SIZE", "NODE_RANK"
        }) {
            assertThat(environment.get("INTERPOSER_" + name)).as(name).isEqualTo(environment.get(name));
        }
    }

    @Test
    void aJobThatMeetsElsewhereKeepsItsOwnWord() {
        WorkerAssignment.Builder assignment = assignment("10.0.0.7");
        assignment.getContainerBuilder().putEnv("MASTER_PORT", "1234");
        environment.put("MASTER_PORT", "1234");
        WorkerEnvironment.add(environment, assignment.build());
        assertThat(environment)
                .containsEntry("MASTER_PORT", "1234")
                .containsEntry("INTERPOSER_MASTER_PORT", "20042")
                .containsEntry("MASTER_ADDR", "10.0.0.7");
    }

    @Test
    void whatTheAgentInheritedIsNotTakenForTheMeeting() {
        environment.put("MASTER_ADDR", "of the agent's own shell");
        environment.put("MASTER_PORT", "1");
        WorkerEnvironment.add(environment, assignment("").build());
        assertThat(environment).doesNotContainKeys("MASTER_ADDR", "MASTER_PORT", "INTERPOSER_MASTER_ADDR");
    }

    /** An agent may hold a token, a password of a proxy, or settings of its own. */
    @Test
    void aWorkerInheritsWhatIsTheMachinesAndNothingOfTheAgents() {
        Map<String, String> agent = Map.of(
                "PATH", "/bin",
                "LC_ALL", "C.UTF-8",
                "TZ", "UTC",
                "HOME", "/root",
                "INTERPOSER_TOKEN", "secret",
                "JAVA_HOME", "/opt/java",
                "https_proxy", "http://me:secret@proxy",
                "CUDA_VISIBLE_DEVICES", "0");
        assertThat(WorkerEnvironment.inherited(agent, false)).containsOnlyKeys("PATH", "LC_ALL", "TZ");
        assertThat(WorkerEnvironment.inherited(agent, true)).containsOnlyKeys("PATH", "LC_ALL", "TZ", "HOME");
    }

    @Test
    void aWorkerDoesNotLearnWithWhatItsAgentJoins() {
        environment.put("INTERPOSER_JOIN_TOKEN", "itp-id.secret.pin");
        WorkerEnvironment.add(environment, assignment("10.0.0.7").build());
        assertThat(environment.toString()).doesNotContain("secret");
    }

    private static WorkerAssignment.Builder assignment(String address) {
        return WorkerAssignment.newBuilder()
                .setKey(WorkerKey.newBuilder().setJobId(1).setAttempt(1).setWorker(3))
                .setWorldSize(4)
                .setRendezvous(Rendezvous.newBuilder()
                        .setAddress(address)
                        .setPort(20042)
                        .setLocalRank(1)
                        .setLocalWorldSize(2)
                        .setNodeRank(5)
                        .setNodeCount(6));
    }
}

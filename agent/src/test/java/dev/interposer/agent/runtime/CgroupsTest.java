package dev.interposer.agent.runtime;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.interposer.agent.config.ConfigException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is written where; a folder of files stands for the kernel's tree. */
class CgroupsTest {
    private static final Map<String, Long> REQUESTS = Map.of("memory", 1L << 30, "cpu", 1500L);

    @TempDir
    private Path own;

    @Test
    void aDelegatedGroupHoldsTheAgentAndTheWorkersBesideIt() throws IOException {
        controllers("cpuset cpu io memory pids");
        WorkerCgroup group =
                Objects.requireNonNull(Cgroups.delegated(own, 4711, 99).make("node.1-0-1-0", REQUESTS));

        assertThat(own.resolve("interposer-agent/cgroup.procs")).hasContent("4711");
        assertThat(own.resolve("cgroup.subtree_control")).hasContent("+pids");
        Path worker = own.resolve("interposer-workers/node.1-0-1-0");
        assertThat(worker.resolve("memory.max")).hasContent("1073741824");
        assertThat(worker.resolve("memory.oom.group")).hasContent("1");
        assertThat(worker.resolve("cpu.max")).hasContent("150000 100000");
        assertThat(worker.resolve("pids.max")).hasContent("99");
        assertThat(group.processes()).isEqualTo(worker.resolve("cgroup.procs"));
    }

    @Test
    void anAgentThatIsInItsSubgroupAlreadyFindsItsGroupAbove() throws IOException {
        controllers("memory");
        Path agent = Files.createDirectories(own.resolve("interposer-agent"));
        assertThat(Cgroups.delegated(agent, 4711, 99).make("w", REQUESTS)).isNotNull();
        assertThat(own.resolve("interposer-workers/w/memory.max")).exists();
        assertThat(own.resolve("interposer-workers/w/cpu.max")).doesNotExist();
    }

    @Test
    void aGroupThatIsNotTheAgentsIsLeftAsItWas() throws IOException {
        controllers("memory");
        // As when the kernel refuses, because other processes are in the group.
        Files.createDirectories(own.resolve("cgroup.subtree_control"));
        assertThat(Cgroups.delegated(own, 4711, 99).make("w", REQUESTS)).isNull();
        assertThat(own.resolve("cgroup.procs")).hasContent("4711");
    }

    /** Seen with systemd 252: each start after the first ended with 219/CGROUP for as long as a worker lived. */
    @Test
    void theGroupOfAUnitIsLeftAloneSinceTheNextAgentHasToBeStartedInIt() throws IOException {
        controllers("cpu memory pids");
        Path unit = Files.createDirectories(own.resolve("interposer-agent.service"));
        Files.copy(own.resolve("cgroup.controllers"), unit.resolve("cgroup.controllers"));
        assertThat(Cgroups.delegated(unit, 4711, 99).make("w", REQUESTS)).isNull();
        assertThat(unit.resolve("cgroup.subtree_control")).doesNotExist();
        assertThat(unit.resolve("interposer-agent")).doesNotExist();

        Path subgroup = Files.createDirectories(unit.resolve("interposer-agent"));
        Path workers = Files.createDirectories(unit.resolve("interposer-workers"));
        Files.copy(own.resolve("cgroup.controllers"), workers.resolve("cgroup.controllers"));
        assertThat(Cgroups.delegated(subgroup, 4711, 99).make("w", REQUESTS)).isNotNull();
    }

    @Test
    void aTreeWithoutMemoryIsNone() throws IOException {
        controllers("hugetlb");
        assertThat(Cgroups.delegated(own, 4711, 99).make("w", REQUESTS)).isNull();
        assertThat(own.resolve("interposer-agent")).doesNotExist();
    }

    /** An agent without groups began it: what is left of it is looked for as that agent would have. */
    @Test
    void aWorkerThatWasBegunWithoutAGroupHasNoneLater() throws Exception {
        controllers("memory");
        Cgroups groups = Cgroups.below(own, 99);
        groups.make("bounded", REQUESTS);
        assertThat(groups.existing("bounded")).isNotNull();
        assertThat(groups.existing("begun-before")).isNull();
    }

    @Test
    void whatWasNotAskedForIsNotBounded() throws Exception {
        controllers("cpu memory");
        assertThat(Cgroups.below(own, 99).make("w", Map.of())).isNotNull();
        assertThat(own.resolve("w/memory.max")).doesNotExist();
        assertThat(own.resolve("w/cpu.max")).doesNotExist();
    }

    @Test
    void aFolderThatIsNoCgroupIsRefusedByName() {
        ConfigException refused = catchThrowableOfType(ConfigException.class, () -> Cgroups.below(own, 99));
        assertThat(refused).isNotNull();
        assertThat(refused.getMessage()).contains("--cgroup (" + own + ")");
    }

    @Test
    void thatOneRanOutOfMemoryIsReadFromItsEvents() throws Exception {
        controllers("memory");
        WorkerCgroup group = Objects.requireNonNull(Cgroups.below(own, 99).make("w", REQUESTS));
        assertThat(group.ranOutOfMemory()).isFalse();
        Files.writeString(own.resolve("w/memory.events"), "low 0\nmax 7\noom 1\noom_kill 0\noom_group_kill 0\n");
        assertThat(group.ranOutOfMemory()).isFalse();
        Files.writeString(own.resolve("w/memory.events"), "low 0\nmax 7\noom 1\noom_kill 2\noom_group_kill 1\n");
        assertThat(group.ranOutOfMemory()).isTrue();
    }

    /** The machine's own want of memory is none of the group's bound, and the kernel counts the kill all the same. */
    @Test
    void aKillForTheMachinesMemoryIsNotTakenForTheBound() throws Exception {
        controllers("memory");
        WorkerCgroup group = Objects.requireNonNull(Cgroups.below(own, 99).make("w", REQUESTS));
        Files.writeString(own.resolve("w/memory.events"), "low 0\nmax 0\noom 0\noom_kill 2\noom_group_kill 1\n");
        assertThat(group.killedForMemory()).isTrue();
        assertThat(group.ranOutOfMemory()).isFalse();

        WorkerCgroup unbounded = Objects.requireNonNull(Cgroups.below(own, 99).make("free", Map.of()));
        Files.writeString(own.resolve("free/memory.events"), "oom 1\noom_kill 1\n");
        assertThat(unbounded.ranOutOfMemory()).isFalse();
    }

    /** A kernel before 5.14 has no file by which all of a group ends. */
    @Test
    void whatIsInAGroupEndsAlsoWhereTheKernelKillsNoGroups() throws Exception {
        controllers("memory");
        WorkerCgroup group = Objects.requireNonNull(Cgroups.below(own, 99).make("w", REQUESTS));
        Process hidden = new ProcessBuilder("setsid", "env", "-i", "sleep", "300").start();
        try {
            Path below = Files.createDirectories(own.resolve("w/below"));
            Files.writeString(own.resolve("w/cgroup.procs"), "");
            Files.writeString(below.resolve("cgroup.procs"), hidden.pid() + "\n");
            Files.writeString(own.resolve("w/cgroup.events"), "populated 1\nfrozen 0\n");
            Thread ends = Thread.ofPlatform().start(group::end);
            assertThat(hidden.waitFor(10, TimeUnit.SECONDS)).isTrue();
            Files.writeString(own.resolve("w/cgroup.events"), "populated 0\nfrozen 0\n");
            ends.join(10_000);
            assertThat(ends.isAlive()).isFalse();
        } finally {
            hidden.destroyForcibly();
        }
    }

    private void controllers(String names) throws IOException {
        Files.writeString(own.resolve("cgroup.controllers"), names + "\n");
        Path workers = Files.createDirectories(own.resolve("interposer-workers"));
        Files.writeString(workers.resolve("cgroup.controllers"), names + "\n");
    }
}

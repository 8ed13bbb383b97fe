package dev.interposer.agent.runtime;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.interposer.agent.config.ConfigException;
import dev.interposer.agent.config.NodeConfig;
import dev.interposer.agent.config.NodeConfig.SimulatedDevices;
import dev.interposer.agent.config.WorkerOptions;
import dev.interposer.agent.driver.SimulatedDriver;
import dev.interposer.proto.agent.v1.EndCause;
import dev.interposer.proto.agent.v1.WorkerAssignment;
import dev.interposer.proto.agent.v1.WorkerKey;
import dev.interposer.proto.agent.v1.WorkerStatus;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * Real workers in cgroups and as other users: in the kernel's own tree where this process may write there, else in a
 * folder of files that stands for it.
 */
@Timeout(60)
class ConfinedWorkerTest {
    private static final int NOBODY = 65_534;
    private static final List<Path> MOUNTS = List.of(Path.of("/sys/fs/cgroup"), Path.of("/sys/fs/cgroup/unified"));

    @TempDir
    private Path folder;

    private final BlockingQueue<WorkerStatus> exited = new LinkedBlockingQueue<>();
    private final WorkerKey key =
            WorkerKey.newBuilder().setJobId(1).setAttempt(1).build();
    private Path root = Path.of("");
    private boolean kernel;

    @BeforeEach
    void makeTheTree() throws IOException {
        for (Path mount : MOUNTS) {
            Path ours =
                    mount.resolve("interposer-test-" + ProcessHandle.current().pid());
            if (Files.exists(mount.resolve("cgroup.procs")) && made(ours)) {
                root = ours;
                kernel = true;
                return;
            }
        }
        root = Files.createDirectories(folder.resolve("tree"));
        Files.writeString(root.resolve("cgroup.controllers"), "cpu memory pids\n");
    }

    private static boolean made(Path group) {
        try {
            Files.createDirectory(group);
            return Files.exists(group.resolve("cgroup.kill"));
        } catch (IOException e) {
            return false;
        }
    }

    @AfterEach
    void removeTheTree() throws IOException {
        if (kernel) {
            Files.deleteIfExists(root);
        }
    }

    /** Without a cgroup nobody finds such a process: it left the group and has no environment. */
    @Test
    void whatHidesFromItsWorkerEndsWithItsCgroup() throws Exception {
        String hides = "setsid env -i sleep 300 & echo $!; cat /proc/self/cgroup | grep ^0: ; sleep 0.3";
        WorkerStatus status = run(assignment(hides), confined());

        String[] said = status.getMessage().strip().split("\n", -1);
        long hidden = Long.parseLong(said[0]);
        if (kernel) {
            assertThat(said[1]).endsWith(root.getFileName() + "/" + groupName());
            assertThat(Processes.run(hidden)).isFalse();
            assertThat(root.resolve(groupName())).doesNotExist();
        } else {
            // Files kill nobody.
            ProcessHandle.of(hidden).ifPresent(ProcessHandle::destroyForcibly);
            assertThat(root.resolve(groupName()).resolve("cgroup.procs")).isNotEmptyFile();
        }
    }

    @Test
    void theEndOfOneThatTheKernelKilledForMemorySaysSo() throws Exception {
        Path tree = Files.createDirectories(folder.resolve("files"));
        Files.writeString(tree.resolve("cgroup.controllers"), "memory\n");
        Path events = tree.resolve(groupName()).resolve("memory.events");
        Confinement files = new Confinement(Cgroups.below(tree, 100), null);
        String killed = "echo big; echo oom 1 > " + events + "; echo oom_kill 1 >> " + events + "; kill -9 $PPID";
        WorkerStatus status =
                run(assignment(killed).toBuilder().putRequests("memory", 1000).build(), files);

        assertThat(status.getCause()).isEqualTo(EndCause.END_CAUSE_OUT_OF_MEMORY);
        assertThat(status.getMessage()).contains("1000 bytes").endsWith("big\n");
    }

    @Test
    void theNextAgentLearnsThatItWasMemoryAlthoughNoCodeWasLeft() throws Exception {
        Path tree = Files.createDirectories(folder.resolve("files"));
        Files.writeString(tree.resolve("cgroup.controllers"), "memory\n");
        Path group = Files.createDirectories(tree.resolve(groupName()));
        Files.writeString(group.resolve("memory.events"), "oom 1\noom_kill 1\n");
        Files.writeString(group.resolve("memory.max"), "1000\n");
        runtime(new Confinement(Cgroups.below(tree, 100), null)).adopt(assignment("true"), listener());
        WorkerStatus status = exited.poll(20, TimeUnit.SECONDS);
        assertThat(status).isNotNull();
        assertThat(status.getCause()).isEqualTo(EndCause.END_CAUSE_OUT_OF_MEMORY);
    }

    @Test
    void oneThatTheKernelKilledForTheMachinesMemoryDidNotReachABound() throws Exception {
        Path tree = Files.createDirectories(folder.resolve("files"));
        Files.writeString(tree.resolve("cgroup.controllers"), "memory\n");
        Path events = tree.resolve(groupName()).resolve("memory.events");
        String killed = "echo small; echo oom 0 > " + events + "; echo oom_kill 1 >> " + events + "; kill -9 $PPID";
        WorkerStatus status = run(
                assignment(killed).toBuilder().putRequests("memory", 1000).build(),
                new Confinement(Cgroups.below(tree, 100), null));

        assertThat(status.getCause()).isEqualTo(EndCause.END_CAUSE_EXIT_CODE);
        assertThat(status.getExitCode()).isEqualTo(128 + 9);
        assertThat(status.getMessage())
                .contains("the machine had no memory left")
                .endsWith("small\n");
    }

    @Test
    void oneThatCannotEnterItsCgroupDidNotBegin() throws Exception {
        Path tree = Files.createDirectories(folder.resolve("files"));
        Files.writeString(tree.resolve("cgroup.controllers"), "memory\n");
        Files.createDirectories(tree.resolve(groupName()).resolve("cgroup.procs"));
        WorkerStatus status = run(assignment("touch ran"), new Confinement(Cgroups.below(tree, 100), null));

        assertThat(status.getCause()).isEqualTo(EndCause.END_CAUSE_START_FAILED);
        assertThat(status.getMessage()).isEqualTo("its cgroup can not be entered");
        assertThat(folder.resolve("workers/1-0-1-0/work/ran")).doesNotExist();
    }

    @Test
    void signalNineAloneIsNotTakenForMemory() throws Exception {
        assertThat(run(assignment("kill -9 $$"), confined()).getCause()).isEqualTo(EndCause.END_CAUSE_EXIT_CODE);
    }

    @Test
    void aWorkerRunsAsItsUserInAFolderOfItsOwnAndCantTouchTheAgents() throws Exception {
        int self = (Integer) Files.getAttribute(Path.of("/proc/self"), "unix:uid");
        int expected = self == 0 ? NOBODY : self;
        WorkerUser user = WorkerUser.of(options(Integer.toString(expected), false), self);
        String script = "id -u; echo $HOME; touch $HOME/mine;"
                + " touch ../exit 2> /dev/null && echo touched; ls .. > /dev/null 2>&1 && echo seen";
        Path home = folder.resolve("workers/1-0-1-0");
        WorkerStatus status = run(
                assignment(self == 0 ? script : "id -u; echo $PWD; touch mine"), new Confinement(Cgroups.none(), user));

        assertThat(status.getMessage()).isEqualTo(expected + "\n" + home.resolve("work") + "\n");
        assertThat(Files.getAttribute(home.resolve("work/mine"), "unix:uid")).isEqualTo(expected);
    }

    /** By a library that the loader takes in before the program, and by programs in place of the system's. */
    @Test
    void nothingThatAJobSaysRunsWithTheAgentsRights() throws Exception {
        int self = (Integer) Files.getAttribute(Path.of("/proc/self"), "unix:uid");
        int expected = self == 0 ? NOBODY : self;
        WorkerUser user = WorkerUser.of(options(Integer.toString(expected), false), self);
        Path uids = Files.writeString(folder.resolve("uids"), "");
        Files.setPosixFilePermissions(uids, PosixFilePermissions.fromString("rw-rw-rw-"));
        Path library = library(uids);
        Path programs = Files.createDirectories(folder.resolve("programs"));
        for (String program : List.of("sh", "setpriv", "setsid", "cat", "mv", "sleep", "dd", "wc", "rm")) {
            Path file = programs.resolve(program);
            Files.writeString(file, "#!/bin/sh\n/usr/bin/id -u >> " + uids + "\nexec /bin/" + program + " \"$@\"\n");
            Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwxr-xr-x"));
        }
        WorkerAssignment.Builder assignment = assignment("echo I am $(id -u); sleep 0.1").toBuilder();
        assignment
                .setSelfFenceSeconds(60)
                .getContainerBuilder()
                .putEnv("LD_PRELOAD", library.toString())
                .putEnv("PATH", programs + ":/usr/bin:/bin");
        WorkerStatus status = run(assignment.build(), new Confinement(Cgroups.none(), user));

        assertThat(status.getMessage()).isEqualTo("I am " + expected + "\n");
        assertThat(Files.readAllLines(uids)).isNotEmpty().containsOnly(Integer.toString(expected));
    }

    private Path library(Path uids) throws Exception {
        Path source = Files.writeString(folder.resolve("x.c"), """
                #include <stdio.h>
                #include <unistd.h>
                __attribute__((constructor)) static void loaded(void) {
                  FILE *to = fopen("%s", "a");
                  if (to != NULL) { fprintf(to, "%%d\\n", (int) getuid()); fclose(to); }
                }
                """.formatted(uids));
        Path library = folder.resolve("x.so");
        Process compiler = new ProcessBuilder("cc", "-shared", "-fPIC", "-o", library.toString(), source.toString())
                .inheritIO()
                .start();
        assertThat(compiler.waitFor()).isZero();
        return library;
    }

    @Test
    void whetherAProgramIsThereIsJudgedWithTheRightsOfTheWorker() throws Exception {
        int self = (Integer) Files.getAttribute(Path.of("/proc/self"), "unix:uid");
        WorkerUser user = WorkerUser.of(options(Integer.toString(self == 0 ? NOBODY : self), false), self);
        Path program = Files.writeString(folder.resolve("mine"), "#!/bin/sh\n");
        Files.setPosixFilePermissions(program, PosixFilePermissions.fromString(self == 0 ? "rwx------" : "rw-------"));
        WorkerAssignment.Builder assignment = assignment("").toBuilder();
        assignment.getContainerBuilder().clearCommand().addCommand(program.toString());
        WorkerStatus status = run(assignment.build(), new Confinement(Cgroups.none(), user));

        assertThat(status.getCause()).isEqualTo(EndCause.END_CAUSE_START_FAILED);
        assertThat(status.getMessage()).contains("program " + program + " does not exist, can not be executed");
    }

    @Test
    void rootIsRefusedUnlessToldAndSoIsWhoeverIsNotThere() throws Exception {
        assertRefused(options("", false), 0, "the agent runs as root");
        assertRefused(options("root", false), 0, "--worker-user (root) is root");
        assertRefused(options("0", false), 0, "--worker-user (0) is root");
        assertRefused(options("no-such-user", true), 0, "--worker-user (no-such-user) is not known");
        assertRefused(options("4711", false), 1000, "which only root may choose");
        assertThat(WorkerUser.of(options("", true), 0)).isNull();
        assertThat(WorkerUser.of(options("", false), 1000)).isNull();
    }

    private static void assertRefused(WorkerOptions options, int agentUid, String message) {
        ConfigException refused = catchThrowableOfType(ConfigException.class, () -> WorkerUser.of(options, agentUid));
        assertThat(refused).as(message).isNotNull();
        assertThat(refused.getMessage()).contains(message);
    }

    private static WorkerOptions options(String user, boolean root) {
        return new WorkerOptions(1 << 20, 2, user, root, WorkerOptions.NONE, 100);
    }

    private Confinement confined() throws ConfigException {
        return new Confinement(Cgroups.below(root, 100), null);
    }

    private String groupName() {
        return folder.getFileName() + ".1-0-1-0";
    }

    private WorkerStatus run(WorkerAssignment assignment, Confinement confinement) throws Exception {
        runtime(confinement).start(assignment, listener());
        WorkerStatus status = exited.poll(20, TimeUnit.SECONDS);
        assertThat(status).isNotNull();
        return status;
    }

    private ProcessRuntime runtime(Confinement confinement) throws IOException {
        NodeConfig node = new NodeConfig("c/n", Map.of(), Map.of(), SimulatedDevices.NONE, List.of(), 0);
        return new ProcessRuntime(
                confinement.workers(folder), new SimulatedDriver(node), WorkerOptions.DEFAULT, confinement);
    }

    private WorkerRuntime.Listener listener() {
        return new WorkerRuntime.Listener() {
            @Override
            public void started(WorkerKey begun) {
                // Its end is what is waited for.
            }

            @Override
            public void exited(WorkerStatus status) {
                exited.add(status);
            }
        };
    }

    private WorkerAssignment assignment(String script) {
        WorkerAssignment.Builder assignment = WorkerAssignment.newBuilder().setKey(key);
        assignment.getContainerBuilder().addCommand("sh").addCommand("-c").addCommand(script);
        return assignment.build();
    }
}

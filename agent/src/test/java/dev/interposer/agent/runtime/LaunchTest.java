package dev.interposer.agent.runtime;

import static org.assertj.core.api.Assertions.assertThat;

import dev.interposer.agent.config.NodeConfig;
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
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What real processes begin with, and what is said when they can't. */
@Timeout(60)
class LaunchTest {
    private static final NodeConfig NODE = new NodeConfig(
            "c/n",
            Map.of(),
            Map.of(),
            new NodeConfig.SimulatedDevices(4, "chip", "maker", 0, "CHIPS", ""),
            List.of(),
            0);

    @TempDir
    private Path folder;

    private final BlockingQueue<WorkerStatus> exited = new LinkedBlockingQueue<>();
    private final WorkerKey key =
            WorkerKey.newBuilder().setJobId(1).setAttempt(1).build();
    private Launch.Pipeline pipeline = (worker, pump) ->
            ProcessBuilder.startPipeline(List.of(worker, pump)).getFirst();

    @AfterEach
    void killWhatIsLeft() {
        new Remains(new KernelTable(), new Environments(), exitFile(), Remains.Session.UNKNOWN).end(true);
    }

    @Test
    void aVariableArrivesAsItWasSaidWhateverIsInIt() throws Exception {
        String odd = "it's \"odd\" $HOME `id` \\ \n% ā∈ end ";
        WorkerAssignment.Builder assignment = assignment("printf '%s|%s|' \"$ODD\" \"${EMPTY-unset}\"");
        assignment.getContainerBuilder().putEnv("ODD", odd).putEnv("EMPTY", "");
        // Names that a shell keeps to itself, or takes for none, end nothing.
        assignment.getContainerBuilder().putEnv("PPID", "1").putEnv("UID", "7").putEnv("a.b-c", "lost");
        assertThat(run(assignment).getMessage()).isEqualTo(odd + "||");
    }

    @Test
    void whatAJobSaysStandsOnNoCommandLineAndInNoFile() throws Exception {
        String secret = "very-" + folder.getFileName() + "-secret";
        WorkerAssignment.Builder assignment = assignment("echo $SECRET > said; while [ ! -e go ]; do sleep 0.02; done");
        assignment.getContainerBuilder().putEnv("SECRET", secret);
        start(assignment);
        awaitFile(work().resolve("said"));
        assertThat(ProcessHandle.allProcesses()
                        .map(process -> process.info().commandLine().orElse("")))
                .noneMatch(line -> line.contains(secret));
        assertThat(folder.resolve("1-0-1-0/environment")).doesNotExist();
        Files.createFile(work().resolve("go"));
        assertThat(end().getCause()).isEqualTo(EndCause.END_CAUSE_COMPLETED);
        assertThat(work().resolve("said")).hasContent(secret);
    }

    @Test
    void aWorkerFindsNothingOfTheAgentsEnvironmentAndNoDeviceThatItDoesNotHave() throws Exception {
        WorkerStatus status =
                run(assignment("env | grep -o '^[A-Z]*=' | sort | tr -d '\\n'; echo \"[${CHIPS-unset}]\""));
        assertThat(status.getMessage()).endsWith("[]\n").contains("PATH=", "PWD=", "RANK=");
        for (String name : System.getenv().keySet()) {
            if (!List.of("PATH", "LANG", "LANGUAGE", "TZ", "HOME", "USER", "LOGNAME", "SHELL", "PWD")
                    .contains(name)) {
                assertThat(status.getMessage()).doesNotContain("\n" + name + "=", "=" + name + "=");
            }
        }
    }

    @Test
    void aJobsOwnPathFindsItsProgram() throws Exception {
        Path tools = Files.createDirectories(folder.resolve("tools"));
        Path program = Files.writeString(tools.resolve("trains"), "#!/bin/sh\necho trained $1\n");
        Files.setPosixFilePermissions(program, PosixFilePermissions.fromString("rwxr-xr-x"));
        WorkerAssignment.Builder assignment = WorkerAssignment.newBuilder().setKey(key);
        assignment.getContainerBuilder().addCommand("trains").addArgs("much").putEnv("PATH", tools + ":/bin");
        assertThat(run(assignment).getMessage()).isEqualTo("trained much\n");
    }

    @Test
    void aProgramOrAFolderThatIsNotThereIsSaid() throws Exception {
        WorkerAssignment.Builder nothing = WorkerAssignment.newBuilder().setKey(key);
        nothing.getContainerBuilder().addCommand("no-such-program");
        assertNotBegun(nothing, "program no-such-program does not exist, can not be executed or is not on the PATH");
        nothing.getContainerBuilder().clearCommand().addCommand("./no/such");
        assertNotBegun(nothing, "program ./no/such does not exist");
        nothing.getContainerBuilder().clearCommand().addCommand(folder.toString());
        assertNotBegun(nothing, "program " + folder + " does not exist, can not be executed");
        WorkerAssignment.Builder nowhere = assignment("true");
        nowhere.getContainerBuilder().setWorkingDir("/no/such/folder");
        assertNotBegun(nowhere, "working directory /no/such/folder does not exist or can not be entered");
    }

    private void assertNotBegun(WorkerAssignment.Builder assignment, String message) throws Exception {
        WorkerStatus status = run(assignment);
        assertThat(status.getCause()).isEqualTo(EndCause.END_CAUSE_START_FAILED);
        assertThat(status.getMessage()).contains(message);
    }

    /** Its exit code says as much, and is no reason to take it for one that had no program. */
    @Test
    void aProgramThatEndsLikeAMissingOneHasBegun() throws Exception {
        WorkerStatus status = run(assignment("echo >&4 forged; echo its own words; exit 127"));
        assertThat(status.getCause()).isEqualTo(EndCause.END_CAUSE_EXIT_CODE);
        assertThat(status.getMessage()).endsWith("its own words\n");
    }

    /** As when no further process can be made: the shell between is killed, and what it had begun is not its child. */
    @Test
    void whatHasBegunIsGoneBeforeItIsSaidThatTheStartFailed() throws Exception {
        pipeline = (worker, _) -> {
            Process begun =
                    worker.redirectOutput(ProcessBuilder.Redirect.DISCARD).start();
            try {
                awaitFile(work().resolve("pid"));
            } catch (InterruptedException e) {
                throw new IOException(e);
            }
            begun.destroyForcibly();
            throw new IOException("error=11, Resource temporarily unavailable");
        };
        WorkerStatus status = run(assignment("echo $$ > pid.new; mv pid.new pid; exec sleep 300"));
        assertThat(status.getCause()).isEqualTo(EndCause.END_CAUSE_START_FAILED);
        assertThat(status.getMessage()).contains("error=11");
        assertThat(Processes.run(
                        Long.parseLong(Files.readString(work().resolve("pid")).strip())))
                .isFalse();
    }

    @Test
    void anErrorOfTheMachineIsTheEndOfTheWorkerAndOfNoThreadAlone() throws Exception {
        pipeline = (_, _) -> {
            throw new NoClassDefFoundError("the jar was replaced");
        };
        WorkerStatus status = run(assignment("true"));
        assertThat(status.getCause()).isEqualTo(EndCause.END_CAUSE_START_FAILED);
        assertThat(status.getMessage()).contains("the jar was replaced");
    }

    /** As torchrun does with each of its ranks. No agent is there to look for them. */
    @Test
    void aLeaseEndsWhatTheWorkerPutIntoSessionsOfItsOwn() throws Exception {
        Launch launch = new Launch(folder.resolve("1-0-1-0"), exitFile(), Programs.own());
        launch.tell(Environments.MARK, exitFile().toString());
        launch.tell("INTERPOSER_CGROUP", "");
        launch.tell("INTERPOSER_LEASE_FILE", folder.resolve("nobody-was-heard").toString());
        launch.tell("INTERPOSER_LEASE_SECONDS", "1");
        launch.environment().put("PATH", Programs.own().path());
        Files.createDirectories(work());
        List<String> script = List.of("sh", "-c", "setsid sleep 300 & echo $! > rank.new; mv rank.new rank; sleep 300");
        Process worker = launch.begin(
                launch.process(work(), script, null).redirectOutput(ProcessBuilder.Redirect.DISCARD),
                new ProcessBuilder(),
                (wrapper, _) -> wrapper.start());
        assertThat(worker.waitFor()).isEqualTo(128 + 9);
        long rank = Long.parseLong(Files.readString(work().resolve("rank")).strip());
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(20);
        while (Processes.run(rank)) {
            assertThat(System.nanoTime()).as("it is gone within 20 s").isLessThan(deadline);
            Thread.sleep(10);
        }
    }

    private WorkerStatus run(WorkerAssignment.Builder assignment) throws Exception {
        start(assignment);
        return end();
    }

    private void start(WorkerAssignment.Builder assignment) {
        new ProcessRuntime(folder, new SimulatedDriver(NODE), WorkerOptions.DEFAULT, Confinement.NONE, pipeline)
                .start(assignment.build(), new WorkerRuntime.Listener() {
                    @Override
                    public void started(WorkerKey begun) {
                        // Its end is what is waited for.
                    }

                    @Override
                    public void exited(WorkerStatus status) {
                        exited.add(status);
                    }
                });
    }

    private WorkerStatus end() throws InterruptedException {
        WorkerStatus status = exited.poll(30, TimeUnit.SECONDS);
        assertThat(status).isNotNull();
        return status;
    }

    private Path work() {
        return folder.resolve("1-0-1-0/work");
    }

    private Path exitFile() {
        return folder.resolve("1-0-1-0/exit").toAbsolutePath();
    }

    private WorkerAssignment.Builder assignment(String script) {
        WorkerAssignment.Builder assignment = WorkerAssignment.newBuilder().setKey(key);
        assignment.getContainerBuilder().addCommand("sh").addCommand("-c").addCommand(script);
        return assignment;
    }

    private static void awaitFile(Path file) throws InterruptedException {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(20);
        while (!Files.exists(file)) {
            assertThat(System.nanoTime()).as("%s within 20 s", file).isLessThan(deadline);
            Thread.sleep(10);
        }
    }
}

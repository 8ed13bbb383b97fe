package dev.interposer.agent.runtime;

import static org.assertj.core.api.Assertions.assertThat;

import dev.interposer.agent.config.NodeConfig;
import dev.interposer.agent.config.NodeConfig.SimulatedDevices;
import dev.interposer.agent.config.WorkerOptions;
import dev.interposer.agent.driver.SimulatedDriver;
import dev.interposer.proto.agent.v1.LogPosition;
import dev.interposer.proto.agent.v1.WorkerAssignment;
import dev.interposer.proto.agent.v1.WorkerKey;
import dev.interposer.proto.agent.v1.WorkerStatus;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What real workers say, in files that are followed by others while they say it. */
@Timeout(120)
class LogRotationTest {
    private static final int FILE_BYTES = 16 * 1024;
    private static final int LINES = 20_000;
    private static final String EXPECTED =
            IntStream.range(0, LINES).mapToObj(line -> "line " + line + "\n").collect(Collectors.joining());

    private final Path folder;

    private final BlockingQueue<WorkerKey> started = new LinkedBlockingQueue<>();
    private final BlockingQueue<WorkerStatus> exited = new LinkedBlockingQueue<>();
    private final WorkerKey key =
            WorkerKey.newBuilder().setJobId(1).setAttempt(1).build();
    private ProcessRuntime runtime;

    LogRotationTest(@TempDir Path folder) {
        this.folder = folder;
        this.runtime = runtime(4);
    }

    @AfterEach
    void killWhatIsLeft() {
        runtime.kill(key);
    }

    @Test
    void whoFollowsReadsEveryLineOnceAcrossAllFiles() throws Exception {
        runtime = runtime(1000);
        runtime.start(talking(), listener());
        LogFiles log = new LogFiles(home());
        byte[] block = new byte[1000];
        ByteArrayOutputStream read = new ByteArrayOutputStream();
        LogPosition at = LogPosition.getDefaultInstance();
        while (read.size() < EXPECTED.length()) {
            // As after a restart of the agent: where it was is all that the next reader is told.
            try (LogReader reader = log.from(at)) {
                for (int times = 0; times < 20; times++) {
                    read.write(block, 0, reader.read(block));
                }
                at = reader.position();
            }
        }
        assertThat(read.toString(StandardCharsets.UTF_8)).isEqualTo(EXPECTED);
        assertThat(at.getFile()).isGreaterThan(10);
        assertThat(exited.poll(20, TimeUnit.SECONDS)).isNotNull();
    }

    @Test
    void theFilesStayBoundedAndTheEndIsThere() throws Exception {
        runtime.start(talking(), listener());
        WorkerStatus status = exited.poll(60, TimeUnit.SECONDS);
        assertThat(status).isNotNull();
        assertThat(status.getMessage()).hasSize(4096).endsWith("line " + (LINES - 1) + "\n");
        assertThat(EXPECTED).endsWith(status.getMessage());
        List<Path> files = files();
        assertThat(files)
                .hasSizeBetween(3, 4)
                .allSatisfy(file -> assertThat(Files.size(file)).isLessThanOrEqualTo(FILE_BYTES));
        String left = all(new LogFiles(home()));
        assertThat(left.length()).isGreaterThan(2 * FILE_BYTES);
        assertThat(EXPECTED).endsWith(left);
    }

    @Test
    void rotationGoesOnWithoutAnyAgentAndUnderTheNextOne() throws Exception {
        WorkerAssignment assignment = assignment("while [ ! -e go ]; do sleep 0.02; done; " + talk());
        runtime.start(assignment, listener());
        assertThat(started.poll(10, TimeUnit.SECONDS)).isEqualTo(key);
        Path pid = home().resolve("exit.pid");
        while (!Files.exists(pid) || Files.size(pid) == 0) {
            Thread.sleep(20);
        }
        runtime.close();
        runtime = runtime(4);
        runtime.adopt(assignment, listener());
        Files.createFile(home().resolve("work/go"));
        for (int agents = 0; agents < 2; agents++) {
            WorkerStatus status = exited.poll(60, TimeUnit.SECONDS);
            assertThat(status).isNotNull();
            assertThat(status.getMessage()).endsWith("line " + (LINES - 1) + "\n");
        }
        assertThat(files()).hasSizeBetween(3, 4);
    }

    /** As on a file system that is full, or has no room for another file. */
    @Test
    void aWorkerWhoseNextFileCannotBeMadeGoesOnUnhinderedAndIsHeardAgainLater() throws Exception {
        String script = "ln -s /nowhere/at/all ../log.2; head -c 16777216 /dev/zero; rm ../log.2;"
                + " i=0; while [ $i -lt 20 ]; do echo; sleep 0.02; i=$((i+1)); done;"
                + " i=0; while [ $i -lt 2000 ]; do echo again $i; i=$((i+1)); done; exit 4";
        long begun = System.nanoTime();
        runtime.start(assignment(script), listener());
        WorkerStatus status = exited.poll(60, TimeUnit.SECONDS);
        assertThat(status).isNotNull();
        assertThat(status.getExitCode()).isEqualTo(4);
        assertThat(status.getMessage()).endsWith("again 1999\n");
        assertThat(TimeUnit.NANOSECONDS.toSeconds(System.nanoTime() - begun)).isLessThan(30);
        assertThat(files()).allSatisfy(file -> assertThat(Files.size(file)).isLessThanOrEqualTo(FILE_BYTES));
    }

    @Test
    void theLastLinesOfAWorkerThatIsKilledAreThere() throws Exception {
        runtime.start(assignment("echo the last word; echo > said; sleep 300"), listener());
        while (!Files.exists(home().resolve("work/said"))) {
            Thread.sleep(5);
        }
        runtime.kill(key);
        WorkerStatus status = exited.poll(20, TimeUnit.SECONDS);
        assertThat(status).isNotNull();
        assertThat(status.getMessage()).isEqualTo("the last word\n");
    }

    @Test
    void theLastLinesAreFoundAcrossFiles() throws IOException {
        Files.createDirectories(home());
        Files.writeString(home().resolve("log.3"), "one\ntwo\nth");
        Files.writeString(home().resolve("log.4"), "ree\nfour\n");
        Files.writeString(home().resolve("log.5"), "");
        LogFiles log = new LogFiles(home());
        assertThat(from(log, log.startOfLast(1))).isEqualTo("four\n");
        assertThat(from(log, log.startOfLast(2))).isEqualTo("three\nfour\n");
        assertThat(from(log, log.startOfLast(3))).isEqualTo("two\nthree\nfour\n");
        assertThat(from(log, log.startOfLast(9))).isEqualTo("one\ntwo\nthree\nfour\n");
        assertThat(from(log, log.startOfLast(0))).isEqualTo("one\ntwo\nthree\nfour\n");
        assertThat(log.lastCharacters(9)).isEqualTo("ree\nfour\n");
        assertThat(log.lastCharacters(10)).isEqualTo("hree\nfour\n");
    }

    @Test
    void whoWasInAFileThatIsGoneGoesOnWithTheOldestThatIsLeft() throws IOException {
        Files.createDirectories(home());
        Files.writeString(home().resolve("log.7"), "seven\n");
        Files.writeString(home().resolve("log.8"), "eight\n");
        assertThat(from(new LogFiles(home()), LogFiles.position(2, 500))).isEqualTo("seven\neight\n");
    }

    private static String talk() {
        return "i=0; while [ $i -lt " + LINES + " ]; do echo line $i; i=$((i+1)); done";
    }

    private WorkerAssignment talking() {
        return assignment(talk());
    }

    private WorkerAssignment assignment(String script) {
        WorkerAssignment.Builder assignment = WorkerAssignment.newBuilder().setKey(key);
        assignment.getContainerBuilder().addCommand("sh").addCommand("-c").addCommand(script);
        return assignment.build();
    }

    private ProcessRuntime runtime(int files) {
        NodeConfig node = new NodeConfig("c/n", Map.of(), Map.of(), SimulatedDevices.NONE, List.of(), 0);
        return new ProcessRuntime(
                folder,
                new SimulatedDriver(node),
                new WorkerOptions(FILE_BYTES, files, "", true, WorkerOptions.NONE, 100),
                Confinement.NONE);
    }

    private WorkerRuntime.Listener listener() {
        return new WorkerRuntime.Listener() {
            @Override
            public void started(WorkerKey begun) {
                started.add(begun);
            }

            @Override
            public void exited(WorkerStatus status) {
                exited.add(status);
            }
        };
    }

    private Path home() {
        return folder.resolve("1-0-1-0");
    }

    private List<Path> files() throws IOException {
        try (Stream<Path> files = Files.list(home())) {
            return files.filter(file -> file.getFileName().toString().matches("log\\.\\d+"))
                    .toList();
        }
    }

    private static String all(LogFiles log) throws IOException {
        return from(log, LogPosition.getDefaultInstance());
    }

    private static String from(LogFiles log, LogPosition position) throws IOException {
        byte[] block = new byte[7];
        ByteArrayOutputStream read = new ByteArrayOutputStream();
        try (LogReader reader = log.from(position)) {
            for (int length = reader.read(block); length > 0; length = reader.read(block)) {
                read.write(block, 0, length);
            }
        }
        return read.toString(StandardCharsets.UTF_8);
    }
}

package dev.interposer.agent.runtime;

import dev.interposer.agent.driver.DriverException;
import dev.interposer.agent.driver.Preparation;
import dev.interposer.proto.agent.v1.ContainerSpec;
import dev.interposer.proto.agent.v1.EndCause;
import dev.interposer.proto.agent.v1.WorkerAssignment;
import dev.interposer.proto.agent.v1.WorkerKey;
import dev.interposer.proto.agent.v1.WorkerState;
import dev.interposer.proto.agent.v1.WorkerStatus;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Runs each worker as a process group of its own.
 *
 * <p>A small shell stands between: it outlives a polite signal until the command has ended, and leaves the exit code
 * in a file, so that an agent which was restarted in between still learns it. Beside it a watchdog keeps the lease of a
 * job that chose to stop itself without a leader, whether an agent is there or not. When the command is gone the rest
 * of its group is killed, and so is what left the group and still has its environment: nothing stays behind on devices
 * that are given to others.
 */
public final class ProcessRuntime implements WorkerRuntime {
    private static final int MOST_MESSAGE = 4096;
    /** Ends the whole group, itself too, when no leader was heard for the lease: the agent may be gone by then. */
    private static final String WATCHDOG = "if [ \"${INTERPOSER_LEASE_SECONDS:-0}\" -gt 0 ]; then"
            + " (trap '' TERM INT; while sleep 1; do read -r up rest < /proc/uptime;"
            + " read -r heard < \"$INTERPOSER_LEASE_FILE\" || heard=0;"
            + " if [ $((${up%.*} - heard)) -ge \"$INTERPOSER_LEASE_SECONDS\" ]; then kill -9 -$$; fi;"
            + " done) > /dev/null 2>&1 & fi; ";

    private static final String WRAPPER = "echo $$ > \"$INTERPOSER_EXIT_FILE.pid\"; trap : TERM INT; \"$@\"; code=$?;"
            + " echo $code > \"$INTERPOSER_EXIT_FILE.tmp\""
            + " && mv \"$INTERPOSER_EXIT_FILE.tmp\" \"$INTERPOSER_EXIT_FILE\"; exit $code";

    private final Path folder;
    private final Preparation preparation;
    private final Map<WorkerKey, ProcessHandle> live = new ConcurrentHashMap<>();
    private final LeaseFile lease;

    /**
     * @param folder where each worker gets a folder of its own
     * @param preparation makes the devices of a worker ready
     */
    public ProcessRuntime(Path folder, Preparation preparation) {
        this.folder = folder;
        this.preparation = preparation;
        this.lease = new LeaseFile(folder.resolve("leader-heard"));
    }

    @Override
    public void start(WorkerAssignment assignment, Listener listener) {
        WorkerKey key = assignment.getKey();
        try {
            Process process = launch(assignment);
            live.put(key, process.toHandle());
            Thread.ofVirtual().start(() -> {
                listener.started(key);
                process.onExit().join();
                listener.exited(exited(key, process.exitValue()));
            });
        } catch (IOException e) {
            Thread.ofVirtual().start(() -> listener.exited(failed(key, String.valueOf(e.getMessage()))));
        }
    }

    @Override
    public void adopt(WorkerAssignment assignment, Listener listener) {
        WorkerKey key = assignment.getKey();
        Optional<ProcessHandle> handle = recorded(key);
        handle.ifPresent(process -> live.put(key, process));
        Thread.ofVirtual().start(() -> {
            if (handle.isPresent()) {
                listener.started(key);
                handle.get().onExit().join();
            }
            listener.exited(exitedUnseen(key));
        });
    }

    @Override
    public void terminate(WorkerKey key) {
        signal(key, "-TERM");
    }

    @Override
    public void kill(WorkerKey key) {
        signal(key, "-KILL");
    }

    @Override
    public @Nullable Path log(WorkerKey key) {
        Path log = home(key).resolve("log");
        return Files.exists(log) ? log : null;
    }

    @Override
    public void leaderHeard() {
        lease.touch();
    }

    @Override
    public long millisSinceLeader() {
        return lease.millisSinceTouch();
    }

    @Override
    public void forEachLive(Consumer<WorkerKey> action) {
        live.forEach((key, process) -> {
            if (process.isAlive()) {
                action.accept(key);
            }
        });
    }

    @Override
    public boolean owns(long pid) {
        return Strays.belongsUnder(pid, folder.toAbsolutePath());
    }

    @Override
    public void close() {
        // Workers live on: the next agent adopts them.
    }

    private Process launch(WorkerAssignment assignment) throws IOException {
        ContainerSpec container = assignment.getContainer();
        List<String> command = new ArrayList<>(container.getCommandList());
        command.addAll(container.getArgsList());
        if (command.isEmpty()) {
            throw new IOException(
                    "there is no command, and image " + container.getImage() + " can't be run without containers");
        }
        Path home = Files.createDirectories(home(assignment.getKey()));
        Path work = container.getWorkingDir().isEmpty() ? home : Path.of(container.getWorkingDir());
        if (!Files.isDirectory(work)) {
            throw new IOException("working directory " + work + " does not exist");
        }
        requireProgram(command.getFirst(), work);
        List<String> wrapped = new ArrayList<>(List.of("setsid", "sh", "-c", WATCHDOG + WRAPPER, "sh"));
        wrapped.addAll(command);
        ProcessBuilder builder = new ProcessBuilder(wrapped)
                .directory(work.toFile())
                .redirectErrorStream(true)
                .redirectInput(ProcessBuilder.Redirect.from(new File("/dev/null")))
                .redirectOutput(home.resolve("log").toFile());
        environment(builder.environment(), assignment);
        try {
            builder.environment().putAll(preparation.prepare(assignment));
        } catch (DriverException e) {
            throw new IOException("its devices can't be made ready: " + e.getMessage(), e);
        }
        return builder.start();
    }

    private void environment(Map<String, String> environment, WorkerAssignment assignment) {
        List<String> devices = assignment.getDeviceNamesList();
        WorkerKey key = assignment.getKey();
        environment.putAll(assignment.getContainer().getEnvMap());
        environment.put("INTERPOSER_DEVICES", String.join(",", devices));
        environment.put("INTERPOSER_NAMESPACE", assignment.getNamespace());
        environment.put("INTERPOSER_JOB", assignment.getJobName());
        environment.put("INTERPOSER_PROFILE", assignment.getProfileName());
        environment.put("INTERPOSER_CLASS", assignment.getClassName());
        environment.put("INTERPOSER_ROLE", assignment.getRoleName());
        environment.put("INTERPOSER_REPLICA", Integer.toString(key.getGang()));
        environment.put("INTERPOSER_ATTEMPT", Integer.toString(key.getAttempt()));
        environment.put("INTERPOSER_SHARE_MILLI", Integer.toString(assignment.getShareMilli()));
        if (!assignment.getPartition().isEmpty()) {
            environment.put("INTERPOSER_PARTITION", assignment.getPartition());
            environment.put("INTERPOSER_PARTITION_START", Integer.toString(assignment.getPartitionStart()));
        }
        environment.put("INTERPOSER_EXIT_FILE", exitFile(key).toString());
        environment.put("INTERPOSER_LEASE_SECONDS", Long.toString(assignment.getSelfFenceSeconds()));
        environment.put("INTERPOSER_LEASE_FILE", lease.path().toString());
        environment.put("RANK", Integer.toString(key.getWorker()));
        environment.put("WORLD_SIZE", Integer.toString(assignment.getWorldSize()));
    }

    private static void requireProgram(String program, Path work) throws IOException {
        if (program.contains("/")) {
            if (!Files.isExecutable(work.resolve(program))) {
                throw new IOException("program " + program + " does not exist or can't be executed");
            }
            return;
        }
        String path = System.getenv().getOrDefault("PATH", "");
        for (String entry : path.split(File.pathSeparator, -1)) {
            if (Files.isExecutable(Path.of(entry.isEmpty() ? "." : entry, program))) {
                return;
            }
        }
        throw new IOException("program " + program + " is not on the PATH");
    }

    private WorkerStatus exited(WorkerKey key, int code) {
        killRest(key);
        EndCause cause = code == 0 ? EndCause.END_CAUSE_COMPLETED : EndCause.END_CAUSE_EXIT_CODE;
        return status(key, cause, code, tail(key));
    }

    /** Of a process that was not our child: its code is in the file, or nobody knows. */
    private WorkerStatus exitedUnseen(WorkerKey key) {
        Path file = exitFile(key);
        try {
            if (Files.exists(file)) {
                return exited(key, Integer.parseInt(Files.readString(file).strip()));
            }
        } catch (IOException | NumberFormatException e) {
            return status(key, EndCause.END_CAUSE_UNKNOWN, -1, "its exit code can't be read: " + e.getMessage());
        }
        killRest(key);
        return status(key, EndCause.END_CAUSE_UNKNOWN, -1, "it ended while no agent ran");
    }

    /** Returns when nothing of the worker is left: only then may its devices go to others. */
    private void killRest(WorkerKey key) {
        signal(key, "-KILL");
        Strays.end(exitFile(key));
        live.remove(key);
    }

    private static WorkerStatus failed(WorkerKey key, String message) {
        return status(key, EndCause.END_CAUSE_START_FAILED, 127, message);
    }

    private static WorkerStatus status(WorkerKey key, EndCause cause, int code, String message) {
        return WorkerStatus.newBuilder()
                .setKey(key)
                .setState(WorkerState.WORKER_STATE_ENDED)
                .setCause(cause)
                .setExitCode(code)
                .setMessage(message)
                .build();
    }

    private String tail(WorkerKey key) {
        try {
            return LogTail.lastCharacters(home(key).resolve("log"), MOST_MESSAGE);
        } catch (IOException e) {
            return "its log can't be read: " + e.getMessage();
        }
    }

    /** To the whole group: the process is its own session, so its number is the group's. */
    private void signal(WorkerKey key, String signal) {
        ProcessHandle process = live.get(key);
        if (process == null) {
            return;
        }
        try {
            new ProcessBuilder("kill", signal, "--", "-" + process.pid())
                    .redirectErrorStream(true)
                    .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                    .start()
                    .waitFor();
        } catch (IOException e) {
            process.destroyForcibly();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** The process whose number the wrapper left, if it still is that one: its environment names our own file. */
    private Optional<ProcessHandle> recorded(WorkerKey key) {
        try {
            String exitFile = exitFile(key).toString();
            long pid =
                    Long.parseLong(Files.readString(Path.of(exitFile + ".pid")).strip());
            boolean same = !Strays.visible() || Strays.belongs(pid, exitFile(key));
            return ProcessHandle.of(pid).filter(ProcessHandle::isAlive).filter(process -> same);
        } catch (IOException | NumberFormatException e) {
            return Optional.empty();
        }
    }

    private Path exitFile(WorkerKey key) {
        return home(key).resolve("exit").toAbsolutePath();
    }

    private Path home(WorkerKey key) {
        return folder.resolve(key.getJobId() + "-" + key.getGang() + "-" + key.getAttempt() + "-" + key.getWorker());
    }
}

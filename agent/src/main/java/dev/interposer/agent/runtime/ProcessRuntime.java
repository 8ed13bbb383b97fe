package dev.interposer.agent.runtime;

import dev.interposer.agent.config.WorkerOptions;
import dev.interposer.agent.driver.DriverException;
import dev.interposer.agent.driver.Preparation;
import dev.interposer.proto.agent.v1.ContainerSpec;
import dev.interposer.proto.agent.v1.EndCause;
import dev.interposer.proto.agent.v1.Progress;
import dev.interposer.proto.agent.v1.WorkerAssignment;
import dev.interposer.proto.agent.v1.WorkerKey;
import dev.interposer.proto.agent.v1.WorkerState;
import dev.interposer.proto.agent.v1.WorkerStatus;
import java.io.File;
import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
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
    private static final Logger LOG = System.getLogger(ProcessRuntime.class.getName());
    private static final int MOST_MESSAGE = 4096;
    /** Ends the whole group, itself too, when no leader was heard for the lease: the agent may be gone by then. */
    private static final String WATCHDOG = "if [ \"${INTERPOSER_LEASE_SECONDS:-0}\" -gt 0 ]; then"
            + " (trap '' TERM INT; while sleep 1; do read -r up rest < /proc/uptime;"
            + " read -r heard < \"$INTERPOSER_LEASE_FILE\" || heard=0;"
            + " if [ $((${up%.*} - heard)) -ge \"$INTERPOSER_LEASE_SECONDS\" ]; then kill -9 -$$; fi;"
            + " done) > /dev/null 2>&1 & fi; ";

    /** Before all else, so that nothing of the worker is ever outside. */
    private static final String BOUND =
            "if [ -n \"$INTERPOSER_CGROUP\" ]; then" + " echo $$ > \"$INTERPOSER_CGROUP\" || exit 125; fi; ";

    private static final String WRAPPER = "echo $$ > \"$INTERPOSER_EXIT_FILE.pid\"; trap : TERM INT; \"$@\"; code=$?;"
            + " echo $code > \"$INTERPOSER_EXIT_FILE.tmp\""
            + " && mv \"$INTERPOSER_EXIT_FILE.tmp\" \"$INTERPOSER_EXIT_FILE\"; exit $code";

    private final Path folder;
    private final Preparation preparation;
    private final WorkerOptions options;
    private final Confinement confinement;
    private final Map<WorkerKey, LiveWorker> live = new ConcurrentHashMap<>();
    private final LeaseFile lease;

    /**
     * @param folder where each worker gets a folder of its own
     * @param preparation makes the devices of a worker ready
     * @param confinement keeps workers to themselves
     */
    public ProcessRuntime(Path folder, Preparation preparation, WorkerOptions options, Confinement confinement) {
        this.folder = folder;
        this.preparation = preparation;
        this.options = options;
        this.confinement = confinement;
        this.lease = new LeaseFile(folder.resolve("leader-heard"));
    }

    /** On a thread of the worker's own: devices may take long to be made ready, and the agent thinks on. */
    @Override
    public void start(WorkerAssignment assignment, Listener listener) {
        WorkerKey key = assignment.getKey();
        LiveWorker worker = new LiveWorker(assignment, home(key), null);
        live.put(key, worker);
        Thread.ofVirtual().start(() -> {
            WorkerStatus end = run(worker, listener);
            live.remove(key, worker);
            listener.exited(end);
        });
    }

    @Override
    public void adopt(WorkerAssignment assignment, Listener listener) {
        WorkerKey key = assignment.getKey();
        Optional<ProcessHandle> handle = recorded(key);
        LiveWorker worker = new LiveWorker(assignment, home(key), handle.orElse(null));
        worker.in(confinement.cgroups().existing(groupName(key)));
        handle.ifPresent(process -> live.put(key, worker));
        Thread.ofVirtual().start(() -> {
            if (handle.isPresent()) {
                listener.started(key);
                handle.get().onExit().join();
            }
            WorkerStatus end = exitedUnseen(worker);
            live.remove(key, worker);
            listener.exited(end);
        });
    }

    @Override
    public void terminate(WorkerKey key) {
        signal(key, LiveWorker.TERMINATE);
    }

    @Override
    public void kill(WorkerKey key) {
        signal(key, LiveWorker.KILL);
    }

    @Override
    public @Nullable LogFiles log(WorkerKey key) {
        LogFiles log = new LogFiles(home(key));
        try {
            // One that is about to begin will have one.
            return live.containsKey(key) || log.exist() ? log : null;
        } catch (IOException e) {
            return null;
        }
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
        live.forEach((key, worker) -> {
            if (worker.lives()) {
                action.accept(key);
            }
        });
    }

    @Override
    public List<Progress> progress() {
        List<Progress> all = new ArrayList<>();
        live.forEach((key, worker) -> {
            // Rank 0 counts for all of its gang.
            if (key.getWorker() == 0 && worker.lives()) {
                all.add(ProgressFile.read(progressFile(key)).toBuilder()
                        .setKey(key)
                        .build());
            }
        });
        return all;
    }

    @Override
    public boolean owns(long pid) {
        return Strays.belongsUnder(pid, folder.toAbsolutePath());
    }

    @Override
    public void close() {
        // Workers live on: the next agent adopts them.
    }

    /** How it ended. */
    private WorkerStatus run(LiveWorker worker, Listener listener) {
        WorkerKey key = worker.assignment().getKey();
        try {
            ProcessBuilder command = command(worker);
            bound(worker, command.environment());
            prepare(worker, command.environment());
            Process process = worker.begin(() -> begin(worker, command));
            if (process == null) {
                clear(worker);
                return status(key, EndCause.END_CAUSE_RELEASED, 128 + 9, "it was stopped before it began");
            }
            listener.started(key);
            process.onExit().join();
            return exited(worker, process.exitValue());
        } catch (IOException | RuntimeException e) {
            clear(worker);
            return status(key, EndCause.END_CAUSE_START_FAILED, 127, String.valueOf(e.getMessage()));
        }
    }

    private Process begin(LiveWorker worker, ProcessBuilder command) throws IOException {
        ProcessBuilder pump = LogPump.of(worker.home(), options.logFileBytes(), options.logFiles());
        return ProcessBuilder.startPipeline(List.of(command, pump)).getFirst();
    }

    private ProcessBuilder command(LiveWorker worker) throws IOException {
        WorkerAssignment assignment = worker.assignment();
        ContainerSpec container = assignment.getContainer();
        List<String> command = new ArrayList<>(container.getCommandList());
        command.addAll(container.getArgsList());
        if (command.isEmpty()) {
            throw new IOException(
                    "there is no command, and image " + container.getImage() + " can't be run without containers");
        }
        Path own = Files.createDirectories(worker.home().resolve("work")).toAbsolutePath();
        Path work = container.getWorkingDir().isEmpty() ? own : Path.of(container.getWorkingDir());
        if (!Files.isDirectory(work)) {
            throw new IOException("working directory " + work + " does not exist");
        }
        requireProgram(command.getFirst(), work);
        List<String> wrapped = new ArrayList<>(List.of("setsid", "sh", "-c", BOUND + WATCHDOG + WRAPPER, "sh"));
        WorkerUser user = confinement.user();
        if (user != null) {
            WorkerUser.letThrough(worker.home());
            user.own(own);
            wrapped.addAll(user.command());
        }
        wrapped.addAll(command);
        ProcessBuilder builder = new ProcessBuilder(wrapped)
                .directory(work.toFile())
                .redirectErrorStream(true)
                .redirectInput(ProcessBuilder.Redirect.from(new File("/dev/null")));
        if (user != null) {
            user.enter(builder.environment(), own);
        }
        builder.environment().putAll(container.getEnvMap());
        WorkerEnvironment.add(builder.environment(), assignment);
        builder.environment()
                .put("INTERPOSER_EXIT_FILE", exitFile(assignment.getKey()).toString());
        builder.environment()
                .put(
                        "INTERPOSER_PROGRESS_FILE",
                        progressFile(assignment.getKey()).toString());
        builder.environment().put("INTERPOSER_LEASE_FILE", lease.path().toString());
        return builder;
    }

    private void bound(LiveWorker worker, Map<String, String> environment) throws IOException {
        try {
            WorkerAssignment assignment = worker.assignment();
            WorkerCgroup group =
                    confinement.cgroups().make(groupName(assignment.getKey()), assignment.getRequestsMap());
            worker.in(group);
            // The agent may be a worker itself.
            environment.put(
                    "INTERPOSER_CGROUP", group == null ? "" : group.processes().toString());
        } catch (IOException e) {
            throw new IOException("its cgroup can't be made: " + e, e);
        }
    }

    /** Of no other worker of any node of this machine. */
    private String groupName(WorkerKey key) {
        Path node = folder.toAbsolutePath().getParent();
        return (node == null ? "" : node.getFileName() + ".") + home(key).getFileName();
    }

    private void prepare(LiveWorker worker, Map<String, String> environment) throws IOException {
        if (worker.assignment().getDeviceNamesList().isEmpty()) {
            return;
        }
        try {
            environment.putAll(preparation.prepare(worker.assignment()));
        } catch (DriverException e) {
            throw new IOException("its devices can't be made ready: " + e.getMessage(), e);
        }
    }

    /** What was made for a worker of which nothing runs. */
    private void clear(LiveWorker worker) {
        WorkerCgroup group = worker.group();
        if (group != null) {
            group.end();
        }
        unprepare(worker);
    }

    /** Before the end is told: only then may its devices go to others. */
    private void unprepare(LiveWorker worker) {
        if (worker.assignment().getDeviceNamesList().isEmpty()) {
            return;
        }
        try {
            preparation.unprepare(worker.assignment());
        } catch (DriverException | RuntimeException e) {
            LOG.log(
                    Level.WARNING,
                    "devices could not be cleared up after " + worker.home().getFileName(),
                    e);
        }
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

    private WorkerStatus exited(LiveWorker worker, int code) {
        WorkerCgroup group = worker.group();
        boolean hungry = code != 0 && group != null && group.ranOutOfMemory();
        killRest(worker);
        WorkerKey key = worker.assignment().getKey();
        if (hungry) {
            return status(key, EndCause.END_CAUSE_OUT_OF_MEMORY, code, withLimit(worker, tail(worker)));
        }
        EndCause cause = code == 0 ? EndCause.END_CAUSE_COMPLETED : EndCause.END_CAUSE_EXIT_CODE;
        return status(key, cause, code, tail(worker));
    }

    private static String withLimit(LiveWorker worker, String tail) {
        long bytes = worker.assignment().getRequestsOrDefault("memory", 0);
        String text = "the kernel ended it for memory, of which it may have " + bytes + " bytes\n" + tail;
        return text.substring(0, Math.min(text.length(), MOST_MESSAGE));
    }

    /** Of a process that was not our child: its code is in the file, or nobody knows. */
    private WorkerStatus exitedUnseen(LiveWorker worker) {
        WorkerKey key = worker.assignment().getKey();
        Path file = exitFile(key);
        String unknown = "it ended while no agent ran";
        try {
            if (Files.exists(file)) {
                return exited(worker, Integer.parseInt(Files.readString(file).strip()));
            }
        } catch (IOException | NumberFormatException e) {
            unknown = "its exit code can't be read: " + e.getMessage();
        }
        WorkerCgroup group = worker.group();
        if (group != null && group.ranOutOfMemory()) {
            // All of it went at once, with the shell that would have left the code.
            return exited(worker, 128 + 9);
        }
        killRest(worker);
        return status(key, EndCause.END_CAUSE_UNKNOWN, -1, unknown);
    }

    /** Returns when nothing of the worker is left: only then may its devices go to others. */
    private void killRest(LiveWorker worker) {
        worker.signal(LiveWorker.KILL);
        Strays.end(exitFile(worker.assignment().getKey()));
        WorkerCgroup group = worker.group();
        if (group != null) {
            group.end();
        }
        LogPump.awaitEnd(worker.home());
        unprepare(worker);
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

    private static String tail(LiveWorker worker) {
        try {
            return new LogFiles(worker.home()).lastCharacters(MOST_MESSAGE);
        } catch (IOException e) {
            return "its log can't be read: " + e.getMessage();
        }
    }

    private void signal(WorkerKey key, String signal) {
        LiveWorker worker = live.get(key);
        if (worker != null) {
            worker.signal(signal);
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

    private Path progressFile(WorkerKey key) {
        return home(key).resolve("work").resolve(ProgressFile.NAME).toAbsolutePath();
    }

    private Path exitFile(WorkerKey key) {
        return home(key).resolve("exit").toAbsolutePath();
    }

    private Path home(WorkerKey key) {
        return folder.resolve(EndedFolders.name(key));
    }
}

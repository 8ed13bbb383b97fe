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
import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Runs each worker as a process group of its own.
 *
 * <p>A small shell stands between: it outlives a polite signal until the command has ended, and leaves the exit code
 * in a file, so that an agent which was restarted in between still learns it. Beside it a watchdog keeps the lease of a
 * job that chose to stop itself without a leader, whether an agent is there or not. When the command is gone the rest
 * of its session is killed, and so is what left that and still has its environment: nothing stays behind on devices
 * that are given to others.
 */
public final class ProcessRuntime implements WorkerRuntime {
    private static final Logger LOG = System.getLogger(ProcessRuntime.class.getName());
    private static final int MOST_MESSAGE = 4096;

    private final Path folder;
    private final Preparation preparation;
    private final WorkerOptions options;
    private final Confinement confinement;
    private final Map<WorkerKey, LiveWorker> live = new ConcurrentHashMap<>();
    private final LeaseFile lease;
    private final Launch.Pipeline pipeline;
    private final Programs programs = Programs.own();
    private final Messenger messenger = Messenger.shell(programs);
    private final ProcessTable table = new KernelTable();
    private final Environments environments = new Environments();

    /**
     * @param folder where each worker gets a folder of its own
     * @param preparation makes the devices of a worker ready
     * @param confinement keeps workers to themselves
     */
    public ProcessRuntime(Path folder, Preparation preparation, WorkerOptions options, Confinement confinement) {
        this(
                folder,
                preparation,
                options,
                confinement,
                (worker, pump) ->
                        ProcessBuilder.startPipeline(List.of(worker, pump)).getFirst());
    }

    ProcessRuntime(
            Path folder,
            Preparation preparation,
            WorkerOptions options,
            Confinement confinement,
            Launch.Pipeline pipeline) {
        this.folder = folder;
        this.pipeline = pipeline;
        this.preparation = preparation;
        this.options = options;
        this.confinement = confinement;
        this.lease = new LeaseFile(folder.resolve("leader-heard"));
    }

    /** On a thread of the worker's own: devices may take long to be made ready, and the agent thinks on. */
    @Override
    public void start(WorkerAssignment assignment, Listener listener) {
        LiveWorker worker = worker(assignment);
        begin(worker, () -> run(worker, listener), listener);
    }

    /** On a thread of the worker's own as well: whether it still runs may be hard to tell. */
    @Override
    public void adopt(WorkerAssignment assignment, Listener listener) {
        LiveWorker worker = worker(assignment);
        worker.in(confinement.cgroups().existing(groupName(assignment.getKey())));
        begin(worker, () -> await(worker, listener), listener);
    }

    private LiveWorker worker(WorkerAssignment assignment) {
        return new LiveWorker(assignment, home(assignment.getKey()), table, messenger);
    }

    private void begin(LiveWorker worker, Supplier<WorkerStatus> life, Listener listener) {
        WorkerKey key = worker.assignment().getKey();
        live.put(key, worker);
        Thread.ofVirtual().start(() -> {
            try {
                WorkerStatus end = life.get();
                worker.over();
                live.remove(key, worker);
                listener.exited(end);
            } catch (Throwable e) {
                Fatal.halt("worker " + worker.home().getFileName() + " can't be watched any more", e);
            }
        });
    }

    @Override
    public void terminate(WorkerKey key) {
        signal(key, Order.TERMINATE);
    }

    @Override
    public void kill(WorkerKey key) {
        signal(key, Order.KILL);
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
        ProcessEntry process = table.of(pid);
        if (process == null) {
            return false;
        }
        for (LiveWorker worker : live.values()) {
            long leader = worker.session().leader();
            if (leader > 0 && (process.session() == leader || pid == leader)) {
                return true;
            }
        }
        String exitFile = environments.exitFile(process);
        return exitFile != null && exitFile.startsWith(folder.toAbsolutePath() + "/");
    }

    @Override
    public void close() {
        // Workers live on: the next agent adopts them.
    }

    /** How it ended. */
    private WorkerStatus run(LiveWorker worker, Listener listener) {
        WorkerKey key = worker.assignment().getKey();
        try {
            Launch launch = launch(worker);
            bound(worker, launch);
            launch.environment().putAll(prepared(worker));
            Process process = worker.begin(() -> begin(worker, launch));
            if (process == null) {
                clear(worker);
                return status(key, EndCause.END_CAUSE_RELEASED, 128 + 9, "it was stopped before it began");
            }
            listener.started(key);
            process.onExit().join();
            return exited(worker, process.exitValue());
        } catch (IOException | RuntimeException | LinkageError | VirtualMachineError e) {
            if (worker.mayHaveBegun()) {
                // Nothing is said before what has begun is gone.
                killRest(worker);
            } else {
                clear(worker);
            }
            String reason = e instanceof IOException ? String.valueOf(e.getMessage()) : e.toString();
            return status(key, EndCause.END_CAUSE_START_FAILED, 127, reason);
        }
    }

    /** What becomes of one that an earlier agent began. */
    private WorkerStatus await(LiveWorker worker, Listener listener) {
        Path exitFile = exitFile(worker.assignment().getKey());
        Remains.Session session = Remains.Session.UNKNOWN;
        try {
            ProcessRecord record = ProcessRecord.read(exitFile);
            if (record != null) {
                session = record.session();
                ProcessEntry entry = record.living(exitFile, table, environments);
                ProcessHandle handle =
                        entry == null ? null : ProcessHandle.of(entry.pid()).orElse(null);
                if (entry != null && handle != null) {
                    worker.adopted(handle, entry);
                    session = worker.session();
                    listener.started(worker.assignment().getKey());
                    handle.onExit().join();
                }
            }
        } catch (IOException e) {
            LOG.log(
                    Level.WARNING,
                    "which process worker {0} was can''t be read: {1}",
                    worker.home().getFileName(),
                    e);
        }
        return exitedUnseen(worker, session);
    }

    private Process begin(LiveWorker worker, Launch launch) throws IOException {
        ContainerSpec container = worker.assignment().getContainer();
        List<String> command = new ArrayList<>(container.getCommandList());
        command.addAll(container.getArgsList());
        Path work = container.getWorkingDir().isEmpty() ? own(worker) : Path.of(container.getWorkingDir());
        return launch.begin(
                launch.process(work, command, confinement.user()),
                LogPump.of(worker.home(), options.logFileBytes(), options.logFiles(), programs),
                pipeline);
    }

    private static Path own(LiveWorker worker) {
        return worker.home().resolve("work").toAbsolutePath();
    }

    private Launch launch(LiveWorker worker) throws IOException {
        WorkerAssignment assignment = worker.assignment();
        ContainerSpec container = assignment.getContainer();
        if (container.getCommandCount() + container.getArgsCount() == 0) {
            throw new IOException(
                    "there is no command, and image " + container.getImage() + " can't be run without containers");
        }
        Path own = Files.createDirectories(own(worker));
        Path exitFile = exitFile(assignment.getKey());
        Launch launch = new Launch(worker.home(), exitFile, programs);
        Map<String, String> environment = launch.environment();
        WorkerUser user = confinement.user();
        environment.putAll(WorkerEnvironment.inherited(System.getenv(), user == null));
        environment.putIfAbsent("PATH", programs.path());
        environment.putIfAbsent("HOME", own.toString());
        if (user != null) {
            WorkerUser.letThrough(worker.home());
            user.own(own);
            user.enter(environment, own);
        }
        environment.putAll(container.getEnvMap());
        WorkerEnvironment.add(environment, assignment);
        environment.put(
                "INTERPOSER_PROGRESS_FILE", progressFile(assignment.getKey()).toString());
        launch.tell(Environments.MARK, exitFile.toString());
        launch.tell("INTERPOSER_LEASE_FILE", lease.path().toString());
        launch.tell("INTERPOSER_LEASE_SECONDS", Long.toString(assignment.getSelfFenceSeconds()));
        return launch;
    }

    private void bound(LiveWorker worker, Launch launch) throws IOException {
        try {
            WorkerAssignment assignment = worker.assignment();
            WorkerCgroup group =
                    confinement.cgroups().make(groupName(assignment.getKey()), assignment.getRequestsMap());
            worker.in(group);
            // The agent may be a worker itself.
            launch.tell(
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

    /** By which it finds its devices, or none. */
    private Map<String, String> prepared(LiveWorker worker) throws IOException {
        if (worker.assignment().getDeviceNamesList().isEmpty()) {
            return preparation.hidden();
        }
        try {
            return preparation.prepare(worker.assignment());
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

    private WorkerStatus exited(LiveWorker worker, int code) {
        return exited(worker, code, worker.session());
    }

    private WorkerStatus exited(LiveWorker worker, int code, Remains.Session session) {
        WorkerCgroup group = worker.group();
        boolean killed = code != 0 && group != null && group.killedForMemory();
        boolean hungry = code != 0 && group != null && group.ranOutOfMemory();
        killRest(worker, session);
        WorkerKey key = worker.assignment().getKey();
        String refused = refused(key);
        if (!refused.isEmpty()) {
            return status(key, EndCause.END_CAUSE_START_FAILED, code, cut(refused));
        }
        if (hungry) {
            long bytes = worker.assignment().getRequestsOrDefault("memory", 0);
            String why = "the kernel ended it for memory, of which it may have " + bytes + " bytes\n";
            return status(key, EndCause.END_CAUSE_OUT_OF_MEMORY, code, cut(why + tail(worker)));
        }
        String why = killed ? "the kernel ended a part of it, for the machine had no memory left\n" : "";
        EndCause cause = code == 0 ? EndCause.END_CAUSE_COMPLETED : EndCause.END_CAUSE_EXIT_CODE;
        return status(key, cause, code, cut(why + tail(worker)));
    }

    private String refused(WorkerKey key) {
        try {
            return Launch.refused(exitFile(key));
        } catch (IOException e) {
            LOG.log(Level.WARNING, "whether worker {0} began can''t be read: {1}", EndedFolders.name(key), e);
            return "";
        }
    }

    private static String cut(String text) {
        return text.substring(0, Math.min(text.length(), MOST_MESSAGE));
    }

    /** Of a process that was not our child: its code is in the file, or nobody knows. */
    private WorkerStatus exitedUnseen(LiveWorker worker, Remains.Session session) {
        WorkerKey key = worker.assignment().getKey();
        Path file = exitFile(key);
        String unknown = "it ended while no agent ran";
        try {
            if (Files.exists(file)) {
                return exited(worker, Integer.parseInt(Files.readString(file).strip()), session);
            }
        } catch (IOException | NumberFormatException e) {
            unknown = "its exit code can't be read: " + e.getMessage();
        }
        WorkerCgroup group = worker.group();
        boolean killed = group != null && group.killedForMemory();
        if (killed || !refused(key).isEmpty()) {
            // All of it went at once, with the shell that would have left the code, or it never began.
            return exited(worker, killed ? 128 + 9 : 127, session);
        }
        killRest(worker, session);
        return status(key, EndCause.END_CAUSE_UNKNOWN, -1, unknown);
    }

    private void killRest(LiveWorker worker) {
        killRest(worker, worker.session());
    }

    /** Returns when nothing of the worker is left: only then may its devices go to others. */
    private void killRest(LiveWorker worker, Remains.Session session) {
        WorkerCgroup group = worker.group();
        new Remains(table, environments, exitFile(worker.assignment().getKey()), session).end(group == null);
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

    private void signal(WorkerKey key, Order order) {
        LiveWorker worker = live.get(key);
        if (worker != null) {
            worker.signal(order);
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

package dev.interposer.agent.runtime;

import dev.interposer.agent.config.ConfigException;
import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The part of the kernel's tree of cgroups (version 2) in which workers get groups of their own, or none.
 *
 * <p>The kernel lets a group either hold processes or hand controllers on to groups below, never both. So the agent
 * goes into a group {@value #AGENT} beside the workers', and whoever else is in its group keeps it from having any.
 */
public final class Cgroups {
    static final String AGENT = "interposer-agent";
    private static final String WORKERS = "interposer-workers";
    private static final Logger LOG = System.getLogger(Cgroups.class.getName());
    private static final List<String> CONTROLLERS = List.of("memory", "cpu", "pids");
    private static final Path MOUNTS = Path.of("/proc/self/mountinfo");
    private static final Path OWN = Path.of("/proc/self/cgroup");
    private static final String UNIT_SUFFIX = ".service";

    private final @Nullable Path root;
    private final List<String> controllers;
    private final long mostProcesses;

    private Cgroups(@Nullable Path root, List<String> controllers, long mostProcesses) {
        this.root = root;
        this.controllers = List.copyOf(controllers);
        this.mostProcesses = mostProcesses;
    }

    /** Workers are bounded by nothing. */
    public static Cgroups none() {
        return new Cgroups(null, List.of(), 0);
    }

    /** Below a folder that was given to us, which the next start of the machine lacks; it must hold no process. */
    public static Cgroups below(Path folder, long mostProcesses) throws ConfigException {
        try {
            Files.createDirectories(folder);
            List<String> controllers = handDown(folder);
            LOG.log(Level.INFO, "workers are bounded in {0} by its controllers {1}", folder, controllers);
            return new Cgroups(folder, controllers, mostProcesses);
        } catch (IOException e) {
            throw new ConfigException("--cgroup (" + folder + ") can't be used: " + e
                    + ". Maybe it is no folder of a writable cgroup2 tree, or holds processes?");
        }
    }

    /** Below the agent's own group, if that was delegated to it; else none, and the log says why. */
    public static Cgroups detect(long mostProcesses) {
        try {
            Path own = own();
            return own == null
                    ? without("no cgroup2 tree is mounted")
                    : delegated(own, ProcessHandle.current().pid(), mostProcesses);
        } catch (IOException e) {
            return without(e.toString());
        }
    }

    /** Into its own group goes the agent, the workers beside it. */
    static Cgroups delegated(Path own, long agentPid, long mostProcesses) throws IOException {
        String name = String.valueOf(own.getFileName());
        boolean moved = name.equals(AGENT);
        if (name.endsWith(UNIT_SUFFIX)) {
            // Systemd starts the next agent in the same group, which the kernel refuses once it hands controllers on.
            return without("the agent is in the group of its unit, " + own + ", where no next agent could be started "
                    + "beside workers. Maybe DelegateSubgroup=" + AGENT + " in the unit, which needs systemd 254, or "
                    + "the unit for workers that is for older ones?");
        }
        Path base = moved ? own.resolveSibling("") : own;
        if (!words(base.resolve("cgroup.controllers")).contains("memory")) {
            return without("the agent's group " + base + " has no controller of memory");
        }
        Path agent = Files.createDirectories(base.resolve(AGENT));
        try {
            Files.writeString(agent.resolve("cgroup.procs"), Long.toString(agentPid));
            handDown(base);
            Path workers = Files.createDirectories(base.resolve(WORKERS));
            List<String> controllers = handDown(workers);
            LOG.log(Level.INFO, "workers are bounded in {0} by its controllers {1}", workers, controllers);
            return new Cgroups(workers, controllers, mostProcesses);
        } catch (IOException e) {
            if (!moved) {
                Files.writeString(base.resolve("cgroup.procs"), Long.toString(agentPid));
            }
            return without("the agent's group " + base + " is not its own: " + e);
        }
    }

    /** A group for one worker with its bounds; null when there are none to be had. */
    @Nullable
    WorkerCgroup make(String name, Map<String, Long> requests) throws IOException {
        if (root == null) {
            return null;
        }
        WorkerCgroup group = new WorkerCgroup(root.resolve(name));
        group.make(requests, controllers, mostProcesses);
        return group;
    }

    /** The group of a worker that an earlier agent began; null if it is gone, or that agent had none to give. */
    @Nullable
    WorkerCgroup existing(String name) {
        return root != null && Files.isDirectory(root.resolve(name)) ? new WorkerCgroup(root.resolve(name)) : null;
    }

    private static Cgroups without(String reason) {
        LOG.log(
                Level.WARNING,
                "workers are bounded by nothing, and that one ran out of memory can''t be told: {0}",
                reason);
        return none();
    }

    /** The controllers of a group that those below it have from now on. */
    private static List<String> handDown(Path group) throws IOException {
        List<String> given = new ArrayList<>();
        List<String> there = words(group.resolve("cgroup.controllers"));
        for (String controller : CONTROLLERS) {
            if (there.contains(controller)) {
                Files.writeString(group.resolve("cgroup.subtree_control"), "+" + controller);
                given.add(controller);
            }
        }
        return given;
    }

    private static @Nullable Path own() throws IOException {
        for (String line : Files.readAllLines(OWN)) {
            if (line.startsWith("0::/")) {
                String within = line.substring("0::/".length());
                for (String mount : Files.readAllLines(MOUNTS)) {
                    // "36 35 98:0 /root /mount/point options … - type source options"
                    if (mount.contains(" - cgroup2 ")) {
                        return Path.of(mount.split(" ", -1)[4]).resolve(within);
                    }
                }
            }
        }
        return null;
    }

    private static List<String> words(Path file) throws IOException {
        return List.of(Files.readString(file).strip().split("\\s+", -1));
    }
}

package dev.interposer.agent.runtime;

import dev.interposer.agent.config.ConfigException;
import dev.interposer.agent.config.WorkerOptions;
import java.io.IOException;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * What keeps workers to themselves on this machine.
 *
 * @param cgroups in which they are bounded
 * @param user as whom they run; null for the agent's own
 */
public record Confinement(Cgroups cgroups, @Nullable WorkerUser user) {
    /** Nothing does. */
    public static final Confinement NONE = new Confinement(Cgroups.none(), null);

    /** As the agent was told, as far as this machine lets it. */
    public static Confinement of(WorkerOptions options) throws ConfigException {
        WorkerUser user = WorkerUser.of(options);
        Programs.own().require(user);
        Cgroups cgroups = switch (options.cgroup()) {
            case WorkerOptions.NONE -> Cgroups.none();
            case WorkerOptions.DETECT -> Cgroups.detect(options.mostProcesses());
            default -> Cgroups.below(Path.of(options.cgroup()), options.mostProcesses());
        };
        return new Confinement(cgroups, user);
    }

    /** The folder in which a node's workers have theirs; another user must get to it through the node's own. */
    public Path workers(Path node) throws IOException {
        Path workers = node.resolve("workers");
        if (user != null) {
            WorkerUser.letThrough(node);
            WorkerUser.letThrough(workers);
        }
        return workers;
    }
}

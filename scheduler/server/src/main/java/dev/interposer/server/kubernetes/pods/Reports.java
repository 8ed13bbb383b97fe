package dev.interposer.server.kubernetes.pods;

import dev.interposer.control.command.ReportedWorker;
import java.util.function.Consumer;

/** Where it is told what became of workers. */
@FunctionalInterface
interface Reports {
    /**
     * Tells it.
     *
     * @param node name in Kubernetes
     * @param then told, on any thread, whether it is durable; if not it must be told again
     */
    void tell(String node, ReportedWorker said, Consumer<Boolean> then);
}

package dev.interposer.cli.bench;

import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a run is asked for.
 *
 * @param given a server that is there already; null to start one
 * @param nodes openb list; null for synthetic nodes
 * @param pods openb list; null for a synthetic mix
 * @param rate jobs a second
 * @param backlog jobs that wait all the while
 * @param serverOptions of the JVM of the server that is started
 * @param folder for logs and data; null for a new one
 * @param trainedTo where the server that is started writes its AOT cache; null for none
 */
record LiveOptions(
        @Nullable Given given,
        @Nullable Path nodes,
        @Nullable Path pods,
        int fleetSize,
        int agentProcesses,
        double rate,
        int backlog,
        int warmupSeconds,
        int measureSeconds,
        List<String> serverOptions,
        @Nullable Path folder,
        @Nullable Path trainedTo) {
    LiveOptions {
        serverOptions = List.copyOf(serverOptions);
    }

    /** A server that is there already. */
    record Given(String address, Path tokenFile, Path agentTokenFile) {}

    Schedule schedule(long startMicros) {
        return new Schedule(startMicros, rate, warmupSeconds, measureSeconds);
    }

    int jobs() {
        return schedule(0).jobs();
    }
}

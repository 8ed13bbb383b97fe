package dev.interposer.cli.bench;

import dev.interposer.cli.output.Table;
import java.io.PrintWriter;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * What a run found.
 *
 * @param durableJobsPerSecond assignments that reached the watcher in the measured time, a second
 * @param p50Millis from when a job was due to be sent until its assignment reached the watcher
 * @param acknowledged jobs, warm-up included, the backlog not
 * @param refused jobs, or of unknown outcome
 * @param lost acknowledged jobs whose assignment did not reach the watcher, or that no agent began; of the backlog
 *     those that the server does not list at the end
 * @param doubled workers that agents began twice, and second attempts that the watcher saw
 * @param backlog jobs that were to wait
 * @param backlogAcknowledged those of them that were taken
 * @param cpuMillis in the measured time, by process
 * @param walBytes in the measured time
 * @param notes what else a reader must know
 */
record LiveResult(
        double durableJobsPerSecond,
        double p50Millis,
        double p99Millis,
        double mostMillis,
        int acknowledged,
        int refused,
        int lost,
        int doubled,
        double rate,
        int backlog,
        int backlogAcknowledged,
        int nodes,
        int measuredSeconds,
        long heapBytes,
        Map<String, Long> cpuMillis,
        long walBytes,
        Map<String, String> notes) {

    Map<String, Object> json() {
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("durableJobsPerSecond", durableJobsPerSecond);
        json.put("p50Millis", p50Millis);
        json.put("p99Millis", p99Millis);
        json.put("mostMillis", mostMillis);
        json.put("acknowledged", acknowledged);
        json.put("refused", refused);
        json.put("lost", lost);
        json.put("doubled", doubled);
        json.put("rate", rate);
        json.put("backlog", backlog);
        json.put("backlogAcknowledged", backlogAcknowledged);
        json.put("nodes", nodes);
        json.put("measuredSeconds", measuredSeconds);
        json.put("serverHeapBytes", heapBytes);
        json.put("cpuMillis", cpuMillis);
        json.put("cpuMicrosPerJob", cpuMicrosPerJob());
        json.put("walBytes", walBytes);
        json.put("walBytesPerJob", Math.round(walBytes / jobs()));
        json.put("notes", notes);
        return json;
    }

    private double jobs() {
        return Math.max(1, durableJobsPerSecond * measuredSeconds);
    }

    /** Of all processes together. */
    private long cpuMicrosPerJob() {
        return Math.round(cpuMillis.values().stream().mapToLong(Long::longValue).sum() * 1000 / jobs());
    }

    void print(PrintWriter out) {
        out.printf(
                "%.0f jobs/s due, %.0f durable and seen; p50 %.1f ms, p99 %.1f ms, most %.1f ms%n",
                rate, durableJobsPerSecond, p50Millis, p99Millis, mostMillis);
        out.printf("%d acknowledged, %d refused, %d lost, %d doubled%n", acknowledged, refused, lost, doubled);
        out.printf(
                "%d nodes, %d jobs wait; server heap %d MiB; WAL %d MiB, %.0f bytes a job%n%n",
                nodes, backlogAcknowledged, heapBytes >> 20, walBytes >> 20, walBytes / jobs());
        Table table = new Table("PROCESS", "CORES", "CPU A JOB");
        cpuMillis.forEach((name, millis) -> table.row(
                name,
                String.format("%.2f", millis / 1000.0 / measuredSeconds),
                String.format("%.0f µs", millis * 1000 / jobs())));
        table.row("all", "", cpuMicrosPerJob() + " µs");
        table.print(out);
        notes.forEach((name, note) -> out.println(name + ": " + note));
    }
}

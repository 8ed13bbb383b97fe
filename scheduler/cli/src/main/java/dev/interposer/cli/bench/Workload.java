package dev.interposer.cli.bench;

import dev.interposer.proto.job.v1.JobKind;
import dev.interposer.proto.job.v1.Role;
import dev.interposer.proto.job.v1.SubmitRequest;
import dev.interposer.simulation.openb.Trace;
import dev.interposer.simulation.openb.Trace.Pod;
import dev.interposer.simulation.openb.TraceException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;

/**
 * The jobs of a run, submitted one after another and then from the start again.
 *
 * <p>Their durations are those of the trace in shape: clipped at a sixteenth and at sixteen times the median, rounded
 * to a power of two of it, and scaled as a whole so that the jobs which run at the given rate need half the fleet at
 * most.
 */
final class Workload {
    static final String NAMESPACE = "bench";

    /** Most seconds that a job takes on average: a run must also come to its end. */
    private static final double MOST_MEAN_SECONDS = 5;

    private static final double FILL = 0.5;
    private static final double CLIP = 16;
    private static final long FOREVER_MILLIS = 1_000_000_000L;
    private static final int BACKLOG_SHAPES = 32;

    private final List<Pod> pods;
    private final List<Double> durations;

    private Workload(List<Pod> pods, List<Double> durations) {
        this.pods = pods;
        this.durations = durations;
    }

    static Workload openb(Path file) throws TraceException {
        List<Pod> pods = Trace.podList(file);
        Map<String, Long> lifetimes = Trace.lifetimes(file);
        List<Long> sorted = pods.stream()
                .map(pod -> lifetimes.getOrDefault(pod.name(), 1L))
                .sorted()
                .toList();
        double median = Math.max(1, sorted.get(sorted.size() / 2));
        List<Double> durations = new ArrayList<>();
        for (Pod pod : pods) {
            double times = (double) lifetimes.getOrDefault(pod.name(), 1L) / median;
            double clipped = Math.clamp(times, 1 / CLIP, CLIP);
            durations.add(Math.pow(2, Math.rint(Math.log(clipped) / Math.log(2))));
        }
        return new Workload(pods, durations);
    }

    /** Shares, single devices, half and whole nodes, in the proportions of a public trace. */
    static Workload synthetic() {
        int[][] mix = {{1, 500, 8}, {1, 1000, 7}, {2, 1000, 2}, {4, 1000, 1}, {8, 1000, 1}, {0, 0, 1}};
        List<Pod> pods = new ArrayList<>();
        List<Double> durations = new ArrayList<>();
        for (int[] kind : mix) {
            for (int copy = 0; copy < kind[2]; copy++) {
                long cpu = 4000 + 8000L * kind[0];
                pods.add(new Pod("synthetic-" + pods.size(), cpu, cpu << 21, kind[0], kind[1], new TreeSet<>()));
                durations.add(Math.pow(2, copy % 5 - 2));
            }
        }
        return new Workload(pods, durations);
    }

    /** One request for each job, without name and request id. */
    List<SubmitRequest> requests(FleetPlan fleet, double rate) {
        double unitSeconds = unitSeconds(fleet, rate);
        List<SubmitRequest> requests = new ArrayList<>();
        for (int at = 0; at < pods.size(); at++) {
            long millis = Math.max(1, Math.round(durations.get(at) * unitSeconds * 1000));
            requests.add(request(pods.get(at), millis));
        }
        return requests;
    }

    /** Seconds of a job whose duration is the median, such that the fleet does not fill. */
    private double unitSeconds(FleetPlan fleet, double rate) {
        double devices = 0;
        double cpu = 0;
        double memory = 0;
        double mean = 0;
        for (int at = 0; at < pods.size(); at++) {
            double weight = durations.get(at) / pods.size();
            mean += weight;
            devices += weight * pods.get(at).milli();
            cpu += weight * pods.get(at).cpuMilli();
            memory += weight * pods.get(at).memoryBytes();
        }
        double room = Math.min(
                fleet.deviceMilli() / Math.max(1, devices),
                Math.min(fleet.cpuMilli() / Math.max(1, cpu), fleet.memoryBytes() / Math.max(1, memory)));
        return Math.min(FILL * room / rate, MOST_MEAN_SECONDS / mean);
    }

    /** Jobs for the scarce class: what fills it never ends, and the rest waits. */
    static List<SubmitRequest> backlog() {
        List<SubmitRequest> requests = new ArrayList<>();
        for (int shape = 0; shape < BACKLOG_SHAPES; shape++) {
            SubmitRequest.Builder request = request("backlog", FOREVER_MILLIS);
            Role.Builder role = role(request, 1000 + 100L * shape, 1L << 30);
            role.getAcceleratorsBuilder().setClassName(FleetPlan.SCARCE).setPerWorker(8);
            requests.add(request.build());
        }
        return requests;
    }

    private static SubmitRequest request(Pod pod, long millis) {
        SubmitRequest.Builder request = request("bench", millis);
        Role.Builder role = role(request, pod.cpuMilli(), pod.memoryBytes());
        if (pod.gpus() > 0) {
            var accelerators =
                    role.getAcceleratorsBuilder().setPerWorker(pod.gpus()).setShareMilli(pod.gpuMilli());
            accelerators.getSelectorBuilder().setChipFamily(FleetPlan.FAMILY);
            pod.models().forEach(model -> accelerators.getSelectorBuilder().addClassNames(FleetPlan.className(model)));
        }
        return request.build();
    }

    private static SubmitRequest.Builder request(String family, long millis) {
        SubmitRequest.Builder request = SubmitRequest.newBuilder().setNamespace(NAMESPACE);
        request.getSpecBuilder()
                .setKind(JobKind.JOB_KIND_TRAINING)
                .setQueueName(FleetPlan.QUEUE)
                .setWorkloadFamily(family)
                .addProfilesBuilder()
                .setName("only")
                .addRolesBuilder()
                .setName("worker")
                .getContainerBuilder()
                .addCommand("true")
                .putEnv("INTERPOSER_SIMULATED_MILLIS", Long.toString(millis));
        return request;
    }

    private static Role.Builder role(SubmitRequest.Builder request, long cpuMilli, long memoryBytes) {
        Role.Builder role = request.getSpecBuilder().getProfilesBuilder(0).getRolesBuilder(0);
        role.putRequests("cpu", cpuMilli).putRequests("memory", memoryBytes);
        role.getWorkersBuilder().setMin(1);
        return role;
    }
}

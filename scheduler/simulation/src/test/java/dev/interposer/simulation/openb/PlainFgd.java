package dev.interposer.simulation.openb;

import dev.interposer.simulation.openb.Trace.Node;
import dev.interposer.simulation.openb.Trace.Pod;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** FGD by the book, without the engine and without anything kept: an oracle for small lists. */
final class PlainFgd {
    private final Trace trace;
    private final List<Expected> mix = new ArrayList<>();
    private final long[] cpu;
    private final long[] memory;
    private final int[][] free;
    private final Map<Long, List<Double>> steps = new HashMap<>();
    private long arrived;
    private long allocated;
    private int unplaced;

    /** A pod that stands for all of its kind, and how many of them there are. */
    private record Expected(Pod pod, double count) {}

    PlainFgd(Trace trace) {
        this.trace = trace;
        int size = trace.nodes().size();
        cpu = new long[size];
        memory = new long[size];
        free = new int[size][];
        for (int node = 0; node < size; node++) {
            Node spec = trace.nodes().get(node);
            cpu[node] = spec.cpuMilli();
            memory[node] = spec.memoryBytes();
            free[node] = new int[spec.gpus()];
            Arrays.fill(free[node], 1000);
        }
        learn();
    }

    int unplaced() {
        return unplaced;
    }

    double meanAt(long percent) {
        return steps.getOrDefault(percent, List.of()).stream()
                .mapToDouble(Double::doubleValue)
                .average()
                .orElseThrow();
    }

    void run() {
        for (int rank : trace.arrivals()) {
            Pod pod = trace.pods().get(rank);
            arrived += pod.milli();
            if (place(pod)) {
                allocated += pod.milli();
            } else {
                unplaced++;
            }
            long percent = Math.round(Math.rint(100.0 * arrived / trace.capacityMilli()));
            steps.computeIfAbsent(percent, key -> new ArrayList<>())
                    .add(Math.rint(10_000.0 * allocated / trace.capacityMilli()) / 100);
        }
    }

    private void learn() {
        Map<String, Expected> counts = new HashMap<>();
        for (Pod pod : trace.pods()) {
            String kind = pod.cpuMilli() + "/" + pod.gpus() + "/" + pod.gpuMilli() + "/" + pod.models();
            counts.merge(kind, new Expected(pod, 1), (a, b) -> new Expected(a.pod(), a.count() + b.count()));
        }
        List<Expected> order = new ArrayList<>(counts.values());
        order.sort(Comparator.comparingDouble(Expected::count)
                .thenComparingLong(kind -> kind.pod().cpuMilli())
                .thenComparingInt(kind -> kind.pod().gpuMilli())
                .thenComparingInt(kind -> kind.pod().gpus())
                .thenComparing(kind -> String.join("|", kind.pod().models()))
                .reversed());
        double total = 0;
        for (Expected kind : order) {
            if (total < 0.95 * trace.pods().size()) {
                mix.add(kind);
                total += kind.count();
            }
        }
        double all = total;
        mix.replaceAll(kind -> new Expected(kind.pod(), kind.count() / all));
    }

    private boolean place(Pod pod) {
        int bestNode = -1;
        int bestDevice = -1;
        int bestScore = -1;
        for (int node = 0; node < free.length; node++) {
            if (!fits(pod, node)) {
                continue;
            }
            double before = fragment(node, cpu[node], free[node]);
            boolean shared = pod.gpus() == 1 && pod.gpuMilli() < 1000;
            for (int device = 0; device < (shared ? free[node].length : 1); device++) {
                if (shared && free[node][device] < pod.gpuMilli()) {
                    continue;
                }
                int[] after = take(pod, free[node], device);
                double gain = before - fragment(node, cpu[node] - pod.cpuMilli(), after);
                int score = (int) Math.floor(100 / (1 + Math.exp(-gain / 1000)));
                if (score > bestScore) {
                    bestScore = score;
                    bestNode = node;
                    bestDevice = device;
                }
            }
        }
        if (bestNode < 0) {
            return false;
        }
        free[bestNode] = take(pod, free[bestNode], bestDevice);
        cpu[bestNode] -= pod.cpuMilli();
        memory[bestNode] -= pod.memoryBytes();
        return true;
    }

    private boolean fits(Pod pod, int node) {
        Node spec = trace.nodes().get(node);
        if (cpu[node] < pod.cpuMilli() || memory[node] < pod.memoryBytes()) {
            return false;
        }
        if (pod.gpus() == 0) {
            return true;
        }
        long room = Arrays.stream(free[node])
                .filter(milli -> milli >= pod.gpuMilli())
                .count();
        return room >= pod.gpus() && (pod.models().isEmpty() || pod.models().contains(spec.model()));
    }

    private static int[] take(Pod pod, int[] before, int device) {
        int[] after = before.clone();
        if (pod.gpus() == 1 && pod.gpuMilli() < 1000) {
            after[device] -= pod.gpuMilli();
            return after;
        }
        int left = pod.gpus();
        for (int index = 0; index < after.length && left > 0; index++) {
            if (after[index] == 1000) {
                after[index] = 0;
                left--;
            }
        }
        return after;
    }

    private double fragment(int node, long freeCpu, int[] milli) {
        String model = trace.nodes().get(node).model();
        double sum = 0;
        for (Expected expected : mix) {
            Pod kind = expected.pod();
            long idle = Arrays.stream(milli).sum();
            long room =
                    Arrays.stream(milli).filter(left -> left >= kind.gpuMilli()).count();
            boolean runs = kind.gpus() > 0
                    && (kind.models().isEmpty() || kind.models().contains(model))
                    && freeCpu >= kind.cpuMilli()
                    && room >= kind.gpus();
            long lost = runs
                    ? Arrays.stream(milli)
                            .filter(left -> left < kind.gpuMilli())
                            .sum()
                    : idle;
            sum += expected.count() * lost;
        }
        return sum;
    }
}

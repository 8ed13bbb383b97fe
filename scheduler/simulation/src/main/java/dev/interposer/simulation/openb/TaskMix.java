package dev.interposer.simulation.openb;

import dev.interposer.simulation.openb.Trace.Pod;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;

/**
 * The kinds of task that FGD expects: the most frequent ones of a list, up to 95 % of its pods.
 *
 * <p>A kind is cores, devices, thousandths and the literal list of models; memory does not count.
 */
public final class TaskMix {
    private static final double COVERED = 0.95;

    private final List<Weighted> kinds;

    /** A kind of task. */
    private record Kind(long cpu, int gpus, int milli, Set<String> models) {
        String spec() {
            return String.join("|", models);
        }
    }

    private record Weighted(Kind kind, double probability) {}

    private TaskMix(List<Weighted> kinds) {
        this.kinds = List.copyOf(kinds);
    }

    public static TaskMix of(List<Pod> pods) {
        Map<Kind, Integer> counts = new HashMap<>();
        for (Pod pod : pods) {
            Set<String> models =
                    pod.models().stream().map(OpenbReplay::className).collect(Collectors.toCollection(TreeSet::new));
            counts.merge(new Kind(pod.cpuMilli(), pod.gpus(), pod.gpuMilli(), models), 1, Integer::sum);
        }
        List<Map.Entry<Kind, Integer>> frequent = new ArrayList<>(counts.entrySet());
        Comparator<Kind> ties = Comparator.comparingLong(Kind::cpu)
                .thenComparingInt(Kind::milli)
                .thenComparingInt(Kind::gpus)
                .thenComparing(Kind::spec);
        frequent.sort(Map.Entry.<Kind, Integer>comparingByValue()
                .thenComparing(Map.Entry::getKey, ties)
                .reversed());
        List<Map.Entry<Kind, Integer>> kept = new ArrayList<>();
        long covered = 0;
        for (Map.Entry<Kind, Integer> entry : frequent) {
            if (covered >= COVERED * pods.size()) {
                break;
            }
            kept.add(entry);
            covered += entry.getValue();
        }
        List<Weighted> kinds = new ArrayList<>();
        for (Map.Entry<Kind, Integer> entry : kept) {
            kinds.add(new Weighted(entry.getKey(), (double) entry.getValue() / covered));
        }
        return new TaskMix(kinds);
    }

    /** Expected idle thousandths of a node that a task could not use. */
    double fragment(String model, long cpu, DeviceRemainders remainders) {
        long idle = remainders.sum();
        double expected = 0;
        for (Weighted weighted : kinds) {
            expected += weighted.probability() * unusable(weighted.kind(), model, cpu, remainders, idle);
        }
        return expected;
    }

    private static long unusable(Kind kind, String model, long cpu, DeviceRemainders remainders, long idle) {
        boolean admitted = kind.models().isEmpty() || kind.models().contains(model);
        if (kind.gpus() == 0 || !admitted || cpu < kind.cpu()) {
            return idle;
        }
        int room = 0;
        long tooSmall = 0;
        for (int device = 0; device < remainders.size(); device++) {
            if (remainders.get(device) >= kind.milli()) {
                room++;
            } else {
                tooSmall += remainders.get(device);
            }
        }
        return room >= kind.gpus() ? tooSmall : idle;
    }
}

package dev.interposer.server.kubernetes.pods;

import dev.interposer.control.agents.Order;
import dev.interposer.control.agents.Rendezvous;
import dev.interposer.engine.model.Container;
import dev.interposer.engine.model.WorkerKey;
import java.util.List;
import java.util.Map;

/** Orders as the scheduler gives them. */
record Orders(
        long job,
        int attempt,
        int worldSize,
        List<String> devices,
        int shareMilli,
        long selfFenceSeconds,
        String signal,
        String partition,
        Container container) {
    static final Container TRAINER =
            new Container("main", "reg/train", List.of("train"), List.of(), Map.of("LR", "3"), "", "");

    static Orders gang(long job, int worldSize) {
        return new Orders(job, 1, worldSize, List.of("nvidia.com/gpu-0", "nvidia.com/gpu-1"), 1000, 0, "", "", TRAINER);
    }

    Orders attempt(int other) {
        return new Orders(job, other, worldSize, devices, shareMilli, selfFenceSeconds, signal, partition, container);
    }

    Orders devices(String... names) {
        return new Orders(
                job, attempt, worldSize, List.of(names), shareMilli, selfFenceSeconds, signal, partition, container);
    }

    Orders withoutDevices() {
        return devices(new String[0]);
    }

    Orders share(int milli) {
        return new Orders(job, attempt, worldSize, devices, milli, selfFenceSeconds, signal, partition, container);
    }

    Orders selfFence(long seconds) {
        return new Orders(job, attempt, worldSize, devices, shareMilli, seconds, signal, partition, container);
    }

    Orders signal(String name) {
        return new Orders(job, attempt, worldSize, devices, shareMilli, selfFenceSeconds, name, partition, container);
    }

    Orders partition(String name) {
        return new Orders(job, attempt, worldSize, devices, shareMilli, selfFenceSeconds, signal, name, container);
    }

    Orders container(Container other) {
        return new Orders(job, attempt, worldSize, devices, shareMilli, selfFenceSeconds, signal, partition, other);
    }

    /** With a template as the job's manifest has it. */
    Orders template(String json) {
        return container(new Container("main", "reg/train", List.of(), List.of(), Map.of(), "", json));
    }

    WorkerKey key(int worker) {
        return new WorkerKey(job, 0, attempt, worker);
    }

    Order.Assign assign(int worker) {
        return assign(worker, false);
    }

    Order.Assign assign(int worker, boolean begun) {
        return new Order.Assign(
                key(worker),
                "research",
                "llm-70b",
                "h100",
                devices.isEmpty() ? "" : "nvidia-h100",
                "worker",
                worldSize,
                devices,
                shareMilli,
                partition,
                0,
                Map.of("cpu", 1500L, "memory", 1L << 30, "rdma/hca", 1L),
                container,
                30,
                selfFenceSeconds,
                signal,
                new Rendezvous("10.0.0.1", 20_007, 1, 2, 0, 1),
                begun);
    }

    Order.Release release(int worker) {
        return new Order.Release(key(worker), 20);
    }
}

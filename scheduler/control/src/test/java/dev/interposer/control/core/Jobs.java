package dev.interposer.control.core;

import dev.interposer.engine.model.AcceleratorRequest;
import dev.interposer.engine.model.Container;
import dev.interposer.engine.model.FailurePolicy;
import dev.interposer.engine.model.FailurePolicy.OnNodeLost;
import dev.interposer.engine.model.FailurePolicy.OnWorkerFailure;
import dev.interposer.engine.model.InferenceSpec;
import dev.interposer.engine.model.JobKind;
import dev.interposer.engine.model.JobSpec;
import dev.interposer.engine.model.Preemption;
import dev.interposer.engine.model.Profile;
import dev.interposer.engine.model.Role;
import dev.interposer.engine.model.TopologyRequest;
import dev.interposer.engine.model.TrainingSpec;
import dev.interposer.engine.model.TrainingSpec.ProfileChange;
import dev.interposer.engine.model.TrainingSpec.ResizePolicy;
import dev.interposer.engine.model.WorkerCount;
import java.util.List;
import java.util.Map;

/** Specs for tests, from one line. */
public final class Jobs {
    private int workers = 1;
    private int devices = 1;
    private String className = "a1";
    private String queue = "research";
    private long deadlineSeconds;
    private int mostWorkers;
    private FailurePolicy failures = FailurePolicy.DEFAULT;
    private TopologyRequest topology = TopologyRequest.ANYWHERE;

    /** One worker with one device of class a1. */
    public static Jobs gang() {
        return new Jobs();
    }

    public Jobs workers(int count) {
        workers = count;
        return this;
    }

    /** Any number of workers from one to another, by a restart. */
    public Jobs elastic(int least, int most) {
        workers = least;
        mostWorkers = most;
        return this;
    }

    public Jobs devices(int perWorker) {
        devices = perWorker;
        return this;
    }

    public Jobs className(String name) {
        className = name;
        return this;
    }

    public Jobs queue(String name) {
        queue = name;
        return this;
    }

    public Jobs deadline(long seconds) {
        deadlineSeconds = seconds;
        return this;
    }

    public Jobs required(String level) {
        topology = new TopologyRequest(level, "", 0, "");
        return this;
    }

    public Jobs onNodeLost(OnNodeLost policy, long leaseSeconds) {
        failures = new FailurePolicy(6, OnWorkerFailure.RESTART_GANG, List.of(), policy, leaseSeconds);
        return this;
    }

    public Jobs retries(int limit, Integer... fatalExitCodes) {
        failures = new FailurePolicy(
                limit, OnWorkerFailure.RESTART_GANG, List.of(fatalExitCodes), OnNodeLost.WAIT_FOR_FENCE, 0);
        return this;
    }

    public JobSpec training() {
        TrainingSpec training = new TrainingSpec(
                0,
                null,
                null,
                Preemption.DEFAULT,
                mostWorkers > 0 ? ResizePolicy.AT_CHECKPOINT : ResizePolicy.NEVER,
                0,
                ProfileChange.NEVER,
                failures,
                null);
        return new JobSpec(JobKind.TRAINING, queue, "", "", false, deadlineSeconds, null, profiles(), training, null);
    }

    public JobSpec inference(int replicas) {
        return new JobSpec(
                JobKind.INFERENCE,
                queue,
                "",
                "",
                false,
                deadlineSeconds,
                null,
                profiles(),
                null,
                InferenceSpec.of(replicas));
    }

    private List<Profile> profiles() {
        AcceleratorRequest request = devices == 0 ? AcceleratorRequest.NONE : AcceleratorRequest.of(className, devices);
        WorkerCount count = new WorkerCount(workers, Math.max(workers, mostWorkers), 1);
        Role role = new Role("worker", count, request, Map.of(), Container.of("image", "run"));
        return List.of(new Profile("p", List.of(role), topology, ""));
    }
}

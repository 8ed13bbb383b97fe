package dev.interposer.market;

import dev.interposer.engine.event.Event;
import dev.interposer.engine.event.FleetEvent;
import dev.interposer.engine.event.JobEvent;
import dev.interposer.engine.event.SettingEvent;
import dev.interposer.engine.model.AcceleratorClass;
import dev.interposer.engine.model.AcceleratorClass.SupplierShare;
import dev.interposer.engine.model.AcceleratorClass.TierSupply;
import dev.interposer.engine.model.AcceleratorRequest;
import dev.interposer.engine.model.Container;
import dev.interposer.engine.model.Device;
import dev.interposer.engine.model.DeviceReport;
import dev.interposer.engine.model.FailurePolicy;
import dev.interposer.engine.model.Health;
import dev.interposer.engine.model.Ids;
import dev.interposer.engine.model.InferenceSpec;
import dev.interposer.engine.model.JobKind;
import dev.interposer.engine.model.JobQueue;
import dev.interposer.engine.model.JobQueue.Quota;
import dev.interposer.engine.model.JobSpec;
import dev.interposer.engine.model.NodeInfo;
import dev.interposer.engine.model.Preemption;
import dev.interposer.engine.model.Profile;
import dev.interposer.engine.model.QueueState;
import dev.interposer.engine.model.Role;
import dev.interposer.engine.model.SecretReference;
import dev.interposer.engine.model.Supplier;
import dev.interposer.engine.model.Tier;
import dev.interposer.engine.model.TopologyRequest;
import dev.interposer.engine.model.TrainingSpec;
import dev.interposer.engine.model.WorkerCount;
import dev.interposer.engine.model.WorkerPlacement;
import dev.interposer.engine.state.GangState;
import dev.interposer.engine.state.JobState;
import dev.interposer.engine.state.NodeState;
import dev.interposer.engine.state.State;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/** A fleet that is made by events, in few words. */
final class FleetScene {
    static final long DAY = 86_400;

    final State state = new State();
    private long ids = 1;
    private long at = 1_700_000_000_000_000L;

    FleetScene apply(Event event) {
        state.apply(state.revision() + 1, at, event);
        return this;
    }

    FleetScene later(long seconds) {
        at += seconds * 1_000_000;
        return this;
    }

    FleetScene suppliers(String... names) {
        for (String name : names) {
            apply(new SettingEvent.SupplierApplied(
                    new Supplier(name, name, List.of(Tier.DESIGNER, Tier.SELLER), 0, 0, "", 0, SecretReference.NONE)));
        }
        return this;
    }

    FleetScene queue(String name, Quota... quotas) {
        return below("", name, quotas);
    }

    FleetScene below(String parent, String name, Quota... quotas) {
        return apply(new SettingEvent.QueueApplied(
                new JobQueue(name, parent, Map.of(), 1, Arrays.asList(quotas), 0, 0, 0, QueueState.OPEN)));
    }

    FleetScene chip(String name, String designer, long referenceMilli, Object... foundriesAndPercents) {
        List<SupplierShare> shares = new ArrayList<>();
        for (int index = 0; index < foundriesAndPercents.length; index += 2) {
            shares.add(
                    new SupplierShare((String) foundriesAndPercents[index], (Integer) foundriesAndPercents[index + 1]));
        }
        return apply(new SettingEvent.ClassApplied(AcceleratorClass.of(name, designer)
                .counting(referenceMilli)
                .suppliedBy(shares.isEmpty() ? List.of() : List.of(new TierSupply(Tier.FOUNDRY, false, shares)))));
    }

    NodeState node(String name, String className, int devices) {
        List<Device> made = new ArrayList<>();
        long nodeId = ids++;
        for (int device = 0; device < devices; device++) {
            made.add(new Device(ids++, className, "", DeviceReport.of(name + "-" + device, className)));
        }
        NodeInfo info = new NodeInfo("c/" + name, "boot", "1", Map.of("order", name), Map.of());
        apply(new FleetEvent.NodeReported(nodeId, info, made));
        return Objects.requireNonNull(state.nodes().find(nodeId));
    }

    /** Somebody outside of the ledger uses the first so many devices of a node. */
    FleetScene used(NodeState node, int devices) {
        List<Device> now = new ArrayList<>();
        for (Device device : node.devices()) {
            String who = now.size() < devices ? "batch/other" : "";
            now.add(new Device(
                    device.id(), device.className(), "", device.report().usedBy(who)));
        }
        return apply(new FleetEvent.NodeReported(node.id(), node.info(), now));
    }

    /** Another scheduler owns the node. */
    FleetScene observed(NodeState node) {
        return apply(
                new FleetEvent.NodeReported(node.id(), node.info().observedOnly(true), List.copyOf(node.devices())));
    }

    FleetScene fail(NodeState node, int place) {
        long device =
                node.devices().stream().skip(place).findFirst().orElseThrow().id();
        return apply(new FleetEvent.DeviceHealthChanged(node.id(), device, Health.FAILED, "too hot"));
    }

    static Profile profile(String className, int workers, int perWorker, String format) {
        return profile(className, WorkerCount.of(workers), perWorker, format);
    }

    static Profile profile(String className, WorkerCount workers, int perWorker, String format) {
        Role role = new Role(
                "worker", workers, AcceleratorRequest.of(className, perWorker), Map.of(), Container.of("i", "run"));
        return new Profile(className, List.of(role), TopologyRequest.ANYWHERE, format);
    }

    /** With a format of checkpoints it may change its profile at one. */
    JobState train(int priority, long estimatedSeconds, Profile... profiles) {
        boolean changes = !profiles[0].checkpointFormat().isEmpty();
        TrainingSpec training = new TrainingSpec(
                estimatedSeconds,
                null,
                null,
                Preemption.DEFAULT,
                TrainingSpec.ResizePolicy.NEVER,
                0,
                changes ? TrainingSpec.ProfileChange.AT_CHECKPOINT : TrainingSpec.ProfileChange.NEVER,
                FailurePolicy.DEFAULT,
                null);
        JobSpec spec =
                new JobSpec(JobKind.TRAINING, "queue", "", "", false, 0, null, Arrays.asList(profiles), training, null);
        return submit(spec, priority);
    }

    JobState serve(int replicas, Profile... profiles) {
        InferenceSpec inference = InferenceSpec.of(replicas);
        return submit(
                new JobSpec(
                        JobKind.INFERENCE, "queue", "", "", false, 0, null, Arrays.asList(profiles), null, inference),
                0);
    }

    private JobState submit(JobSpec spec, int priority) {
        long specId = ids++;
        apply(new JobEvent.SpecStored(specId, "sha-" + specId, spec));
        return submit(specId, priority);
    }

    /** Another job of the same spec. */
    JobState again(JobState job) {
        return submit(job.specId(), job.priority());
    }

    private JobState submit(long specId, int priority) {
        long job = ids++;
        apply(new JobEvent.JobSubmitted(job, "ns", "job-" + job, specId, priority, "", ""));
        return Objects.requireNonNull(state.jobs().find(job));
    }

    /** A gang of one worker, on the devices of a node from the n-th on. */
    JobState start(JobState job, NodeState node, int from) {
        return startOn(job, from, node);
    }

    /** A worker on each node, on its devices from the n-th on, one after the other where a node comes again. */
    JobState startOn(JobState job, int from, NodeState... nodes) {
        return startOn(job.gangs().getFirst(), from, nodes);
    }

    /** The same of any gang. */
    JobState startOn(GangState gang, int from, NodeState... nodes) {
        JobState job = gang.job();
        String className = nodes[0].devices().iterator().next().className();
        int profile = 0;
        while (!job.spec().profiles().get(profile).name().equals(className)) {
            profile++;
        }
        int devices = job.spec()
                .profiles()
                .get(profile)
                .roles()
                .getFirst()
                .accelerators()
                .perWorker();
        List<WorkerPlacement> workers = new ArrayList<>();
        for (NodeState node : nodes) {
            long before = workers.stream()
                    .filter(worker -> worker.nodeId() == node.id())
                    .count();
            long[] chosen = node.devices().stream()
                    .mapToLong(Device::id)
                    .skip(from + before * devices)
                    .limit(devices)
                    .toArray();
            workers.add(new WorkerPlacement(0, node.id(), Ids.of(chosen)));
        }
        apply(new JobEvent.GangAssigned(job.id(), gang.index(), gang.attempt() + 1, profile, className, workers, 1));
        return job;
    }
}

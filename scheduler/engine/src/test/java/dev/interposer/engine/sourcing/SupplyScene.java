package dev.interposer.engine.sourcing;

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
import dev.interposer.engine.model.EndCause;
import dev.interposer.engine.model.Ids;
import dev.interposer.engine.model.InferenceSpec;
import dev.interposer.engine.model.JobKind;
import dev.interposer.engine.model.JobQueue;
import dev.interposer.engine.model.JobSpec;
import dev.interposer.engine.model.NodeInfo;
import dev.interposer.engine.model.Profile;
import dev.interposer.engine.model.Reason;
import dev.interposer.engine.model.Role;
import dev.interposer.engine.model.SecretReference;
import dev.interposer.engine.model.SourcingPolicy;
import dev.interposer.engine.model.SourcingPolicy.Basis;
import dev.interposer.engine.model.SourcingPolicy.Enforcement;
import dev.interposer.engine.model.SourcingPolicy.InferenceSourcing;
import dev.interposer.engine.model.SourcingPolicy.PinnedWork;
import dev.interposer.engine.model.SourcingPolicy.SourcingException;
import dev.interposer.engine.model.SourcingPolicy.SourcingRule;
import dev.interposer.engine.model.SourcingPolicy.SourcingScope;
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
import dev.interposer.engine.state.WorkerState;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** A state that is made by events, in few words. Places are given out in order; who may start where is the test's. */
final class SupplyScene {
    static final int NONE = SourcingPolicy.NO_BOUND;

    final State state = new State();
    private final List<String> numbered = new ArrayList<>();
    final Sourcing sourcing = Sourcing.following(state, numbered::get);
    final SupplyCounters counters = SupplyCounters.following(state);
    long ids = 1;

    void apply(Event event) {
        apply(event, state.atMicros() + 1);
    }

    void apply(Event event, long atMicros) {
        state.apply(state.revision() + 1, atMicros, event);
    }

    SupplyScene suppliers(String... names) {
        for (String name : names) {
            apply(new SettingEvent.SupplierApplied(
                    new Supplier(name, name, List.of(Tier.DESIGNER, Tier.SELLER), 0, 0, "", 0, SecretReference.NONE)));
        }
        return this;
    }

    SupplyScene queue(String name, String parent) {
        apply(new SettingEvent.QueueApplied(new JobQueue(
                name, parent, Map.of(), 1, List.of(), 0, 0, 0, dev.interposer.engine.model.QueueState.OPEN)));
        return this;
    }

    SupplyScene chip(String name, String designer, long referenceMilli, TierSupply... supply) {
        apply(new SettingEvent.ClassApplied(
                AcceleratorClass.of(name, designer).counting(referenceMilli).suppliedBy(Arrays.asList(supply))));
        return this;
    }

    /** {@code tier(FOUNDRY, "tsmc", 60, "samsung", 40)}. */
    static TierSupply tier(Tier tier, Object... namesAndPercents) {
        List<SupplierShare> shares = new ArrayList<>();
        for (int index = 0; index < namesAndPercents.length; index += 2) {
            shares.add(new SupplierShare((String) namesAndPercents[index], (Integer) namesAndPercents[index + 1]));
        }
        return new TierSupply(tier, false, shares);
    }

    NodeState node(String name, String className, int devices, String... labels) {
        List<Device> made = new ArrayList<>();
        long nodeId = ids++;
        for (int device = 0; device < devices; device++) {
            made.add(new Device(ids++, className, "", DeviceReport.of(name + "-" + device, className)));
        }
        report(nodeId, name, made, labels);
        return Objects.requireNonNull(state.nodes().find(nodeId));
    }

    void report(long nodeId, String name, List<Device> devices, String... labels) {
        Map<String, String> map = new java.util.TreeMap<>();
        for (int index = 0; index < labels.length; index += 2) {
            map.put(labels[index], labels[index + 1]);
        }
        NodeInfo info = new NodeInfo("c/" + name, "boot", "1", map, Map.of("cpu", 64_000L));
        apply(new FleetEvent.NodeReported(nodeId, info, devices));
    }

    void policy(SourcingPolicy policy) {
        apply(new SettingEvent.PolicyApplied(policy));
    }

    static SourcingRule cap(Tier tier, String supplier, int percent) {
        return new SourcingRule(tier, supplier, percent, NONE, NONE, Enforcement.HARD);
    }

    static SourcingPolicy fleetPolicy(SourcingRule... rules) {
        return new SourcingPolicy(
                "policy",
                SourcingScope.FLEET,
                Basis.INSTALLED,
                0,
                List.of(rules),
                0,
                PinnedWork.BLOCK,
                InferenceSourcing.NONE,
                List.of());
    }

    static SourcingPolicy scoped(SourcingPolicy policy, SourcingScope scope) {
        return new SourcingPolicy(
                policy.name(),
                scope,
                policy.basis(),
                policy.minimumReferenceDevices(),
                policy.rules(),
                policy.hysteresisPercent(),
                policy.pinnedWork(),
                policy.inference(),
                policy.exceptions());
    }

    static SourcingPolicy with(SourcingPolicy policy, long minimum, PinnedWork pinned, SourcingException... except) {
        return new SourcingPolicy(
                policy.name(),
                policy.scope(),
                policy.basis(),
                minimum,
                policy.rules(),
                policy.hysteresisPercent(),
                pinned,
                policy.inference(),
                List.of(except));
    }

    /** A training job with one worker; a profile for each class. */
    JobState train(String queue, Map<String, String> labels, AcceleratorRequest... requests) {
        return submit(spec(queue, JobKind.TRAINING, 1, null, labels, requests));
    }

    /** A training job of so many workers of a class as there is room for. */
    JobState elastic(String className, int devices, WorkerCount count) {
        JobSpec fixed = spec("queue", JobKind.TRAINING, 1, null, Map.of(), AcceleratorRequest.of(className, devices));
        Role role = fixed.profiles().getFirst().roles().getFirst();
        Role many = new Role(role.name(), count, role.accelerators(), role.requests(), role.container());
        Profile profile = new Profile("p", List.of(many), TopologyRequest.ANYWHERE, "");
        return submit(new JobSpec(
                JobKind.TRAINING,
                "queue",
                "",
                "",
                false,
                0,
                null,
                List.of(profile),
                TrainingSpec.DEFAULT,
                null,
                Map.of()));
    }

    JobState serve(InferenceSpec inference, String... classes) {
        AcceleratorRequest[] requests = Arrays.stream(classes)
                .map(name -> AcceleratorRequest.of(name, 1))
                .toArray(AcceleratorRequest[]::new);
        return submit(spec("queue", JobKind.INFERENCE, 1, inference, Map.of(), requests));
    }

    static JobSpec spec(
            String queue,
            JobKind kind,
            int workers,
            @Nullable InferenceSpec inference,
            Map<String, String> labels,
            AcceleratorRequest... requests) {
        List<Profile> profiles = new ArrayList<>();
        for (AcceleratorRequest request : requests) {
            Role role = new Role("worker", WorkerCount.of(workers), request, Map.of(), Container.of("i", "run"));
            profiles.add(new Profile("p" + profiles.size(), List.of(role), TopologyRequest.ANYWHERE, ""));
        }
        return new JobSpec(
                kind,
                queue,
                "",
                "",
                false,
                0,
                null,
                profiles,
                kind == JobKind.TRAINING ? TrainingSpec.DEFAULT : null,
                inference,
                labels);
    }

    JobState submit(JobSpec spec) {
        long specId = ids++;
        apply(new JobEvent.SpecStored(specId, "sha-" + specId, spec));
        long job = ids++;
        apply(new JobEvent.JobSubmitted(job, "ns", "job-" + job, specId, 0, "", "ada"));
        return Objects.requireNonNull(state.jobs().find(job));
    }

    int number(String className) {
        if (!numbered.contains(className)) {
            numbered.add(className);
        }
        return numbered.indexOf(className);
    }

    /** The code of the refusal, or "starts". */
    String asked(JobState job, String className, long milli) {
        Reason reason = sourcing.blocks(job, number(className), milli);
        return reason == null ? "starts" : reason.code().name();
    }

    /** Binds a gang's one worker to the first devices of a node. */
    void start(GangState gang, int profile, NodeState node) {
        Role role = gang.job().spec().profiles().get(profile).roles().getFirst();
        long[] devices = node.devices().stream()
                .mapToLong(Device::id)
                .limit(role.accelerators().perWorker())
                .toArray();
        apply(new JobEvent.GangAssigned(
                gang.job().id(),
                gang.index(),
                gang.attempt() + 1,
                profile,
                node.devices().iterator().next().className(),
                List.of(new WorkerPlacement(0, node.id(), Ids.of(devices))),
                1));
    }

    void end(GangState gang) {
        for (WorkerState worker : gang.workers()) {
            apply(new JobEvent.WorkerEnded(worker.key(), EndCause.COMPLETED, 0, ""));
        }
        apply(new JobEvent.GangEnded(gang.job().id(), gang.index(), Reason.NONE));
    }
}

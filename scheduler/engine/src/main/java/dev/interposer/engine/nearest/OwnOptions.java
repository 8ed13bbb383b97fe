package dev.interposer.engine.nearest;

import dev.interposer.engine.event.JobEvent;
import dev.interposer.engine.model.AcceleratorClass;
import dev.interposer.engine.model.AcceleratorRequest;
import dev.interposer.engine.model.Device;
import dev.interposer.engine.model.GangPhase;
import dev.interposer.engine.model.InferenceSpec;
import dev.interposer.engine.model.JobSpec;
import dev.interposer.engine.model.Profile;
import dev.interposer.engine.model.Role;
import dev.interposer.engine.model.TopologyRequest;
import dev.interposer.engine.model.WorkerCount;
import dev.interposer.engine.state.GangState;
import dev.interposer.engine.state.JobState;
import dev.interposer.engine.state.NodeState;
import dev.interposer.engine.state.State;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Consumer;

/** What the owner of a job could ask for instead, and its priority. */
final class OwnOptions {
    private final State state;
    private final GangState gang;
    private final JobSpec spec;
    private final List<Option> options = new ArrayList<>();

    private OwnOptions(State state, GangState gang) {
        this.state = state;
        this.gang = gang;
        this.spec = gang.job().spec();
    }

    static List<Option> of(State state, GangState gang) {
        OwnOptions own = new OwnOptions(state, gang);
        own.backoff();
        Set<String> installed = own.installed();
        for (int profile = 0; profile < own.spec.profiles().size(); profile++) {
            own.otherClasses(profile, installed);
            own.fewerWorkers(profile);
            own.largerLevel(profile);
        }
        own.replicas();
        own.priority();
        return own.options;
    }

    private void once(ChangeKind kind, Map<String, String> parameters, Consumer<Draft> change) {
        options.add(Option.once(new Part(kind, kind.cost(), parameters, change)));
    }

    private void backoff() {
        if (gang.phase() == GangPhase.BACKOFF) {
            JobEvent eligible = new JobEvent.GangEligible(gang.job().id(), gang.index());
            once(
                    ChangeKind.END_OF_BACKOFF,
                    Map.of("untilMicros", Long.toString(gang.notBeforeMicros())),
                    draft -> draft.happens(eligible));
        }
    }

    private Set<String> installed() {
        Set<String> classes = new TreeSet<>();
        for (NodeState node : state.nodes().all()) {
            for (Device device : node.devices()) {
                classes.add(device.className());
            }
        }
        return classes;
    }

    private void otherClasses(int index, Set<String> installed) {
        Profile profile = spec.profiles().get(index);
        for (AcceleratorClass candidate : state.settings().classes()) {
            boolean other = installed.contains(candidate.name())
                    && profile.roles().stream().anyMatch(role -> !admits(role.accelerators(), candidate))
                    && profile.roles().stream().allMatch(role -> can(role.accelerators(), candidate));
            if (other) {
                once(
                        ChangeKind.OTHER_CLASS,
                        Map.of("profile", profile.name(), "class", candidate.name()),
                        draft -> draft.otherClass(index, candidate.name()));
            }
        }
    }

    private static boolean admits(AcceleratorRequest asked, AcceleratorClass candidate) {
        return asked.perWorker() == 0
                || (asked.selector() == null
                        ? asked.className().equals(candidate.name())
                        : asked.selector().admits(candidate));
    }

    private static boolean can(AcceleratorRequest asked, AcceleratorClass candidate) {
        return asked.perWorker() == 0 || asked.partition().isEmpty() || candidate.partition(asked.partition()) != null;
    }

    private void fewerWorkers(int index) {
        Profile profile = spec.profiles().get(index);
        for (int place = 0; place < profile.roles().size(); place++) {
            int role = place;
            WorkerCount count = profile.roles().get(place).workers();
            int step = step(count, profile);
            int most = (count.min() - 1) / step;
            if (most > 0) {
                options.add(new Option(
                        ChangeKind.FEWER_WORKERS, ChangeKind.FEWER_WORKERS.cost(), List.of(most), amount -> {
                            int to = count.min() - amount * step;
                            return new Part(
                                    ChangeKind.FEWER_WORKERS,
                                    ChangeKind.FEWER_WORKERS.cost(),
                                    Map.of(
                                            "profile", profile.name(),
                                            "role", profile.roles().get(role).name(),
                                            "from", Integer.toString(count.min()),
                                            "to", Integer.toString(to)),
                                    draft -> draft.profile(index, now -> atLeast(now, role, to)));
                        }));
            }
        }
    }

    private static int step(WorkerCount count, Profile profile) {
        int alone = count.max() > count.min() ? count.step() : 1;
        return Math.max(1, Math.max(alone, profile.topology().groupSize()));
    }

    /** The fewest workers of a role that a part of a change can leave. */
    static int fewest(Role role, Profile profile) {
        int step = step(role.workers(), profile);
        return role.workers().min() - (role.workers().min() - 1) / step * step;
    }

    private static Profile atLeast(Profile profile, int place, int min) {
        List<Role> roles = new ArrayList<>(profile.roles());
        Role role = roles.get(place);
        WorkerCount count = role.workers();
        WorkerCount fewer =
                count.max() > count.min() ? new WorkerCount(min, count.max(), count.step()) : WorkerCount.of(min);
        roles.set(place, new Role(role.name(), fewer, role.accelerators(), role.requests(), role.container()));
        return new Profile(profile.name(), roles, profile.topology(), profile.checkpointFormat());
    }

    private void largerLevel(int index) {
        Profile profile = spec.profiles().get(index);
        String from = profile.topology().required();
        if (from.isEmpty()) {
            return;
        }
        List<String> larger = larger(profile, from);
        options.add(new Option(
                ChangeKind.LARGER_LEVEL, ChangeKind.LARGER_LEVEL.cost(), List.of(larger.size()), amount -> {
                    String to = larger.get(amount - 1);
                    return new Part(
                            ChangeKind.LARGER_LEVEL,
                            ChangeKind.LARGER_LEVEL.cost(),
                            Map.of("profile", profile.name(), "from", from, "to", to),
                            draft -> draft.profile(index, now -> inside(now, to)));
                }));
    }

    /** The levels above on the ladder of the first class that has the level; at last the cluster. */
    private List<String> larger(Profile profile, String from) {
        List<String> levels = new ArrayList<>();
        for (AcceleratorClass candidate : state.settings().classes()) {
            List<String> ladder = candidate.ladder().stream()
                    .map(AcceleratorClass.Level::name)
                    .toList();
            boolean admitted = profile.roles().stream().allMatch(role -> admits(role.accelerators(), candidate));
            if (levels.isEmpty() && admitted && ladder.contains(from)) {
                levels.addAll(ladder.subList(ladder.indexOf(from) + 1, ladder.size()));
                levels.remove("cluster");
            }
        }
        levels.add("");
        return levels;
    }

    private static Profile inside(Profile profile, String level) {
        TopologyRequest asked = profile.topology();
        TopologyRequest topology =
                new TopologyRequest(level, asked.preferred(), asked.groupSize(), asked.groupRequired());
        return new Profile(profile.name(), profile.roles(), topology, profile.checkpointFormat());
    }

    private void replicas() {
        InferenceSpec inference = spec.inference();
        if (inference == null) {
            return;
        }
        if (!inference.spread().isEmpty()) {
            String levels = String.join(
                    ",",
                    inference.spread().stream().map(InferenceSpec.Spread::level).toList());
            once(ChangeKind.NO_SPREAD, Map.of("levels", levels), draft -> draft.inference(OwnOptions::anywhere));
        }
        if (inference.minSuppliers() > 1 || inference.minLossCoveragePercent() > 0) {
            once(
                    ChangeKind.FEWER_SUPPLIERS,
                    Map.of(
                            "minSuppliers", Integer.toString(inference.minSuppliers()),
                            "minLossCoveragePercent", Integer.toString(inference.minLossCoveragePercent())),
                    draft -> draft.inference(OwnOptions::ofAnySupplier));
        }
    }

    private static InferenceSpec anywhere(InferenceSpec of) {
        return with(of, List.of(), of.minSuppliers(), of.minLossCoveragePercent());
    }

    private static InferenceSpec ofAnySupplier(InferenceSpec of) {
        return with(of, of.spread(), 0, 0);
    }

    private static InferenceSpec with(
            InferenceSpec of, List<InferenceSpec.Spread> spread, int minSuppliers, int minLossCoveragePercent) {
        return new InferenceSpec(
                of.replicas(),
                of.scaling(),
                of.maxUnavailable(),
                of.graceSeconds(),
                of.maxSurge(),
                of.rolloutMaxUnavailable(),
                spread,
                minSuppliers,
                of.sourcingTier(),
                minLossCoveragePercent,
                of.servicePort(),
                of.serviceTargetPort());
    }

    /** Just above each priority of those who wait and are not behind it. */
    private void priority() {
        JobState job = gang.job();
        Set<Integer> levels = new TreeSet<>();
        for (JobState other : state.jobs().all()) {
            boolean inFront = other.id() != job.id()
                    && other.priority() >= job.priority()
                    && other.priority() < Integer.MAX_VALUE
                    && other.gangs().stream().anyMatch(GangState::eligible);
            if (inFront) {
                levels.add(other.priority() + 1);
            }
        }
        if (levels.isEmpty()) {
            return;
        }
        List<Integer> upwards = List.copyOf(new ArrayList<>(levels));
        ChangeKind kind = ChangeKind.HIGHER_PRIORITY;
        options.add(new Option(kind, kind.cost(), List.of(upwards.size()), amount -> {
            int to = upwards.get(amount - 1);
            return new Part(
                    kind,
                    kind.cost(),
                    Map.of("from", Integer.toString(job.priority()), "to", Integer.toString(to)),
                    draft -> draft.priority(to));
        }));
    }
}

package dev.interposer.control.validate;

import dev.interposer.control.command.Utf8;
import dev.interposer.engine.model.AcceleratorClass;
import dev.interposer.engine.model.AcceleratorRequest;
import dev.interposer.engine.model.ClassSelector;
import dev.interposer.engine.model.Container;
import dev.interposer.engine.model.Profile;
import dev.interposer.engine.model.Role;
import dev.interposer.engine.model.TopologyRequest;
import dev.interposer.engine.model.WorkerCount;
import dev.interposer.engine.state.Settings;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/** Whether one profile of a job is sound. */
final class ProfileCheck {
    static final int MOST_WORKERS = 4096;
    static final int MOST_DEVICES_PER_WORKER = 64;
    private static final int MOST_ROLES = 8;
    private static final int MOST_RESOURCES = 16;
    private static final int MOST_TEXT = 65_536;
    /** An assignment is one event: 4096 workers of eight devices leave room in their page. */
    private static final long MOST_DEVICES = 32_768;

    private static final int MOST_NAME = 253;
    private static final int MOST_NAMES = 64;
    private static final long MOST_AMOUNT = 1L << 60;
    private static final String ONLY_ROLE = "worker";

    private final Violations violations;
    private final Settings settings;
    private final String path;

    ProfileCheck(Violations violations, Settings settings, String path) {
        this.violations = violations;
        this.settings = settings;
        this.path = path;
    }

    void check(Profile profile) {
        violations.within(path + ".roles", profile.roles().size(), 1, MOST_ROLES);
        boolean single =
                profile.roles().size() == 1 && profile.roles().getFirst().name().equals(ONLY_ROLE);
        Set<String> names = new HashSet<>();
        long workers = 0;
        long devices = 0;
        for (int index = 0; index < Math.min(profile.roles().size(), MOST_ROLES); index++) {
            Role role = profile.roles().get(index);
            String at = single ? path : path + ".roles[" + index + "]";
            violations.label(at + ".name", role.name());
            violations.require(names.add(role.name()), at + ".name", role.name(), "another role has it");
            count(at + ".workers", role.workers());
            accelerators(at + ".accelerators", role.accelerators());
            requests(at + ".template.spec.containers.resources.requests", role.requests());
            container(at + ".template.spec.containers", role.container());
            workers += Math.max(0, role.workers().max());
            devices += Math.max(0L, role.workers().max())
                    * Math.max(0, role.accelerators().perWorker());
        }
        violations.require(
                workers <= MOST_WORKERS, path + ".workers", workers, "a gang has at most " + MOST_WORKERS + " workers");
        violations.require(
                devices <= MOST_DEVICES, path + ".workers", devices, "a gang has at most " + MOST_DEVICES + " devices");
        violations.text(path + ".checkpointFormat", profile.checkpointFormat(), 253);
        topology(profile.topology(), profile);
    }

    private void count(String at, WorkerCount count) {
        violations.within(at + ".min", count.min(), 1, MOST_WORKERS);
        violations.within(at + ".max", count.max(), 1, MOST_WORKERS);
        violations.within(at + ".step", count.step(), 1, MOST_WORKERS);
        violations.require(
                count.min() <= count.max(),
                at + ".min",
                count.min(),
                "is above " + at + ".max (" + count.max() + "). Maybe swap them?");
    }

    private void accelerators(String at, AcceleratorRequest request) {
        violations.within(at + ".perWorker", request.perWorker(), 0, MOST_DEVICES_PER_WORKER);
        violations.within(at + ".shareMilli", request.shareMilli(), 1, AcceleratorRequest.WHOLE);
        if (request.shared() && request.perWorker() != 1) {
            violations.invalid(
                    at + ".shareMilli", request.shareMilli(), "a share is of one device: perWorker must be 1");
        }
        violations.text(at + ".partition", request.partition(), MOST_NAME);
        violations.text(at + ".className", request.className(), MOST_NAME);
        if (request.selector() != null) {
            texts(at + ".selector", request.selector());
        }
        if (request.perWorker() == 0) {
            violations.require(
                    request.className().isEmpty() && request.selector() == null,
                    at + ".perWorker",
                    0,
                    "takes no device, and a class is named beside it. Maybe leave out accelerators?");
            violations.require(
                    request.partition().isEmpty(),
                    at + ".partition",
                    request.partition(),
                    "there is no device to split");
            return;
        }
        if (!request.partition().isEmpty()) {
            partition(at, request);
        }
        if (request.className().isEmpty() == (request.selector() == null)) {
            violations.invalid(at, request.className(), "needs a className or a selector, and not both");
        } else if (request.selector() != null) {
            selector(at + ".selector", request.selector());
        } else if (settings.acceleratorClass(request.className()) == null) {
            violations.invalid(
                    at + ".className", request.className(), "there is no such class. Maybe one of " + classes() + "?");
        }
    }

    private void partition(String at, AcceleratorRequest request) {
        violations.require(
                request.perWorker() == 1,
                at + ".partition",
                request.partition(),
                "a worker gets one partition: perWorker must be 1");
        violations.require(
                !request.shared(), at + ".shareMilli", request.shareMilli(), "a partition is not shared further");
        List<AcceleratorClass> admitted = admitted(request);
        Set<String> known = new TreeSet<>();
        admitted.forEach(chipClass -> chipClass.partitions().forEach(partition -> known.add(partition.name())));
        violations.require(
                admitted.isEmpty() || known.contains(request.partition()),
                at + ".partition",
                request.partition(),
                "no class that the profile admits has such a partition. Maybe one of " + known + "?");
    }

    private List<AcceleratorClass> admitted(AcceleratorRequest request) {
        return settings.classes().stream()
                .filter(chipClass -> request.selector() == null
                        ? chipClass.name().equals(request.className())
                        : request.selector().admits(chipClass))
                .toList();
    }

    private List<String> classes() {
        return settings.classes().stream().map(AcceleratorClass::name).limit(20).toList();
    }

    private void selector(String at, ClassSelector selector) {
        violations.within(at + ".minMemory", selector.minMemoryBytes(), 0, MOST_AMOUNT);
        violations.require(
                settings.classes().stream().anyMatch(selector::admits),
                at,
                selector,
                "no class satisfies it. Maybe one of " + classes() + " by name?");
    }

    private void texts(String at, ClassSelector selector) {
        violations.texts(at + ".classNames", selector.classNames(), MOST_NAMES, MOST_NAME);
        violations.texts(at + ".dtypes", selector.dtypes(), MOST_NAMES, MOST_NAME);
        violations.text(at + ".chipFamily", selector.chipFamily(), MOST_NAME);
    }

    private void requests(String at, Map<String, Long> requests) {
        violations.within(at, requests.size(), 0, MOST_RESOURCES);
        requests.entrySet().stream().limit(MOST_RESOURCES).forEach(request -> {
            violations.text(at, request.getKey(), MOST_NAME);
            violations.within(at + "." + request.getKey(), request.getValue(), 0, MOST_AMOUNT);
        });
    }

    private void container(String at, Container container) {
        violations.require(
                !container.command().isEmpty()
                        || !container.image().isEmpty()
                        || !container.args().isEmpty(),
                at,
                container.name(),
                "needs a command or an image");
        violations.text(at + ".image", container.image(), 1024);
        violations.text(at + ".workingDir", container.workingDir(), 4096);
        violations.text(at + ".name", container.name(), MOST_NAME);
        long text = Utf8.bytes(container.templateJson());
        for (String word : container.command()) {
            text += Utf8.bytes(word);
        }
        for (String word : container.args()) {
            text += Utf8.bytes(word);
        }
        for (Map.Entry<String, String> variable : container.env().entrySet()) {
            text += Utf8.bytes(variable.getKey()) + Utf8.bytes(variable.getValue());
        }
        violations.require(text <= MOST_TEXT, at, text + " bytes", "is longer than " + MOST_TEXT + " bytes in all");
    }

    private void topology(TopologyRequest topology, Profile profile) {
        String at = path + ".topology";
        violations.text(at + ".required", topology.required(), MOST_NAME);
        violations.text(at + ".preferred", topology.preferred(), MOST_NAME);
        violations.text(at + ".groups.required", topology.groupRequired(), MOST_NAME);
        violations.within(at + ".groups.size", topology.groupSize(), 0, MOST_WORKERS);
        if (topology.groupSize() > 0) {
            groups(at + ".groups", topology, profile);
        } else {
            violations.require(
                    topology.groupRequired().isEmpty(),
                    at + ".groups.size",
                    topology.groupSize(),
                    "groups need a size of at least 1");
        }
        for (Role role : profile.roles()) {
            List<AcceleratorClass> admitted = admitted(role.accelerators());
            if (!admitted.isEmpty()) {
                level(at + ".required", topology.required(), admitted);
                level(at + ".preferred", topology.preferred(), admitted);
                level(at + ".groups.required", topology.groupRequired(), admitted);
                if (topology.groupSize() > 0) {
                    belowWholeLevel(at + ".groups.required", topology.groupRequired(), admitted);
                }
            }
        }
    }

    /** Whole groups only: the counts of a single role are multiples of the size, those of several are fixed. */
    private void groups(String at, TopologyRequest topology, Profile profile) {
        int size = topology.groupSize();
        violations.require(
                !topology.groupRequired().isEmpty(), at + ".required", "", "is needed: the level that holds a group");
        long workers = 0;
        boolean elastic = false;
        for (Role role : profile.roles()) {
            workers += role.workers().min();
            elastic |= role.workers().min() != role.workers().max();
        }
        violations.require(
                workers % size == 0,
                at + ".size",
                size,
                "does not divide the smallest gang of " + workers + " workers");
        if (elastic && profile.roles().size() > 1) {
            violations.invalid(at + ".size", size, "groups over several roles need fixed numbers of workers");
        } else if (elastic) {
            int step = profile.roles().getFirst().workers().step();
            violations.require(step % size == 0, at + ".size", size, "does not divide workers.step (" + step + ")");
        }
    }

    /** A level taken whole holds groups, not the other way round. */
    private void belowWholeLevel(String at, String level, List<AcceleratorClass> admitted) {
        for (AcceleratorClass chipClass : admitted) {
            List<String> names = chipClass.ladder().stream()
                    .map(AcceleratorClass.Level::name)
                    .toList();
            int whole = names.indexOf(chipClass.wholeLevel());
            violations.require(
                    whole < 0 || names.indexOf(level) <= whole,
                    at,
                    level,
                    "is above " + chipClass.wholeLevel() + ", the level that " + chipClass.name() + " is taken by");
        }
    }

    /** Replicas are spread over a level that some class of each profile has. */
    void spreadOver(String at, String level, Profile profile) {
        violations.require(!level.isEmpty(), at, level, "is missing");
        for (Role role : profile.roles()) {
            List<AcceleratorClass> admitted = admitted(role.accelerators());
            if (!admitted.isEmpty()) {
                level(at, level, admitted);
            }
        }
    }

    private void level(String at, String level, List<AcceleratorClass> admitted) {
        Set<String> known = new TreeSet<>();
        admitted.forEach(chipClass -> chipClass.ladder().forEach(step -> known.add(step.name())));
        violations.require(
                level.isEmpty() || known.contains(level),
                at,
                level,
                "no class that the profile admits has such a level. Maybe one of " + known + "?");
    }
}

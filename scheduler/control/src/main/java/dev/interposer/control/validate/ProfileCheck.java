package dev.interposer.control.validate;

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
        }
        violations.require(
                workers <= MOST_WORKERS, path + ".workers", workers, "a gang has at most " + MOST_WORKERS + " workers");
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
        if (!request.partition().isEmpty()) {
            violations.unsupported(at + ".partition", request.partition(), "a partition of a device");
        }
        if (request.perWorker() == 0) {
            violations.require(
                    request.className().isEmpty() && request.selector() == null,
                    at + ".perWorker",
                    0,
                    "takes no device, and a class is named beside it. Maybe leave out accelerators?");
            return;
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

    private void requests(String at, Map<String, Long> requests) {
        violations.within(at, requests.size(), 0, MOST_RESOURCES);
        requests.forEach((name, amount) -> violations.within(at + "." + name, amount, 0, MOST_AMOUNT));
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
        long text = container.templateJson().length();
        for (String word : container.command()) {
            text += word.length();
        }
        for (String word : container.args()) {
            text += word.length();
        }
        for (Map.Entry<String, String> variable : container.env().entrySet()) {
            text += variable.getKey().length() + (long) variable.getValue().length();
        }
        violations.require(
                text <= MOST_TEXT, at, text + " characters", "is longer than " + MOST_TEXT + " characters in all");
    }

    private void topology(TopologyRequest topology, Profile profile) {
        String at = path + ".topology";
        if (topology.groupSize() > 0) {
            violations.unsupported(at + ".groups", topology.groupSize(), "groups inside a level");
        }
        for (Role role : profile.roles()) {
            AcceleratorRequest request = role.accelerators();
            List<AcceleratorClass> admitted = settings.classes().stream()
                    .filter(chipClass -> request.selector() == null
                            ? chipClass.name().equals(request.className())
                            : request.selector().admits(chipClass))
                    .toList();
            if (!admitted.isEmpty()) {
                level(at + ".required", topology.required(), admitted);
                level(at + ".preferred", topology.preferred(), admitted);
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

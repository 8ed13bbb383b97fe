package dev.interposer.engine.nearest;

import dev.interposer.engine.event.Event;
import dev.interposer.engine.event.SettingEvent;
import dev.interposer.engine.model.AcceleratorRequest;
import dev.interposer.engine.model.InferenceSpec;
import dev.interposer.engine.model.JobQueue;
import dev.interposer.engine.model.JobSpec;
import dev.interposer.engine.model.Profile;
import dev.interposer.engine.model.Role;
import dev.interposer.engine.model.SourcingPolicy;
import dev.interposer.engine.state.Settings;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/** What parts of a change come to: another spec and priority of the job, and events. */
final class Draft {
    private final Settings settings;
    private final Map<String, JobQueue> queues = new TreeMap<>();
    private final Map<String, SourcingPolicy> policies = new TreeMap<>();
    private final List<Event> events = new ArrayList<>();
    private final List<OtherClass> otherClasses = new ArrayList<>();
    private JobSpec spec;
    private int priority;

    private record OtherClass(int profile, String className) {}

    Draft(Settings settings, JobSpec spec, int priority) {
        this.settings = settings;
        this.spec = spec;
        this.priority = priority;
    }

    void happens(Event event) {
        events.add(event);
    }

    void priority(int other) {
        priority = other;
    }

    int priority() {
        return priority;
    }

    void queue(String name, UnaryOperator<JobQueue> change) {
        JobQueue queue = queues.computeIfAbsent(name, known -> Objects.requireNonNull(settings.queue(known)));
        queues.put(name, change.apply(queue));
    }

    void policy(String name, UnaryOperator<SourcingPolicy> change) {
        SourcingPolicy policy = policies.computeIfAbsent(name, known -> Objects.requireNonNull(settings.policy(known)));
        policies.put(name, change.apply(policy));
    }

    void labelled(String key, String value) {
        Map<String, String> labels = new TreeMap<>(spec.labels());
        labels.put(key, value);
        spec = spec.labelled(labels);
    }

    void profile(int index, UnaryOperator<Profile> change) {
        List<Profile> profiles = new ArrayList<>(spec.profiles());
        profiles.set(index, change.apply(profiles.get(index)));
        spec = with(profiles, spec.inference());
    }

    void inference(UnaryOperator<InferenceSpec> change) {
        spec = with(spec.profiles(), change.apply(Objects.requireNonNull(spec.inference())));
    }

    /** The profile, whatever else is changed of it, may also run on another class. */
    void otherClass(int profile, String className) {
        otherClasses.add(new OtherClass(profile, className));
    }

    JobSpec spec() {
        List<Profile> profiles = new ArrayList<>(spec.profiles());
        otherClasses.forEach(other -> profiles.add(on(spec.profiles().get(other.profile()), other.className())));
        return with(profiles, spec.inference());
    }

    /** In the order in which they are to be applied. */
    List<Event> events() {
        List<Event> all = new ArrayList<>();
        queues.values().forEach(queue -> all.add(new SettingEvent.QueueApplied(queue)));
        policies.values().forEach(policy -> all.add(new SettingEvent.PolicyApplied(policy)));
        all.addAll(events);
        return all;
    }

    private static Profile on(Profile profile, String className) {
        List<Role> roles =
                profile.roles().stream().map(role -> on(role, className)).toList();
        return new Profile(profile.name() + "-" + className, roles, profile.topology(), profile.checkpointFormat());
    }

    private static Role on(Role role, String className) {
        AcceleratorRequest asked = role.accelerators();
        if (asked.perWorker() == 0) {
            return role;
        }
        AcceleratorRequest other =
                new AcceleratorRequest(className, null, asked.perWorker(), asked.shareMilli(), asked.partition());
        return new Role(role.name(), role.workers(), other, role.requests(), role.container());
    }

    private JobSpec with(List<Profile> profiles, @Nullable InferenceSpec inference) {
        return new JobSpec(
                spec.kind(),
                spec.queueName(),
                spec.priorityClassName(),
                spec.workloadFamily(),
                spec.suspend(),
                spec.activeDeadlineSeconds(),
                spec.ttlSecondsAfterFinished(),
                profiles,
                spec.training(),
                inference,
                spec.labels());
    }
}

package dev.interposer.engine.fit;

import dev.interposer.engine.fleet.Fleet;
import dev.interposer.engine.fleet.WorkerRequest;
import dev.interposer.engine.model.AcceleratorClass;
import dev.interposer.engine.model.AcceleratorRequest;
import dev.interposer.engine.model.JobSpec;
import dev.interposer.engine.model.Profile;
import dev.interposer.engine.model.Role;
import dev.interposer.engine.model.TopologyRequest;
import dev.interposer.engine.state.Settings;
import java.util.ArrayList;
import java.util.List;

/** A job's profiles in the fleet's own numbers; made once for each spec and again when the classes change. */
public final class Demand {
    private final List<ProfileDemand> profiles;

    private Demand(List<ProfileDemand> profiles) {
        this.profiles = List.copyOf(profiles);
    }

    public static Demand of(JobSpec spec, Settings settings, Fleet fleet) {
        List<ProfileDemand> made = new ArrayList<>();
        for (int index = 0; index < spec.profiles().size(); index++) {
            made.add(ProfileDemand.of(index, spec.profiles().get(index), settings, fleet));
        }
        return new Demand(made);
    }

    public List<ProfileDemand> profiles() {
        return profiles;
    }

    /** Whether freed devices of the class, or freed resources of its nodes, may help. */
    public boolean concerns(int chipClass) {
        for (ProfileDemand profile : profiles) {
            if (profile.withoutDevices() || profile.admits(chipClass)) {
                return true;
            }
        }
        return false;
    }

    /**
     * One profile.
     *
     * @param index its place in the job
     * @param roles one request for each role, with every admitted class
     * @param counts how many workers of each role
     * @param classes classes that every role with devices admits, cheapest first
     * @param topology as the profile says
     */
    public record ProfileDemand(
            int index,
            List<WorkerRequest> roles,
            List<Role> counts,
            List<ClassOption> classes,
            TopologyRequest topology) {

        /** A class that may serve the profile. */
        public record ClassOption(int number, AcceleratorClass chipClass, long priceMilli) {}

        static ProfileDemand of(int index, Profile profile, Settings settings, Fleet fleet) {
            List<ClassOption> options = new ArrayList<>();
            for (AcceleratorClass candidate : settings.classes()) {
                if (profile.roles().stream().allMatch(role -> admits(role.accelerators(), candidate))) {
                    long price = settings.pricesMilli().getOrDefault(candidate.name(), 1000L);
                    options.add(new ClassOption(fleet.classNumber(candidate.name()), candidate, price));
                }
            }
            // A stable sort: equal prices keep the order of the names.
            options.sort((a, b) -> Long.compare(a.priceMilli(), b.priceMilli()));
            int[] numbers = options.stream().mapToInt(ClassOption::number).toArray();
            List<WorkerRequest> roles = profile.roles().stream()
                    .map(role -> fleet.request(role, numbers))
                    .toList();
            return new ProfileDemand(index, roles, profile.roles(), List.copyOf(options), profile.topology());
        }

        private static boolean admits(AcceleratorRequest request, AcceleratorClass candidate) {
            if (request.perWorker() == 0) {
                return true;
            }
            return request.selector() == null
                    ? request.className().equals(candidate.name())
                    : request.selector().admits(candidate);
        }

        public boolean withoutDevices() {
            return roles.stream().allMatch(role -> role.devices() == 0);
        }

        public boolean admits(int chipClass) {
            return classes.stream().anyMatch(option -> option.number() == chipClass);
        }

        /** Fewest workers. */
        public int minWorkers() {
            return counts.stream().mapToInt(role -> role.workers().min()).sum();
        }

        public int maxWorkers() {
            return counts.stream().mapToInt(role -> role.workers().max()).sum();
        }

        /** Devices of the smallest gang. */
        public long minDevices() {
            long devices = 0;
            for (Role role : counts) {
                devices += (long) role.workers().min() * role.accelerators().perWorker();
            }
            return devices;
        }
    }
}

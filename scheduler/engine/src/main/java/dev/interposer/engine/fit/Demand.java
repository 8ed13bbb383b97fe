package dev.interposer.engine.fit;

import dev.interposer.engine.fleet.Fleet;
import dev.interposer.engine.fleet.Ladder;
import dev.interposer.engine.fleet.WorkerRequest;
import dev.interposer.engine.model.AcceleratorClass;
import dev.interposer.engine.model.AcceleratorRequest;
import dev.interposer.engine.model.JobSpec;
import dev.interposer.engine.model.Profile;
import dev.interposer.engine.model.Role;
import dev.interposer.engine.model.TopologyRequest;
import dev.interposer.engine.model.WorkerCount;
import dev.interposer.engine.state.Settings;
import java.util.ArrayList;
import java.util.Comparator;
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

        /**
         * A class that may serve the profile.
         *
         * @param number the fleet's number of it
         * @param chipClass the class
         * @param priceMilli price of one chip-hour, in thousandths
         * @param roles one request for each role, for this class only
         * @param ladder its topology levels
         */
        public record ClassOption(
                int number, AcceleratorClass chipClass, long priceMilli, List<WorkerRequest> roles, Ladder ladder) {}

        static ProfileDemand of(int index, Profile profile, Settings settings, Fleet fleet) {
            List<AcceleratorClass> admitted = settings.classes().stream()
                    .filter(candidate ->
                            profile.roles().stream().allMatch(role -> admits(role.accelerators(), candidate)))
                    // A stable sort: equal prices keep the order of the names.
                    .sorted(Comparator.comparingLong(candidate -> price(candidate, settings)))
                    .toList();
            int[] numbers = admitted.stream()
                    .mapToInt(candidate -> fleet.classNumber(candidate.name()))
                    .toArray();
            List<WorkerRequest> roles = profile.roles().stream()
                    .map(role -> fleet.request(role, numbers))
                    .toList();
            List<ClassOption> options = new ArrayList<>();
            for (AcceleratorClass candidate : admitted) {
                int number = fleet.classNumber(candidate.name());
                List<WorkerRequest> ofClass =
                        roles.stream().map(role -> fleet.ofClass(role, number)).toList();
                options.add(new ClassOption(
                        number, candidate, price(candidate, settings), ofClass, fleet.ladder(candidate)));
            }
            return new ProfileDemand(index, roles, profile.roles(), List.copyOf(options), profile.topology());
        }

        private static long price(AcceleratorClass chipClass, Settings settings) {
            return settings.pricesMilli().getOrDefault(chipClass.name(), 1000L);
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
            for (WorkerRequest role : roles) {
                if (role.devices() > 0) {
                    return false;
                }
            }
            return true;
        }

        public boolean admits(int chipClass) {
            for (ClassOption option : classes) {
                if (option.number() == chipClass) {
                    return true;
                }
            }
            return false;
        }

        /** Fewest workers. */
        public int minWorkers() {
            int workers = 0;
            for (Role role : counts) {
                workers += role.workers().min();
            }
            return workers;
        }

        public int maxWorkers() {
            int workers = 0;
            for (Role role : counts) {
                workers += role.workers().max();
            }
            return workers;
        }

        /** The first workers of the smallest gang alone, by rank. */
        public ProfileDemand first(int workers) {
            List<Role> fewer = new ArrayList<>();
            int left = workers;
            for (Role role : counts) {
                int taken = Math.min(left, role.workers().min());
                left -= taken;
                fewer.add(new Role(
                        role.name(), WorkerCount.of(taken), role.accelerators(), role.requests(), role.container()));
            }
            return new ProfileDemand(index, roles, List.copyOf(fewer), classes, topology);
        }

        /** The same without groups. */
        public ProfileDemand ungrouped() {
            TopologyRequest loose = new TopologyRequest(topology.required(), topology.preferred(), 0, "");
            return new ProfileDemand(index, roles, counts, classes, loose);
        }

        /** Role of a rank of the smallest gang. */
        public int roleOf(int rank) {
            int end = 0;
            for (int role = 0; role < counts.size(); role++) {
                end += counts.get(role).workers().min();
                if (rank < end) {
                    return role;
                }
            }
            throw new IllegalArgumentException("the smallest gang has no rank " + rank);
        }

        /** Devices of the smallest gang, shares and partitions counted as devices. */
        public long minDevices() {
            long devices = 0;
            for (Role role : counts) {
                devices += (long) role.workers().min() * role.accelerators().perWorker();
            }
            return devices;
        }

        /** Whole devices that must be free for the smallest gang. */
        public int minWholeDevices() {
            long devices = 0;
            for (int role = 0; role < counts.size(); role++) {
                if (roles.get(role).whole()) {
                    devices += (long) counts.get(role).workers().min()
                            * roles.get(role).devices();
                }
            }
            return (int) Math.min(Integer.MAX_VALUE, devices);
        }
    }
}

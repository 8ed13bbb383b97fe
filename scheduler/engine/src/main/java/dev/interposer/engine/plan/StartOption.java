package dev.interposer.engine.plan;

import dev.interposer.engine.fit.Demand;
import dev.interposer.engine.fit.Demand.ProfileDemand;
import dev.interposer.engine.fit.Demand.ProfileDemand.ClassOption;
import dev.interposer.engine.fit.RoomNeed;
import dev.interposer.engine.fleet.Fleet;
import dev.interposer.engine.fleet.WorkerRequest;
import dev.interposer.engine.order.Blocker;
import dev.interposer.engine.placement.GangPlacer;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One way to start a gang: a profile on a class.
 *
 * @param profile the profile
 * @param chipClass null for a profile that is placed without naming a class
 * @param classNumber the class in the fleet's numbers; −1 for none
 * @param minMilli devices of the smallest gang, in thousandths
 * @param perWorkerMilli devices of the largest worker, in thousandths
 * @param priceMilli what an hour of the smallest gang costs
 * @param room what it lacks when there is no place for it
 */
record StartOption(
        ProfileDemand profile,
        @Nullable ClassOption chipClass,
        int classNumber,
        long minMilli,
        long perWorkerMilli,
        long priceMilli,
        Blocker room) {
    /** Cheapest first; then in the order of the profiles. */
    static List<StartOption> of(Demand demand, GangPlacer placer, Fleet fleet) {
        List<StartOption> options = new ArrayList<>();
        for (ProfileDemand profile : demand.profiles()) {
            if (placer.classless(profile)) {
                options.add(of(profile, null, fleet));
            } else {
                profile.classes().forEach(chipClass -> options.add(of(profile, chipClass, fleet)));
            }
        }
        // A stable sort: equal prices keep the order of the profiles and of the classes.
        options.sort(Comparator.comparingLong(StartOption::priceMilli));
        return List.copyOf(options);
    }

    private static StartOption of(ProfileDemand profile, @Nullable ClassOption chipClass, Fleet fleet) {
        int number = chipClass == null ? -1 : chipClass.number();
        long min = 0;
        long largest = 0;
        for (int role = 0; role < profile.roles().size(); role++) {
            WorkerRequest request = profile.roles().get(role);
            long milli = (long) request.devices() * fleet.countedMilli(request, number);
            min += milli * profile.counts().get(role).workers().min();
            largest = Math.max(largest, milli);
        }
        long price = chipClass == null ? 0 : chipClass.priceMilli() * min / 1000;
        Blocker room = new Blocker.Room(RoomNeed.of(profile, chipClass));
        return new StartOption(profile, chipClass, number, min, largest, price, room);
    }
}

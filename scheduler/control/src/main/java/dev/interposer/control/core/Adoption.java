package dev.interposer.control.core;

import dev.interposer.engine.event.FleetEvent;
import dev.interposer.engine.event.JobEvent;
import dev.interposer.engine.model.Actor;
import dev.interposer.engine.model.Device;
import dev.interposer.engine.model.GangPhase;
import dev.interposer.engine.model.Hold;
import dev.interposer.engine.model.Profile;
import dev.interposer.engine.model.WorkerKey;
import dev.interposer.engine.model.WorkerPlacement;
import dev.interposer.engine.state.GangState;
import dev.interposer.engine.state.JobState;
import dev.interposer.engine.state.NodeState;
import dev.interposer.engine.state.State;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Takes over work that runs and that a restored ledger has forgotten to have started.
 *
 * <p><b>Goals.</b> What runs goes on; a job that the ledger knows is not started a second time beside itself.
 *
 * <p><b>Constraints.</b> A gang is taken over whole or not at all. Only while placement is halted, since afterwards the
 * ledger may have decided otherwise.
 *
 * <p><b>Algorithm.</b> Holds of all nodes by gang; a gang that waits, with a hold of a later attempt for each of its
 * workers, is assigned as it runs.
 */
final class Adoption {
    private static final Comparator<WorkerKey> BY_GANG = Comparator.comparingLong(WorkerKey::jobId)
            .thenComparingInt(WorkerKey::gang)
            .thenComparingInt(WorkerKey::attempt);

    private final State state;
    private final PageDraft page;

    /** A worker where it runs. */
    private record Found(NodeState node, Hold hold) {}

    Adoption(State state, PageDraft page) {
        this.state = state;
        this.page = page;
    }

    /** Takes over every gang that has been found whole. */
    void adopt() {
        if (state.settings().placementHalted().isEmpty()) {
            return;
        }
        TreeMap<WorkerKey, List<Found>> gangs = new TreeMap<>(BY_GANG);
        for (NodeState node : state.nodes().all()) {
            for (Hold hold : node.holds()) {
                if (waiting(hold.key()) != null) {
                    gangs.computeIfAbsent(hold.key(), key -> new ArrayList<>()).add(new Found(node, hold));
                }
            }
        }
        for (Map.Entry<WorkerKey, List<Found>> gang : gangs.entrySet()) {
            adopt(gang.getKey(), gang.getValue());
        }
    }

    /** The gang, if the ledger knows it and would start it again. */
    private @Nullable GangState waiting(WorkerKey key) {
        JobState job = state.jobs().find(key.jobId());
        if (job == null
                || job.cancelRequested()
                || key.gang() < 0
                || key.gang() >= job.gangs().size()) {
            return null;
        }
        GangState gang = job.gangs().get(key.gang());
        boolean waits = gang.phase() == GangPhase.WAITING || gang.phase() == GangPhase.BACKOFF;
        return waits && key.attempt() > gang.attempt() ? gang : null;
    }

    private void adopt(WorkerKey key, List<Found> workers) {
        // An earlier one of the same page may have been a later attempt of this gang.
        GangState gang = waiting(key);
        workers.sort(Comparator.comparingInt(found -> found.hold().key().worker()));
        int profile = gang == null ? -1 : profile(gang, workers);
        if (gang == null || profile < 0) {
            return;
        }
        List<WorkerPlacement> placements = new ArrayList<>();
        for (Found found : workers) {
            int role =
                    role(gang.job().spec().profiles().get(profile), found.hold().roleName());
            placements.add(
                    new WorkerPlacement(role, found.node().id(), found.hold().devices()));
        }
        String className = className(workers);
        if (gang.phase() == GangPhase.BACKOFF) {
            page.add(Actor.SCHEDULER, new JobEvent.GangEligible(key.jobId(), key.gang()));
        }
        for (Found found : workers) {
            page.add(
                    Actor.SCHEDULER,
                    new FleetEvent.HoldReleased(found.node().id(), found.hold().key()));
        }
        page.add(
                Actor.SCHEDULER,
                new JobEvent.GangAssigned(
                        key.jobId(),
                        key.gang(),
                        key.attempt(),
                        profile,
                        className,
                        placements,
                        state.settings().priceEpoch()));
        workers.forEach(found -> page.add(
                Actor.SCHEDULER, new JobEvent.WorkerStarted(found.hold().key())));
    }

    /** Index of the profile under which these are the whole gang, or −1. */
    private static int profile(GangState gang, List<Found> workers) {
        String name = workers.getFirst().hold().profileName();
        List<Profile> profiles = gang.job().spec().profiles();
        for (int index = 0; index < profiles.size(); index++) {
            Profile profile = profiles.get(index);
            if (profile.name().equals(name)) {
                return isWhole(profile, workers) ? index : -1;
            }
        }
        return -1;
    }

    private static boolean isWhole(Profile profile, List<Found> workers) {
        for (int rank = 0; rank < workers.size(); rank++) {
            Hold hold = workers.get(rank).hold();
            if (hold.key().worker() != rank
                    || hold.worldSize() != workers.size()
                    || !hold.profileName().equals(profile.name())
                    || role(profile, hold.roleName()) < 0) {
                return false;
            }
        }
        return true;
    }

    private static int role(Profile profile, String name) {
        for (int role = 0; role < profile.roles().size(); role++) {
            if (profile.roles().get(role).name().equals(name)) {
                return role;
            }
        }
        return -1;
    }

    /** Workers of one gang have devices of one class. */
    private static String className(List<Found> workers) {
        return workers.stream()
                .flatMap(found -> found.hold().devices().stream().mapToObj(found.node()::device))
                .filter(Objects::nonNull)
                .map(Device::className)
                .findFirst()
                .orElse("");
    }
}

package dev.interposer.control.core;

import dev.interposer.engine.event.FleetEvent;
import dev.interposer.engine.event.JobEvent;
import dev.interposer.engine.model.Actor;
import dev.interposer.engine.model.Device;
import dev.interposer.engine.model.EndCause;
import dev.interposer.engine.model.GangPhase;
import dev.interposer.engine.model.Hold;
import dev.interposer.engine.model.Ids;
import dev.interposer.engine.model.Profile;
import dev.interposer.engine.model.StopCause;
import dev.interposer.engine.model.WorkerKey;
import dev.interposer.engine.model.WorkerPlacement;
import dev.interposer.engine.placement.Placement;
import dev.interposer.engine.state.GangState;
import dev.interposer.engine.state.JobState;
import dev.interposer.engine.state.NodeState;
import dev.interposer.engine.state.State;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Objects;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Takes over work that runs and that a restored ledger has forgotten to have started.
 *
 * <p><b>Goals.</b> What runs goes on; a job that the ledger knows is not started a second time beside itself.
 *
 * <p><b>Constraints.</b> A gang goes on whole or not at all, and only if it was not started again. Once placement is
 * resumed, the part that was found of one that is not whole is stopped, and no attempt begins before that has ended.
 *
 * <p><b>Algorithm.</b> Holds of all nodes by gang; a gang that waits, with a hold of a later attempt for each of its
 * workers, is assigned as it runs. Once placement is resumed, the latest attempt of which a part is held is assigned
 * with that part, those of its workers that nobody has found as ended, and is asked to stop in the same page: from
 * there on it is an attempt like any other, which must be over before the next.
 */
final class Adoption {
    private static final Comparator<WorkerKey> BY_GANG = Comparator.comparingLong(WorkerKey::jobId)
            .thenComparingInt(WorkerKey::gang)
            .thenComparingInt(WorkerKey::attempt);

    /** No node has this id. */
    private static final long NOWHERE = 0;

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
        for (Map.Entry<WorkerKey, List<Found>> gang : found(state.nodes().all()).entrySet()) {
            adopt(gang.getKey(), gang.getValue());
        }
    }

    /**
     * Stops what was found on these nodes and is no whole gang, before its gang is started again. Does nothing while
     * placement is halted.
     */
    void stopParts(Collection<NodeState> nodes, GangLifecycle gangs) {
        if (!state.settings().placementHalted().isEmpty()) {
            return;
        }
        // The latest attempt first: those before it are then of no use and need not be waited for.
        for (Map.Entry<WorkerKey, List<Found>> part :
                found(nodes).descendingMap().entrySet()) {
            GangState gang = waiting(part.getKey());
            if (gang != null && profile(gang, part.getValue()) >= 0) {
                adopt(part.getKey(), part.getValue());
            } else if (gang != null) {
                stopPart(gang, part.getValue(), gangs);
            }
        }
    }

    private NavigableMap<WorkerKey, List<Found>> found(Collection<NodeState> nodes) {
        TreeMap<WorkerKey, List<Found>> gangs = new TreeMap<>(BY_GANG);
        for (NodeState node : nodes) {
            for (Hold hold : node.holds()) {
                if (waiting(hold.key()) != null) {
                    gangs.computeIfAbsent(hold.key(), key -> new ArrayList<>()).add(new Found(node, hold));
                }
            }
        }
        return gangs;
    }

    private void stopPart(GangState gang, List<Found> held, GangLifecycle gangs) {
        String name = held.getFirst().hold().profileName();
        int profile = named(gang, name);
        if (profile < 0) {
            return;
        }
        Profile known = gang.job().spec().profiles().get(profile);
        TreeMap<Integer, Found> byRank = new TreeMap<>();
        for (Found found : held) {
            int rank = found.hold().key().worker();
            if (rank >= 0
                    && rank < mostWorkers(known)
                    && found.hold().profileName().equals(name)) {
                byRank.putIfAbsent(rank, found);
            }
        }
        if (!byRank.isEmpty()) {
            stopPart(gang, profile, byRank, gangs);
        }
    }

    private static int mostWorkers(Profile profile) {
        return profile.roles().stream().mapToInt(role -> role.workers().max()).sum();
    }

    private void stopPart(GangState gang, int profile, NavigableMap<Integer, Found> byRank, GangLifecycle gangs) {
        Profile known = gang.job().spec().profiles().get(profile);
        List<WorkerPlacement> placements = new ArrayList<>();
        // Never the found ones alone: all of them may end well, and the gang has not.
        int size = Math.min(
                mostWorkers(known), byRank.firstEntry().getValue().hold().worldSize());
        for (int rank = 0; rank < Math.max(size, byRank.lastKey() + 1); rank++) {
            Found found = byRank.get(rank);
            placements.add(
                    found == null
                            ? new WorkerPlacement(0, NOWHERE, Ids.NONE)
                            : new WorkerPlacement(
                                    Math.max(0, role(known, found.hold().roleName())),
                                    found.node().id(),
                                    found.hold().devices()));
        }
        WorkerKey key = byRank.firstEntry().getValue().hold().key();
        List<Found> workers = List.copyOf(byRank.values());
        assign(gang, key, new Placement(profile, className(workers), placements), workers);
        for (int rank = 0; rank < placements.size(); rank++) {
            if (!byRank.containsKey(rank)) {
                WorkerKey missing = new WorkerKey(key.jobId(), key.gang(), key.attempt(), rank);
                page.add(Actor.SCHEDULER, new JobEvent.WorkerEnded(missing, EndCause.RELEASED, -1, "not found"));
            }
        }
        gangs.stop(Actor.SCHEDULER, gang, StopCause.NODE_LOST);
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
        assign(gang, key, new Placement(profile, className(workers), placements), workers);
    }

    private void assign(GangState gang, WorkerKey key, Placement place, List<Found> workers) {
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
                        place.profile(),
                        place.className(),
                        place.workers(),
                        state.settings().priceEpoch()));
        workers.forEach(found -> page.add(
                Actor.SCHEDULER, new JobEvent.WorkerStarted(found.hold().key())));
    }

    /** Index of the profile under which these are the whole gang, or −1. */
    private static int profile(GangState gang, List<Found> workers) {
        int index = named(gang, workers.getFirst().hold().profileName());
        return index >= 0 && isWhole(gang.job().spec().profiles().get(index), workers) ? index : -1;
    }

    private static int named(GangState gang, String name) {
        List<Profile> profiles = gang.job().spec().profiles();
        for (int index = 0; index < profiles.size(); index++) {
            if (profiles.get(index).name().equals(name)) {
                return index;
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

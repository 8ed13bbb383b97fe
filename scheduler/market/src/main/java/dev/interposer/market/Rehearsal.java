package dev.interposer.market;

import dev.interposer.engine.event.Event;
import dev.interposer.engine.event.FleetEvent;
import dev.interposer.engine.event.JobEvent;
import dev.interposer.engine.event.SettingEvent;
import dev.interposer.engine.model.Device;
import dev.interposer.engine.model.Health;
import dev.interposer.engine.model.JobSpec;
import dev.interposer.engine.model.NodePhase;
import dev.interposer.engine.model.WorkerPlacement;
import dev.interposer.engine.plan.Scheduler;
import dev.interposer.engine.state.GangState;
import dev.interposer.engine.state.JobState;
import dev.interposer.engine.state.State;
import dev.interposer.market.FleetImage.GangImage;
import dev.interposer.market.FleetImage.JobImage;
import dev.interposer.market.FleetImage.NodeImage;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * One run of the engine itself on a copy of the fleet from which some chips are gone.
 *
 * <p>Lost chips are there and failed, so that what is installed, and with it every denominator, stays. Work that lost a
 * chip waits again; the engine places what it can, under the rules that are in force.
 */
final class Rehearsal {
    /** More calls than any fleet needs; one that is still deciding then has placed what it will. */
    private static final int MOST_CALLS = 10_000;

    private static final int ASSIGNMENTS_PER_CALL = 1000;

    private final State state = new State();
    private final Map<Integer, BitSet> lost;
    private final boolean still;
    private final List<List<GangState>> gangs = new ArrayList<>();
    private final Map<String, Long> specs = new HashMap<>();
    private final Set<Long> lostDevices = new HashSet<>();
    private long ids;

    private Rehearsal(Map<Integer, BitSet> lost, boolean still) {
        this.lost = lost;
        this.still = still;
    }

    /**
     * For each job of the work, by its place, the places of its gangs that have chips in the end.
     *
     * @param lost devices by place of their node and their own
     * @param still whether work that lost nothing stays where it is; if not, everything is placed anew
     */
    static List<BitSet> placed(FleetImage image, List<JobImage> work, Map<Integer, BitSet> lost, boolean still) {
        return new Rehearsal(lost, still).run(image, work);
    }

    private List<BitSet> run(FleetImage image, List<JobImage> work) {
        for (SettingEvent event : image.objects()) {
            apply(event, image.atMicros());
        }
        ids = 1;
        for (NodeImage node : image.nodes()) {
            ids = Math.max(ids, node.id() + 1);
            for (Device device : node.devices()) {
                ids = Math.max(ids, device.id() + 1);
            }
        }
        for (int place = 0; place < image.nodes().size(); place++) {
            node(image.nodes().get(place), lost.getOrDefault(place, new BitSet()), image.atMicros());
        }
        for (JobImage job : work) {
            submit(job, image.atMicros());
        }
        Scheduler scheduler = Scheduler.following(state);
        int calls = 0;
        while (scheduler.start(image.atMicros(), ASSIGNMENTS_PER_CALL, event -> apply(event, image.atMicros())) > 0
                && calls < MOST_CALLS) {
            calls++;
        }
        return gangs.stream().map(Rehearsal::placed).toList();
    }

    private static BitSet placed(List<GangState> ofJob) {
        BitSet placed = new BitSet();
        for (int index = 0; index < ofJob.size(); index++) {
            placed.set(index, ofJob.get(index).liveWorkers() > 0);
        }
        return placed;
    }

    private void apply(Event event, long atMicros) {
        state.apply(state.revision() + 1, atMicros, event);
    }

    private void node(NodeImage node, BitSet gone, long at) {
        List<Device> devices = new ArrayList<>();
        for (int index = 0; index < node.devices().size(); index++) {
            Device device = node.devices().get(index);
            if (gone.get(index)) {
                lostDevices.add(device.id());
                devices.add(new Device(
                        device.id(),
                        device.className(),
                        device.quarantineReason(),
                        device.report().withHealth(Health.FAILED, "lost with its supplier")));
            } else {
                devices.add(device);
            }
        }
        apply(new FleetEvent.NodeReported(node.id(), node.info(), devices), at);
        if (!node.holds().isEmpty()) {
            apply(new FleetEvent.NodeReturned(node.id(), node.holds()), at);
        }
        if (node.cordoned()) {
            apply(new FleetEvent.NodeCordoned(node.id(), true), at);
        }
        if (node.phase() == NodePhase.LOST) {
            apply(new FleetEvent.NodeLost(node.id()), at);
        } else if (node.phase() == NodePhase.FENCED) {
            apply(new FleetEvent.NodeFenced(node.id(), "as it was"), at);
        }
    }

    private void submit(JobImage job, long at) {
        // Gangs of one job stand under one profile each; what differs in that is another job here.
        List<GangState> made = new ArrayList<>();
        Map<Integer, List<GangImage>> byProfile = new java.util.TreeMap<>();
        job.gangs()
                .forEach(gang -> byProfile
                        .computeIfAbsent(job.spec().inference() == null ? gang.profile() : 0, key -> new ArrayList<>())
                        .add(gang));
        for (Map.Entry<Integer, List<GangImage>> group : byProfile.entrySet()) {
            RehearsedSpec spec = RehearsedSpec.of(
                    job.spec(), group.getKey(), group.getValue().size(), still);
            long specId = specOf(
                    job.specId() + "/" + group.getKey() + "/" + group.getValue().size(), spec.spec(), at);
            long id = ids++;
            apply(new JobEvent.JobSubmitted(id, "rehearsal", "job-" + id, specId, job.priority(), "", ""), at);
            JobState copy = state.jobs().find(id);
            if (copy == null) {
                throw new IllegalStateException("job " + id + " was submitted and is not there");
            }
            for (int index = 0; index < group.getValue().size(); index++) {
                keep(copy.gangs().get(index), group.getValue().get(index), spec, at);
            }
            made.addAll(copy.gangs());
        }
        gangs.add(made);
    }

    private long specOf(String key, JobSpec spec, long at) {
        Long known = specs.get(key);
        if (known != null) {
            return known;
        }
        long id = ids++;
        apply(new JobEvent.SpecStored(id, key, spec), at);
        specs.put(key, id);
        return id;
    }

    /** Leaves a gang where it is, if it may stay. */
    private void keep(GangState gang, GangImage before, RehearsedSpec spec, long at) {
        boolean hit = before.workers().stream()
                .flatMapToLong(worker -> worker.devices().stream())
                .anyMatch(lostDevices::contains);
        if (!still || hit || before.workers().isEmpty()) {
            return;
        }
        List<WorkerPlacement> workers = before.workers();
        apply(
                new JobEvent.GangAssigned(
                        gang.job().id(),
                        gang.index(),
                        1,
                        spec.placeOf(before.profile()),
                        before.className(),
                        workers,
                        0),
                at);
    }
}

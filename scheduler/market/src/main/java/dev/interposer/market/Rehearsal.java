package dev.interposer.market;

import dev.interposer.engine.event.Event;
import dev.interposer.engine.event.FleetEvent;
import dev.interposer.engine.event.JobEvent;
import dev.interposer.engine.event.SettingEvent;
import dev.interposer.engine.model.AcceleratorClass;
import dev.interposer.engine.model.Device;
import dev.interposer.engine.model.EndCause;
import dev.interposer.engine.model.GangPhase;
import dev.interposer.engine.model.Health;
import dev.interposer.engine.model.JobPhase;
import dev.interposer.engine.model.JobSpec;
import dev.interposer.engine.model.NodePhase;
import dev.interposer.engine.model.Reason;
import dev.interposer.engine.plan.Scheduler;
import dev.interposer.engine.state.GangState;
import dev.interposer.engine.state.JobState;
import dev.interposer.engine.state.State;
import dev.interposer.engine.state.WorkerState;
import dev.interposer.market.FleetImage.GangImage;
import dev.interposer.market.FleetImage.JobImage;
import dev.interposer.market.FleetImage.NodeImage;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.BiConsumer;

/**
 * The engine itself on a copy of the fleet, from which some chips are gone in each run.
 *
 * <p>Lost chips are there and failed, so that what is installed, and with it every denominator, stays. Work that lost a
 * chip waits again; the engine places what it can, under the rules that are in force. After a run its work is taken
 * away and its chips are what they were, so the fleet is copied once.
 *
 * <p>An elastic gang is placed with its smallest number of workers first, so that it is in nobody's way; when all are
 * placed that will be, those that had more grow into what is left.
 */
final class Rehearsal {
    /** More calls than any fleet needs; one that is still deciding then has placed what it will. */
    private static final int MOST_CALLS = 10_000;

    private static final int ASSIGNMENTS_PER_CALL = 1000;

    private final State state = new State();
    private final FleetImage image;
    private final Runnable between;
    private final Scheduler scheduler;
    private final List<List<GangState>> gangs = new ArrayList<>();
    private final Set<JobState> jobs = new LinkedHashSet<>();
    private final Map<String, Long> specs = new HashMap<>();
    private final Set<Long> lostDevices = new HashSet<>();
    private long ids = 1;

    /**
     * @param image what is copied
     * @param between called before each event; it may rest
     */
    Rehearsal(FleetImage image, Runnable between) {
        this.image = image;
        this.between = between;
        for (SettingEvent event : image.objects()) {
            apply(event);
        }
        for (NodeImage node : image.nodes()) {
            ids = Math.max(ids, node.id() + 1);
            for (Device device : node.devices()) {
                ids = Math.max(ids, device.id() + 1);
            }
            copy(node);
        }
        this.scheduler = Scheduler.following(state);
    }

    /**
     * For each job of the work, by its place, what each of its gangs has in the end, in thousandths of reference
     * devices.
     *
     * @param lost devices by place of their node and their own
     * @param still whether work that lost nothing stays where it is; if not, everything is placed anew
     */
    List<long[]> placed(List<JobImage> work, Map<Integer, BitSet> lost, boolean still) {
        lose(lost);
        for (JobImage job : work) {
            submit(job, still);
        }
        start();
        grow(work, still);
        List<long[]> placed = gangs.stream().map(this::placed).toList();
        end();
        restore(lost);
        return placed;
    }

    private void start() {
        int calls = 0;
        while (scheduler.start(image.atMicros(), ASSIGNMENTS_PER_CALL, this::apply) > 0 && calls < MOST_CALLS) {
            calls++;
        }
    }

    /** What found no place waits no more, so that a gang which is placed once more finds at least what it had. */
    private void grow(List<JobImage> work, boolean still) {
        for (JobState job : jobs) {
            for (GangState gang : job.gangs()) {
                if (gang.liveWorkers() == 0) {
                    apply(new JobEvent.GangEnded(job.id(), gang.index(), Reason.NONE));
                }
            }
        }
        for (int index = 0; index < work.size(); index++) {
            // Only training grows, and that is one gang.
            if (work.get(index).spec().training() != null) {
                gangs.set(index, List.of(grown(work.get(index), gangs.get(index).getFirst(), still)));
            }
        }
    }

    private GangState grown(JobImage job, GangState gang, boolean still) {
        GangImage before = job.gangs().getFirst();
        if (gang.liveWorkers() == 0 || placed(gang) >= referenceMilli(before.className(), before.milli())) {
            return gang;
        }
        int most =
                gang.className().equals(before.className()) ? before.workers().size() : Integer.MAX_VALUE;
        JobSpec larger =
                RehearsedSpec.of(job.spec(), before.profile(), 1, still).growing(job.spec(), gang.profileIndex(), most);
        if (larger.profiles().getFirst().equals(gang.profile())) {
            return gang;
        }
        jobs.remove(gang.job());
        end(gang.job());
        JobState grown = submit(job, gang.className() + "/" + gang.profileIndex() + "/" + most, larger);
        start();
        return grown.gangs().getFirst();
    }

    private void lose(Map<Integer, BitSet> lost) {
        eachDevice(lost, (node, device) -> {
            lostDevices.add(device.id());
            apply(new FleetEvent.DeviceHealthChanged(node.id(), device.id(), Health.FAILED, "lost with its supplier"));
        });
    }

    private void restore(Map<Integer, BitSet> lost) {
        lostDevices.clear();
        eachDevice(
                lost,
                (node, device) -> apply(new FleetEvent.DeviceHealthChanged(
                        node.id(),
                        device.id(),
                        device.report().health(),
                        device.report().healthCause())));
    }

    private void eachDevice(Map<Integer, BitSet> of, BiConsumer<NodeImage, Device> then) {
        of.forEach((place, devices) -> {
            NodeImage node = image.nodes().get(place);
            devices.stream().forEach(index -> then.accept(node, node.devices().get(index)));
        });
    }

    /** Takes the work of a run away. */
    private void end() {
        jobs.forEach(this::end);
        jobs.clear();
        gangs.clear();
        specs.clear();
    }

    private void end(JobState job) {
        for (GangState gang : job.gangs()) {
            for (WorkerState worker : gang.workers()) {
                apply(new JobEvent.WorkerEnded(worker.key(), EndCause.RELEASED, 0, ""));
            }
            if (gang.phase() != GangPhase.ENDED) {
                apply(new JobEvent.GangEnded(job.id(), gang.index(), Reason.NONE));
            }
        }
        apply(new JobEvent.JobEnded(job.id(), JobPhase.CANCELLED, Reason.NONE));
        apply(new JobEvent.JobForgotten(job.id()));
    }

    private long[] placed(List<GangState> ofJob) {
        return ofJob.stream().mapToLong(this::placed).toArray();
    }

    private long placed(GangState gang) {
        return referenceMilli(
                gang.className(), FleetImage.milliOf(gang, state.settings().acceleratorClass(gang.className())));
    }

    /** Thousandths of reference devices. */
    long referenceMilli(String className, long milli) {
        AcceleratorClass chipClass = state.settings().acceleratorClass(className);
        long reference = chipClass == null ? AcceleratorClass.REFERENCE_DEVICE : chipClass.referenceMilli();
        return milli * reference / AcceleratorClass.REFERENCE_DEVICE;
    }

    private void apply(Event event) {
        between.run();
        state.apply(state.revision() + 1, image.atMicros(), event);
    }

    private void copy(NodeImage node) {
        apply(new FleetEvent.NodeReported(node.id(), node.info(), node.devices()));
        if (!node.holds().isEmpty()) {
            apply(new FleetEvent.NodeReturned(node.id(), node.holds()));
        }
        if (node.cordoned()) {
            apply(new FleetEvent.NodeCordoned(node.id(), true));
        }
        if (node.phase() == NodePhase.LOST) {
            apply(new FleetEvent.NodeLost(node.id()));
        } else if (node.phase() == NodePhase.FENCED) {
            apply(new FleetEvent.NodeFenced(node.id(), "as it was"));
        }
    }

    private void submit(JobImage job, boolean still) {
        // Gangs of one job stand under one profile each; what differs in that is another job here.
        List<GangState> made = new ArrayList<>();
        Map<Integer, List<GangImage>> byProfile = new TreeMap<>();
        job.gangs()
                .forEach(gang -> byProfile
                        .computeIfAbsent(job.spec().inference() == null ? gang.profile() : 0, key -> new ArrayList<>())
                        .add(gang));
        for (Map.Entry<Integer, List<GangImage>> group : byProfile.entrySet()) {
            RehearsedSpec spec = RehearsedSpec.of(
                    job.spec(), group.getKey(), group.getValue().size(), still);
            JobState copy = submit(job, group.getKey() + "/" + group.getValue().size(), spec.spec());
            for (int index = 0; index < group.getValue().size(); index++) {
                keep(copy.gangs().get(index), group.getValue().get(index), spec, still);
            }
            made.addAll(copy.gangs());
        }
        gangs.add(made);
    }

    private JobState submit(JobImage job, String variant, JobSpec spec) {
        long specId = specOf(job.specId() + "/" + variant, spec);
        long id = ids++;
        apply(new JobEvent.JobSubmitted(id, "rehearsal", "job-" + id, specId, job.priority(), "", ""));
        JobState copy = state.jobs().find(id);
        if (copy == null) {
            throw new IllegalStateException("job " + id + " was submitted and is not there");
        }
        jobs.add(copy);
        return copy;
    }

    private long specOf(String key, JobSpec spec) {
        Long known = specs.get(key);
        if (known != null) {
            return known;
        }
        long id = ids++;
        apply(new JobEvent.SpecStored(id, key, spec));
        specs.put(key, id);
        return id;
    }

    /** Leaves a gang where it is, if it may stay. */
    private void keep(GangState gang, GangImage before, RehearsedSpec spec, boolean still) {
        boolean hit = before.workers().stream()
                .flatMapToLong(worker -> worker.devices().stream())
                .anyMatch(lostDevices::contains);
        if (!still || hit || before.workers().isEmpty()) {
            return;
        }
        apply(new JobEvent.GangAssigned(
                gang.job().id(),
                gang.index(),
                1,
                spec.placeOf(before.profile()),
                before.className(),
                before.workers(),
                0));
    }
}

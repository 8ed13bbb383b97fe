package dev.interposer.engine.plan;

import static org.assertj.core.api.Assertions.assertThat;

import dev.interposer.engine.event.Event;
import dev.interposer.engine.event.FleetEvent;
import dev.interposer.engine.event.JobEvent;
import dev.interposer.engine.model.EndCause;
import dev.interposer.engine.model.JobQueue;
import dev.interposer.engine.model.JobQueue.Quota;
import dev.interposer.engine.model.JobQueue.ScopeKind;
import dev.interposer.engine.model.QueueState;
import dev.interposer.engine.model.Reason;
import dev.interposer.engine.model.ReasonCode;
import dev.interposer.engine.model.WorkerCount;
import dev.interposer.engine.nearest.ChangeKind;
import dev.interposer.engine.nearest.EverySetOfTwo;
import dev.interposer.engine.nearest.Image;
import dev.interposer.engine.nearest.NearestChange;
import dev.interposer.engine.nearest.NearestChange.Outcome;
import dev.interposer.engine.nearest.NearestSearch;
import dev.interposer.engine.nearest.Part;
import dev.interposer.engine.state.GangState;
import dev.interposer.engine.state.JobState;
import dev.interposer.engine.state.NodeState;
import dev.interposer.engine.state.Snapshot;
import dev.interposer.engine.state.State;
import dev.interposer.engine.state.WorkerState;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/** The nearest changes of random fleets: what is found helps, nothing less of it does, and nothing cheaper of two. */
class RandomNearestTest {
    private static final int SEEDS = Integer.getInteger("interposer.nearestSeeds", 150);
    private static final int ASKED_EACH = 3;
    private static final int MOST_STEPS = 13;

    private final Set<ChangeKind> kinds = EnumSet.noneOf(ChangeKind.class);
    private final Set<Outcome> outcomes = EnumSet.noneOf(Outcome.class);
    private int found;

    @Test
    void whatIsFoundHelpsAndNoPartOfItDoes() {
        Lives.hold(SEEDS, MOST_STEPS, this::wrong);
        assertThat(found).isGreaterThan(SEEDS);
        assertThat(outcomes).contains(Outcome.CHEAPEST, Outcome.MINIMAL, Outcome.NONE);
        assertThat(kinds)
                .contains(
                        ChangeKind.OTHER_CLASS,
                        ChangeKind.FEWER_WORKERS,
                        ChangeKind.HIGHER_PRIORITY,
                        ChangeKind.QUEUE_LIMIT,
                        ChangeKind.USER_DEVICES,
                        ChangeKind.OPEN_QUEUE,
                        ChangeKind.UNCORDON,
                        ChangeKind.END_OF_GANG);
    }

    /** The check sees a part too many and a part too few. */
    @Test
    void aPartTooManyOrTooFewIsSeen() {
        int seen = 0;
        for (long seed = 1; seed <= 40; seed++) {
            Play play = life(seed, MOST_STEPS);
            Image image = Image.of(play.state);
            for (JobState job : waiting(play)) {
                NearestChange change = NearestSearch.of(image, job.id(), 0);
                // The same gang cannot end twice.
                if (change.parts().isEmpty() || kinds(change).contains(ChangeKind.END_OF_GANG)) {
                    continue;
                }
                List<Part> more = new ArrayList<>(change.parts());
                more.addAll(change.parts());
                assertThat(NearestCheck.of(image, job.id(), with(change, more)).toString())
                        .contains("starts with less");
                List<Part> fewer = change.parts().subList(1, change.parts().size());
                assertThat(NearestCheck.of(image, job.id(), with(change, fewer)).toString())
                        .contains("does not start");
                seen++;
            }
        }
        assertThat(seen).isGreaterThan(20);
    }

    private List<String> wrong(long seed, int steps) {
        Play play = life(seed, steps);
        Object before = Snapshot.of(play.state);
        Image image = Image.of(play.state);
        List<String> wrong = new ArrayList<>();
        List<JobState> waiting = waiting(play);
        for (JobState job : waiting) {
            NearestChange change = NearestSearch.of(image, job.id(), 0);
            note(change);
            List<String> of = new ArrayList<>();
            if (!change.parts().isEmpty()) {
                of.addAll(NearestCheck.of(image, job.id(), change));
                of.addAll(cheaper(image, job, change));
            }
            // One job of each life: these are many trials.
            if (change.outcome() != Outcome.STARTS_NOW && job.equals(waiting.getFirst())) {
                of.addAll(EverySetOfTwo.passedOver(image, job.id(), change));
            }
            if (!NearestSearch.of(image, job.id(), 0).toString().equals(change.toString())) {
                of.add("is answered otherwise when asked again");
            }
            of.forEach(fault -> wrong.add("job " + job.id() + ": " + fault + "; " + change));
        }
        if (!Snapshot.of(play.state).equals(before)) {
            wrong.add("the state changed");
        }
        return wrong;
    }

    private static NearestChange with(NearestChange change, List<Part> parts) {
        return new NearestChange(
                change.outcome(), parts, change.cost(), change.place(), change.trials(), change.revision());
    }

    private static List<ChangeKind> kinds(NearestChange change) {
        return change.parts().stream().map(Part::kind).toList();
    }

    private void note(NearestChange change) {
        outcomes.add(change.outcome());
        change.parts().forEach(part -> kinds.add(part.kind()));
        found += change.parts().isEmpty() ? 0 : 1;
    }

    private static List<JobState> waiting(Play play) {
        return play.state.jobs().all().stream()
                .filter(job -> job.gangs().getFirst().eligible())
                .limit(ASKED_EACH)
                .toList();
    }

    // ---- what else would have helped, without the code that looks for it

    /** Single changes that cost less than what was found and help too. */
    private static List<String> cheaper(Image image, JobState job, NearestChange change) {
        List<String> cheaper = new ArrayList<>();
        State state = image.copy();
        for (NodeState node : state.nodes().all()) {
            boolean less = ChangeKind.UNCORDON.cost() < change.cost();
            if (less && node.cordoned() && starts(image, job, List.of(new FleetEvent.NodeCordoned(node.id(), false)))) {
                cheaper.add("node " + node.name());
            }
        }
        for (JobState other : state.jobs().all()) {
            GangState gang = other.gangs().getFirst();
            boolean less = change.cost() > ChangeKind.END_OF_GANG.cost() + 24;
            if (less && gang.liveWorkers() > 0 && starts(image, job, ends(gang))) {
                cheaper.add("the end of " + other.fullName());
            }
        }
        return cheaper;
    }

    private static List<Event> ends(GangState gang) {
        List<Event> events = new ArrayList<>();
        for (WorkerState worker : gang.workers()) {
            if (!worker.ended()) {
                events.add(new JobEvent.WorkerEnded(worker.key(), EndCause.COMPLETED, 0, ""));
            }
        }
        events.add(new JobEvent.GangEnded(gang.job().id(), gang.index(), Reason.of(ReasonCode.COMPLETED)));
        return events;
    }

    private static boolean starts(Image image, JobState job, List<Event> events) {
        State copy = image.copy();
        events.forEach(event -> copy.apply(copy.revision(), copy.atMicros(), event));
        Scheduler.following(copy)
                .start(copy.atMicros(), 1000, event -> copy.apply(copy.revision(), copy.atMicros(), event));
        return Objects.requireNonNull(copy.jobs().find(job.id()))
                        .gangs()
                        .getFirst()
                        .liveWorkers()
                > 0;
    }

    // ---- a life before the question

    private static Play life(long seed, int most) {
        SplittableRandom random = new SplittableRandom(seed);
        Play play = new Play();
        play.chipClass("other", "another").nodes(1 + random.nextInt(3));
        if (random.nextInt(3) == 0) {
            play.node("m0", "other", 4);
        }
        queue(play, random, "above", "");
        queue(play, random, "a", "above");
        queue(play, random, "b", "");
        int steps = Math.min(most, 4 + random.nextInt(10));
        for (int step = 0; step < steps; step++) {
            play.submit(1 + random.nextInt(2), work(random));
            if (random.nextInt(3) > 0) {
                play.decide();
            }
            play.pass(60L * random.nextInt(20));
            if (random.nextInt(6) == 0) {
                List<NodeState> nodes = List.copyOf(play.state.nodes().all());
                long node = nodes.get(random.nextInt(nodes.size())).id();
                play.apply(new FleetEvent.NodeCordoned(node, true));
            }
        }
        return play.decide();
    }

    private static void queue(Play play, SplittableRandom random, String name, String parent) {
        long guarantee = random.nextInt(3) == 0 ? random.nextInt(6) : -1;
        long limit = random.nextInt(3) == 0 ? Math.max(0, guarantee) + 1 + random.nextInt(8) : -1;
        long borrow = random.nextInt(5) == 0 ? random.nextInt(6) : -1;
        long lend = guarantee > 0 && random.nextInt(3) == 0 ? random.nextInt((int) guarantee) : -1;
        Quota quota = new Quota(ScopeKind.CLASS, "chip", guarantee, limit, borrow, lend);
        int devices = random.nextInt(4) == 0 ? 2 + random.nextInt(6) : 0;
        int jobs = random.nextInt(6) == 0 ? 1 + random.nextInt(3) : 0;
        QueueState state = random.nextInt(8) == 0 ? QueueState.HOLD : QueueState.OPEN;
        play.queue(new JobQueue(name, parent, Map.of(), 1, List.of(quota), devices, jobs, 0, state));
    }

    private static Work work(SplittableRandom random) {
        Work work = Work.of(random.nextBoolean() ? "a" : "b", 1 + random.nextInt(9))
                .by(random.nextBoolean() ? "ada" : "bob")
                .priority(10 * random.nextInt(2))
                .lasting(random.nextBoolean() ? 0 : 600L * (1 + random.nextInt(20)));
        return switch (random.nextInt(5)) {
            case 2 -> work.or(Work.profile("smaller", "chip", WorkerCount.of(1), 1 + random.nextInt(5)));
            case 0 -> work.workers(WorkerCount.of(1 + random.nextInt(4)));
            case 1 -> {
                int least = 1 + random.nextInt(3);
                yield work.workers(new WorkerCount(least, least + random.nextInt(3), 1))
                        .elastic();
            }
            default -> work;
        };
    }
}

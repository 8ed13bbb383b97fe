package dev.interposer.engine.nearest;

import dev.interposer.engine.fairness.QueueTree;
import dev.interposer.engine.nearest.FleetOptions.End;
import dev.interposer.engine.nearest.NearestChange.Outcome;
import dev.interposer.engine.nearest.Option.Choice;
import dev.interposer.engine.plan.Scheduler;
import dev.interposer.engine.state.GangState;
import dev.interposer.engine.state.State;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * Looks for the cheapest change after which a gang that waits would start.
 *
 * <p><b>Goals.</b> A change of which nothing can be left out, and the cheapest where that can be told.
 *
 * <p><b>Constraints.</b> Works on copies; the state is left alone. Ends after a bounded number of trials. What is said
 * to help was seen to: the scheduler placed this very gang on a copy, beside everybody else who waits.
 *
 * <p><b>Algorithm.</b> First every set of one or two parts, in the order of cost, each part by the amount that can help
 * most, then by the lesser ones that one of the job's profiles asks for (more of a limit can let in others first): the
 * first that helps is the cheapest of them, since all that is cheaper was tried. Then, when more parts are needed or
 * half of the trials are made, the parts are added in the order of cost (so gangs in the order in which they end) until
 * the gang starts, found by halving; what ended elsewhere is taken out, and then whatever else is not needed, the
 * dearest first. At last each amount is made the least that helps, again by halving, and what has become idle by that
 * is taken out too. That nothing helps is said only of a gang that would not start after all changes together even with
 * nobody else waiting.
 */
public final class NearestSearch {
    /** About so many events are folded for one answer. */
    private static final long EVENTS = 8_000_000;

    private static final int MOST_TRIALS = 400;
    private static final int FEWEST_TRIALS = 24;
    private static final int SUBSETS_OF = 4;

    private final Trials trials;
    private final int budget;
    private final List<Option> options;
    private final List<End> ends;

    private NearestSearch(Trials trials) {
        this.trials = trials;
        long affordable = EVENTS / Math.max(1, trials.size());
        this.budget = (int) Math.max(FEWEST_TRIALS, Math.min(MOST_TRIALS, affordable));
        this.ends = FleetOptions.ends(trials.base(), trials.gang(), trials.atMicros());
        this.options = options(trials, ends);
    }

    /** In the order of cost. */
    static List<Option> options(Trials trials, List<End> ends) {
        State base = trials.base();
        GangState gang = trials.gang();
        QueueTree tree = Scheduler.following(base).queues();
        List<Option> all = new ArrayList<>(OwnOptions.of(base, gang));
        all.addAll(RuleOptions.of(base, tree, gang));
        all.addAll(FleetOptions.uncordoned(base));
        all.addAll(FleetOptions.givenUp(base, gang));
        ends.forEach(end -> all.add(end.option()));
        // A stable sort: what costs the same keeps the order in which it was found.
        all.sort(Comparator.comparingInt(Option::cost));
        return List.copyOf(all);
    }

    /** For a gang that waits, by the id of its job and its index. */
    public static NearestChange of(Image image, long jobId, int gang) {
        Trials trials = new Trials(image, jobId, gang);
        return new NearestSearch(trials).search(image.revision());
    }

    private NearestChange search(long revision) {
        Placed now = trials.start(List.of());
        if (now != null) {
            return new NearestChange(Outcome.STARTS_NOW, List.of(), 0, now, trials.made(), revision);
        }
        List<Choice> all = options.stream().map(Option::byMost).toList();
        boolean together = starts(all);
        if (!together && !trials.startsAlone(parts(all))) {
            return new NearestChange(Outcome.NONE, List.of(), 0, null, trials.made(), revision);
        }
        List<Choice> found = ofOneOrTwo();
        Outcome outcome = Outcome.CHEAPEST;
        if (found.isEmpty() && together) {
            outcome = Outcome.MINIMAL;
            found = ofMore(all);
        }
        if (found.isEmpty()) {
            return new NearestChange(Outcome.BOUND_REACHED, List.of(), 0, null, trials.made(), revision);
        }
        List<Choice> least = least(found);
        for (List<Choice> fewer = smaller(least); !fewer.isEmpty(); fewer = smaller(least)) {
            outcome = Outcome.MINIMAL;
            least = least(fewer);
        }
        int cost = least.stream().mapToInt(Choice::cost).sum();
        List<Part> parts = parts(least);
        return new NearestChange(outcome, parts, cost, trials.start(parts), trials.made(), revision);
    }

    private static List<Part> parts(List<Choice> set) {
        return set.stream().map(Choice::part).toList();
    }

    private boolean starts(List<Choice> set) {
        return trials.start(parts(set)) != null;
    }

    private boolean spent(int most) {
        return trials.made() >= most;
    }

    // ---- the cheapest of one or two

    /** The cheapest set of one or two that helps; empty for none within half of the bound. */
    private List<Choice> ofOneOrTwo() {
        List<Choice> choices = new ArrayList<>();
        options.forEach(option -> option.amounts().forEach(amount -> choices.add(option.by(amount))));
        OneOrTwo sets = new OneOrTwo(choices);
        while (sets.hasNext() && !spent(budget / 2)) {
            List<Choice> set = sets.next();
            if (starts(set)) {
                return set;
            }
        }
        return List.of();
    }

    // ---- any number

    private List<Choice> ofMore(List<Choice> all) {
        int fails = 0;
        int starts = all.size();
        while (starts - fails > 1) {
            int middle = (fails + starts) / 2;
            if (starts(all.subList(0, middle))) {
                starts = middle;
            } else {
                fails = middle;
            }
        }
        return withoutIdle(withoutEndsElsewhere(all.subList(0, starts)));
    }

    /** Who does not leave a node on which the gang starts is mostly not needed. */
    private List<Choice> withoutEndsElsewhere(List<Choice> set) {
        Placed placed = trials.start(parts(set));
        if (placed == null) {
            return set;
        }
        List<Long> nodes = placed.workers().stream()
                .map(worker -> worker.nodeId())
                .distinct()
                .toList();
        Set<Option> idle = ends.stream()
                .filter(end -> !end.held().on(nodes))
                .map(End::option)
                .collect(Collectors.toSet());
        List<Choice> near =
                set.stream().filter(choice -> !idle.contains(choice.option())).toList();
        return starts(near) ? near : set;
    }

    /** Takes out whatever is not needed; empty if that is not done within the bound. */
    private List<Choice> withoutIdle(List<Choice> set) {
        List<Choice> kept = new ArrayList<>(set);
        int size = Math.max(1, kept.size() / 2);
        boolean changed = true;
        while (changed || size > 1) {
            size = changed ? size : Math.max(1, size / 2);
            changed = false;
            for (int end = kept.size(); end > 0; end = Math.min(end - size, kept.size())) {
                if (spent(budget)) {
                    return List.of();
                }
                List<Choice> fewer = new ArrayList<>(kept);
                fewer.subList(Math.max(0, end - size), end).clear();
                if (starts(fewer)) {
                    kept = fewer;
                    changed = true;
                }
            }
        }
        return kept;
    }

    // ---- amounts

    private List<Choice> least(List<Choice> most) {
        List<Choice> least = new ArrayList<>(most);
        for (int place = 0; place < least.size(); place++) {
            Option option = least.get(place).option();
            int fails = 0;
            int starts = least.get(place).amount();
            while (starts - fails > 1) {
                int middle = (fails + starts) / 2;
                least.set(place, option.by(middle));
                if (starts(least)) {
                    starts = middle;
                } else {
                    fails = middle;
                }
            }
            least.set(place, option.by(starts));
        }
        return least;
    }

    /**
     * A proper part that helps by itself; empty for none. By less of one part another can become idle: a limit that is
     * raised by more lets in others who come first. Of a large set each one alone is left out.
     */
    private List<Choice> smaller(List<Choice> found) {
        int size = found.size();
        boolean every = size <= SUBSETS_OF;
        if (!every && found.stream().allMatch(choice -> choice.amount() == 1)) {
            return List.of();
        }
        for (int number = 1; number < (every ? 1 << size : size + 1) - (every ? 1 : 0); number++) {
            int chosen = number;
            List<Choice> fewer = IntStream.range(0, size)
                    .filter(place -> every ? (chosen >> place & 1) == 1 : place != chosen - 1)
                    .mapToObj(found::get)
                    .toList();
            if (starts(fewer)) {
                return fewer;
            }
        }
        return List.of();
    }
}

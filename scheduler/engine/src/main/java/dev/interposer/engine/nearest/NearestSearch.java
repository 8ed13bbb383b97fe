package dev.interposer.engine.nearest;

import dev.interposer.engine.fairness.QueueTree;
import dev.interposer.engine.nearest.FleetOptions.End;
import dev.interposer.engine.nearest.NearestChange.Outcome;
import dev.interposer.engine.plan.Scheduler;
import dev.interposer.engine.state.GangState;
import dev.interposer.engine.state.State;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.function.IntPredicate;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * Looks for the cheapest change after which a gang that waits would start.
 *
 * <p><b>Goals.</b> A change of which nothing can be left out, and the cheapest where that can be told.
 *
 * <p><b>Constraints.</b> Works on copies; the state is left alone. Ends after a bounded number of trials. What is said
 * to help was seen to: the scheduler placed this very gang on a copy, beside everybody else who waits.
 *
 * <p><b>Algorithm.</b> First every set of one or two parts, in the order of cost, each part by the amount that can help
 * most: the first that helps is the cheapest of them, since all that is cheaper was tried. Then, when more parts are
 * needed, the parts are added in the order of cost (so gangs in the order in which they end) until the gang starts,
 * found by halving; what ended elsewhere is taken out, and then whatever else is not needed, the dearest first. At last
 * each amount is made the least that helps, again by halving, and what has become idle by that is taken out too.
 */
public final class NearestSearch {
    /** About so many events are folded for one answer. */
    private static final long EVENTS = 8_000_000;

    private static final int MOST_TRIALS = 400;
    private static final int FEWEST_TRIALS = 24;
    private static final int OPTIONS_IN_PAIRS = 24;
    private static final int SUBSETS_OF = 4;

    private final Trials trials;
    private final int budget;
    private final List<Option> options;
    private final List<End> ends;

    private NearestSearch(Trials trials) {
        this.trials = trials;
        long affordable = EVENTS / Math.max(1, trials.size());
        this.budget = (int) Math.max(FEWEST_TRIALS, Math.min(MOST_TRIALS, affordable));
        State base = trials.base();
        GangState gang = trials.gang();
        QueueTree tree = Scheduler.following(base).queues();
        List<Option> all = new ArrayList<>(OwnOptions.of(base, gang));
        all.addAll(RuleOptions.of(base, tree, gang));
        all.addAll(FleetOptions.uncordoned(base));
        all.addAll(FleetOptions.givenUp(base, gang));
        this.ends = FleetOptions.ends(base, gang, trials.atMicros());
        ends.forEach(end -> all.add(end.option()));
        // A stable sort: what costs the same keeps the order in which it was found.
        all.sort(Comparator.comparingInt(Option::cost));
        this.options = List.copyOf(all);
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
        boolean any = startsWith(options);
        List<Option> found = ofOneOrTwo(any);
        Outcome outcome = Outcome.CHEAPEST;
        if (found.isEmpty() && any) {
            outcome = Outcome.MINIMAL;
            found = ofMore();
        }
        if (found.isEmpty()) {
            Outcome none = any ? Outcome.BOUND_REACHED : Outcome.NONE;
            return new NearestChange(none, List.of(), 0, null, trials.made(), revision);
        }
        Found least = least(Found.byMost(found));
        for (Found fewer = smaller(least); fewer != null; fewer = smaller(least)) {
            outcome = Outcome.MINIMAL;
            least = least(fewer);
        }
        List<Part> parts = least.parts();
        int cost = parts.stream().mapToInt(Part::cost).sum();
        return new NearestChange(outcome, parts, cost, trials.start(parts), trials.made(), revision);
    }

    private boolean startsWith(List<Option> set) {
        return trials.start(set.stream().map(Option::byMost).toList()) != null;
    }

    private boolean spent(int most) {
        return trials.made() >= most;
    }

    // ---- the cheapest of one or two

    /**
     * The cheapest set of one or two that helps; empty for none within half of the bound.
     *
     * @param pairs whether all together help; else only the few that are quickly tried are
     */
    private List<Option> ofOneOrTwo(boolean pairs) {
        for (List<Option> set : sets(pairs)) {
            if (spent(budget / 2)) {
                break;
            }
            if (startsWith(set)) {
                return set;
            }
        }
        return List.of();
    }

    private List<List<Option>> sets(boolean pairs) {
        List<List<Option>> sets = new ArrayList<>();
        int most = Math.min(OPTIONS_IN_PAIRS, options.size());
        options.stream()
                .filter(option -> pairs || option.kind() != ChangeKind.END_OF_GANG)
                .forEach(option -> sets.add(List.of(option)));
        for (int first = 0; pairs && first < most; first++) {
            for (int second = first + 1; second < most; second++) {
                Option one = options.get(first);
                Option other = options.get(second);
                // Two more classes are two ways to start, of which one is enough.
                if (one.kind() != ChangeKind.OTHER_CLASS || other.kind() != ChangeKind.OTHER_CLASS) {
                    sets.add(List.of(one, other));
                }
            }
        }
        sets.sort(Comparator.comparingInt(NearestSearch::cost));
        return sets;
    }

    private static int cost(List<Option> set) {
        return set.stream().mapToInt(Option::cost).sum();
    }

    // ---- any number

    private List<Option> ofMore() {
        int fails = 0;
        int starts = options.size();
        while (starts - fails > 1) {
            int middle = (fails + starts) / 2;
            if (startsWith(options.subList(0, middle))) {
                starts = middle;
            } else {
                fails = middle;
            }
        }
        return withoutIdle(withoutEndsElsewhere(options.subList(0, starts)));
    }

    /** Who does not leave a node on which the gang starts is mostly not needed. */
    private List<Option> withoutEndsElsewhere(List<Option> set) {
        Placed placed = trials.start(set.stream().map(Option::byMost).toList());
        if (placed == null) {
            return set;
        }
        List<Long> nodes = placed.workers().stream()
                .map(worker -> worker.nodeId())
                .distinct()
                .toList();
        List<Option> idle = ends.stream()
                .filter(end -> !end.held().on(nodes))
                .map(End::option)
                .toList();
        List<Option> near = new ArrayList<>(set);
        near.removeAll(idle);
        return startsWith(near) ? near : set;
    }

    /** Takes out whatever is not needed; empty if that is not done within the bound. */
    private List<Option> withoutIdle(List<Option> set) {
        List<Option> kept = new ArrayList<>(set);
        int size = Math.max(1, kept.size() / 2);
        boolean changed = true;
        while (changed || size > 1) {
            size = changed ? size : Math.max(1, size / 2);
            changed = false;
            for (int end = kept.size(); end > 0; end = Math.min(end - size, kept.size())) {
                if (spent(budget)) {
                    return List.of();
                }
                List<Option> fewer = new ArrayList<>(kept);
                fewer.subList(Math.max(0, end - size), end).clear();
                if (startsWith(fewer)) {
                    kept = fewer;
                    changed = true;
                }
            }
        }
        return kept;
    }

    // ---- amounts

    /** Options, each by an amount. */
    private record Found(List<Option> set, List<Integer> amounts) {
        static Found byMost(List<Option> set) {
            return new Found(set, set.stream().map(Option::most).toList());
        }

        Found with(int place, int amount) {
            List<Integer> others = new ArrayList<>(amounts);
            others.set(place, amount);
            return new Found(set, others);
        }

        Found only(IntPredicate places) {
            List<Integer> kept =
                    IntStream.range(0, set.size()).filter(places).boxed().toList();
            return new Found(
                    kept.stream().map(set::get).toList(),
                    kept.stream().map(amounts::get).toList());
        }

        List<Part> parts() {
            return IntStream.range(0, set.size())
                    .mapToObj(place -> set.get(place).by(amounts.get(place)))
                    .toList();
        }
    }

    private boolean starts(Found found) {
        return trials.start(found.parts()) != null;
    }

    private Found least(Found most) {
        Found least = most;
        for (int place = 0; place < most.set().size(); place++) {
            int fails = 0;
            int starts = least.amounts().get(place);
            while (starts - fails > 1) {
                int middle = (fails + starts) / 2;
                if (starts(least.with(place, middle))) {
                    starts = middle;
                } else {
                    fails = middle;
                }
            }
            least = least.with(place, starts);
        }
        return least;
    }

    /**
     * A proper part that helps by itself; null for none. By less of one part another can become idle: a limit that is
     * raised by more lets in others who come first. Of a large set each one alone is left out.
     */
    private @Nullable Found smaller(Found found) {
        int size = found.set().size();
        boolean every = size <= SUBSETS_OF;
        if (!every && found.amounts().stream().allMatch(amount -> amount == 1)) {
            return null;
        }
        for (int number = 1; number < (every ? 1 << size : size + 1) - (every ? 1 : 0); number++) {
            int chosen = number;
            Found fewer = found.only(place -> every ? (chosen >> place & 1) == 1 : place != chosen - 1);
            if (starts(fewer)) {
                return fewer;
            }
        }
        return null;
    }
}

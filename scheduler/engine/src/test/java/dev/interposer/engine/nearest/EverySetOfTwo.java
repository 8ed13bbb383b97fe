package dev.interposer.engine.nearest;

import dev.interposer.engine.nearest.NearestChange.Outcome;
import dev.interposer.engine.nearest.Option.Choice;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/**
 * Tries every set of one or two parts that costs less than what was found, in no clever order, by the amounts that are
 * offered.
 */
public final class EverySetOfTwo {
    private EverySetOfTwo() {}

    /** A set that helps and that was passed over, in words; empty for none. */
    public static List<String> passedOver(Image image, long jobId, NearestChange change) {
        Trials trials = new Trials(image, jobId, 0);
        List<Option> options =
                NearestSearch.options(trials, FleetOptions.ends(trials.base(), trials.gang(), trials.atMicros()));
        int most = change.outcome() == Outcome.CHEAPEST ? change.cost() : Integer.MAX_VALUE;
        return Stream.concat(alone(options), pairs(options))
                .filter(set -> set.stream().mapToInt(Choice::cost).sum() < most)
                .map(set -> set.stream().map(Choice::part).toList())
                .filter(parts -> trials.start(parts) != null)
                .findFirst()
                .map(parts -> List.of(change.outcome() + " at " + change.cost() + " passes over " + parts))
                .orElse(List.of());
    }

    private static Stream<List<Choice>> alone(List<Option> options) {
        return options.stream().flatMap(option -> option.amounts().stream().map(amount -> List.of(option.by(amount))));
    }

    private static Stream<List<Choice>> pairs(List<Option> options) {
        List<List<Choice>> pairs = new ArrayList<>();
        for (int one = 0; one < options.size(); one++) {
            for (int other = 0; other < one; other++) {
                for (int amount : options.get(one).amounts()) {
                    for (int more : options.get(other).amounts()) {
                        pairs.add(List.of(
                                options.get(one).by(amount), options.get(other).by(more)));
                    }
                }
            }
        }
        return pairs.stream();
    }
}

package dev.interposer.engine.plan;

import dev.interposer.engine.nearest.Image;
import dev.interposer.engine.nearest.NearestChange;
import dev.interposer.engine.nearest.Part;
import dev.interposer.engine.nearest.Trials;
import java.util.ArrayList;
import java.util.List;

/** Holds a change that was found against the scheduler once more: all of it helps, no part of it does. */
final class NearestCheck {
    private static final int EVERY_SUBSET_OF = 4;

    private NearestCheck() {}

    /** What is wrong with it, in words. */
    static List<String> of(Image image, long jobId, NearestChange change) {
        Trials trials = new Trials(image, jobId, 0);
        List<String> wrong = new ArrayList<>();
        List<Part> parts = change.parts();
        if (trials.start(parts) == null) {
            wrong.add("does not start with " + parts);
        }
        if (!change.parts().isEmpty() && change.place() == null) {
            wrong.add("says not where it starts");
        }
        for (List<Part> fewer : fewer(parts)) {
            if (trials.start(fewer) != null) {
                wrong.add("starts with less: " + fewer + " of " + parts);
            }
        }
        return wrong;
    }

    /** Every proper subset of a small set; else what is left without each one. */
    private static List<List<Part>> fewer(List<Part> parts) {
        List<List<Part>> all = new ArrayList<>();
        if (parts.size() > EVERY_SUBSET_OF) {
            for (int place = 0; place < parts.size(); place++) {
                List<Part> others = new ArrayList<>(parts);
                others.remove(place);
                all.add(others);
            }
            return all;
        }
        for (int bits = 0; bits < (1 << parts.size()) - 1; bits++) {
            List<Part> some = new ArrayList<>();
            for (int place = 0; place < parts.size(); place++) {
                if ((bits >> place & 1) == 1) {
                    some.add(parts.get(place));
                }
            }
            all.add(some);
        }
        return all;
    }
}

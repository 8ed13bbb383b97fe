package dev.interposer.server.conversion;

import dev.interposer.market.ClassThroughput;
import dev.interposer.market.FamilyThroughput;
import dev.interposer.market.RateSpread;
import dev.interposer.market.ThroughputRatio;
import dev.interposer.proto.fleet.v1.RatioInterval;
import java.time.Duration;
import java.util.NavigableSet;
import java.util.TreeSet;

/**
 * The conversion table as messages.
 *
 * @param installed classes of which there are chips
 * @param referenceClass that was asked for; empty for none
 * @param leastTime for which an attempt must be measured
 */
record ConversionViews(NavigableSet<String> installed, String referenceClass, Duration leastTime) {
    private static final int CHIPS = 1000;
    private static final int MILLIS = 1000;

    /** What to do where nothing is measured. */
    static String nothing(String family, int jobs, Duration leastTime) {
        String start = family.isEmpty()
                ? "nothing is measured yet"
                : "nothing is measured of family " + family + ", which " + jobs + " jobs that have not ended state";
        return start + ": run a TrainingJob with spec.workloadFamily" + (family.isEmpty() ? "" : " (" + family + ")")
                + " on whole chips of one class, whose worker of rank 0 writes its progress into the file that"
                + " INTERPOSER_PROGRESS_FILE names, for " + leastTime.toSeconds()
                + " s and longer after its start; see docs/PROGRESS_OF_JOBS.md";
    }

    dev.interposer.proto.fleet.v1.FamilyThroughput family(FamilyThroughput of) {
        NavigableSet<String> unmeasured = new TreeSet<>(installed);
        of.classes().stream()
                .filter(chips -> chips.rates() != null)
                .map(ClassThroughput::className)
                .forEach(unmeasured::remove);
        var view = dev.interposer.proto.fleet.v1.FamilyThroughput.newBuilder()
                .setWorkloadFamily(of.family())
                .setUnit(of.unit())
                .setReferenceClass(of.referenceClass())
                .addAllUnmeasuredClasses(unmeasured)
                .setAdvice(advice(of, unmeasured));
        of.classes().forEach(chips -> view.addClasses(chips(chips)));
        return view.build();
    }

    private String advice(FamilyThroughput of, NavigableSet<String> unmeasured) {
        NavigableSet<String> wanted = new TreeSet<>(unmeasured);
        if (of.referenceClass().isEmpty() && !referenceClass.isEmpty()) {
            wanted.add(referenceClass);
        }
        return wanted.isEmpty()
                ? ""
                : of.family() + " is not measured in " + of.unit() + " on " + String.join(", ", wanted)
                        + ": run it there, on whole chips, for " + leastTime.toSeconds()
                        + " s and longer after its start";
    }

    private static dev.interposer.proto.fleet.v1.ClassThroughput chips(ClassThroughput of) {
        var view = dev.interposer.proto.fleet.v1.ClassThroughput.newBuilder()
                .setClassName(of.className())
                .setJobs(of.jobs())
                .setLeftOutAttempts(of.leftOutAttempts())
                .setLeastChips(of.leastChips())
                .setMostChips(of.mostChips())
                .setDeviceSeconds(of.chipMillis() / MILLIS)
                .setMeasuredAtMicros(of.measuredAtMicros());
        RateSpread rates = of.rates();
        if (rates != null) {
            view.setAttempts(rates.attempts())
                    .setMedianMicro(rates.medianMicro())
                    .setLeastMicro(rates.leastMicro())
                    .setMostMicro(rates.mostMicro());
            if (rates.attempts() >= RateSpread.FEWEST) {
                view.setFirstQuartileMicro(rates.firstQuartileMicro())
                        .setThirdQuartileMicro(rates.thirdQuartileMicro());
            }
        }
        ThroughputRatio ratio = of.ratio();
        if (ratio != null) {
            view.setRatio(ratio(ratio));
        }
        return view.build();
    }

    private static dev.interposer.proto.fleet.v1.ThroughputRatio ratio(ThroughputRatio of) {
        var view = dev.interposer.proto.fleet.v1.ThroughputRatio.newBuilder()
                .setRatioMicro(of.ratioMicro())
                .setReferenceChips(of.chipsFor(CHIPS));
        ThroughputRatio.Interval interval = of.interval();
        if (interval != null) {
            view.setInterval(RatioInterval.newBuilder()
                    .setFromMicro(interval.fromMicro())
                    .setToMicro(interval.toMicro())
                    .setHoldsMilliPercent(interval.holdsMilliPercent()));
        }
        return view.build();
    }
}

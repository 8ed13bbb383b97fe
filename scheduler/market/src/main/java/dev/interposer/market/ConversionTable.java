package dev.interposer.market;

import dev.interposer.market.ThroughputSample.Cell;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** The conversion table: measured throughput by workload family, unit and class. */
public final class ConversionTable {
    private static final Comparator<ClassThroughput> FASTEST_FIRST = Comparator.<ClassThroughput>comparingLong(
                    of -> of.rates() == null ? -1 : of.rates().medianMicro())
            .reversed()
            .thenComparing(ClassThroughput::className);

    private ConversionTable() {}

    private record Heading(String family, String unit) {}

    /**
     * By family, then by unit.
     *
     * @param samples one for each attempt and cell
     * @param referenceClass empty for the class of most attempts in each family and unit
     */
    public static List<FamilyThroughput> of(Collection<ThroughputSample> samples, String referenceClass) {
        SortedMap<Heading, SortedMap<String, List<ThroughputSample>>> rows =
                new TreeMap<>(Comparator.comparing(Heading::family).thenComparing(Heading::unit));
        for (ThroughputSample sample : samples) {
            Cell cell = sample.cell();
            rows.computeIfAbsent(new Heading(cell.family(), cell.unit()), key -> new TreeMap<>())
                    .computeIfAbsent(cell.className(), key -> new ArrayList<>())
                    .add(sample);
        }
        List<FamilyThroughput> families = new ArrayList<>();
        rows.forEach((heading, byClass) -> {
            List<ClassThroughput> classes = new ArrayList<>();
            byClass.forEach((className, ofClass) -> classes.add(ofClass(className, ofClass)));
            families.add(family(heading, classes, referenceClass));
        });
        return families;
    }

    private static FamilyThroughput family(Heading heading, List<ClassThroughput> classes, String referenceClass) {
        ClassThroughput reference = referenceClass.isEmpty()
                ? ofMostAttempts(classes)
                : classes.stream()
                        .filter(of -> of.className().equals(referenceClass))
                        .findFirst()
                        .orElse(null);
        RateSpread against = reference == null ? null : reference.rates();
        String referenceName = reference == null || against == null ? "" : reference.className();
        List<ClassThroughput> compared = classes.stream()
                .map(of -> of.with(ratio(of, referenceName, against)))
                .sorted(FASTEST_FIRST)
                .toList();
        return new FamilyThroughput(heading.family(), heading.unit(), referenceName, compared);
    }

    private static @Nullable ThroughputRatio ratio(
            ClassThroughput of, String referenceName, @Nullable RateSpread against) {
        if (of.rates() == null || against == null) {
            return null;
        }
        return of.className().equals(referenceName) ? ThroughputRatio.ONE : ThroughputRatio.of(of.rates(), against);
    }

    /** Of several the first by name. */
    private static @Nullable ClassThroughput ofMostAttempts(List<ClassThroughput> classes) {
        ClassThroughput most = null;
        for (ClassThroughput of : classes) {
            if (of.rates() != null
                    && (most == null
                            || most.rates() == null
                            || of.rates().attempts() > most.rates().attempts())) {
                most = of;
            }
        }
        return most;
    }

    private static ClassThroughput ofClass(String className, List<ThroughputSample> samples) {
        List<ThroughputSample> believed =
                samples.stream().filter(ThroughputSample::isBelieved).toList();
        TreeSet<Long> jobs = new TreeSet<>();
        int leastChips = Integer.MAX_VALUE;
        int mostChips = 0;
        long chipMillis = 0;
        long measuredAtMicros = 0;
        for (ThroughputSample sample : believed) {
            jobs.add(sample.jobId());
            leastChips = Math.min(leastChips, sample.chips());
            mostChips = Math.max(mostChips, sample.chips());
            chipMillis += sample.chipMillis();
            measuredAtMicros = Math.max(measuredAtMicros, sample.measuredAtMicros());
        }
        List<Long> rates = believed.stream().map(ThroughputSample::rateMicro).toList();
        return new ClassThroughput(
                className,
                rates.isEmpty() ? null : RateSpread.of(rates),
                jobs.size(),
                samples.size() - believed.size(),
                rates.isEmpty() ? 0 : leastChips,
                mostChips,
                chipMillis,
                measuredAtMicros,
                null);
    }
}

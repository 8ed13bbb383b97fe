package dev.interposer.cli.output;

import dev.interposer.proto.fleet.v1.ClassThroughput;
import dev.interposer.proto.fleet.v1.Conversion;
import dev.interposer.proto.fleet.v1.FamilyThroughput;
import dev.interposer.proto.fleet.v1.RatioInterval;
import dev.interposer.proto.fleet.v1.ThroughputRatio;
import java.math.BigDecimal;
import java.math.MathContext;
import java.math.RoundingMode;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/** Measured throughput as a table: a row for each family, unit and class. */
public final class ConversionTables {
    private static final List<String> HEADINGS =
            List.of("FAMILY", "CLASS", "PER CHIP", "MIDDLE HALF", "ATTEMPTS", "RATIO", "INTERVAL", "1000 CHIPS ARE");
    private static final List<String> WIDE = List.of("JOBS", "CHIPS", "LEFT OUT", "DEVICE HOURS", "MEASURED");
    private static final MathContext FOUR_DIGITS = new MathContext(4);

    private ConversionTables() {}

    public static void print(Conversion conversion, Page page) {
        if (!conversion.getAdvice().isEmpty()) {
            page.out().println(conversion.getAdvice());
            return;
        }
        List<String> headings = new ArrayList<>(HEADINGS);
        if (page.wide()) {
            headings.addAll(WIDE);
        }
        Table table = new Table(headings.toArray(String[]::new));
        for (FamilyThroughput family : conversion.getFamiliesList()) {
            for (ClassThroughput chips : family.getClassesList()) {
                table.row(row(family, chips, page.wide()).toArray());
            }
        }
        table.print(page.out(), page.colours());
        conversion.getFamiliesList().stream()
                .map(FamilyThroughput::getAdvice)
                .filter(advice -> !advice.isEmpty())
                .forEach(page.out()::println);
    }

    /** {@code family/unit/class}. */
    public static List<String> names(Conversion conversion) {
        List<String> names = new ArrayList<>();
        for (FamilyThroughput family : conversion.getFamiliesList()) {
            for (ClassThroughput chips : family.getClassesList()) {
                names.add(family.getWorkloadFamily() + "/" + family.getUnit() + "/" + chips.getClassName());
            }
        }
        return names;
    }

    private static List<Object> row(FamilyThroughput family, ClassThroughput chips, boolean wide) {
        boolean measured = chips.getAttempts() > 0;
        List<Object> cells = new ArrayList<>(List.of(
                family.getWorkloadFamily(),
                chips.getClassName(),
                measured ? number(chips.getMedianMicro()) + " " + family.getUnit() + "/s" : "",
                spread(chips),
                chips.getAttempts()));
        cells.addAll(chips.hasRatio() ? ratio(family, chips) : Collections.nCopies(3, ""));
        if (wide) {
            cells.addAll(List.of(
                    chips.getJobs(),
                    chips.getLeastChips() == chips.getMostChips()
                            ? chips.getMostChips()
                            : chips.getLeastChips() + "-" + chips.getMostChips(),
                    chips.getLeftOutAttempts(),
                    Decimals.hours(chips.getDeviceSeconds()),
                    Ages.since(chips.getMeasuredAtMicros())));
        }
        return cells;
    }

    /** Of one or two attempts no spread is known, and the row says so. */
    private static String spread(ClassThroughput chips) {
        if (chips.hasFirstQuartileMicro()) {
            return number(chips.getFirstQuartileMicro()) + " - " + number(chips.getThirdQuartileMicro());
        }
        return switch (chips.getAttempts()) {
            case 0 -> chips.getLeftOutAttempts() + " left out: counters leapt";
            case 1 -> "too few";
            default -> "too few: " + number(chips.getLeastMicro()) + ", " + number(chips.getMostMicro());
        };
    }

    private static List<Object> ratio(FamilyThroughput family, ClassThroughput chips) {
        ThroughputRatio ratio = chips.getRatio();
        boolean itself = chips.getClassName().equals(family.getReferenceClass());
        return List.of(
                number(ratio.getRatioMicro()),
                itself ? "" : interval(ratio),
                ratio.getReferenceChips() + " " + family.getReferenceClass());
    }

    private static String interval(ThroughputRatio ratio) {
        if (!ratio.hasInterval()) {
            return "too few";
        }
        RatioInterval interval = ratio.getInterval();
        return number(interval.getFromMicro()) + " - " + number(interval.getToMicro()) + " ("
                + Decimals.percent(interval.getHoldsMilliPercent()) + ")";
    }

    /** Millionths as a decimal of four digits; whole numbers have all of theirs. */
    private static String number(long micro) {
        BigDecimal exact = BigDecimal.valueOf(micro, 6);
        BigDecimal rounded = exact.precision() - exact.scale() > 4
                ? exact.setScale(0, RoundingMode.HALF_UP)
                : exact.round(FOUR_DIGITS);
        return rounded.signum() == 0 ? "0" : rounded.stripTrailingZeros().toPlainString();
    }
}
